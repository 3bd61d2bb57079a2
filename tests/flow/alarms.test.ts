import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { createMetrics } from '../../src/desk/metrics.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { type AlarmReader, createReader } from '../../src/runtime/alarms.ts';
import { type AlarmQueue, openAlarmQueue } from '../../src/store/alarm-queue.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

/** What a webhook was sent. */
interface Call {
  headers: IncomingHttpHeaders;
  body: string;
  data: { text: string; alarms: { id: string; kind: string; subject: string; count: number; over: string | null }[] };
}

const secret = 'whsec_c2VjcmV0IG9mIHRoZSBuZXdzcm9vbQ==';
let at: Installation;
let server: Server;
let address = '';
let calls: Call[] = [];
/** What the webhook answers; the last one goes on. */
let answers: number[] = [200];
let queue: AlarmQueue;
let reader: AlarmReader;

beforeAll(async () => {
  at = await openInstallation();
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    calls.push({ headers: request.headers, body, data: JSON.parse(body).data });
    const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200;
    response.writeHead(status, status === 302 ? { location: `${address}/elsewhere` } : {}).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  queue = openAlarmQueue(at.runtime.redis, 'munadi');
});
afterAll(async () => {
  await at.close();
  server.close();
});

beforeEach(async () => {
  calls = [];
  answers = [200];
  await at.runtime.redis.flushall();
  set({});
  reader = createReader(at.runtime, queue);
});
afterEach(() => reader.stop());

/** The settings from here on; without them everything goes to the webhook at once. */
function set(change: Partial<Config['alarms']>): void {
  at.config.alarms = {
    targets: { log: { to: 'log' }, pager: { to: 'webhook', url: `${address}/alarms`, secret } },
    wake: ['pager'],
    day: ['pager'],
    dayHours: { fromMinute: 0, toMinute: 24 * 60 },
    dedupeMs: 60_000,
    severity: {},
    breakingAfterMs: 60_000,
    ...change,
  };
}

/** Another process goes on. */
async function restart(): Promise<void> {
  await reader.stop();
  reader = createReader(at.runtime, queue);
}

async function beat(): Promise<void> {
  await reader.beat();
  await reader.settled();
}

async function accept(change: object = {}, channels = ['x-ar']): Promise<{ article: string; ids: string[] }> {
  const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle(change), { channels });
  return { article: article.id, ids: deliveries.map(({ id }) => id) };
}

/** A delivery of `x-ar` that ends so. */
async function end(state: 'rejected' | 'discarded' | 'unconfirmed', code?: string): Promise<string> {
  const [id = ''] = (await accept()).ids;
  await at.runtime.deliveries.claim(claimOf(id, 'a'));
  const how = { ...(state === 'unconfirmed' ? { held: true } : {}), ...(code === undefined ? {} : { code }) };
  await at.runtime.deliveries.settle(failureOf(id, 'a', state, how));
  return id;
}

const told = () => calls.flatMap(({ data }) => data.alarms);
const kinds = () => told().map(({ kind, over }) => (over === null ? kind : `${kind} over`));

