import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDurability } from '../../src/store/durability.ts';
import { type EmbeddedRedis, openEmbeddedRedis } from '../../src/store/embedded-redis.ts';
import { connectRedis } from '../../src/store/redis.ts';

let folder: string;
let embedded: EmbeddedRedis;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'munadi-torn-'));
  embedded = await openEmbeddedRedis(folder);
});
afterEach(async () => {
  await embedded.close();
  await rm(folder, { recursive: true, force: true });
});

/** Redis loses its power while it writes the middle of a transaction, and comes back. */
async function tear(): Promise<void> {
  const { pid } = JSON.parse(await readFile(join(folder, 'redis/run.json'), 'utf8')) as { pid: number };
  const files = join(folder, 'redis/appendonlydir');
  process.kill(pid, 'SIGKILL');
  while (isRunning(pid)) await delay(5);
  const [newest] = (await readdir(files)).filter((name) => name.endsWith('.incr.aof')).sort();
  const half = ['*1', '$5', 'MULTI', '*3', '$3', 'SET', '$4', 'half', '$1', '1', '*3', '$3', 'SE'].join('\r\n');
  await appendFile(join(files, newest ?? ''), half);
  await embedded.revive();
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('half of a transaction never comes back, however often Redis dies', async () => {
  const redis = connectRedis(embedded.url, { name: 'torn' });
  await redis.set('whole', 1);
  openDurability(redis, 'munadi');
  const isRewritten = async () => {
    const [info, run] = await Promise.all([redis.info(), redis.hget('munadi:epoch', 'rewritten')]);
    return info.includes(`run_id:${run}`) && /aof_rewrite_in_progress:0/.test(info);
  };
  for (let round = 0; round < 3; round += 1) {
    while (!(await isRewritten())) await delay(5);
    // The end of a later one is what would complete it.
    await redis.multi().set('one', round).set('other', round).exec();
    await tear();
  }
  expect(await redis.mget('whole', 'half')).toEqual(['1', null]);
  redis.disconnect();
});
