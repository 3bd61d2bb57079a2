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
 * Gathers the calls of one turn of the event loop into one call of `run`, at most `maxBatch` at once. A failed run
 * fails each of its calls.
 */
export function batch<Item, Reply>(
  run: (items: Item[]) => Promise<Reply[]>,
  maxBatch = 100,
): (item: Item) => Promise<Reply> {
  let waiting: { item: Item; resolve: (reply: Reply) => void; reject: (error: unknown) => void }[] = [];

  const flush = () => {
    const calls = waiting;
    waiting = [];
    run(calls.map(({ item }) => item)).then(
      (replies) => {
        for (const [index, { resolve }] of calls.entries()) resolve(replies[index] as Reply);
      },
      (error) => {
        for (const { reject } of calls) reject(error);
      },
    );
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length === 1) setImmediate(() => waiting.length > 0 && flush());
      if (waiting.length >= maxBatch) flush();
    });
}
