import { afterAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { correct } from '../../src/pipeline/correct.ts';
import { sendDigest } from '../../src/pipeline/digest.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { retract, takeOut } from '../../src/pipeline/retract.ts';
import { events, openDigestDesk } from '../support/digest-desk.ts';
import { draftArticle } from '../support/installation.ts';

const { at, channelOf, deps, finish, gather, gathered, order, statesOf } = await openDigestDesk();
afterAll(() => at.close());

describe('a digest whose entries change', () => {
  it('that told a corrected article is followed by no second telling of it', async () => {
    const draft = draftArticle();
    const { article } = await ingest(at.runtime.ingest, draft, { channels: ['fifty'] });
    const correctTo = async (title: string) => {
      const corrected = await correct(at.runtime.retract, article.id, { ...draft, title });
      if (corrected.verdict !== 'corrected') throw new Error(corrected.verdict);
      return corrected.deliveries.map(({ id }) => id);
    };
    const second = await correctTo(`${draft.title} صباحا`);
    await gathered(second);
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

  it('made twice at once tells all that one of them was given, whoever comes first', async () => {
    const deliveries = await gather('facebook-digest', 3);
    const { digests } = at.runtime;
    const wish = order();
    const channel = channelOf('facebook-digest');
    // Began when less was gathered, and goes on when the other has stored the digest.
    let looks = 0;
    const early: typeof digests = {
      ...digests,
      async gathered(...about) {
        looks += 1;
        return looks === 1 ? (await digests.gathered(...about)).slice(0, 1) : digests.gathered(...about);
      },
    };
    const slow: typeof digests = {
      ...digests,
      async give(...about) {
        await sendDigest({ ...deps(), digests: early }, wish, channel);
        return digests.give(...about);
      },
    };
    const { digest } = await sendDigest({ ...deps(), digests: slow }, wish, channel);
    const told = await at.runtime.articles.get(digest ?? '');
    expect(told?.digest).toHaveLength(3);
    expect((await at.runtime.digests.told(digest ?? '')).map(({ id }) => id).sort()).toEqual(deliveries.sort());
    await finish(digest);
  });

  it('is given nothing that was taken out of it before', async () => {
    const [gone] = await gather('facebook-digest', 2);
    const { digests } = at.runtime;
    const story = (await at.runtime.deliveries.get([gone ?? '']))[0]?.article ?? '';
    const taking: typeof digests = {
      ...digests,
      async give(channel, digest, given) {
        await takeOut(at.runtime.retract, digest, story);
        return digests.give(channel, digest, given);
      },
    };
    const { digest } = await sendDigest({ ...deps(), digests: taking }, order(), channelOf('facebook-digest'));
    expect((await at.runtime.digests.told(digest ?? '')).map(({ id }) => id)).not.toContain(gone);
    expect((await at.runtime.deliveries.get([gone ?? '']))[0]?.state).toBe('scheduled');
    await finish(digest);
    const next = await sendDigest(deps(), order(), channelOf('facebook-digest'));
    expect(next.entries).toBe(1);
    await finish(next.digest);
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
});