describe('an alarm', () => {
  it('reaches a webhook, signed over its raw body, with text for people', async () => {
    const id = await end('unconfirmed');
    await beat();
    expect(calls).toHaveLength(1);
    const [{ headers, body, data }] = calls as [Call];
    expect(data.alarms).toMatchObject([{ kind: 'held', subject: 'x-ar', count: 1, over: null }]);
    expect(data.text).toContain(`npm run -s munadi -- resolve ${id} --published URL | --not-published`);
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(body).not.toContain(secret);
  });

  it('is told once in a while, however often it happens, then with the count', async () => {
    await end('unconfirmed');
    await beat();
    for (let times = 0; times < 3; times += 1) await end('unconfirmed');
    await beat();
    expect(told()).toHaveLength(1);
    set({ dedupeMs: 0 });
    // The while is over.
    await at.runtime.redis.zadd('munadi:alarms:new', 0, 'held x-ar');
    await beat();
    expect(told().map(({ count }) => count)).toEqual([1, 3]);
    await beat();
    expect(told()).toHaveLength(2);
  });

  it('of many failures is one for each channel and code', async () => {
    for (const code of ['403', '403', '187']) await end('rejected', code);
    await end('discarded');
    await beat();
    expect(calls).toHaveLength(1);
    expect(
      told()
        .map(({ subject, count }) => [subject, count])
        .sort(),
    ).toEqual([
      ['x-ar 187', 1],
      ['x-ar 403', 2],
      ['x-ar discarded', 1],
    ]);
    expect(calls[0]?.data.text).toContain('retry --failed --channel x-ar --code 403 --dry-run');
  });

  it('never fails what it is about', async () => {
    await at.runtime.redis.set('munadi:alarms', 'no stream');
    await at.runtime.redis.set('munadi:alarm:held x-ar', 'no record');
    const [id = ''] = (await accept()).ids;
    await at.runtime.deliveries.claim(claimOf(id, 'a'));
    const state = await at.runtime.deliveries.settle(failureOf(id, 'a', 'unconfirmed', { held: true }));
    expect(state).toBe('unconfirmed');
    expect(await at.runtime.deliveries.heldCount()).toMatchObject({ held: 1 });
    await at.runtime.pauses.pauseAccount('x-main', 'refused');
    expect(await at.runtime.pauses.list()).toMatchObject([{ kind: 'account', id: 'x-main' }]);
  });

  it('is counted for Prometheus and kept in the stream', async () => {
    for (const code of ['403', '403']) await end('rejected', code);
    expect(await createMetrics(at.runtime).read()).toContain('munadi_alarms_total{kind="failed"} 2');
    const entries = await at.runtime.redis.xrange('munadi:alarms', '-', '+');
    expect(entries).toHaveLength(2);
    expect(entries[0]?.[1]).toEqual(expect.arrayContaining(['kind', 'failed', 'channel', 'x-ar', 'code', '403']));
  });

  it('of others is raised by a function, once in a while where that is asked', async () => {
    const alarm = {
      kind: 'schedule-missed',
      subject: 'digest',
      detail: { schedule: 'digest', reason: 'none ran' },
    } as const;
    await at.runtime.alarms.raise(alarm, { onceMs: 60_000 });
    await at.runtime.alarms.raise(alarm, { onceMs: 60_000 });
    await beat();
    expect(told()).toMatchObject([{ kind: 'schedule-missed', count: 1 }]);
    expect(calls[0]?.data.text).toContain('the schedule digest missed a run: none ran. At ');
  });
});

describe('a budget', () => {
  it('that ends within hours is told once ahead; one that lasts, or is spent, is not', async () => {
    const state = (of: 'money' | 'requests' | 'recipients', spent: number, inHours: number | null) => ({
      ...({ account: 'x-main', period: 'day', of, spent, most: 10, reserved: 0 } as const),
      endsAt: inHours === null ? null : new Date(at.runtime.clock.now() + inHours * 3_600_000).toISOString(),
    });
    const budgets = async () => [state('money', 8, 2), state('requests', 8, null), state('recipients', 10, 0)];
    for (let reads = 0; reads < 2; reads += 1) {
      const one = createReader({ ...at.runtime, budgets }, queue);
      await one.beat();
      await one.settled();
    }
    expect(told()).toMatchObject([{ kind: 'budget-soon', subject: 'x-main money day', count: 1 }]);
    expect(calls[0]?.data.text).toContain('ends soon at this rate (money of this day): 8 of 10 are spent');
  });
});

describe('what lasts', () => {
  it('is told when it begins and when it is over, and so is each further time', async () => {
    set({ dedupeMs: 0 });
    for (let time = 0; time < 2; time += 1) {
      await at.runtime.pauses.pauseAccount('x-main', 'X: Unauthorized');
      await beat();
      await at.runtime.pauses.resume('account', 'x-main');
      await beat();
      await beat();
    }
    const once = ['account-paused', 'account-paused over'];
    expect(kinds()).toEqual([...once, ...once]);
  });

  it('and comes and goes is told once in a while', async () => {
    for (let time = 0; time < 3; time += 1) {
      await at.runtime.pauses.pauseChannel('telegram-ar', 'bot was kicked', 'platform');
      await beat();
      await at.runtime.pauses.resume('channel', 'telegram-ar');
      await beat();
    }
    expect(kinds()).toEqual(['channel-paused', 'channel-paused over']);
  });

  it('is no alarm where a person paused it', async () => {
    await at.runtime.pauses.pauseChannel('telegram-ar', 'moving');
    await at.runtime.pauses.resume('channel', 'telegram-ar');
    await beat();
    expect(calls).toEqual([]);
  });

  it('is an account that fails, until it works', async () => {
    const [one = '', other = ''] = (await accept({}, ['x-ar', 'facebook-ar'])).ids;
    const ledger = at.runtime.deliveries;
    at.config.reliability.failuresToRest = 2;
    for (const token of ['a', 'b']) {
      await ledger.claim(claimOf(one, token));
      const failure = { class: 'unavailable' as const, code: '503', reason: 'down', at: '2026-01-01T00:00:00.000Z' };
      await ledger.settle({ id: one, token, state: 'retryable', failure, waitMs: 0, circuit: 'x-main' });
    }
    await beat();
    await ledger.claim(claimOf(other, 'c'));
    await ledger.settle({ ...liveOf(other, 'c'), circuit: 'x-main' });
    at.config.reliability.failuresToRest = 0;
    await beat();
    expect(kinds()).toEqual(['circuit', 'circuit over']);
  });
});

