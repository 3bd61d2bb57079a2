import type { Redis } from 'ioredis';

/** The configuration on which the processes of this installation agree. */
export interface PublishedConfig {
  version: string;
  /** Without secrets. */
  json: string;
  /** Of what form it is: that of another one cannot be read. */
  form: string;
  /** Who published it: host, process and file, in words. */
  by: string;
  /** ISO 8601. */
  at: string;
  /** True once every process works by it, and what waits was judged anew. */
  settled: boolean;
}

export interface PublishedConfigs {
  /** Which one it is, without what it says. */
  about(): Promise<Omit<PublishedConfig, 'json'> | undefined>;
  read(): Promise<PublishedConfig | undefined>;
  /** Replaces the one before, and tells all processes. */
  publish(config: Omit<PublishedConfig, 'settled'>): Promise<void>;
  /** Notes that a version holds everywhere, if it is still the one. */
  settle(version: string): Promise<void>;
}

/** Where processes are told that there is another one. */
export function configChannel(prefix: string): string {
  return `${prefix}:config-changed`;
}

export function openPublishedConfigs(redis: Redis, prefix: string): PublishedConfigs {
  const key = `${prefix}:config`;
  let known: { version: string; form: string; json: string } | undefined;
  async function about() {
    const [version, form, by, at, settled] = await redis.hmget(key, 'version', 'form', 'by', 'at', 'settled');
    if (!version) return undefined;
    return { version, form: form ?? '', by: by ?? '', at: at ?? '', settled: settled === version };
  }

  return {
    about,
    async read() {
      const told = await about();
      if (!told || (known?.version === told.version && known.form === told.form))
        return told && known && { ...told, ...known };
      // It is large where many people are written to. Another one may have come meanwhile: both or neither.
      const [version, json] = await redis.hmget(key, 'version', 'json');
      if (version !== told.version) return this.read();
      if (!json) return undefined;
      known = { version, form: told.form, json };
      return { ...told, json };
    },
    async publish({ version, json, form, by, at }) {
      await redis
        .multi()
        .hset(key, { version, json, form, by, at })
        .hdel(key, 'settled')
        .publish(configChannel(prefix), version)
        .exec();
    },
    // Of another version it says nothing.
    settle: async (version) => void (await redis.hset(key, 'settled', version)),
  };
}
