import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { secretValues } from '../config/load.ts';
import { InputError } from '../core/errors.ts';
import type { Publisher } from '../core/platform.ts';
import { type EmbeddedRedis, openEmbeddedRedis } from '../store/embedded-redis.ts';
import { connectRedis, inspectRedis, type Patience } from '../store/redis.ts';
import { openTokens } from '../store/tokens.ts';
import { openScrub } from '../text/scrub.ts';
import { createLog, type Logger } from './log.ts';
import { platformOf } from './lookup.ts';
import { type OpenAccounts, openPublishers } from './publishers.ts';
import { linkSandbox, type SandboxLink } from './sandbox-link.ts';
import { openStores, type Stores } from './stores.ts';

/** Everything a process of this installation works with. */
export interface Runtime extends Stores {
  /** The one that holds now; another object after each change. */
  readonly config: Config;
  /** Works by another configuration from here on; what is under way goes on by the one it holds. */
  adopt(config: Config): void;
  /** Told after each change. Must not throw. */
  onConfig(listener: (config: Config, before: Config) => void): void;
  log: Logger;
  /** A further connection to the same Redis; not connected yet. */
  connect(patience?: Patience): Redis;
  /** Name of this process among the others. */
  id: string;
  host: string;
  /** Joins or starts the sandbox where the config has a sandbox account; safe to call often. */
  sandbox(): Promise<SandboxLink | undefined>;
  /** The open account, the same object each time until the sandbox moves, or its settings change. */
  publisher(account: string): Publisher;
  /** The accounts of the configuration that holds now, open until they are released. */
  hold(): OpenAccounts;
  /** What to do on close, last added first. */
  onClose(release: () => Promise<void>): void;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** The service itself: the only one on its folder. */
  service?: boolean;
  patience?: Patience;
  /** Level of the log where it differs from the config's. */
  logLevel?: string;
}

const watchMs = 1_000;
/** A close may take this long; then what still waits for Redis is let go. Less than a stop may take in all. */
const closeMs = 27_000;

/**
 * Connects to Redis (starting the embedded one where the config names none) and opens the stores. Throws `InputError`
 * where the data folder cannot be written, Redis cannot be reached (status 503) or would lose posts.
 */
export async function openRuntime(config: Config, options: OpenOptions = {}): Promise<Runtime> {
  const secrets = openScrub(secretValues(config));
  const log = createLog(options.logLevel ?? config.log.level, secrets.scrub);
  const embedded = config.redis.url ? undefined : await embed(config, options);
  const url = config.redis.url ?? (embedded as EmbeddedRedis).url;
  const name = `munadi-process-${process.pid}`;
  const connections: Redis[] = [];
  const connect = (patience: Patience = 'wait') => {
    const redis = connectRedis(url, { name, patience });
    connections.push(redis);
    return redis;
  };
  const releases: (() => Promise<void>)[] = [];
  const disconnect = () => {
    for (const redis of connections) redis.disconnect();
  };
  const close = async () => {
    const late = setTimeout(disconnect, closeMs);
    for (const release of releases.splice(0).reverse()) {
      await release().catch((error) => log.error({ error: String(error) }, 'a part did not close cleanly'));
    }
    clearTimeout(late);
    disconnect();
    await embedded?.close();
  };

  try {
    const redis = connect(options.patience);
    for (const warning of await reach(redis, config)) log.warn(warning);
    if (embedded && options.service) releases.push(watch(redis, embedded, log));
    const { logLevel } = options;
    return assemble(config, { redis, connect, log, releases, close, onSecrets: secrets.add, logLevel });
  } catch (error) {
    await close();
    throw error;
  }
}

/** The service keeps its own Redis alive: nobody else would. Returns how to stop. */
function watch(redis: Redis, embedded: EmbeddedRedis, log: Logger): () => Promise<void> {
  let reviving: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (redis.status === 'ready' || reviving) return;
    reviving = embedded
      .revive()
      .then(
        () => log.warn('the embedded Redis was away; it runs again'),
        (error: Error) => log.error({ error: error.message }, 'the embedded Redis is away, and does not start'),
      )
      .finally(() => {
        reviving = undefined;
      });
  }, watchMs);
  return async () => {
    clearInterval(timer);
    await reviving;
  };
}