describe('a target', () => {
  it('on Telegram gets plain text, with an Arabic headline in order', async () => {
    set({
      targets: { desk: { to: 'telegram', account: 'telegram-main', chat: '-1001' } },
      wake: ['desk'],
      day: ['desk'],
    });
    const title = 'افتتاح <b>Harbour & Co</b> في المدينة';
    const [id = ''] = (await accept({ title })).ids;
    await at.runtime.deliveries.claim(claimOf(id, 'a'));
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'rejected', { code: '403' }));
    await beat();
    const [post] = at.sandbox.posts('telegram');
    expect(post?.target).toBe('-1001');
    const text = (post?.text ?? '').replace(/[\u061c\u200e\u200f\u2066-\u2069]/g, '');
    expect(text).toContain('munadi: a post on x-ar will not go out (rejected): test.');
    expect(text).toContain(`“${title}”\nPut right what was wrong, then:\nnpm run -s munadi -- retry ${id}`);
  });

  it('that fails is tried again, holds up no other, and gets what waited as one message', async () => {
    set({
      targets: {
        pager: { to: 'webhook', url: `${address}/alarms` },
        desk: { to: 'telegram', account: 'telegram-main', chat: '-1002' },
      },
      day: ['pager', 'desk'],
    });
    answers = [500, 200];
    await end('rejected', '1');
    await beat();
    expect(at.sandbox.posts('telegram').filter(({ target }) => target === '-1002')).toHaveLength(1);
    expect(await queue.trouble('pager')).toMatchObject({ error: 'The address answered with status 500.', times: 1 });
    await end('rejected', '2');
    await beat();
    // It is left alone for a second.
    expect(calls).toHaveLength(1);
    expect(at.sandbox.posts('telegram').filter(({ target }) => target === '-1002')).toHaveLength(2);
    await at.runtime.redis.hset('munadi:alarms:target:pager', 'until', 0);
    await beat();
    expect(calls[1]?.data.alarms.map(({ subject }) => subject)).toEqual(['x-ar 1', 'x-ar 2']);
    expect(await queue.trouble('pager')).toBeUndefined();
    expect(await queue.queued('pager')).toEqual([]);
  });

  it('that redirects is not followed, and its address stands in no message', async () => {
    answers = [302];
    await end('rejected');
    await beat();
    expect(calls).toHaveLength(1);
    const { error } = (await queue.trouble('pager')) ?? { error: '' };
    expect(error).toBe('The address answered with status 302; redirects are not followed.');
    set({ targets: { pager: { to: 'webhook', url: 'http://user:hidden-word@127.0.0.1:1/hidden-path' } } });
    await at.runtime.redis.del('munadi:alarms:target:pager');
    await beat();
    const refused = await queue.trouble('pager');
    expect(refused?.error).toBe('no connection (ECONNREFUSED)');
  });

  it('of an alarm that is off gets nothing', async () => {
    set({ severity: { failed: 'off' } });
    await end('rejected');
    await beat();
    expect(calls).toEqual([]);
    expect(await at.runtime.redis.exists('munadi:alarms:new')).toBe(0);
  });
});

describe('alarms that wait for the day', () => {
  it('stand in Redis until it begins, and come as one message; those that wake come at once', async () => {
    const minute = (new Date(at.runtime.clock.now()).getUTCHours() * 60 + 120) % (24 * 60);
    set({ dayHours: { fromMinute: minute, toMinute: (minute + 60) % (24 * 60) } });
    for (const code of ['1', '2', '3']) await end('rejected', code);
    await beat();
    await at.runtime.pauses.pauseAccount('x-main', 'refused');
    await beat();
    expect(kinds()).toEqual(['account-paused']);
    const waiting = await queue.queued('pager');
    expect(waiting.map(({ telling }) => telling.subject).sort()).toEqual(['x-ar 1', 'x-ar 2', 'x-ar 3']);
    for (const { raw, dueMs } of waiting) {
      expect(new Date(dueMs).getUTCHours() * 60 + new Date(dueMs).getUTCMinutes()).toBe(minute);
      // The day begins.
      await at.runtime.redis.zadd('munadi:alarms:to:pager', 1, raw);
    }
    await beat();
    expect(calls).toHaveLength(2);
    expect(calls[1]?.data.alarms).toHaveLength(3);
    expect(calls[1]?.data.text).toMatch(/^munadi: 3 alarms\n\n• /);
  });
});

