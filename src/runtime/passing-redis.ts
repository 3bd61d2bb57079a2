import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { InputError } from '../core/errors.ts';
import { type EmbeddedRedis, openEmbeddedRedis } from '../store/embedded-redis.ts';
import { clearPrefix, connectRedis } from '../store/redis.ts';

/** A place in Redis for a while. */
export interface PassingRedis {
  redis: Redis;
  /** For all keys in it. */
  prefix: string;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

/**
 * A Redis server of its own where one is installed: nothing it does weighs on the newsroom's. Else a corner of the one
 * that is configured. Throws `InputError` where there is neither.
 */
export async function openPassingRedis({ redis: { url } }: Pick<Config, 'redis'>): Promise<PassingRedis> {
  const prefix = `munadi-passing-${randomBytes(6).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), 'munadi-passing-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  let server: EmbeddedRedis;
  try {
    server = await openEmbeddedRedis(folder);
  } catch (error) {
    await removeFolder();
    if (url === undefined || !(error instanceof InputError) || error.code !== 'no-redis') throw error;
    return openCorner(url, prefix);
  }
  const leave = async () => {
    await server.close();
    await removeFolder();
  };
  const redis = connectRedis(server.url, { name: 'munadi-passing', patience: 'fail' });
  try {
    await redis.connect();
    await redis.config('SET', 'appendonly', 'no');
  } catch (error) {
    redis.disconnect();
    await leave();
    throw error;
  }
  return {
    redis,
    prefix,
    async close() {
      redis.disconnect();
      await leave();
    },
  };
}

async function openCorner(url: string, prefix: string): Promise<PassingRedis> {
  const redis = connectRedis(url, { name: 'munadi-passing', patience: 'fail' });
  const close = async () => {
    try {
      await clearPrefix(redis, prefix);
    } finally {
      redis.disconnect();
    }
  };
  try {
    await redis.connect();
    // No reason to have the file of the others written anew.
    const run = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1];
    if (run !== undefined) await redis.hset(`${prefix}:epoch`, 'rewritten', run);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  return { redis, prefix, close };
}
