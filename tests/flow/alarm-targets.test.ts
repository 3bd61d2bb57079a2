import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AlarmDesk, openAlarmDesk } from '../support/alarm-desk.ts';
import { failureOf } from '../support/installation.ts';

let at: AlarmDesk;

beforeAll(async () => {
  at = await openAlarmDesk();
});
afterAll(() => at.close());
beforeEach(() => at.clear());

describe('a target', () => {
  it('on Telegram gets plain text, with an Arabic headline in order', async () => {
    at.set({
      targets: { desk: { to: 'telegram', account: 'telegram-main', chat: '-1001' } },
      wake: ['desk'],
      day: ['desk'],
    });
    const title = 'افتتاح <b>Harbour & Co</b> في المدينة';
    const [id = ''] = (await at.accept({ title })).ids;
    await at.claim(id, 'a');
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'rejected', { code: '403' }));
    await at.beat();
    const [post] = at.sandbox.posts('telegram');
    expect(post?.target).toBe('-1001');
    const text = (post?.text ?? '').replace(/[\u061c\u200e\u200f\u2066-\u2069]/g, '');
    expect(text).toContain('munadi: a post on x-ar will not go out (rejected): test.');
    expect(text).toContain(`“${title}”\nPut right what was wrong, then:\nnpm run -s munadi -- retry ${id}`);
  });

  it('that fails is tried again, holds up no other, and gets what waited as one message', async () => {
    at.set({
      targets: {
        pager: { to: 'webhook', url: `${at.address}/alarms` },
        desk: { to: 'telegram', account: 'telegram-main', chat: '-1002' },
      },
      day: ['pager', 'desk'],
    });
    at.answers.push(500, 200);
    await at.end('rejected', '1');
    await at.beat();
    expect(at.sandbox.posts('telegram').filter(({ target }) => target === '-1002')).toHaveLength(1);
    expect(await at.queue.trouble('pager')).toMatchObject({ error: 'The address answered with status 500.', times: 1 });
    await at.end('rejected', '2');
    await at.beat();
    // It is left alone for a second.
    expect(at.calls).toHaveLength(1);
    expect(at.sandbox.posts('telegram').filter(({ target }) => target === '-1002')).toHaveLength(2);
    await at.runtime.redis.hset('munadi:alarms:target:pager', 'until', 0);
    await at.beat();
    expect(at.calls[1]?.data.alarms.map(({ subject }) => subject)).toEqual(['x-ar 1', 'x-ar 2']);
    expect(await at.queue.trouble('pager')).toBeUndefined();
    expect(await at.queue.queued('pager')).toEqual([]);
  });

  it('that redirects is not followed, and its address stands in no message', async () => {
    at.answers.push(302);
    await at.end('rejected');
    await at.beat();
    expect(at.calls).toHaveLength(1);
    const { error } = (await at.queue.trouble('pager')) ?? { error: '' };
    expect(error).toBe('The address answered with status 302; redirects are not followed.');
    at.set({ targets: { pager: { to: 'webhook', url: 'http://user:hidden-word@127.0.0.1:1/hidden-path' } } });
    await at.runtime.redis.del('munadi:alarms:target:pager');
    await at.beat();
    const refused = await at.queue.trouble('pager');
    expect(refused?.error).toBe('no connection (ECONNREFUSED)');
  });

  it('of an alarm that is off gets nothing', async () => {
    at.set({ severity: { failed: 'off' } });
    await at.end('rejected');
    await at.beat();
    expect(at.calls).toEqual([]);
    expect(await at.runtime.redis.exists('munadi:alarms:new')).toBe(0);
  });
});

describe('alarms that wait for the day', () => {
  it('stand in Redis until it begins, and come as one message; those that wake come at once', async () => {
    const minute = (new Date(at.runtime.clock.now()).getUTCHours() * 60 + 120) % (24 * 60);
    at.set({ dayHours: { fromMinute: minute, toMinute: (minute + 60) % (24 * 60) } });
    for (const code of ['1', '2', '3']) await at.end('rejected', code);
    await at.beat();
    await at.runtime.pauses.pauseAccount('x-main', 'refused');
    await at.beat();
    expect(at.kinds()).toEqual(['account-paused']);
    const waiting = await at.queue.queued('pager');
    expect(waiting.map(({ telling }) => telling.subject).sort()).toEqual(['x-ar 1', 'x-ar 2', 'x-ar 3']);
    for (const { raw, dueMs } of waiting) {
      expect(new Date(dueMs).getUTCHours() * 60 + new Date(dueMs).getUTCMinutes()).toBe(minute);
      // The day begins.
      await at.runtime.redis.zadd('munadi:alarms:to:pager', 1, raw);
    }
    await at.beat();
    expect(at.calls).toHaveLength(2);
    expect(at.calls[1]?.data.alarms).toHaveLength(3);
    expect(at.calls[1]?.data.text).toMatch(/^munadi: 3 alarms\n\n• /);
  });
});