describe('breaking news', () => {
  const late = (channel: string) => told().filter(({ subject }) => subject.endsWith(` ${channel}`));
  const soon = () => set({ breakingAfterMs: 0 });

  it('that is not live in time is an alarm for each channel, which says why, and is told when it is live', async () => {
    const { article, ids } = await accept({ priority: 'breaking' }, ['x-ar', 'telegram-ar']);
    await at.runtime.pauses.pauseChannel('telegram-ar', 'moving');
    await beat();
    expect(calls).toEqual([]);
    soon();
    await beat();
    expect(late('x-ar')).toMatchObject([{ kind: 'breaking-late', subject: `${article} x-ar` }]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.data.text).toContain('on x-ar: nobody has taken it up; is a worker for x running?');
    expect(calls[0]?.data.text).toContain('on telegram-ar: the channel telegram-ar rests (moving)');
    for (const id of ids) {
      await at.runtime.pauses.resume('channel', 'telegram-ar');
      await at.runtime.deliveries.claim(claimOf(id, id));
      await at.runtime.deliveries.settle(liveOf(id, id));
    }
    await restart();
    await beat();
    expect(kinds().sort()).toEqual(['breaking-late', 'breaking-late', 'breaking-late over', 'breaking-late over']);
    expect(await at.runtime.redis.exists('munadi:alarms:watch')).toBe(0);
  });

  it('that is live in time is none', async () => {
    const [id = ''] = (await accept({ priority: 'breaking' })).ids;
    await at.runtime.deliveries.claim(claimOf(id, 'a'));
    await at.runtime.deliveries.settle(liveOf(id, 'a'));
    soon();
    await beat();
    expect(calls).toEqual([]);
    expect(await at.runtime.redis.exists('munadi:alarms:watch')).toBe(0);
  });

  it('that was refused says so once', async () => {
    const [id = ''] = (await accept({ priority: 'breaking' })).ids;
    await at.runtime.deliveries.claim(claimOf(id, 'a'));
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'rejected', { code: '403' }));
    soon();
    for (let times = 0; times < 2; times += 1) await beat();
    expect(kinds().sort()).toEqual(['breaking-late', 'failed']);
    expect(calls[0]?.data.text).toContain('breaking news is not live on x-ar: rejected: test');
  });

  it('under an embargo is not late before it ends', async () => {
    const embargoUntil = new Date(at.runtime.clock.now() + 3_600_000).toISOString();
    const { article } = await accept({ priority: 'breaking', embargoUntil });
    soon();
    await beat();
    expect(calls).toEqual([]);
    // It was moved meanwhile: what counts is when the delivery is due.
    await at.runtime.redis.zadd('munadi:alarms:watch', 1, article);
    await beat();
    expect(calls).toEqual([]);
    const due = await at.runtime.redis.zscore('munadi:alarms:watch', article);
    expect(Number(due)).toBe(Date.parse(embargoUntil));
  });

  it('of other priorities is not watched', async () => {
    await accept();
    expect(await at.runtime.redis.exists('munadi:alarms:watch')).toBe(0);
  });

  it('to many people says how many it has not reached', async () => {
    const channel = at.config.channels.find(({ id }) => id === 'whatsapp-ar');
    const before = channel?.settings.recipients;
    if (channel) channel.settings.recipients = ['+963900000001', '+963900000002', '+963900000003'];
    const { ids } = await accept({ priority: 'breaking' }, ['whatsapp-ar']);
    if (channel) channel.settings.recipients = before;
    await at.runtime.deliveries.claim(claimOf(ids[0] ?? '', 'a'));
    await at.runtime.deliveries.settle(liveOf(ids[0] ?? '', 'a'));
    soon();
    await beat();
    expect(calls[0]?.data.text).toContain('on whatsapp-ar: 2 of 3 people are not reached; nobody has taken it up');
  });
});

describe('readers', () => {
  it('tell each alarm once, however many there are, and another goes on where one is gone', async () => {
    const others = [1, 2].map((number) => createReader({ ...at.runtime, id: `other-${number}` }, queue));
    await end('rejected');
    await Promise.all([reader, ...others].map((one) => one.beat()));
    await Promise.all([reader, ...others].map((one) => one.settled()));
    expect(calls).toHaveLength(1);
    const first = await at.runtime.redis.get('munadi:alarms:reader');
    await queue.leave(first ?? '');
    await end('unconfirmed');
    const successor = [reader, ...others].find((_, index) => [at.runtime.id, 'other-1', 'other-2'][index] !== first);
    await successor?.beat();
    await successor?.settled();
    expect(kinds()).toEqual(['failed', 'held']);
    for (const one of others) await one.stop();
  });

  it('that stop in the middle leave what they were telling to the next', async () => {
    answers = [200];
    await end('rejected');
    await reader.beat();
    await reader.stop();
    const next = createReader(at.runtime, queue);
    await next.beat();
    await next.settled();
    expect(await queue.queued('pager')).toEqual([]);
    expect(new Set(told().map(({ id }) => id)).size).toBe(1);
    await next.stop();
  });
});
