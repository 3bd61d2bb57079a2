import { afterAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { sendDigest } from '../../src/pipeline/digest.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { findFailed, retryDeliveries } from '../../src/pipeline/retry.ts';
import { events, openDigestDesk, platformIds } from '../support/digest-desk.ts';
import { draftArticle } from '../support/installation.ts';

const { at, channelOf, deps, finish, gather, order, statesOf } = await openDigestDesk();
afterAll(() => at.close());

describe('a digest', () => {
  it.each(platformIds)(
    'on %s tells what its channel gathered, best first, and counts as delivered there',
    async (platform) => {
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
    },
  );

  it('has a link for each headline: on Telegram in it, elsewhere below or behind it', async () => {
    const texts = Object.fromEntries(
      platformIds.map((platform) => {
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
    await retryDeliveries(at.runtime, own);
    await finish(done.digest);
    expect(await statesOf(deliveries)).toEqual(['published', 'published']);
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
