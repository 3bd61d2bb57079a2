import { Redis } from 'ioredis';

/** How a connection behaves while Redis is away. */
export type Patience =
  /** Commands wait and are tried again: for workers. */
  | 'wait'
  /** Commands fail within seconds: for whoever has a caller waiting for an answer. */
  | 'fail';

/** Connects lazily to `url` (`redis://` or `rediss://`). `name` shows up in `CLIENT LIST`. */
export function connectRedis(url: string, { name, patience = 'wait' }: { name: string; patience?: Patience }): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    lazyConnect: true,
    maxRetriesPerRequest: patience === 'wait' ? null : 1,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000),
    ...(patience === 'fail' ? { commandTimeout: 5_000, connectTimeout: 3_000 } : {}),
  });
  // Without a listener ioredis prints to the console; a broken connection is seen by whoever awaits a command.
  redis.on('error', () => {});
  return redis;
}

/** What of a Redis server's set-up can lose accepted articles, in words; empty when all is well. */
export interface RedisFindings {
  version: string;
  /** Reasons not to start. */
  refusals: string[];
  warnings: string[];
}

/** Looks at eviction and persistence. A server that hides `CONFIG` (as managed ones do) gives a warning. */
export async function inspectRedis(redis: Redis): Promise<RedisFindings> {
  const info = await redis.info();
  const field = (name: string) => info.match(new RegExp(`^${name}:(.*?)\\r?$`, 'm'))?.[1] ?? '';
  const findings: RedisFindings = { version: field('redis_version'), refusals: [], warnings: [] };
  const policy = field('maxmemory_policy');
  if (policy && policy !== 'noeviction') {
    findings.refusals.push(
      `Redis evicts records under memory pressure (maxmemory-policy is ${policy}), which would lose posts. Set maxmemory-policy to noeviction.`,
    );
  }
  if (Number.parseInt(findings.version, 10) < 7) {
    findings.refusals.push(`Redis ${findings.version} is too old. Use Redis 7 or newer, or Valkey.`);
  }
  if (field('aof_enabled') === '0') {
    findings.warnings.push(
      'Redis keeps no append-only file: a crash of Redis loses the articles accepted since its last snapshot, and forgets what was posted since, which Telegram and WhatsApp then get twice. Set appendonly to yes.',
    );
  } else {
    const fsync = await redis.config('GET', 'appendfsync').then(
      (answer) => (answer as string[])[1],
      () => undefined,
    );
    if (fsync === undefined)
      findings.warnings.push('Redis does not show its appendfsync setting; make sure that it is always.');
    else if (fsync !== 'always')
      findings.warnings.push(
        `Redis writes its append-only file ${fsync}: a power cut can lose the articles accepted in the last second or two, and forget what was posted in it, which Telegram and WhatsApp then get twice. Set appendfsync to always.`,
      );
  }
  return findings;
}

/** Deletes every key that begins with `prefix` and a colon. */
export async function clearPrefix(redis: Redis, prefix: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', 500);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}
