import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { readMessage } from './http-message.ts';

/** A request to a platform, and what came of it. */
export interface Exchange {
  platform: string;
  /** `POST /path`. */
  line: string;
  head: string;
  body: string;
  /** True where it puts something before readers. */
  publishes: boolean;
  /** How it changes what readers see already; absent where it does not. */
  changes?: 'edit' | 'remove';
  /** `open`; `answered`: the whole answer went back; `cut`: it never will. */
  state: 'open' | 'answered' | 'cut';
  status: number | undefined;
  answer: string;
  /** When it came, and when it ended (monotonic milliseconds). */
  begunAt: number;
  endedAt: number;
}

/** What to do with a request: `hold` it whole, let `half` of it pass, pass it but hold its `answer`. */
export type Verdict = 'pass' | 'hold' | 'half' | 'answer';

export interface PlatformWatch {
  request(exchange: Exchange): Verdict;
  /** The answer is here; where it is held, it stays. */
  answer(exchange: Exchange): void;
  /** It has ended, one way or the other. */
  ended(exchange: Exchange): void;
}

export interface PlatformProxy {
  root: string;
  /** Lets pass what is held. */
  release(): void;
  close(): Promise<void>;
}

const publishing: Record<string, RegExp> = {
  telegram: /^POST \/bot[^/]+\/send/i,
  x: /^POST \/2\/tweets\b/,
  whatsapp: /^POST \/v[\d.]+\/\d+\/messages\b/,
  facebook: /^POST \/v[\d.]+\/\w+\/(feed|photos)\b/,
};

const changing: Record<string, Record<'edit' | 'remove', RegExp>> = {
  telegram: { edit: /^POST \/bot[^/]+\/edit/i, remove: /^POST \/bot[^/]+\/delete/i },
  x: { edit: /^$/, remove: /^DELETE \/2\/tweets\// },
  facebook: { edit: /^POST \/v[\d.]+\/\d+_\d+/, remove: /^DELETE \/v[\d.]+\/\d+_\d+/ },
};

function changeIn(platform: string, line: string): Pick<Exchange, 'changes'> {
  const { edit, remove } = changing[platform] ?? {};
  return edit?.test(line) ? { changes: 'edit' } : remove?.test(line) ? { changes: 'remove' } : {};
}

/** A proxy before one simulated platform at `upstream`; what publishes waits for `latencyMs` first. */
export async function startPlatformProxy(
  platform: string,
  upstream: string,
  { watch, latencyMs = 0 }: { watch: PlatformWatch; latencyMs?: number },
): Promise<PlatformProxy> {
  const port = Number(new URL(upstream).port);
  const links = new Set<{ sockets: Socket[]; release(): void }>();
  const server = createServer((client) => {
    const link = open(client, { platform, port, watch, latencyMs });
    links.add(link);
    client.once('close', () => links.delete(link));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    root: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    release() {
      for (const link of links) link.release();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { sockets } of links) for (const socket of sockets) socket.destroy();
      }),
  };
}

function open(
  client: Socket,
  { platform, port, watch, latencyMs }: { platform: string; port: number; watch: PlatformWatch; latencyMs: number },
) {
  const server = connect({ port, host: '127.0.0.1' });
  let asked: Buffer = Buffer.alloc(0);
  let answered: Buffer = Buffer.alloc(0);
  let exchange: Exchange | undefined;
  let holdsAnswer = false;
  let heldRequest: Buffer | undefined;
  let isOver = false;

  async function ask(bytes: Buffer, one: Exchange): Promise<void> {
    if (latencyMs > 0 && (one.publishes || one.changes)) await delay(latencyMs);
    if (one.state !== 'open') return;
    const verdict = watch.request(one);
    holdsAnswer = verdict === 'answer';
    if (verdict === 'hold') heldRequest = bytes;
    else if (verdict === 'half')
      server.write(bytes.subarray(0, bytes.length - Math.max(1, Math.ceil(Buffer.byteLength(one.body) / 2))));
    else server.write(bytes);
  }

  function end(state: 'answered' | 'cut'): void {
    if (!exchange) return;
    const one = exchange;
    exchange = undefined;
    one.state = state;
    one.endedAt = performance.now();
    watch.ended(one);
  }

  client.on('data', (chunk) => {
    asked = Buffer.concat([asked, chunk]);
    const message = readMessage(asked);
    if (!message || exchange) return;
    const bytes = asked.subarray(0, message.end);
    asked = asked.subarray(message.end);
    const line = message.head.split(' ').slice(0, 2).join(' ');
    exchange = {
      platform,
      line,
      head: message.head,
      body: message.body,
      publishes: publishing[platform]?.test(line) ?? false,
      ...changeIn(platform, line),
      state: 'open',
      status: undefined,
      answer: '',
      begunAt: performance.now(),
      endedAt: Number.POSITIVE_INFINITY,
    };
    void ask(bytes, exchange);
  });
  server.on('data', (chunk) => {
    answered = Buffer.concat([answered, chunk]);
    const message = readMessage(answered);
    if (!holdsAnswer) client.write(chunk);
    if (!message || !exchange) return;
    exchange.status = Number(message.head.split(' ')[1]);
    exchange.answer = message.body;
    watch.answer(exchange);
    if (holdsAnswer) return;
    answered = answered.subarray(message.end);
    end('answered');
  });
  server.on('error', () => client.resetAndDestroy());
  client.on('error', () => {});
  server.once('close', () => {
    isOver = true;
    // What is held, or on its way, still goes back.
    if (!holdsAnswer) client.end();
  });
  client.once('close', () => {
    server.destroy();
    end('cut');
  });
  for (const socket of [client, server]) socket.setNoDelay(true);
  return {
    sockets: [client, server],
    release() {
      if (heldRequest) server.write(heldRequest);
      heldRequest = undefined;
      if (!holdsAnswer) return;
      holdsAnswer = false;
      client.write(answered);
      if (isOver) client.end();
      const message = readMessage(answered);
      if (!message) return;
      answered = answered.subarray(message.end);
      end('answered');
    },
  };
}
