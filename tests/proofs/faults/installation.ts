import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Running } from '../../support/command.ts';
import { freePort } from '../../support/free-port.ts';
import { articleOf, targetOf } from './exchange.ts';
import { type Exchange, type PlatformProxy, startPlatformProxy } from './http-proxy.ts';
import { platformIds } from './points.ts';
import { type Household, openHousehold } from './processes.ts';
import { startRedisProxy } from './redis-proxy.ts';
import { readScripts } from './scripts.ts';
import { type ConfigWish, proofConfig } from './topology.ts';
import { createLookout, createSightings, type Sightings, type Trap, type TrapOptions } from './trap.ts';

/** A worker of all platforms, behind proxies of its own. */
export interface WorkerProcess {
  name: string;
  pid: number;
  /** Lets it reach Redis, which it is kept from at first; resolves when it works. */
  enter(): Promise<void>;
  arm(options: TrapOptions): Trap;
  /** Deliveries of which it has recorded something, or tried to. */
  spokenOf: ReadonlySet<string>;
  /** `kill -9`: what is held never passes. */
  kill(): Promise<void>;
  /** SIGSTOP; what it has claimed may be sent by nobody else for a while. */
  stop(): void;
  /** SIGCONT, after what was held for it has passed. */
  resume(): void;
  /** SIGTERM. Resolves when it has ended by itself. */
  leave(): Promise<void>;
  /** Cut off from Redis for so long (milliseconds). */
  partition(ms: number): Promise<void>;
  /** How it ended where nobody told it to. */
  failure(): string | undefined;
}

export interface Installation {
  /** The tree under test. */
  root: string;
  household: Household;
  sightings: Sightings;
  /** Base address of each simulated platform itself. */
  roots: Record<string, string>;
  /** Of the service's API; stays the same. */
  address: string;
  /** The Redis under test, for looking. */
  redis: Redis;
  /** Deliveries that were unconfirmed at some time. */
  unconfirmed: Set<string>;
  worker(options?: { tree?: string; clockShiftMs?: number; concurrency?: number }): Promise<WorkerProcess>;
  /** The service itself: `kill -9`, and another one. */
  restartService(): Promise<void>;
  service(): Running;
  /** A second API on the same Redis; resolves to its address. */
  secondApi(): Promise<string>;
  /** How that one ended, where it did. */
  apiFailure(): string | undefined;
  setFaults(platform: string, plan: object): Promise<void>;
  close(): Promise<void>;
}

/** Waits for a Redis that is away, though not for ever. */
export const patientRedis = { maxRetriesPerRequest: null, commandTimeout: 60_000 };

/** The service itself is slow and takes little, so that there is work for the others. */
const usualService = { concurrency: 1, latencyMs: 600 };

export interface InstallationOptions {
  /** The service alone, with no proxy before it. */
  direct?: boolean;
  /** X and Facebook take the same text twice. */
  allowDuplicates?: boolean;
  /** Milliseconds; as in `timings` where absent. */
  requestTimeout?: number;
  /** How much the service sends at a time, and how much later each request comes to the platform. */
  service?: { concurrency: number; latencyMs: number };
  /** The config of a process; `proofConfig` where absent. */
  config?(wish: ConfigWish): string;
}

/** Starts sandbox and service from the tree `root`. */
export async function openInstallation(
  root: string,
  project: string,
  options: InstallationOptions = {},
): Promise<Installation> {
  const household = await openHousehold(root);
  try {
    return await furnish(household, root, project, options);
  } catch (error) {
    await household.close();
    throw error;
  }
}

