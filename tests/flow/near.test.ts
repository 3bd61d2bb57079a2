import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Base, edits, others } from '../../bench/near/edits.ts';
import { chanceOf, factsOf, grammars, type Told, tell } from '../../bench/near/story.ts';
import { readArticleStory } from '../../src/desk/state.ts';
import { correct } from '../../src/pipeline/correct.ts';
import { type IngestDeps, ingest } from '../../src/pipeline/ingest.ts';
import type { DuplicateRules } from '../../src/pipeline/near.ts';
import { retract } from '../../src/pipeline/retract.ts';
import { openArticles } from '../../src/store/articles.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

const rules: DuplicateRules = { near: 'skip', threshold: 0.55, windowMs: 3 * 86_400_000 };
let at: Installation;
let deps: IngestDeps;
let seed = 100;

beforeAll(async () => {
  at = await openInstallation((config) => ({ ...config, duplicates: rules }));
});
afterAll(() => at.close());
afterEach(async () => {
  await at.runtime.redis.flushall();
});

function story(topic = 5): Base {
  seed += 1;
  const [grammar] = grammars;
  const [chance, kind] = [chanceOf(seed), grammar?.topics[topic]];
  if (!grammar || !kind) throw new Error('no such topic');
  const facts = factsOf(grammar, kind, chance);
  return { grammar, topic: kind, facts, chance, told: tell(kind, facts, () => 0) };
}

const draft = (told: Told, change = {}) => draftArticle({ title: told.title, paragraphs: told.paragraphs, ...change });
const edited = (base: Base, kind: string) => (edits[kind] as (base: Base) => Told)(base);
const take = (told: Told, change = {}, duplicates = rules) =>
  ingest({ ...at.runtime.ingest, duplicates }, draft(told, change));

describe('an article that tells the same', () => {
  it('is a duplicate of the first one, and known for it from then on', async () => {
    const base = story();
    const first = await take(base.told);
    const twin = edited(base, 'removed');
    const about = { url: 'https://example.org/twin', source: 'agency' };
    const second = await take(twin, about);
    expect(second).toMatchObject({ verdict: 'duplicate', article: { id: first.article.id } });
    expect(second.likeness).toBeGreaterThan(0.55);
    expect(second.deliveries).toEqual(first.deliveries);
    // The same text again needs no comparing, and is no other near-duplicate.
    expect(await take(twin, about)).toMatchObject({ verdict: 'duplicate', likeness: second.likeness });
    const [told, ...more] = await at.runtime.articles.skippedTwins(first.article.id);
    expect(more).toEqual([]);
    expect(told).toMatchObject({ title: twin.title, url: about.url, source: 'agency', likeness: second.likeness });
    const why = await readArticleStory(at.runtime, told?.id ?? '');
    expect(why).toMatchObject({ article: { id: first.article.id }, twins: [{ id: told?.id }] });
    // It is forgotten with the article.
    await at.runtime.redis.del(`munadi:article:${first.article.id}:deliveries`);
    expect(await at.runtime.articles.prune(Date.now() + 1_000)).toBe(1);
    const left = await at.runtime.redis.keys('munadi:*');
    expect(left.filter((key) => /:(?:article|content|url|near:of):/.test(key))).toEqual([]);
    expect((await take(twin, about)).verdict).toBe('new');
  });

  it.each(['cut', 'added', 'removed', 'boilerplate', 'spelling', 'synonyms', 'corrected', 'order'])(
    'is found after this edit: %s',
    async (kind) => {
      const base = story();
      await take(edited(base, kind));
      expect(await take(base.told)).toMatchObject({ verdict: 'duplicate', likeness: expect.any(Number) });
    },
  );

  it.each(['template', 'followUp', 'topic'])('is another one where it is a %s', async (kind) => {
    const base = story();
    await take(base.told);
    const other = others[kind]?.(base, () => factsOf(base.grammar, base.topic, base.chance, base.facts));
    expect((await take(other as Told)).verdict).toBe('new');
  });

  it('goes to the channels that the first one does not go to', async () => {
    const base = story();
    const channels = at.config.channels.map((channel) =>
      channel.id === 'x-ar' ? { ...channel, filters: { source: ['agency'] } } : channel,
    );
    deps = { ...at.runtime.ingest, channels, duplicates: rules };
    const first = await ingest(deps, draft(base.told));
    const second = await ingest(deps, draft(edited(base, 'added'), { source: 'agency' }));
    expect(second).toMatchObject({ verdict: 'new', deliveries: [{ channel: 'x-ar' }] });
    expect(second.deliveries).toHaveLength(1);
    expect((await at.runtime.articles.left(second.article.id))['telegram-ar']).toContain(first.article.id);
    // Now both are there, and a third one has nowhere to go.
    const third = await ingest(deps, draft(edited(base, 'removed'), { source: 'agency' }));
    expect(third).toMatchObject({ verdict: 'duplicate', article: { id: first.article.id } });
    const byHand = await ingest(deps, draft(edited(base, 'spelling')), { channels: ['x-ar', 'telegram-ar'] });
    expect(byHand.verdict).toBe('duplicate');
    expect(byHand.deliveries).toEqual(first.deliveries);
  });

  it('follows the first one where the rules say so, unless that was retracted', async () => {
    const base = story();
    const followUp: DuplicateRules = { ...rules, near: 'followUp' };
    const first = await take(base.told, {}, followUp);
    const second = await take(edited(base, 'added'), {}, followUp);
    expect(second).toMatchObject({ verdict: 'new', article: { follows: first.article.id } });
    expect(await at.runtime.articles.get(second.article.id)).toEqual(second.article);
    expect(second.deliveries.map(({ act }) => act)).toEqual(['followUp', 'followUp', 'followUp', 'followUp']);
    await retract(at.runtime.retract, first.article.id);
    expect(await take(edited(base, 'cut'), {}, followUp)).toMatchObject({
      verdict: 'duplicate',
      article: { id: first.article.id },
    });
  });

  it('is posted where nobody wants to know', async () => {
    const base = story();
    const post: DuplicateRules = { ...rules, near: 'post' };
    await take(base.told, {}, post);
    expect((await take(edited(base, 'added'), {}, post)).verdict).toBe('new');
  });

  it('is found by the newest text of the first one, too', async () => {
    const [base, later] = [story(4), story(6)];
    const first = await take(base.told);
    await correct({ ...at.runtime.retract, duplicates: rules }, first.article.id, draft(later.told));
    for (const [known, kind] of [
      [base, 'added'],
      [later, 'added'],
    ] as const) {
      expect(await take(edited(known, kind))).toMatchObject({
        verdict: 'duplicate',
        article: { id: first.article.id },
      });
    }
  });

  it('is another one after the window', async () => {
    const base = story();
    const first = await take(base.told);
    await at.runtime.redis.zadd('munadi:articles', Date.now() - rules.windowMs - 1_000, first.article.id);
    expect((await take(edited(base, 'added'))).verdict).toBe('new');
  });

  it('gets one answer under one idempotency key', async () => {
    const base = story();
    const first = await take(base.told);
    const twin = draft(edited(base, 'added'));
    const idempotency = { key: 'near', request: 'one' };
    const answers = [await ingest(at.runtime.ingest, twin, { idempotency })];
    answers.push(await ingest(at.runtime.ingest, twin, { idempotency }));
    expect(answers.map(({ verdict, article }) => [verdict, article.id])).toEqual([
      ['duplicate', first.article.id],
      ['replayed', first.article.id],
    ]);
  });
});

