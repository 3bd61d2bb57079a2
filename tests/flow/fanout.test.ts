import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resolveDeps } from '../../src/desk/deliveries.ts';
import { cancelList } from '../../src/pipeline/fanout/control.ts';
import { resolveDelivery } from '../../src/pipeline/resolve.ts';
import { retryDeliveries } from '../../src/pipeline/retry.ts';
import { crowd, inHex, type ListStage, openListStage } from '../support/list-stage.ts';

const count = 230;
let at: ListStage;

beforeAll(async () => {
  at = await openListStage({ templates: [{ name: 'news', language: 'en', text: '{{1}}\n\n{{2}}', header: 'none' }] });
  await at.people(crowd(count));
  await at.work();
});
afterAll(() => at.close());
afterEach(() => at.sandbox.setFaults('whatsapp', {}));

const refuse = (code: number, times: number, target?: string) => ({
  rules: [
    {
      on: 'publish' as const,
      skip: 0,
      times,
      ...(target ? { target } : {}),
      fault: { kind: 'refuse' as const, status: 400, code },
    },
  ],
});

describe('an article to those who subscribed', () => {
  it('is one delivery, and everybody gets the message once', async () => {
    const { id, title } = await at.accept();
    expect(await at.done(id)).toMatchObject({ state: 'published', held: false, attempts: 1, list: { total: count } });
    const targets = at.posts(title).map(({ target }) => target);
    expect(targets.sort()).toEqual(Object.keys(crowd(count)));
    const rows = await at.rows(id);
    expect(new Set(rows.map(({ state, status, attempts }) => `${state} ${status} ${attempts}`))).toEqual(
      new Set(['published accepted 1']),
    );
    const sent = new Map(at.posts(title).map(({ id: remoteId, target }) => [target, remoteId]));
    for (const { who, remoteId } of rows) expect(sent.get(who)).toBe(remoteId);
  });

  it('goes to each in the words that fit: free text while their window is open, else the template of their language', async () => {
    const now = inHex(Date.now());
    await at.people({
      '12025550101': `s||en|${now}|1`,
      '963911111111': `s||ar|${now}|1|${now}`,
      '963911111112': `s||ar|${now}|1|${inHex(Date.now() - 86_400_000)}`,
    });
    const { id, title } = await at.accept({ title: 'افتتاح جسر المشاة فوق النهر بعد عام من العمل' });
    await at.done(id);
    const byTarget = new Map(at.posts(title).map((post) => [post.target, post]));
    expect(byTarget.get('12025550101')?.template).toMatchObject({ name: 'news', language: 'en' });
    expect(byTarget.get('963911111112')?.template).toMatchObject({ name: 'news', language: 'ar' });
    expect(byTarget.get('963911111111')?.template).toBeUndefined();
    expect(byTarget.get('963911111111')?.text).toContain('إلغاء');
  });

  it('takes the template where the platform says that the window is over', async () => {
    at.sandbox.setFaults('whatsapp', refuse(131047, 1, '963911111111'));
    const { id, title } = await at.accept();
    expect(await at.done(id)).toMatchObject({ state: 'published', list: { failures: [] } });
    const post = at.posts(title).find(({ target }) => target === '963911111111');
    expect(post?.template).toMatchObject({ name: 'news' });
    expect((await at.rows(id)).find(({ who }) => who === '963911111111')).toMatchObject({ attempts: 1 });
  });

  it('leaves out who has stopped, whom the platform lets nothing through to, and templates to the United States', async () => {
    const now = inHex(Date.now());
    await at.people({
      '963922222221': `x||ar|${now}|1`,
      '963922222222': `s||ar|${now}|1||131049|${inHex(Date.now() + 3_600_000)}`,
      '963922222223': `s||ar|${now}|1||131049|${inHex(Date.now() - 1_000)}`,
      '12125550100': `s||en|${now}|1||||u`,
    });
    const { id, title } = await at.accept();
    const { list } = await at.done(id);
    expect(list?.failures.map(({ code, count: many }) => [code, many])).toEqual(
      expect.arrayContaining([
        ['131049', 1],
        ['us-number', 1],
      ]),
    );
    const targets = new Set(at.posts(title).map(({ target }) => target));
    expect(['963922222221', '963922222222', '963922222223', '12125550100'].map((who) => targets.has(who))).toEqual([
      ...[false, false, true, false],
    ]);
  });

  it('reaches those who want breaking news only with such', async () => {
    await at.people({ '963933333331': `s||ar|${inHex(Date.now())}|1||||b` });
    const [usual, urgent] = [await at.accept(), await at.accept({ priority: 'breaking' })];
    await Promise.all([at.done(usual.id), at.done(urgent.id)]);
    const has = (title: string) => at.posts(title).some(({ target }) => target === '963933333331');
    expect([has(usual.title), has(urgent.title)]).toEqual([false, true]);
  });
});

