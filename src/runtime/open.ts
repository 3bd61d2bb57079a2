import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { secretValues } from '../config/load.ts';
import type { Account, Channel } from '../core/channel.ts';
import { InputError } from '../core/errors.ts';
import type { Platform, Publisher } from '../core/platform.ts';
import type { IngestDeps } from '../pipeline/ingest.ts';
import { platforms } from '../platforms/index.ts';
import { openQueues, type Queues } from '../queue/queues.ts';
import { type Articles, openArticles } from '../store/articles.ts';
import { type Deliveries, openDeliveries } from '../store/deliveries.ts';
import { type EmbeddedRedis, openEmbeddedRedis } from '../store/embedded-redis.ts';
import { openPauses, type Pauses } from '../store/pauses.ts';
import { connectRedis, inspectRedis, type Patience } from '../store/redis.ts';
import { createLog, type Logger } from './log.ts';
import { linkSandbox, type SandboxLink } from './sandbox-link.ts';

/** Everything a process of this installation works with. */
export interface Runtime {
  config: Config;
  log: Logger;
  redis: Redis;
  /** A further connection to the same Redis. */
  connect(patience?: Patience): Redis;
  /** Name of this process among the others. */
  id: string;
  host: string;
  articles: Articles;
  deliveries: Deliveries;
  pauses: Pauses;
  queues: Queues;
  ingest: IngestDeps;
  /** Joins or starts the sandbox where the config has a sandbox account; safe to call often. */
  sandbox(): Promise<SandboxLink | undefined>;
  /** The open account, the same object each time until the sandbox moves. */
  publisher(account: string): Publisher;
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

/** Connects to Redis (starting the embedded one where the config names none) and opens the stores. */
export async function openRuntime(config: Config, options: OpenOptions = {}): Promise<Runtime> {
  const log = createLog(options.logLevel ?? config.log.level, secretValues(config));
  const embedded = config.redis.url ? undefined : await openEmbeddedRedis(config.dataDir, options);
  const url = config.redis.url ?? (embedded as EmbeddedRedis).url;
  const name = `munadi-process-${process.pid}`;
  const connections: Redis[] = [];
  const connect = (patience: Patience = 'wait') => {
    const redis = connectRedis(url, { name, patience });
    connections.push(redis);
    return redis;
  };
  const releases: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const release of releases.splice(0).reverse()) {
      await release().catch((error) => log.error({ error: String(error) }, 'a part did not close cleanly'));
    }
    for (const redis of connections) redis.disconnect();
    await embedded?.close();
  };

  try {
    const redis = connect(options.patience);
    await reach(redis, config);
    return assemble(config, { redis, connect, log, releases, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** Throws `InputError` where Redis can't be reached or would lose posts. */
async function reach(redis: Redis, config: Config): Promise<void> {
  const patient = redis.options.retryStrategy;
  redis.options.retryStrategy = () => null;
  try {
    await redis.connect();
  } catch (error) {
    throw new InputError(
      `Redis does not answer at ${withoutPassword(config.redis.url ?? 'its embedded address')}: ${(error as Error).message}. Start it, or correct redis.url.`,
      { code: 'redis-unreachable', status: 503, cause: error },
    );
  }
  if (patient) redis.options.retryStrategy = patient;
  const { refusals } = await inspectRedis(redis);
  if (refusals.length > 0) throw new InputError(refusals.join('\n'), { code: 'redis-unfit' });
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

function assemble(
  config: Config,
  base: Pick<Runtime, 'redis' | 'connect' | 'log' | 'close'> & { releases: (() => Promise<void>)[] },
): Runtime {
  const { redis, connect, log, releases, close } = base;
  const { prefix } = config.redis;
  const publishers = new Map<string, Publisher>();
  let link: Promise<SandboxLink | undefined> | undefined;
  let linked: SandboxLink | undefined;

  const articles = openArticles(redis, prefix);
  const deliveries = openDeliveries(redis, prefix, config.reliability.leaseMs);
  const queues = openQueues(redis, prefix, Object.keys(platforms));
  releases.push(() => queues.close());

  const closePublishers = async () => {
    const open = [...publishers.values()];
    publishers.clear();
    await Promise.all(open.map((publisher) => publisher.close()));
  };
  releases.push(closePublishers);

  const sandboxed = Object.values(config.accounts).some((account) => account.sandbox);
  const sandbox = () => {
    link ??= (async () => {
      if (!sandboxed) return undefined;
      linked = await linkSandbox(redis, {
        prefix,
        recordDir: join(config.dataDir, 'sandbox'),
        port: config.http.port + 1,
        onMove: () => void closePublishers(),
      });
      releases.push(linked.close);
      return linked;
    })();
    return link;
  };

  return {
    config,
    log,
    redis,
    connect,
    id: randomUUID(),
    host: hostname(),
    articles,
    deliveries,
    pauses: openPauses(redis, prefix),
    queues,
    ingest: {
      articles,
      deliveries,
      channels: config.channels,
      recipientsOf: (channel) => platformOf(channel).recipients?.(channel),
      isSandbox: (channel) => accountOf(config, channel.account).sandbox,
    },
    sandbox,
    publisher(id) {
      let publisher = publishers.get(id);
      if (!publisher) {
        const account = accountOf(config, id);
        const root = account.sandbox ? linked?.root(account.platform) : account.apiRoot;
        publisher = platformOf(account).open({ ...account, ...(root === undefined ? {} : { apiRoot: root }) });
        publishers.set(id, publisher);
      }
      return publisher;
    },
    onClose: (release) => void releases.push(release),
    close,
  };
}

export function accountOf(config: Config, id: string): Account {
  const account = config.accounts[id];
  if (!account) throw new Error(`There is no account ${id}.`);
  return account;
}

/** The platform that a channel or account belongs to. */
export function platformOf({ platform: id }: Pick<Channel, 'platform'>): Platform {
  const platform = platforms[id];
  if (!platform) throw new Error(`There is no platform ${id}.`);
  return platform;
}