describe('reports of one template', () => {
  it('are all taken, however many there are, and so is a late copy of one', async () => {
    const bases = Array.from({ length: 70 }, () => story(3));
    const taken = await Promise.all(bases.map(({ told }) => take(told)));
    expect(taken.map(({ verdict }) => verdict)).toEqual(bases.map(() => 'new'));
    const [base] = bases.slice(-1);
    const copy = await take(edited(base as Base, 'boilerplate'));
    expect(copy).toMatchObject({ verdict: 'duplicate', article: { id: taken.at(-1)?.article.id } });
  });
});

describe('many processes that take the same', () => {
  it('take each story once, whoever tells it', async () => {
    const [connections, stories] = process.env.NEAR_LONG ? [10, 1_000] : [10, 24];
    const bases = Array.from({ length: stories }, (_, n) => story([3, 5, 8, 9][n % 4]));
    const kinds = ['signs', 'boilerplate', 'added', 'order', 'spelling'];
    const versions = bases.map((base) => [base.told, ...kinds.map((kind) => edited(base, kind))]);
    const redises = Array.from({ length: connections }, () => at.runtime.redis.duplicate());
    const verdicts = await Promise.all(
      redises.map(async (redis, turn) => {
        const articles = openArticles(redis, 'munadi');
        const chance = chanceOf(turn + 1);
        const own = { ...at.runtime.ingest, articles, duplicates: rules };
        const found: string[] = [];
        for (const told of chance.some(versions, stories)) {
          const { verdict, article } = await ingest(own, draft(chance.pick(told)));
          if (verdict === 'new') found.push(article.id);
        }
        return found;
      }),
    );
    for (const redis of redises) redis.disconnect();
    // Among hundreds of made-up reports of one template, a few are the same by chance.
    const mistaken = process.env.NEAR_LONG ? stories / 50 : 0;
    expect(verdicts.flat().length).toBeLessThanOrEqual(stories);
    expect(verdicts.flat().length).toBeGreaterThanOrEqual(stories - mistaken);
    expect(new Set(verdicts.flat()).size).toBe(verdicts.flat().length);
  });
});
