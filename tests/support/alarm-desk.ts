import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../../src/config/config.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { type AlarmReader, createReader } from '../../src/runtime/alarms.ts';
import type { Runtime } from '../../src/runtime/open.ts';
import { type AlarmQueue, openAlarmQueue } from '../../src/store/alarm-queue.ts';
import { clockAhead } from './clock-ahead.ts';
import { claimOf, draftArticle, failureOf, type Installation, openInstallation } from './installation.ts';

/** What a webhook was sent. */
export interface Call {
  headers: IncomingHttpHeaders;
  body: string;
  data: { text: string; alarms: { id: string; kind: string; subject: string; count: number; over: string | null }[] };
}

/** An installation whose alarms go to a webhook of the test, by a reader that is driven by hand. */
export interface AlarmDesk extends Installation {
  queue: AlarmQueue;
  /** Of the webhook. */
  address: string;
  /** What came in, oldest first. */
  calls: Call[];
  /** What the webhook answers; the last one goes on. */
  answers: number[];
  /** The settings from here on; without them everything goes to the webhook at once. */
  set(change: Partial<Config['alarms']>): void;
  /** Forgets everything. */
  clear(): Promise<void>;
  /** One look of the reader, until all is told. */
  beat(): Promise<void>;
  /** Another process goes on. */
  restart(change?: Partial<Runtime>): Promise<void>;
  reader(): AlarmReader;
  accept(change?: object, channels?: string[]): Promise<{ article: string; ids: string[] }>;
  /** Claims a delivery as `x-ar`, as soon as it is due by Redis' clock, which may be a little behind. */
  claim(id: string, token: string): Promise<void>;
  /** A delivery of `x-ar` that ends so; resolves to its id. */
  end(state: 'rejected' | 'discarded' | 'unconfirmed', code?: string): Promise<string>;
  /** All alarms that came in, and their kinds. */
  told(): Call['data']['alarms'];
  kinds(): string[];
}

export const webhookSecret = 'whsec_c2VjcmV0IG9mIHRoZSBuZXdzcm9vbQ==';

export async function openAlarmDesk(): Promise<AlarmDesk> {
  const at = await openInstallation();
  const calls: Call[] = [];
  const answers: number[] = [];
  let address = '';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    calls.push({ headers: request.headers, body, data: JSON.parse(body).data });
    const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200;
    response.writeHead(status, status === 302 ? { location: `${address}/elsewhere` } : {}).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const queue = openAlarmQueue(at.runtime.redis, 'munadi');
  let reader = createReader(at.runtime, queue);

  const desk: AlarmDesk = {
    ...at,
    queue,
    address,
    calls,
    answers,
    set(change) {
      at.config.alarms = {
        targets: {
          log: { to: 'log' },
          pager: { to: 'webhook', url: `${address}/alarms`, secret: webhookSecret },
        },
        wake: ['pager'],
        day: ['pager'],
        dayHours: { fromMinute: 0, toMinute: 24 * 60 },
        dedupeMs: 60_000,
        severity: {},
        breakingAfterMs: 60_000,
        ...change,
      };
    },
    async clear() {
      calls.length = 0;
      answers.length = 0;
      await at.runtime.redis.flushall();
      desk.set({});
      await desk.restart();
    },
    async beat() {
      await clockAhead(at.runtime);
      await reader.beat();
      await reader.settled();
    },
    async restart(change = {}) {
      await reader.stop();
      reader = createReader({ ...at.runtime, ...change }, queue);
    },
    reader: () => reader,
    async accept(change = {}, channels = ['x-ar']) {
      const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle(change), { channels });
      return { article: article.id, ids: deliveries.map(({ id }) => id) };
    },
    async claim(id, token) {
      while ((await at.runtime.deliveries.claim(claimOf(id, token))).verdict === 'early');
    },
    async end(state, code) {
      const [id = ''] = (await desk.accept()).ids;
      await desk.claim(id, 'a');
      const how = { ...(state === 'unconfirmed' ? { held: true } : {}), ...(code === undefined ? {} : { code }) };
      await at.runtime.deliveries.settle(failureOf(id, 'a', state, how));
      return id;
    },
    told: () => calls.flatMap(({ data }) => data.alarms),
    kinds: () => desk.told().map(({ kind, over }) => (over === null ? kind : `${kind} over`)),
    async close() {
      await reader.stop();
      await at.close();
      server.close();
    },
  };
  desk.set({});
  return desk;
}
