import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Channel } from '../../src/core/channel.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { FaultPlanInput } from '../../src/sandbox/faults.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { claimOf, draftArticle, type Installation, liveOf, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation((config) => {
    const [x] = config.channels.filter(({ id }) => id === 'x-ar');
    const [telegram] = config.channels.filter(({ id }) => id === 'telegram-ar');
    if (!x || !telegram) throw new Error('no channel');
    const more: Channel[] = [
      { ...x, id: 'x-second' },
      { ...x, id: 'x-thread', settings: { ...x.settings, thread: 4 } },
      { ...telegram, id: 'telegram-long', settings: { ...telegram.settings, messages: 4 } },
    ];
    return { ...config, channels: [...config.channels, ...more] };
  });
});
afterAll(() => at.close());
afterEach(() => {
  for (const id of ['telegram', 'x', 'whatsapp', 'facebook']) at.sandbox.setFaults(id, {});
});

type Rule = NonNullable<FaultPlanInput['rules']>[number];

const strike = (platform: string, ...rules: Rule[]) => at.sandbox.setFaults(platform, { rules });
const postsOf = (platform: string, { title }: ArticleDraft) =>
  at.sandbox.posts(platform).filter(({ text }) => text.includes(title));

async function publish(draft: ArticleDraft, channel: string): Promise<Delivery> {
  const { deliveries } = await ingest(at.runtime.ingest, draft, { channels: [channel] });
  const id = deliveries.find((one) => one.channel === channel)?.id ?? '';
  const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
  if (!delivery) throw new Error('no delivery');
  return delivery;
}

const eventsOf = async ({ id }: Pick<Delivery, 'id'>) =>
  (await at.runtime.deliveries.history(id)).map(({ event }) => event);

/** As many sentences; each is another one, and names the article. */
function longDraft(sentences: number): ArticleDraft {
  const draft = draftArticle();
  const [number] = /\d+/.exec(draft.title) ?? ['0'];
  const who = ['المهندسة', 'رئيس البلدية', 'المدير', 'العاملون', 'سكان الحي', 'تلاميذ المدارس', 'الحراس', 'الزوار'];
  const does = ['زرعوا', 'طلبوا', 'افتتحوا', 'وصفوا', 'أنجزوا', 'رمموا', 'اختاروا'];
  const what = ['أشجار الليمون', 'المقاعد الخشبية', 'نافورة الماء', 'ملعب الأطفال', 'سور الحجر', 'دروب المشاة'];
  const sentence = (n: number) =>
    `${who[n % 8]} ${does[n % 7]} ${what[n % 6]} في الحديقة ${number} يوم ${n + 1} من هذا الموسم، وكان في المكان ${n * 13 + 20} شخصا جاؤوا من أحياء بعيدة.`;
  return { ...draft, paragraphs: Array.from({ length: sentences }, (_, n) => sentence(n)) };
}

describe.each(['x', 'facebook'])('on %s, which can be asked,', (platform) => {
  const channel = `${platform}-ar`;

  it('a post whose answer was lost is found, and not sent again', async () => {
    strike(platform, { times: 1, fault: { kind: 'reset-after' } });
    const draft = draftArticle();
    const delivery = await publish(draft, channel);
    expect(delivery).toMatchObject({ state: 'published', attempts: 1, failure: null });
    expect(postsOf(platform, draft).map(({ id }) => id)).toEqual([delivery.remoteId]);
    expect(delivery.url).toContain(delivery.remoteId);
    expect(await eventsOf(delivery)).toEqual(['sending', 'unconfirmed', 'published']);
  });

  it('one that never arrived is sent again after two looks', async () => {
    strike(platform, { times: 1, fault: { kind: 'reset-before' } });
    const draft = draftArticle();
    const delivery = await publish(draft, channel);
    expect(delivery).toMatchObject({ state: 'published', attempts: 2 });
    expect(postsOf(platform, draft)).toHaveLength(1);
    const way = ['sending', 'unconfirmed', 'looked', 'retryable', 'sending', 'published'];
    expect(await eventsOf(delivery)).toEqual(way);
  });

  it('one that is accepted late, within the quarantine, is found', async () => {
    strike(platform, { times: 1, fault: { kind: 'late-accept', ms: 1_750 } });
    const draft = draftArticle();
    const delivery = await publish(draft, channel);
    expect(delivery).toMatchObject({ state: 'published', attempts: 1 });
    expect(postsOf(platform, draft)).toHaveLength(1);
  });

  it('is asked again while it does not answer that question', async () => {
    strike(
      platform,
      { times: 1, fault: { kind: 'reset-after' } },
      { on: 'read', times: 1, fault: { kind: 'error-before', status: 503 } },
      { on: 'read', times: 1, fault: { kind: 'garbage' } },
    );
    const draft = draftArticle();
    expect(await publish(draft, channel)).toMatchObject({ state: 'published', attempts: 1 });
    expect(postsOf(platform, draft)).toHaveLength(1);
  });

  it('a person decides where it refuses the question', async () => {
    const refusal = { kind: 'refuse' as const, status: 403, ...(platform === 'facebook' ? { code: 100 } : {}) };
    strike(platform, { times: 1, fault: { kind: 'reset-after' } }, { on: 'read', fault: refusal });
    const draft = draftArticle();
    const delivery = await publish(draft, channel);
    expect(delivery).toMatchObject({ state: 'unconfirmed', held: true });
    expect(delivery.failure?.reason).toMatch(/cannot be asked/);
    expect(postsOf(platform, draft)).toHaveLength(1);
  });

  it('what a lost second of Redis made forget is found before it is sent again', async () => {
    const draft = draftArticle();
    const { id, remoteId } = await publish(draft, channel);
    const { redis, queues } = at.runtime;
    await redis.config('SET', 'appendfsync', 'everysec');
    // Connections learn the setting when they are made.
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const key = `munadi:delivery:${id}`;
    const names = ['article', 'version', 'channel', 'platform', 'recipient', 'due', 'planned', 'priority', 'schema'];
    const values = await redis.hmget(key, ...names);
    const due = values[names.indexOf('due')] ?? '';
    await redis.del(key);
    await redis.hset(key, ...names.flatMap((name, index) => [name, values[index] ?? '']), 'state', 'scheduled');
    await redis.hset(key, 'attempts', 0);
    await redis.zrem('munadi:state:published', id);
    await redis.zadd('munadi:state:scheduled', Number(due), id);
    await redis.del(...(await redis.keys('munadi:remote:*')));
    await redis.hset('munadi:epoch', 'run', 'the one before');
    const [job] = await at.runtime.deliveries.overdue(Date.now() + 1_000, 10);
    if (job?.id !== id) throw new Error('the record is not as it was before the attempt');
    const { dueMs, ...rest } = job;
    await queues.enqueue([{ ...rest, delivery: id, due: dueMs }]);
    const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
    expect(delivery).toMatchObject({ state: 'published', remoteId });
    expect(postsOf(platform, draft)).toHaveLength(1);
    await redis.config('SET', 'appendfsync', 'always');
  });
});