async function embed(config: Config, options: OpenOptions): Promise<EmbeddedRedis> {
  try {
    await mkdir(config.dataDir, { recursive: true });
    return await openEmbeddedRedis(config.dataDir, options);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined || code === undefined) throw error;
    throw new InputError(
      `data: the folder ${config.dataDir} cannot be written (${code}). Give it to the user that runs Munadi, or name another one.`,
      { code: 'data-folder', cause: error },
    );
  }
}

/** Resolves to what is to be said about it. Throws `InputError` where Redis can't be reached or would lose posts. */
async function reach(redis: Redis, config: Config): Promise<string[]> {
  const patient = redis.options.retryStrategy;
  redis.options.retryStrategy = () => null;
  let reason: Error | undefined;
  const note = (error: Error) => {
    reason = error;
  };
  redis.on('error', note);
  try {
    await redis.connect();
  } catch (error) {
    // ioredis tells the reason by the event, and here only that the connection is closed.
    const why = (reason ?? (error as Error)).message;
    throw new InputError(
      `Redis does not answer at ${nameOf(config)}: ${why.replace(/\.$/, '')}. Start it, or correct redis.url.`,
      {
        code: 'redis-unreachable',
        status: 503,
        cause: error,
      },
    );
  } finally {
    redis.off('error', note);
  }
  if (patient) redis.options.retryStrategy = patient;
  const { refusals, warnings } = await inspectRedis(redis);
  if (refusals.length > 0) throw new InputError(refusals.join('\n'), { code: 'redis-unfit' });
  return warnings;
}

/** Address of the Redis in use, without password. */
export function nameOf({ redis }: Pick<Config, 'redis'>): string {
  return redis.url?.replace(/\/\/.*@/, '//') ?? 'its embedded address';
}

function assemble(
  first: Config,
  base: Pick<Runtime, 'redis' | 'connect' | 'log' | 'close'> & {
    releases: (() => Promise<void>)[];
    /** Told of secrets that no log may show. */
    onSecrets(secrets: readonly string[]): void;
    /** Instead of the configuration's. */
    logLevel: string | undefined;
  },
): Runtime {
  const { redis, connect, log, releases, close } = base;
  const listeners: ((config: Config, before: Config) => void)[] = [];
  let config = first;
  let link: Promise<SandboxLink | undefined> | undefined;
  let linked: SandboxLink | undefined;

  const stores = openStores(redis, () => config);
  const { now } = stores.clock;
  const tokens = openTokens(redis, config.redis.prefix, { now, onSecrets: base.onSecrets });
  releases.push(
    async () =>
      void (await Promise.all([
        stores.queues.close(),
        stores.webhooks.close(),
        stores.answers.close(),
        stores.tickQueue.close(),
      ])),
  );

  const publishers = openPublishers({
    open: (account) => platformOf(account).open(account, { tokens }),
    rootOf: (account) => (account.sandbox ? linked?.root(account.platform) : account.apiRoot),
    onFault: (error) => log.error({ error: String(error) }, 'an account did not close cleanly'),
  });
  let accounts = publishers.hold(config);
  releases.push(publishers.close);

  const sandboxed = () => Object.values(config.accounts).some((account) => account.sandbox);
  const sandbox = () => {
    link ??= (async () => {
      if (!sandboxed()) return undefined;
      linked = await linkSandbox(redis, {
        prefix: config.redis.prefix,
        recordDir: join(config.dataDir, 'sandbox'),
        port: config.http.port === 0 ? 0 : config.http.port + 1,
        onMove: () => void publishers.close(),
      });
      releases.push(linked.close);
      return linked;
    })();
    return link;
  };

  // The stores' own getters give what holds now, so they are handed on as they are.
  return Object.defineProperties(
    {
      adopt(next: Config) {
        const before = config;
        base.onSecrets(secretValues(next));
        config = next;
        log.level = base.logLevel ?? next.log.level;
        const held = accounts;
        accounts = publishers.hold(next);
        held.release();
        for (const listener of listeners) listener(next, before);
      },
      onConfig: (listener: (config: Config, before: Config) => void) => void listeners.push(listener),
      log,
      connect,
      id: randomUUID(),
      host: hostname(),
      sandbox,
      get config() {
        return config;
      },
      publisher: (id: string) => accounts.publisher(id),
      hold: () => publishers.hold(config),
      onClose: (release: () => Promise<void>) => void releases.push(release),
      close,
    },
    Object.getOwnPropertyDescriptors(stores),
  ) as Runtime;
}
