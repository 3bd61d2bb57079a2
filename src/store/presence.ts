import type { Redis } from 'ioredis';

/** A process of this installation that is alive. */
export interface Presence {
  id: string;
  pid: number;
  host: string;
  /** Roles such as `telegram`, `articles`, `api`, `scheduler`. */
  roles: string[];
  startedAt: string;
  /** Addresses of the sandbox it hosts, by platform. */
  sandbox?: Record<string, string>;
  /** Absent in processes that know no versions. */
  config?: ConfigReport;
}

/** What a process says of its configuration. */
export interface ConfigReport {
  /** Of what it works by. */
  version: string;
  /** Its own file. */
  file: string;
  /** Why its own file does not hold; a line each. */
  refused?: string[];
  /** Why it does not work by what is agreed on; a line each. */
  behind?: string[];
  /** How its own file differs from what is agreed on; a line each. */
  differs?: string[];
}

const beatMs = 2_000;
/** A process that has not beaten for this long counts as dead. */
const presenceTtlMs = 8_000;

/** What of a process changes while it runs. */
export interface Changing {
  read(): Partial<Presence>;
  onChange(listener: () => void): void;
}

/** Announces this process, and at once what changes of it, until the returned function is called. */
export async function announce(
  redis: Redis,
  prefix: string,
  self: Presence,
  changing?: Changing,
): Promise<() => Promise<void>> {
  const key = `${prefix}:processes`;
  const beat = () => redis.hset(key, self.id, JSON.stringify({ ...self, ...changing?.read(), beatAt: Date.now() }));
  await beat();
  const timer = setInterval(() => beat().catch(() => {}), beatMs);
  timer.unref();
  let left = false;
  changing?.onChange(() => {
    if (!left) beat().catch(() => {});
  });
  return async () => {
    left = true;
    clearInterval(timer);
    await redis.hdel(key, self.id).catch(() => {});
  };
}

/** Processes alive by their own beat; forgets those dead for over a minute. Clocks of hosts may differ by seconds. */
export async function listPresences(redis: Redis, prefix: string): Promise<Presence[]> {
  const key = `${prefix}:processes`;
  const alive: Presence[] = [];
  for (const [id, json] of Object.entries(await redis.hgetall(key))) {
    const { beatAt, ...presence } = JSON.parse(json) as Presence & { beatAt: number };
    const silentMs = Date.now() - beatAt;
    if (silentMs < presenceTtlMs) alive.push(presence);
    else if (silentMs > 60_000) await redis.hdel(key, id);
  }
  return alive;
}