async function furnish(
  household: Household,
  root: string,
  project: string,
  {
    direct = false,
    allowDuplicates = false,
    requestTimeout,
    service = usualService,
    config: configOf = proofConfig,
  }: InstallationOptions,
): Promise<Installation> {
  const sightings = createSightings();
  // The judge is the project's own, whatever is done to the tree under test.
  const sandbox = household.run(['sandbox', '--port', '0', '--json'], { tree: project });
  const ready = await sandbox.ready<Record<string, { apiRoot: string }>>();
  const roots = Object.fromEntries(platformIds.map((id) => [id, ready[id]?.apiRoot ?? '']));
  const unclear = (exchange: Exchange) => {
    const article = articleOf(exchange);
    if (article !== undefined) sightings.doubtful.add(`${article} ${targetOf(exchange)}`);
  };

  async function platformProxies(name: string, latencyMs = 0) {
    const lookout = createLookout(name, sightings, unclear);
    const proxies: Record<string, PlatformProxy> = {};
    for (const id of platformIds) {
      proxies[id] = await startPlatformProxy(id, roots[id] as string, { watch: lookout.platform, latencyMs });
    }
    return { lookout, proxies, roots: Object.fromEntries(platformIds.map((id) => [id, proxies[id]?.root as string])) };
  }

  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const own = direct ? { roots } : await platformProxies('service', service.latencyMs);
  const file = await household.write(
    'service.yaml',
    configOf({ roots: own.roots, port, concurrency: direct ? 20 : service.concurrency, requestTimeout }),
  );
  const startService = async () => {
    const running = household.run(['start', '--json', '--config', file]);
    await running.ready();
    return running;
  };
  let serving = await startService();
  const redis = new Redis(household.redis().url, { ...patientRedis, retryStrategy: () => 100 });
  const events = redis.duplicate();
  for (const one of [redis, events]) one.on('error', () => {});
  const unconfirmed = new Set<string>();
  events.on('message', (_, text: string) => {
    for (const [, id] of text.matchAll(/^(\S+) unconfirmed$/gm)) if (id) unconfirmed.add(id);
  });
  await events.subscribe('munadi:events');
  household.tellAlso(() => [
    `the proof's connection to Redis: ${redis.status}`,
    ...sightings.exchanges
      .filter(({ state }) => state === 'open')
      .map(({ platform, line }) => `open: ${platform} ${line}`),
  ]);
  let workers = 0;
  let apiFailure: string | undefined;

  return {
    root,
    household,
    sightings,
    roots,
    address,
    redis,
    unconfirmed,
    service: () => serving,
    async worker({ tree = root, clockShiftMs = 0, concurrency = 24 } = {}) {
      workers += 1;
      const name = `worker-${workers}`;
      const { lookout, proxies, roots: proxied } = await platformProxies(name);
      const url = new URL(household.redis().url);
      const proxy = await startRedisProxy(Number(url.port), {
        scripts: readScripts(tree),
        watch: lookout.redis,
        frozen: true,
      });
      household.tellAlso(() => proxy.held().map((line) => `the proxy of ${name} ${line}`));
      url.port = String(proxy.port);
      const config = await household.write(
        `${name}.yaml`,
        configOf({ roots: proxied, redisUrl: url.href, concurrency, requestTimeout }),
      );
      const running = household.run(['worker', ...platformIds, '--json', '--config', config], { tree, clockShiftMs });
      let told = false;
      let failure: string | undefined;
      void running.ended.then(async ({ code, signal, stderr }) => {
        if (!told) failure = `${name} ended with ${code ?? signal}: ${stderr.slice(-500)}`;
        await Promise.all([proxy.close(), ...Object.values(proxies).map((one) => one.close())]);
      });
      return {
        name,
        pid: running.pid,
        async enter() {
          proxy.thaw();
          await running.ready();
        },
        arm: lookout.arm,
        spokenOf: lookout.spokenOf,
        async kill() {
          told = true;
          lookout.doubt();
          await running.stop('SIGKILL');
          lookout.doubt();
        },
        stop() {
          lookout.doubt();
          running.child.kill('SIGSTOP');
        },
        resume() {
          proxy.release();
          for (const one of Object.values(proxies)) one.release();
          running.child.kill('SIGCONT');
        },
        async leave() {
          told = true;
          await running.stop('SIGTERM');
          lookout.doubt();
        },
        async partition(ms) {
          lookout.doubt();
          proxy.freeze();
          await delay(ms);
          lookout.doubt();
          proxy.cut();
          proxy.thaw();
        },
        failure: () => failure,
      };
    },
    async restartService() {
      await serving.stop('SIGKILL');
      for (const id of await redis.zrange('munadi:state:sending', '0', '-1')) sightings.doubtful.add(id);
      serving = await startService();
    },
    async secondApi() {
      const config = await household.write(
        'api.yaml',
        configOf({ roots, redisUrl: household.redis().url, concurrency: 1, requestTimeout }),
      );
      const running = household.run(['api', '--json', '--config', config]);
      const { address: other } = await running.ready<{ address: string }>();
      void running.ended.then(({ code, signal, stderr }) => {
        apiFailure = `the second API ended with ${code ?? signal}: ${stderr.slice(-500)}`;
      });
      return other;
    },
    apiFailure: () => apiFailure,
    async setFaults(platform, plan) {
      const answer = await fetch(`${roots[platform]}/_sandbox/faults`, {
        method: 'PUT',
        signal: AbortSignal.timeout(20_000),
        body: JSON.stringify({ allowDuplicates, ...plan }),
      });
      if (!answer.ok) throw new Error(`The sandbox of ${platform} takes no such faults: ${await answer.text()}`);
    },
    async close() {
      for (const one of [redis, events]) one.disconnect();
      await household.close();
      if (!('proxies' in own)) return;
      const closed = Promise.all(Object.values(own.proxies).map((one) => one.close()));
      await household.wait('the proxies of the service to close', closed);
    },
  };
}
