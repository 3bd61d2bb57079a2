import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Installation } from './installation.ts';
import { credentials } from './processes.ts';

/** Stands between the sandbox and the service's webhook, as Meta's own queue does: what fails is sent again for long. */
export interface StatusRelay {
  url: string;
  /** Deliveries of which the service has taken a status. */
  told: Set<string>;
  /** Resolves to how many are still on their way when none is, or when time is up. */
  settled(withinMs: number): Promise<number>;
  close(): Promise<void>;
}

const retryMs = 250;

/** `lostShare`: of messages whose statuses never come. */
export async function startStatusRelay(
  target: () => string,
  { random, lostShare }: { random: Random; lostShare: number },
): Promise<StatusRelay> {
  const told = new Set<string>();
  const lost = new Map<string, boolean>();
  const open = new Set<Promise<void>>();
  let closed = false;

  async function pass(body: Buffer, signature: string): Promise<void> {
    const delivery = /"biz_opaque_callback_data":"([^"]+)"/.exec(body.toString('utf8'))?.[1] ?? '';
    if (!lost.has(delivery)) lost.set(delivery, random.chance(lostShare));
    if (lost.get(delivery)) return;
    while (!closed) {
      const taken = await fetch(target(), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(10_000),
      }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.ok;
        },
        () => false,
      );
      if (taken) {
        told.add(delivery);
        return;
      }
      await delay(retryMs);
    }
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end();
    const passing = pass(Buffer.concat(chunks), String(request.headers['x-hub-signature-256']));
    open.add(passing);
    void passing.finally(() => open.delete(passing));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`,
    told,
    async settled(withinMs) {
      const until = performance.now() + withinMs;
      while (open.size > 0 && performance.now() < until) await delay(retryMs);
      return open.size;
    },
    close: () =>
      new Promise((resolve) => {
        closed = true;
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Has the simulated WhatsApp tell of each message, twice and in the wrong order. */
export async function sendStatuses({ roots }: Pick<Installation, 'roots'>, url: string): Promise<void> {
  const webhook = { url, appSecret: credentials.WS, delayMs: 200, twice: true, reversed: true };
  const answer = await fetch(`${roots.whatsapp}/_sandbox/settings`, {
    method: 'PUT',
    body: JSON.stringify({ webhook }),
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) throw new Error(`The sandbox takes no such webhook: ${await answer.text()}`);
}
