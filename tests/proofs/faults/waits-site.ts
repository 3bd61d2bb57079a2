import { Redis } from 'ioredis';
import { freePort } from '../../support/free-port.ts';
import { startPlatformProxy } from './http-proxy.ts';
import { type Installation, patientRedis } from './installation.ts';
import { platformIds } from './points.ts';
import { openHousehold } from './processes.ts';
import { startRedisProxy } from './redis-proxy.ts';
import { readScripts } from './scripts.ts';
import { held, waitsConfig } from './waits-topology.ts';
import { createRecords, createWatch, type Records, type Watch } from './waits-watch.ts';

/** A worker; the service, whose Redis is its own, is watched only where it speaks with platforms. */
export interface Sender {
  name: string;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Breaks its connections to Redis; it connects again by itself. */
  sever(): void;
}

/** Service and workers, and a sandbox that holds limits. */
export interface WaitsSite extends Pick<Installation, 'household' | 'roots' | 'address' | 'redis' | 'service'> {
  records: Records;
  /** Those that work, without the service. */
  workers: Sender[];
  /** One more worker is on its way. */
  hire(): void;
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
  /** One worker less, by `kill -9`. */
  kill(worker: Sender): Promise<void>;
  /** `kill -9` of the service; another one is on its way. */
  killService(): Promise<void>;
  put(platform: string, what: 'faults' | 'limits', body: object): Promise<void>;
  get<Answer>(platform: string, what: string): Promise<Answer>;
  /** What `munadi status --json` prints. */
  status<State>(): Promise<State>;
  close(): Promise<void>;
}

/** The service takes little, so that there is work for the others. */
const concurrency = { service: 1, worker: 20 };

/** Starts sandbox and service from the tree `root`, and two workers are on their way; the judge is the project's own. */
export async function openWaitsSite(root: string, project: string): Promise<WaitsSite> {
  const household = await openHousehold(root);
  try {
    return await furnish(household, root, project);
  } catch (error) {
    await household.close();
    throw error;
  }
}

async function furnish(
  household: Awaited<ReturnType<typeof openHousehold>>,
  root: string,
  project: string,
): Promise<WaitsSite> {
  const records = createRecords();
  const sandbox = household.run(['sandbox', '--port', '0', '--json'], { tree: project });
  const ready = await sandbox.ready<Record<string, { apiRoot: string }>>();
  const roots = Object.fromEntries(platformIds.map((id) => [id, ready[id]?.apiRoot ?? '']));
  const closing: (() => Promise<void>)[] = [];
  let serving = 0;
  let count = 0;
  const coming = new Set<Promise<void>>();

  async function watched(name: string) {
    const watch = createWatch(name, records);
    const proxies = await Promise.all(
      platformIds.map((id) => startPlatformProxy(id, roots[id] as string, { watch: watch.platform })),
    );
    const close = async () => void (await Promise.all(proxies.map((one) => one.close())));
    closing.push(close);
    return { watch, roots: Object.fromEntries(platformIds.map((id, at) => [id, proxies[at]?.root as string])) };
  }

  const ask = async (url: string, init: RequestInit = {}): Promise<unknown> => {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
    return answer.json();
  };
  const put = async (platform: string, what: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    await ask(`${roots[platform]}/_sandbox/${what}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  };
  await Promise.all(platformIds.map((id) => put(id, 'faults', { allowDuplicates: true })));
  await Promise.all(Object.entries(held).map(([id, rates]) => put(id, 'limits', { on: true, rates })));

  const port = await freePort();
  let server: { watch: Watch; file: string };
  const startService = async () => {
    serving += 1;
    const name = `service-${serving}`;
    const { watch, roots: proxied } = await watched(name);
    const config = waitsConfig({ roots: proxied, port, concurrency: concurrency.service });
    const file = await household.write(`${name}.yaml`, config);
    const running = household.run(['start', '--json', '--config', file]);
    await running.ready();
    server = { watch, file };
    return running;
  };
  let service = await startService();
  const redis = new Redis(household.redis().url, { ...patientRedis, retryStrategy: () => 50 });
  redis.on('error', () => {});

  const workers: Sender[] = [];
  async function start(): Promise<void> {
    count += 1;
    const name = `worker-${count}`;
    const { watch, roots: proxied } = await watched(name);
    const url = new URL(household.redis().url);
    const proxy = await startRedisProxy(Number(url.port), { scripts: readScripts(root), watch: watch.redis });
    closing.push(proxy.close);
    household.tellAlso(() => proxy.held().map((line) => `the proxy of ${name} ${line}`));
    url.port = String(proxy.port);
    const config = waitsConfig({ roots: proxied, redisUrl: url.href, concurrency: concurrency.worker });
    const file = await household.write(`${name}.yaml`, config);
    const running = household.run(['worker', ...platformIds, '--json', '--config', file]);
    await running.ready();
    workers.push({
      name,
      sever: proxy.cut,
      async kill() {
        running.child.kill('SIGKILL');
        watch.died();
        await household.wait(`${name} to end by SIGKILL`, running.ended);
      },
    });
  }
  const events = redis.duplicate();
  events.on('error', () => {});
  events.on('message', (_, text: string) => {
    for (const [, id] of text.matchAll(/^(\S+) retryable$/gm)) if (id) records.instants.waits?.(id);
  });
  await events.subscribe('munadi:events');

  function expect(process: Promise<void>): void {
    coming.add(process);
    process.then(
      () => coming.delete(process),
      () => {},
    );
  }
  // One that came to a Redis that was just away tries once more.
  const hire = () => expect(start().catch(start));
  hire();
  hire();

  return {
    ...{ household, roots, redis, records, workers },
    hire,
    settled: async () => void (await Promise.all(coming)),
    address: `http://127.0.0.1:${port}`,
    service: () => service,
    async kill(worker) {
      workers.splice(workers.indexOf(worker), 1);
      await worker.kill();
    },
    async killService() {
      await service.stop('SIGKILL');
      server.watch.died();
      for (const id of await redis.zrange('munadi:state:sending', '0', '-1')) records.doubtful.add(id);
      expect(
        startService().then((next) => {
          service = next;
        }),
      );
    },
    put,
    get: async <Answer>(platform: string, what: string) => (await ask(`${roots[platform]}/_sandbox/${what}`)) as Answer,
    async status<State>() {
      const { ended } = household.run(['status', '--json', '--config', server.file]);
      const { stdout } = await household.wait('munadi status to end', ended);
      return JSON.parse(stdout) as State;
    },
    async close() {
      for (const one of [redis, events]) one.disconnect();
      await household.close();
      await household.wait('the proxies to close', Promise.all(closing.map((close) => close())));
    },
  };
}
