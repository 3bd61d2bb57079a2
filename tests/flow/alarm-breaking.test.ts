import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AlarmDesk, openAlarmDesk } from '../support/alarm-desk.ts';
import { claimOf, failureOf, liveOf } from '../support/installation.ts';

let at: AlarmDesk;

beforeAll(async () => {
  at = await openAlarmDesk();
});
afterAll(() => at.close());
beforeEach(() => at.clear());

describe('breaking news', () => {
  const late = (channel: string) => at.told().filter(({ subject }) => subject.endsWith(` ${channel}`));
  const soon = () => at.set({ breakingAfterMs: 0 });

  it('that is not live in time is an alarm for each channel, which says why, and is told when it is live', async () => {
    const { article, ids } = await at.accept({ priority: 'breaking' }, ['x-ar', 'telegram-ar']);
    await at.runtime.pauses.pauseChannel('telegram-ar', 'moving');
    await at.beat();
    expect(at.calls).toEqual([]);
    soon();
    await at.beat();
    expect(late('x-ar')).toMatchObject([{ kind: 'breaking-late', subject: `${article} x-ar` }]);
    expect(at.calls).toHaveLength(1);
    expect(at.calls[0]?.data.text).toContain('on x-ar: nobody has taken it up; is a worker for x running?');
    expect(at.calls[0]?.data.text).toContain('on telegram-ar: the channel telegram-ar rests (moving)');
    for (const id of ids) {
      await at.runtime.pauses.resume('channel', 'telegram-ar');
      await at.claim(id, id);
      await at.runtime.deliveries.settle(liveOf(id, id));
    }
    await at.restart();
    await at.beat();
    expect(at.kinds().sort()).toEqual(['breaking-late', 'breaking-late', 'breaking-late over', 'breaking-late over']);
    expect(await at.runtime.redis.exists('munadi:alarms:watch')).toBe(0);
  });

  it('that is live in time is none', async () => {
    const [id = ''] = (await at.accept({ priority: 'breaking' })).ids;
    await at.claim(id, 'a');
    await at.runtime.deliveries.settle(liveOf(id, 'a'));
    soon();
    await at.beat();
    expect(at.calls).toEqual([]);
    expect(await at.runtime.redis.exists('munadi:alarms:watch')).toBe(0);
  });

  it('that was refused says so once', async () => {
    const [id = ''] = (await at.accept({ priority: 'breaking' })).ids;
    await at.claim(id, 'a');
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'rejected', { code: '403' }));
    soon();
    for (let times = 0; times < 2; times += 1) await at.beat();
    expect(at.kinds().sort()).toEqual(['breaking-late', 'failed']);
    expect(at.calls[0]?.data.text).toContain('breaking news is not live on x-ar: rejected: test');
  });

  it('that a person sends again is watched again', async () => {
    const [id = ''] = (await at.accept({ priority: 'breaking' })).ids;
    await at.claim(id, 'a');
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'rejected', { code: '403' }));
    soon();
    await at.beat();
    await at.runtime.deliveries.retry([id]);
    await at.claim(id, 'b');
    await at.runtime.deliveries.settle(liveOf(id, 'b'));
    while (!at.kinds().includes('breaking-late over')) await at.beat();
    expect(at.kinds().sort()).toEqual(['breaking-late', 'breaking-late over', 'failed']);
  });

  it('under an embargo is not late before it ends', async () => {
    const embargoUntil = new Date(at.runtime.clock.now() + 3_600_000).toISOString();
    const { article } = await at.accept({ priority: 'breaking', embargoUntil });
    soon();
    await at.beat();
    expect(at.calls).toEqual([]);
    // It was moved meanwhile: what counts is when the delivery is due.
    await at.runtime.redis.zadd('munadi:alarms:watch', 1, article);
    await at.beat();
    expect(at.calls).toEqual([]);
    const due = await at.runtime.redis.zscore('munadi:alarms:watch', article);
    expect(Number(due)).toBe(Date.parse(embargoUntil));
  });

  it('whose embargo is lifted is late from then on', async () => {
    const embargoUntil = new Date(at.runtime.clock.now() + 3_600_000).toISOString();
    const { article } = await at.accept({ priority: 'breaking', embargoUntil });
    await at.runtime.articles.embargo(article, undefined);
    await at.restart();
    soon();
    // Redis' clock may be a little ahead.
    while (at.calls.length === 0) await at.beat();
    expect(at.kinds()).toEqual(['breaking-late']);
  });

  it('that waits for a person to say yes says so', async () => {
    const [id = ''] = (await at.accept({ priority: 'breaking' })).ids;
    const claim = () => at.runtime.deliveries.claim(claimOf(id, 'a', { needsApproval: true }));
    await claim();
    while ((await at.runtime.approvals.list(1)).length === 0) await claim();
    soon();
    // Redis' clock may be a little ahead.
    while (at.calls.length === 0) await at.beat();
    expect(at.calls[0]?.data.text).toContain('on x-ar: it waits for a person to say yes');
  });

  it('of other priorities is not watched', async () => {
    await at.accept();
    expect(await at.runtime.redis.exists('munadi:alarms:watch')).toBe(0);
  });

  it('to many people says how many it has not reached', async () => {
    const channel = at.config.channels.find(({ id }) => id === 'whatsapp-ar');
    const before = channel?.settings.recipients;
    if (channel) channel.settings.recipients = ['+963900000001', '+963900000002', '+963900000003'];
    const { ids } = await at.accept({ priority: 'breaking' }, ['whatsapp-ar']);
    if (channel) channel.settings.recipients = before;
    await at.claim(ids[0] ?? '', 'a');
    await at.runtime.deliveries.settle(liveOf(ids[0] ?? '', 'a'));
    soon();
    await at.beat();
    expect(at.calls[0]?.data.text).toContain('on whatsapp-ar: 2 of 3 people are not reached; nobody has taken it up');
  });
});