describe('what the platform says of a message', () => {
  it('is kept by person: refused for good, tried again, and counted by reason', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [
        ...refuse(131009, 3).rules,
        { on: 'publish', skip: 3, times: 4, fault: { kind: 'refuse', status: 503, code: 131016 } },
      ],
    });
    const { id, title } = await at.accept();
    const { list } = await at.done(id);
    expect(list?.states.rejected).toBe(3);
    expect(list?.failures.find(({ code }) => code === '131009')).toMatchObject({ count: 3 });
    const rows = await at.rows(id);
    expect(rows.filter(({ state }) => state === 'published')).toHaveLength(at.posts(title).length);
    expect(rows.filter(({ attempts }) => attempts === 2)).toHaveLength(4);

    const [again] = await retryDeliveries(at.runtime, [id]);
    expect(again?.verdict).toBe('retried');
    await at.until(id, (now) => now.list?.states.rejected === 0 && now.list.isDone);
    expect(new Set(at.posts(title).map(({ target }) => target)).size).toBe(at.posts(title).length);
  });

  it('keeps out of the next list whom nothing reaches, and whoever stopped by WhatsApp itself', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [
        {
          on: 'publish',
          skip: 0,
          times: 1,
          target: '963900000007',
          fault: { kind: 'refuse', status: 400, code: 131026 },
        },
        {
          on: 'publish',
          skip: 0,
          times: 1,
          target: '963900000008',
          fault: { kind: 'refuse', status: 400, code: 131050 },
        },
      ],
    });
    const first = await at.accept();
    await at.done(first.id);
    at.sandbox.setFaults('whatsapp', {});
    const second = await at.accept();
    await at.done(second.id);
    const rows = new Map((await at.rows(second.id)).map((row) => [row.who, row]));
    expect(rows.get('963900000007')).toMatchObject({ state: 'cancelled', code: '131026' });
    // Nobody who has stopped is on a list.
    expect(rows.has('963900000008')).toBe(false);
  });

  it('moves forward only, however often and in whatever order it is told; a late failure counts', async () => {
    const { id } = await at.accept();
    await at.done(id);
    const [one, two, three] = (await at.rows(id)).filter(({ state }) => state === 'published');
    if (!one?.remoteId || !two?.remoteId || !three?.remoteId) throw new Error('not enough people');
    const about = ({ id: place, remoteId }: typeof one) => ({ id: place, remoteId: remoteId ?? '' });
    await at.tell({ ...about(one), status: 'read' }, { ...about(one), status: 'delivered' });
    await at.tell({ ...about(two), status: 'sent' }, { ...about(two), status: 'failed', code: 131000 });
    await at.tell({ ...about(two), status: 'failed', code: 131000 }, { ...about(two), status: 'delivered' });
    await at.tell({ ...about(three), status: 'delivered' }, { ...about(three), status: 'failed', code: 131000 });
    await at.tell({ id: three.id, remoteId: 'wamid.another', status: 'read' });
    const all = new Map((await at.rows(id)).map((row) => [row.id, row]));
    const rows = [one, two, three].flatMap(({ id: place }) => all.get(place) ?? []);
    expect(rows.map(({ state, status }) => [state, status])).toEqual([
      ['published', 'read'],
      ['rejected', 'failed'],
      ['published', 'delivered'],
    ]);
    const { list } = await at.delivery(id);
    expect(list?.statuses).toMatchObject({ read: 1, failed: 1, delivered: 1 });
    expect(list?.failures.find(({ code }) => code === '131000')).toMatchObject({ count: 1 });
  });

  it('is waited for where an answer is lost; without it a person is asked, of all at once', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [
        { on: 'publish', skip: 0, times: 2, fault: { kind: 'reset-after' } },
        { on: 'publish', skip: 2, times: 1, fault: { kind: 'reset-before' } },
      ],
    });
    const { id, title } = await at.accept();
    await at.until(id, ({ list }) => list?.states.unconfirmed === 3);
    const inDoubt = (await at.rows(id)).filter(({ state }) => state === 'unconfirmed');
    const arrived = inDoubt.find(({ who }) => at.posts(title).some(({ target }) => target === who));
    const post = at.posts(title).find(({ target }) => target === arrived?.who);
    await at.tell({ id: arrived?.id ?? '', remoteId: post?.id ?? '', status: 'delivered' });
    const held = await at.until(id, ({ held: isHeld }) => isHeld);
    expect(held.list).toMatchObject({ held: 2, isDone: true });
    expect((await at.runtime.deliveries.held(10)).map((one) => one.id)).toContain(id);

    const resolved = await resolveDelivery(resolveDeps(at.runtime), id, { published: false });
    expect(resolved.verdict).toBe('resolved');
    const after = await at.until(id, ({ list }) => list?.isDone === true && list.held === 0);
    expect(after.list?.states.published).toBe(
      after.list?.total === undefined ? 0 : (await at.rows(id)).filter(({ state }) => state === 'published').length,
    );
    expect((await at.runtime.deliveries.held(10)).map((one) => one.id)).not.toContain(id);
  });

  it('pauses the account where its token is refused, and goes on where it stopped', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', skip: 0, times: 1_000, fault: { kind: 'expired-token' } }],
    });
    const { id, title } = await at.accept();
    await at.until(id, ({ list }) => (list?.total ?? 0) > 0);
    const paused = async () => (await at.runtime.pauses.list()).some(({ kind }) => kind === 'account');
    while (!(await paused())) await new Promise((resolve) => setTimeout(resolve, 20));
    at.sandbox.setFaults('whatsapp', {});
    await at.runtime.pauses.resume('account', 'whatsapp-main');
    await at.done(id);
    expect(at.posts(title).length).toBeGreaterThan(0);
  });
});

