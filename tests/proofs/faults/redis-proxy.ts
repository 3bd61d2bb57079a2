import { connect, createServer, type Socket } from 'node:net';
import { createCutter, type Reply, readCommand, readReply } from './resp.ts';
import type { ScriptNames } from './scripts.ts';

/** A command about deliveries, on its way. */
export interface LedgerCall {
  /** `claim`, `settle` and the like; `finish` where the queue closes a job. */
  script: string;
  /** What the call begins with, after the prefix. */
  words: string[];
  entries: LedgerEntry[];
}

/** One delivery in a call. `words` follow its id: token, post hash of a claim; token, state, part, parts in all of a settlement. */
export interface LedgerEntry {
  id: string;
  words: string[];
}

/** Looks at what passes. A call that is held stays, and with it all that comes after it on its connection. */
export interface RedisWatch {
  /** True: hold the command before Redis sees it. `held`: it stays anyway. */
  command(call: LedgerCall, held: boolean): boolean;
  /** Redis has carried it out. True: hold its reply. */
  reply(call: LedgerCall, reply: Reply, held: boolean): boolean;
}

export interface RedisProxy {
  port: number;
  /** Nothing passes, in either direction, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Drops every connection, with what is held there. */
  cut(): void;
  /** Lets pass what is held, in its order. */
  release(): void;
  /** What it keeps from passing: a line for each connection, or none. */
  held(): string[];
  close(): Promise<void>;
}

interface Link {
  client: Socket;
  server: Socket;
  release(): void;
  held(): string | undefined;
}

const deliveryId = /^d[0-9a-f]{24}$/;

/** A proxy before a Redis on this machine that knows the commands of the ledger. `frozen`: from the start. */
export async function startRedisProxy(
  port: number,
  { scripts, watch, frozen = false }: { scripts: ScriptNames; watch: RedisWatch; frozen?: boolean },
): Promise<RedisProxy> {
  const links = new Set<Link>();
  let still = frozen;

  const server = createServer((client) => {
    const link = open(client, port, { scripts, watch });
    links.add(link);
    if (still) for (const socket of [link.client, link.server]) socket.pause();
    client.once('close', () => links.delete(link));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const each = (act: (socket: Socket) => void) => {
    for (const { client, server: upstream } of links) for (const socket of [client, upstream]) act(socket);
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    freeze() {
      still = true;
      each((socket) => socket.pause());
    },
    thaw() {
      still = false;
      each((socket) => socket.resume());
    },
    cut: () => each((socket) => socket.destroy()),
    release() {
      for (const link of links) link.release();
    },
    held() {
      const lines = [...links].flatMap((link) => link.held() ?? []);
      return still ? [`frozen, with ${links.size} connections`, ...lines] : lines;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        each((socket) => socket.destroy());
      }),
  };
}

function open(client: Socket, port: number, { scripts, watch }: { scripts: ScriptNames; watch: RedisWatch }): Link {
  const server = connect({ port, host: '127.0.0.1' });
  const commands = createCutter(readCommand);
  const replies = createCutter(readReply);
  /** What Redis will answer next: a call of the ledger, or any other command. */
  const expected: (LedgerCall | undefined)[] = [];
  let heldCommands: { bytes: Buffer; call: LedgerCall | undefined; answered: boolean }[] | undefined;
  let heldReplies: Buffer[] | undefined;

  const forward = (bytes: Buffer, call: LedgerCall | undefined, answered: boolean) => {
    if (answered) expected.push(call);
    server.write(bytes);
  };

  client.on('data', (chunk) => {
    for (const { value: args, bytes } of commands(chunk)) {
      const call = ledgerCall(args, scripts);
      const held = heldCommands !== undefined;
      if (call && watch.command(call, held)) heldCommands ??= [];
      const answered = !/^p?s?(un)?subscribe$/i.test(args[0]?.toString('latin1') ?? '');
      if (heldCommands) heldCommands.push({ bytes, call, answered });
      else forward(bytes, call, answered);
    }
  });
  server.on('data', (chunk) => {
    for (const { value, bytes } of replies(chunk)) {
      const call = value.push ? undefined : expected.shift();
      if (call && watch.reply(call, value.reply, heldReplies !== undefined)) heldReplies ??= [];
      if (heldReplies) heldReplies.push(bytes);
      else client.write(bytes);
    }
  });
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.setNoDelay(true);
    one.on('error', () => {});
    one.once('close', () => other.destroy());
  }
  return {
    client,
    server,
    release() {
      for (const { bytes, call, answered } of heldCommands ?? []) forward(bytes, call, answered);
      for (const bytes of heldReplies ?? []) client.write(bytes);
      heldCommands = undefined;
      heldReplies = undefined;
    },
    held() {
      if (!heldCommands && !heldReplies) return undefined;
      const scripts = (heldCommands ?? []).flatMap(({ call }) => call?.script ?? []);
      return `holds ${heldCommands?.length ?? 0} commands (${scripts.join(', ')}) and ${heldReplies?.length ?? 0} replies`;
    },
  };
}

function ledgerCall(args: readonly Buffer[], scripts: ScriptNames): LedgerCall | undefined {
  const name = scripts.nameOf(args);
  const call = { words: args.slice(4, 7).map(String), entries: entriesOf(args) };
  if (name !== undefined) return { script: name, ...call };
  return isFinish(args) ? { script: 'finish', ...call } : undefined;
}

/** The queue's script that ends a job names the list of completed ones among its keys. */
function isFinish(args: readonly Buffer[]): boolean {
  if (!/^eval(sha)?$/i.test(args[0]?.toString('latin1') ?? '')) return false;
  const keys = Number(args[2]?.toString('latin1'));
  return keys === 14 && args.slice(3, 3 + keys).some((key) => key.toString('latin1').endsWith(':completed'));
}

function entriesOf(args: readonly Buffer[]): LedgerEntry[] {
  return args.flatMap((arg, at) => {
    if (arg.length !== 25) return [];
    const id = arg.toString('latin1');
    return deliveryId.test(id) ? [{ id, words: args.slice(at + 1, at + 5).map(String) }] : [];
  });
}
