import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Channel } from '../../src/core/channel.ts';
import { correct } from '../../src/pipeline/correct.ts';
import { sendDigest, settleDigests } from '../../src/pipeline/digest.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { retract } from '../../src/pipeline/retract.ts';
import { findFailed, retryDeliveries } from '../../src/pipeline/retry.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import type { DigestWish } from '../../src/schedule/action.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
const ids = ['telegram', 'x', 'whatsapp', 'facebook'];

beforeAll(async () => {
  at = await openInstallation((config) => {
    const rhythm = { collect: true, late: 'next', breaking: 'always' } as const;
    const own = config.channels.map((channel): Channel => ({ ...channel, id: `${channel.platform}-digest`, rhythm }));
    const thread = own.map((channel) => ({ ...channel, settings: { ...channel.settings, thread: 10 } }))[
      ids.indexOf('x')
    ];
    const capped = {
      ...own[0],
      id: 'capped',
      rhythm: { ...rhythm, collect: false, caps: { hour: 1, rest: 'digest' } },
    };
    const fifty = { ...own[0], id: 'fifty' };
    const people = ['+963900000001', '+963900000002'];
    const list = own.map((channel) => ({ ...channel, settings: { ...channel.settings, recipients: people } }))[2];
    const more = [{ ...thread, id: 'thread' }, capped, fifty, { ...list, id: 'list' }, { ...own[0], id: 'failing' }];
    return { ...config, channels: [...config.channels, ...own, ...(more as Channel[])] };
  });
  await startRoles(at.runtime, [...ids, 'articles']);
});
afterAll(() => at.close());

const deps = () => ({ ...at.runtime, ...at.runtime.ingest });
const channelOf = (id: string) => at.config.channels.find((channel) => channel.id === id) as Channel;
const cities = ['حلب', 'حمص', 'دمشق', 'درعا', 'إدلب', 'اللاذقية', 'الرقة', 'القامشلي'];
const events = [
  'افتتاح مدرسة',
  'زلزال خفيف',
  'معرض كتاب',
  'إضراب عمال',
  'مباراة ودية',
  'حريق غابات',
  'محاكمة',
  'أمطار',
];
let serial = 0;
const order = (change: Partial<DigestWish> = {}): DigestWish => ({
  ...{ schedule: `s${serial}`, tickMs: at.runtime.clock.now(), title: 'أبرز أخبار اليوم', top: 5, least: 1 },
  ...change,
});

/** So many articles that the channel has gathered. */
async function gather(channel: string, count: number, change: Partial<ArticleDraft> = {}): Promise<string[]> {
  serial += 1;
  const deliveries: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const title = `${events[n % events.length]} في ${cities[n % cities.length]}`;
    const draft = draftArticle({
      title,
      paragraphs: [`${title}، ومعه ${serial}-${n}.`],
      url: `https://news.example.org/${serial}/${n}`,
      ...change,
    });
    deliveries.push(
      ...(await ingest(at.runtime.ingest, draft, { channels: [channel] })).deliveries.map(({ id }) => id),
    );
  }
  for (const id of deliveries) {
    await expect
      .poll(async () => (await at.runtime.deliveries.get([id]))[0]?.waitsFor, { timeout: 10_000 })
      .toBe('the next digest of its channel');
  }
  await delay(2);
  return deliveries;
}

/** Follows the digest to its end, and tells its entries. */
async function finish(digest: string | undefined) {
  const own = await follow(at.runtime, await at.runtime.articles.deliveryIds(digest ?? ''), { timeoutMs: 10_000 });
  await settleDigests(deps());
  return own;
}
const statesOf = async (deliveries: string[]) =>
  (await at.runtime.deliveries.get(deliveries)).map(({ state }) => state);