describe('breaking news', () => {
  it('overtakes a list that is under way', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', skip: 0, times: 1_000, fault: { kind: 'delay', ms: 150 } }],
    });
    const usual = await at.accept();
    await at.until(usual.id, ({ list }) => (list?.states.published ?? 0) >= 20);
    const urgent = await at.accept({ priority: 'breaking' });
    const { list } = await at.done(urgent.id);
    expect((await at.delivery(usual.id)).list?.isDone).toBe(false);
    const times = at.posts(urgent.title).map((post) => post.at);
    const [from = '', to = ''] = [times[0], times.at(-1)];
    const between = at.posts(usual.title).filter((post) => post.at > from && post.at < to);
    // What was claimed before is sent.
    expect(between.length).toBeLessThan((list?.total ?? 0) / 4);
    at.sandbox.setFaults('whatsapp', {});
    await at.done(usual.id);
  });
});

describe('a person', () => {
  it('pauses a list in the middle, has it go on, and stops it', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', skip: 0, times: 1_000, fault: { kind: 'delay', ms: 150 } }],
    });
    const { id, title } = await at.accept();
    await at.until(id, ({ list }) => (list?.states.published ?? 0) >= 20);
    await at.runtime.pauses.pauseChannel('whatsapp-ar', 'a person wants it', 'person');
    await at.until(id, ({ list }) => list?.states.sending === 0);
    const before = at.posts(title).length;
    expect(before).toBeLessThan(count);
    await at.runtime.pauses.resume('channel', 'whatsapp-ar');
    const { left } = await cancelList(at.runtime, id);
    expect(left).toBeGreaterThan(0);
    at.sandbox.setFaults('whatsapp', {});
    const { list } = await at.done(id);
    expect(list?.failures.find(({ code }) => code === 'cancelled')?.count).toBeGreaterThan(0);
    expect(list?.total).toBe((list?.states.cancelled ?? 0) + (list?.states.published ?? 0));
    expect(at.posts(title).length).toBe(list?.states.published);
  });
});
