import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** A Lua script beside its caller, run by its hash once Redis knows it. */
export function loadScript(redis: Redis, name: string): (args: (string | number)[]) => Promise<unknown> {
  const lua = readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
  const command = `munadi${name[0]?.toUpperCase()}${name.slice(1)}`;
  redis.defineCommand(command, { numberOfKeys: 0, lua });
  const run = (redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>)[command];
  if (!run) throw new Error(`ioredis did not define ${command}`);
  return (args) => run.apply(redis, args);
}

/**
 * Gathers calls into calls of `run` on many items, as a database gathers commits: one at a time is under way, and what
 * comes meanwhile goes together in the next. Alone, a call waits for nothing; under load, batches grow by themselves up
 * to `maxBatch`. A failed run fails each of its calls.
 */
export function batch<Item, Reply>(
  run: (items: Item[]) => Promise<Reply[]>,
  maxBatch = 100,
): (item: Item) => Promise<Reply> {
  interface Call {
    item: Item;
    resolve: (reply: Reply) => void;
    reject: (error: unknown) => void;
  }
  const waiting: Call[] = [];
  let busy = false;

  async function flush(): Promise<void> {
    const calls = waiting.splice(0, maxBatch);
    try {
      const replies = await run(calls.map(({ item }) => item));
      for (const [index, { resolve }] of calls.entries()) resolve(replies[index] as Reply);
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
    if (waiting.length > 0) return flush();
    busy = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (busy) return;
      busy = true;
      // A turn later, so that calls made in the same turn go together.
      setImmediate(() => void flush());
    });
}