describe('a digest', () => {
  it.each(ids)('on %s tells what its channel gathered, best first, and counts as delivered there', async (platform) => {
    const count = platform === 'x' ? 3 : 4;
    const channel = `${platform}-digest`;
    const deliveries = await gather(channel, count);
    const before = at.sandbox.posts(platform).length;
    const done = await sendDigest(deps(), order(), channelOf(channel));
    expect(done).toMatchObject({ entries: count, left: 0 });
    const [own] = await finish(done.digest);
    expect(own).toMatchObject({ state: 'published' });
    const posts = at.sandbox.posts(platform).slice(before);
    expect(posts).toHaveLength(1);
    const text = posts[0]?.text ?? '';
    for (let n = 0; n < count; n += 1) expect(text).toContain(`${n + 1}. ${events[count - 1 - n]}`);
    expect(text.startsWith('أبرز أخبار اليوم')).toBe(true);
    const told = await at.runtime.deliveries.get(deliveries);
    expect(told.map(({ state, remoteId }) => [state, remoteId])).toEqual(
      Array(count).fill(['published', own?.remoteId]),
    );
    expect(await at.runtime.digests.open()).toEqual([]);
  });

  it('has a link for each headline: on Telegram in it, elsewhere below or behind it', async () => {
    const texts = Object.fromEntries(
      ids.map((platform) => {
        const story = {
          article: 'a',
          title: 'افتتاح مدرسة في حلب',
          direction: 'rtl' as const,
          url: 'https://n.example/1',
        };
        const article = { ...draftArticle(), id: 'd', version: 1, priority: 'normal' as const, digest: [story] };
        const { parts, template } = at.runtime.ingest.compose(article, channelOf(`${platform}-digest`));
        return [platform, template?.parameters[1] ?? parts[0]?.markup ?? parts[0]?.text];
      }),
    );
    expect(texts.telegram).toContain('1. <a href="https://n.example/1">افتتاح مدرسة في حلب</a>');
    for (const id of ['x', 'facebook']) expect(texts[id]).toContain('1. افتتاح مدرسة في حلب\nhttps://n.example/1');
    expect(texts.whatsapp).toBe('1. افتتاح مدرسة في حلب https://n.example/1');
  });

  it('of many headlines is a numbered thread on X where the channel has threads, and shorter where not', async () => {
    const first = await gather('thread', 8);
    const before = at.sandbox.posts('x').length;
    const done = await sendDigest(deps(), order({ top: 8 }), channelOf('thread'));
    expect(done).toMatchObject({ entries: 8 });
    await finish(done.digest);
    const parts = at.sandbox.posts('x').slice(before);
    expect(parts.length).toBeGreaterThan(1);
    for (const [index, { text }] of parts.entries())
      expect(text).toMatch(new RegExp(`\n\n${index + 1}/${parts.length}$`));
    expect(await statesOf(first)).toEqual(Array(8).fill('published'));

    await gather('x-digest', 8);
    const short = await sendDigest(deps(), order({ top: 8 }), channelOf('x-digest'));
    expect(short.entries).toBeLessThan(8);
    expect(short.entries + short.left).toBe(8);
    await finish(short.digest);
  });

  it('folds near-duplicates, prefers breaking news and leaves out the rest, each with its reason', async () => {
    const plain = await gather('fifty', 3);
    const [twin] = await gather('fifty', 1, { title: 'افتتاح مدرسة جديدة في حلب' });
    const [urgent] = await gather('fifty', 1, { title: 'انتخاب رئيس المجلس المحلي', priority: 'low' });
    const done = await sendDigest(deps(), order({ top: 2 }), channelOf('fifty'));
    expect(done).toMatchObject({ entries: 2, left: 3 });
    await finish(done.digest);
    const codes = (await at.runtime.deliveries.get([...plain, twin ?? '', urgent ?? ''])).map(
      ({ state, failure }) => failure?.code ?? state,
    );
    expect(codes.sort()).toEqual(['digest', 'digest', 'folded', 'published', 'published']);
    // Nothing went wrong with them: they are sent again only by name or code.
    expect(await findFailed(at.runtime.deliveries, { limit: 1_000 })).toEqual([]);
    expect(await findFailed(at.runtime.deliveries, { limit: 1_000, code: 'folded' })).toHaveLength(1);
  });

  it('with nothing to tell is not sent, and with too little waits for more', async () => {
    expect(await sendDigest(deps(), order(), channelOf('fifty'))).toEqual({ channel: 'fifty', entries: 0, left: 0 });
    const deliveries = await gather('fifty', 2);
    expect((await sendDigest(deps(), order({ least: 3 }), channelOf('fifty'))).entries).toBe(0);
    expect(await statesOf(deliveries)).toEqual(['scheduled', 'scheduled']);
    const done = await sendDigest(deps(), order(), channelOf('fifty'));
    expect(done.entries).toBe(2);
    await finish(done.digest);
  });

  it('made twice at once is one, whatever came meanwhile', async () => {
    const deliveries = await gather('fifty', 3);
    const again = order();
    const late = await gather('fifty', 1, { title: 'خبر وصل بعد الموعد بقليل' });
    const results = await Promise.all([1, 2, 3].map(() => sendDigest(deps(), again, channelOf('fifty'))));
    const digest = results.find((one) => one.digest !== undefined)?.digest;
    await sendDigest(deps(), again, channelOf('fifty'));
    expect(await finish(digest)).toHaveLength(1);
    expect(await statesOf(deliveries)).toEqual(Array(3).fill('published'));
    expect(await statesOf(late)).toEqual(['scheduled']);
    await finish((await sendDigest(deps(), order(), channelOf('fifty'))).digest);
    expect(await statesOf(late)).toEqual(['published']);
  });

  it('goes to each person of a list, and settles the entries of each', async () => {
    const deliveries = await gather('list', 2);
    expect(deliveries).toHaveLength(4);
    const done = await sendDigest(deps(), order(), channelOf('list'));
    expect(await finish(done.digest)).toHaveLength(2);
    expect(await statesOf(deliveries)).toEqual(Array(4).fill('published'));
  });

  it('that is not posted takes its entries along, and brings them back', async () => {
    const deliveries = await gather('failing', 2);
    at.sandbox.setFaults('telegram', { rules: [{ times: 1, fault: { kind: 'refuse', status: 400 } }] });
    const done = await sendDigest(deps(), order(), channelOf('failing'));
    const own = await at.runtime.articles.deliveryIds(done.digest ?? '');
    await finish(done.digest);
    expect(await statesOf(own)).toEqual(['rejected']);
    expect(await statesOf(deliveries)).toEqual(['discarded', 'discarded']);
    await retryDeliveries(at.runtime.deliveries, own);
    await finish(done.digest);
    expect(await statesOf(deliveries)).toEqual(['published', 'published']);
  });

  it('that told a corrected article is followed by no second telling of it', async () => {
    const draft = draftArticle();
    const { article } = await ingest(at.runtime.ingest, draft, { channels: ['fifty'] });
    const correctTo = async (title: string) => {
      const corrected = await correct(at.runtime.retract, article.id, { ...draft, title });
      if (corrected.verdict !== 'corrected') throw new Error(corrected.verdict);
      return corrected.deliveries.map(({ id }) => id);
    };
    const second = await correctTo(`${draft.title} صباحا`);
    await expect
      .poll(async () => (await at.runtime.deliveries.get(second))[0]?.waitsFor, { timeout: 10_000 })
      .toBe('the next digest of its channel');
    await delay(2);
    await finish((await sendDigest(deps(), order(), channelOf('fifty'))).digest);
    expect(await statesOf(second)).toEqual(['published']);
    const [third] = await follow(at.runtime, await correctTo(`${draft.title} مساء`), { timeoutMs: 10_000 });
    expect(third).toMatchObject({ state: 'discarded', failure: { code: 'not-live' } });
  });

  it.each(['retracted', 'corrected'])('tells nothing that is %s while it is being made', async (what) => {
    const [gone, stays] = await gather('telegram-digest', 2);
    const story = async (id = '') => (await at.runtime.deliveries.get([id]))[0]?.article ?? '';
    const id = await story(gone);
    const { articles } = at.runtime;
    const between: typeof articles = {
      ...articles,
      async accept(ingestion) {
        const accepted = await articles.accept(ingestion);
        if (what === 'retracted') await retract(at.runtime.retract, id);
        else await correct(at.runtime.retract, id, draftArticle({ title: 'عنوان آخر تماما' }));
        return accepted;
      },
    };
    const before = at.sandbox.posts('telegram').length;
    const { digest } = await sendDigest({ ...deps(), articles: between }, order(), channelOf('telegram-digest'));
    await finish(digest);
    const shown = at.sandbox.posts('telegram').slice(before);
    expect(shown.filter(({ removed }) => !removed)).toHaveLength(1);
    const told = await articles.get(digest ?? '');
    expect(told?.digest?.map(({ article }) => article)).toEqual([await story(stays)]);
    expect(shown.at(-1)?.text).not.toContain(events[0]);
  });

  it('loses all its entries that are retracted at once', async () => {
    const deliveries = await gather('telegram-digest', 5);
    const { digest } = await sendDigest(deps(), order(), channelOf('telegram-digest'));
    await finish(digest);
    const stories = (await at.runtime.deliveries.get(deliveries)).map(({ article }) => article);
    await Promise.all(stories.slice(1).map((one) => retract(at.runtime.retract, one)));
    const told = await at.runtime.articles.get(digest ?? '');
    expect(told?.digest?.map(({ article }) => article)).toEqual([stories[0]]);
  });

  it('takes what is more than the caps of a channel, and breaking news goes by itself', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['capped'] });
    await follow(at.runtime, [deliveries[0]?.id ?? ''], { timeoutMs: 10_000 });
    await gather('capped', 1);
    const urgent = await ingest(at.runtime.ingest, draftArticle({ priority: 'breaking' }), { channels: ['fifty'] });
    const [delivery] = await follow(at.runtime, [urgent.deliveries[0]?.id ?? ''], { timeoutMs: 10_000 });
    expect(delivery).toMatchObject({ state: 'published' });
  });
});