describe('the same text twice on one account of X', () => {
  it('ends with one post, and says which delivery has it', async () => {
    const draft = draftArticle();
    const first = await publish(draft, 'x-ar');
    const second = await publish(draft, 'x-second');
    expect(first.state).toBe('published');
    expect(second).toMatchObject({ state: 'rejected', failure: { code: 'duplicate' } });
    expect(second.failure?.reason).toContain(first.id);
    expect(postsOf('x', draft)).toHaveLength(1);
  });
});

describe('a post of several parts', () => {
  it.each([
    ['x-thread', 'x', 'published', 5],
    ['telegram-long', 'telegram', 'unconfirmed', 110],
  ])(
    '%s: in doubt at its second part, it goes on from there and says nothing twice',
    async (channel, platform, state, sentences) => {
      strike(platform, { skip: 1, times: 1, fault: { kind: 'reset-after' } });
      const draft = longDraft(sentences);
      const delivery = await publish(draft, channel);
      expect(delivery.state).toBe(state);
      const [number] = /\d+/.exec(draft.title) ?? [''];
      const ofThis = () => at.sandbox.posts(platform).filter(({ text }) => text.includes(` ${number} `));
      if (state === 'unconfirmed') {
        expect([delivery.parts.length, ofThis().length]).toEqual([1, 2]);
        const [, second] = ofThis();
        const settled = await at.runtime.deliveries.resolve(delivery.id, {
          published: true,
          remoteId: second?.id ?? '',
        });
        expect(settled).toEqual({ verdict: 'resolved', state: 'retryable' });
        const [done] = await follow(at.runtime, [delivery.id], { timeoutMs: 20_000 });
        expect(done).toMatchObject({ state: 'published' });
      }
      const posts = ofThis();
      expect(posts.length).toBeGreaterThan(2);
      expect(new Set(posts.map(({ text }) => text)).size).toBe(posts.length);
      const [last] = await at.runtime.deliveries.get([delivery.id]);
      expect(last?.parts.map(({ remoteId }) => remoteId)).toEqual(posts.map(({ id }) => id));
      for (const [index, { replyTo }] of posts.entries()) {
        expect(replyTo).toBe(index === 0 ? undefined : posts[index - 1]?.id);
      }
    },
  );

  it('goes on as it began where the config says otherwise by then', async () => {
    strike('x', { skip: 1, times: 1, fault: { kind: 'refuse', status: 429, retryAfter: 2 } });
    const channel = at.config.channels.find(({ id }) => id === 'x-thread');
    if (!channel) throw new Error('no channel');
    const { settings } = channel;
    const draft = longDraft(5);
    const { deliveries } = await ingest(at.runtime.ingest, draft, { channels: ['x-thread'] });
    const id = deliveries[0]?.id ?? '';
    const [waiting] = await follow(at.runtime, [id], { timeoutMs: 1_000 });
    expect(waiting).toMatchObject({ state: 'retryable', parts: [{}] });
    channel.settings = { ...settings, thread: 1 };
    try {
      const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
      expect(delivery?.state).toBe('published');
      expect(delivery?.parts.length).toBeGreaterThan(2);
    } finally {
      channel.settings = settings;
    }
  });
});

