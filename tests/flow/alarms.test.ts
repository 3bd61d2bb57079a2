import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/desk/metrics.ts';
import { createReader } from '../../src/runtime/alarms.ts';
import { type AlarmDesk, type Call, openAlarmDesk, webhookSecret } from '../support/alarm-desk.ts';
import { failureOf, liveOf } from '../support/installation.ts';

let at: AlarmDesk;

beforeAll(async () => {
  at = await openAlarmDesk();
});
afterAll(() => at.close());
beforeEach(() => at.clear());

describe('an alarm', () => {
  it('reaches a webhook, signed over its raw body, with text for people', async () => {
    const id = await at.end('unconfirmed');
    await at.beat();
    expect(at.calls).toHaveLength(1);
    const [{ headers, body, data }] = at.calls as [Call];
    expect(data.alarms).toMatchObject([{ kind: 'held', subject: 'x-ar', count: 1, over: null }]);
    expect(data.text).toContain(`npm run -s munadi -- resolve ${id} --published URL | --not-published`);
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(webhookSecret.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(body).not.toContain(webhookSecret);
  });

  it('is told once in a while, however often it happens, then with the count', async () => {
    await at.end('unconfirmed');
    await at.beat();
    for (let times = 0; times < 3; times += 1) await at.end('unconfirmed');
    await at.beat();
    expect(at.told()).toHaveLength(1);
    at.set({ dedupeMs: 0 });
    // The while is over.
    await at.runtime.redis.zadd('munadi:alarms:new', 0, 'held x-ar');
    await at.beat();
    expect(at.told().map(({ count }) => count)).toEqual([1, 3]);
    await at.beat();
    expect(at.told()).toHaveLength(2);
  });

  it('of many failures is one for each channel and code', async () => {
    for (const code of ['403', '403', '187']) await at.end('rejected', code);
    await at.end('discarded');
    await at.beat();
    expect(at.calls).toHaveLength(1);
    expect(
      at
        .told()
        .map(({ subject, count }) => [subject, count])
        .sort(),
    ).toEqual([
      ['x-ar 187', 1],
      ['x-ar 403', 2],
      ['x-ar discarded', 1],
    ]);
    expect(at.calls[0]?.data.text).toContain('retry --failed --channel x-ar --code 403 --dry-run');
  });

  it('is none where a channel drops what its own rules drop', async () => {
    for (const code of ['cap', 'closed', 'budget', 'folded', 'digest']) await at.end('discarded', code);
    await at.beat();
    expect(at.calls).toEqual([]);
    await at.end('rejected', 'cap');
    await at.beat();
    expect(at.kinds()).toEqual(['failed']);
  });

  it('never fails what it is about', async () => {
    await at.runtime.redis.set('munadi:alarms', 'no stream');
    await at.runtime.redis.set('munadi:alarm:held x-ar', 'no record');
    const [id = ''] = (await at.accept()).ids;
    await at.claim(id, 'a');
    const state = await at.runtime.deliveries.settle(failureOf(id, 'a', 'unconfirmed', { held: true }));
    expect(state).toBe('unconfirmed');
    expect(await at.runtime.deliveries.heldCount()).toMatchObject({ held: 1 });
    await at.runtime.pauses.pauseAccount('x-main', 'refused');
    expect(await at.runtime.pauses.list()).toMatchObject([{ kind: 'account', id: 'x-main' }]);
  });

  it('is counted for Prometheus and kept in the stream', async () => {
    for (const code of ['403', '403']) await at.end('rejected', code);
    expect(await createMetrics(at.runtime, () => []).read()).toContain('munadi_alarms_total{kind="failed"} 2');
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
    await at.beat();
    expect(at.told()).toMatchObject([{ kind: 'schedule-missed', count: 1 }]);
    expect(at.calls[0]?.data.text).toContain('the schedule digest missed a run: none ran. At ');
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
      const one = createReader({ ...at.runtime, budgets }, at.queue);
      await one.beat();
      await one.settled();
    }
    expect(at.told()).toMatchObject([{ kind: 'budget-soon', subject: 'x-main money day', count: 1 }]);
    expect(at.calls[0]?.data.text).toContain('ends soon at this rate (money of this day): 8 of 10 are spent');
  });
});

describe('what lasts', () => {
  it('is told when it begins and when it is over, and so is each further time', async () => {
    at.set({ dedupeMs: 0 });
    for (let time = 0; time < 2; time += 1) {
      await at.runtime.pauses.pauseAccount('x-main', 'X: Unauthorized');
      await at.beat();
      await at.runtime.pauses.resume('account', 'x-main');
      await at.beat();
      await at.beat();
    }
    const once = ['account-paused', 'account-paused over'];
    expect(at.kinds()).toEqual([...once, ...once]);
  });

  it('and comes and goes is told once in a while', async () => {
    for (let time = 0; time < 3; time += 1) {
      await at.runtime.pauses.pauseChannel('telegram-ar', 'bot was kicked', 'platform');
      await at.beat();
      await at.runtime.pauses.resume('channel', 'telegram-ar');
      await at.beat();
    }
    expect(at.kinds()).toEqual(['channel-paused', 'channel-paused over']);
  });

  it('is no alarm where a person paused it', async () => {
    await at.runtime.pauses.pauseChannel('telegram-ar', 'moving');
    await at.runtime.pauses.resume('channel', 'telegram-ar');
    await at.beat();
    expect(at.calls).toEqual([]);
  });

  it('is an account that fails, until it works', async () => {
    const [one = '', other = ''] = (await at.accept({}, ['x-ar', 'facebook-ar'])).ids;
    const ledger = at.runtime.deliveries;
    at.config.reliability.failuresToRest = 2;
    for (const token of ['a', 'b']) {
      await at.claim(one, token);
      const failure = { class: 'unavailable' as const, code: '503', reason: 'down', at: '2026-01-01T00:00:00.000Z' };
      await ledger.settle({ id: one, token, state: 'retryable', failure, waitMs: 0, circuit: 'x-main' });
    }
    await at.beat();
    await at.claim(other, 'c');
    await ledger.settle({ ...liveOf(other, 'c'), circuit: 'x-main' });
    at.config.reliability.failuresToRest = 0;
    await at.beat();
    expect(at.kinds()).toEqual(['circuit', 'circuit over']);
  });
});

describe('readers', () => {
  it('tell each alarm once, however many there are, and another goes on where one is gone', async () => {
    const others = [1, 2].map((number) => createReader({ ...at.runtime, id: `other-${number}` }, at.queue));
    await at.end('rejected');
    await Promise.all([at.reader(), ...others].map((one) => one.beat()));
    await Promise.all([at.reader(), ...others].map((one) => one.settled()));
    expect(at.calls).toHaveLength(1);
    const first = await at.runtime.redis.get('munadi:alarms:reader');
    await at.queue.leave(first ?? '');
    await at.end('unconfirmed');
    const successor = [at.reader(), ...others].find(
      (_, index) => [at.runtime.id, 'other-1', 'other-2'][index] !== first,
    );
    await successor?.beat();
    await successor?.settled();
    expect(at.kinds()).toEqual(['failed', 'held']);
    for (const one of others) await one.stop();
  });

  it('that stop in the middle leave what they were telling to the next', async () => {
    at.answers.push(200);
    await at.end('rejected');
    await at.reader().beat();
    await at.reader().stop();
    const next = createReader(at.runtime, at.queue);
    await next.beat();
    await next.settled();
    expect(await at.queue.queued('pager')).toEqual([]);
    expect(new Set(at.told().map(({ id }) => id)).size).toBe(1);
    await next.stop();
  });
});
