import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** How scripts ask what time it is. */
const timeCall = "redis.call('TIME')";
const simulatedTimeCall = "redis.call('HMGET', prefix .. ':clock', 'seconds', 'micros')";
const simulated = new WeakSet<Redis>();

/**
 * Scripts that are loaded through this connection from now on take the time from a key of the prefix, for simulations.
 * Returns how to set it (epoch ms); before that, they fail.
 */
export function simulateTime(redis: Redis, prefix: string): (nowMs: number) => Promise<void> {
  simulated.add(redis);
  return async (nowMs) => {
    const micros = (nowMs % 1000) * 1000;
    await redis.hset(`${prefix}:clock`, 'seconds', Math.floor(nowMs / 1000), 'micros', micros);
  };
}

/**
 * A Lua script (a name beside this file, or the address of a file), run by its hash once Redis knows it; `before`:
 * scripts that stand in front of it.
 */
export function loadScript(
  redis: Redis,
  name: string | URL,
  before: readonly string[] = [],
): (args: (string | number)[]) => Promise<unknown> {
  const addressOf = (part: string | URL) => (part instanceof URL ? part : new URL(`./${part}.lua`, import.meta.url));
  const text = [...before, name].map((part) => readFileSync(addressOf(part), 'utf8')).join('\n');
  const lua = simulated.has(redis) ? text.replaceAll(timeCall, simulatedTimeCall) : text;
  const command = `munadi ${name}`;
  redis.defineCommand(command, { numberOfKeys: 0, lua });
  const run = (redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>)[command];
  if (!run) throw new Error(`ioredis did not define ${command}`);
  return (args) => run.apply(redis, args);
}

/**
 * Gathers the calls made in one turn of the event loop into calls of `run` on many items, up to `maxBatch` each. Alone, a
 * call waits for nothing; under load, many answers arrive in one turn, and batches grow by themselves. Several may be
 * under way; Redis takes them in order. A failed run fails each of its calls; an `Error` among the replies, its own.
 * `gatherMs`: where calls come one by one, and none is in a hurry.
 */
export function batch<Item, Reply>(
  run: (items: Item[]) => Promise<(Reply | Error)[]>,
  { maxBatch = 100, gatherMs = 0 }: { maxBatch?: number; gatherMs?: number } = {},
): (item: Item) => Promise<Reply> {
  interface Call {
    item: Item;
    resolve: (reply: Reply) => void;
    reject: (error: unknown) => void;
  }
  let waiting: Call[] = [];

  async function flush(calls: Call[]): Promise<void> {
    try {
      const replies = await run(calls.map(({ item }) => item));
      for (const [index, { resolve, reject }] of calls.entries()) {
        const reply = replies[index] as Reply | Error;
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      }
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length > 1) return;
      const send = () => {
        const all = waiting;
        waiting = [];
        for (let at = 0; at < all.length; at += maxBatch) void flush(all.slice(at, at + maxBatch));
      };
      if (gatherMs > 0) setTimeout(send, gatherMs);
      else setImmediate(send);
    });
}