describe('on WhatsApp, which tells by itself,', () => {
  const told = (delivery: string, status: 'sent' | 'delivered' | 'read' | 'failed', remoteId = 'wamid.1') => ({
    delivery,
    remoteId,
    status,
    at: '2026-01-01T00:00:00.000Z',
    ...(status === 'failed' ? { failure: { code: '131026', reason: 'not on WhatsApp' } } : {}),
  });
  const lose = async () => {
    strike('whatsapp', { times: 1, fault: { kind: 'reset-after' } });
    const draft = draftArticle();
    const { deliveries } = await ingest(at.runtime.ingest, draft, { channels: ['whatsapp-ar'] });
    return { draft, id: deliveries[0]?.id ?? '' };
  };
  const now = async (id: string) => (await at.runtime.deliveries.get([id]))[0];

  it('silence is left to a person, and a status settles it even then', async () => {
    const { id } = await lose();
    const [held] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
    expect(held).toMatchObject({ state: 'unconfirmed', held: true });
    await at.runtime.deliveries.report([told(id, 'delivered')]);
    expect(await now(id)).toMatchObject({
      ...{ state: 'published', held: false, failure: null, remoteId: 'wamid.1' },
      receipt: { status: 'delivered' },
    });
    expect(await at.runtime.deliveries.held(100)).not.toContainEqual(expect.objectContaining({ id }));
  });

  const claimed = async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['whatsapp-ar'] });
    const id = deliveries[0]?.id ?? '';
    const request = claimOf(id, 't', { account: 'whatsapp-main', channel: 'whatsapp-ar', way: 'status' });
    expect((await at.runtime.deliveries.claim(request)).verdict).toBe('claimed');
    return id;
  };

  it('a status that overtakes the lost answer settles it at once', async () => {
    const { report, settle } = at.runtime.deliveries;
    const id = await claimed();
    await report([told(id, 'sent')]);
    const failure = { class: 'unconfirmed' as const, code: null, reason: 'lost', at: '2026-01-01T00:00:00.000Z' };
    expect(await settle({ id, token: 't', state: 'unconfirmed', failure, waitMs: 1_000 })).toBe('published');
    expect(await now(id)).toMatchObject({ state: 'published', remoteId: 'wamid.1', receipt: { status: 'sent' } });
  });

  it('a status that overtakes the answer itself counts with it', async () => {
    const { report, settle } = at.runtime.deliveries;
    const [read, failed, other] = [await claimed(), await claimed(), await claimed()];
    await report([told(read, 'delivered'), told(failed, 'failed'), told(other, 'failed', 'wamid.of-before')]);
    const live = (id: string) => settle(liveOf(id, 't', { remoteId: 'wamid.1' }));
    expect(await Promise.all([live(read), live(failed), live(other)])).toEqual(['published', 'rejected', 'published']);
    expect((await now(read))?.receipt).toMatchObject({ remoteId: 'wamid.1', status: 'delivered' });
    expect(await now(failed)).toMatchObject({ state: 'rejected', failure: { code: '131026' } });
    for (const [id, state] of [
      [read, 'published'],
      [failed, 'rejected'],
      [other, 'published'],
    ]) {
      expect(await at.runtime.redis.zscore(`munadi:state:${state}`, id ?? '')).not.toBeNull();
    }
    expect(await at.runtime.redis.zscore('munadi:state:published', failed)).toBeNull();
  });

  it('a failure that it reports is the end, whenever it is told', async () => {
    const { id } = await lose();
    await follow(at.runtime, [id], { timeoutMs: 20_000 });
    await at.runtime.deliveries.report([told(id, 'failed')]);
    expect(await now(id)).toMatchObject({
      state: 'rejected',
      failure: { class: 'rejected', code: '131026', reason: 'not on WhatsApp' },
    });
  });

  it('statuses only move forward, in whatever order and however often they come', async () => {
    const delivery = await publish(draftArticle(), 'whatsapp-ar');
    const { id, remoteId } = delivery;
    const statuses = async (...list: ('sent' | 'delivered' | 'read' | 'failed')[]) => {
      for (const status of list) await at.runtime.deliveries.report([told(id, status, remoteId ?? '')]);
      return now(id);
    };
    expect(await statuses('delivered', 'sent', 'delivered')).toMatchObject({ receipt: { status: 'delivered' } });
    expect(await statuses('read', 'failed', 'sent')).toMatchObject({ state: 'published', receipt: { status: 'read' } });
    const other = await publish(draftArticle(), 'whatsapp-ar');
    await at.runtime.deliveries.report([told(other.id, 'failed', other.remoteId ?? '')]);
    expect(await now(other.id)).toMatchObject({ state: 'rejected', receipt: { status: 'failed' } });
    await at.runtime.deliveries.report([told('d00000000', 'sent'), told(other.id, 'read', 'wamid.other')]);
    expect(await now(other.id)).toMatchObject({ state: 'rejected' });
  });
});
