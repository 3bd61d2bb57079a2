import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { repetitionsOf } from '../../src/pipeline/reshare.ts';
import { finishRetractions, retract } from '../../src/pipeline/retract.ts';
import type { SourceItem, SourceRules } from '../../src/sources/source.ts';
import { configText, createFolder, json } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let at: Installation;
beforeAll(async () => {
  at = await openInstallation((config) => ({ ...config, deletions: { perHour: 2 } }));
});
afterAll(() => at.close());

const rules: SourceRules = { channels: ['telegram-ar'], updates: 'follow', onDelete: 'ask' };
let serial = 0;
const item = (change: Partial<SourceItem> = {}): SourceItem => {
  serial += 1;
  return { source: 'site', key: `item-${serial}`, draft: draftArticle(), ...change };
};
const take = (given: SourceItem, change: Partial<SourceRules> = {}) =>
  at.runtime.intake.take(given, { ...rules, ...change });
const titleOf = async (id: string) => (await at.runtime.articles.get(id))?.title;
const idOf = (taken: Awaited<ReturnType<typeof take>>) => ('article' in taken ? taken.article : '');

describe('what a source hands in', () => {
  it('is taken once, however often and by however many it comes', async () => {
    const given = item();
    const all = await Promise.all(Array.from({ length: 10 }, () => take(given)));
    expect(all.map(({ verdict }) => verdict).sort()).toEqual([...Array(9).fill('known'), 'new']);
    expect(new Set(all.map(idOf)).size).toBe(1);
    // The same text elsewhere is a copy.
    expect(await take({ ...given, source: 'agency', key: 'x' })).toEqual({
      verdict: 'known',
      article: idOf(all[0] as never),
    });
  });

  it('changes with its source, in the order of its versions', async () => {
    const given = item({ updatedAt: '2026-05-01T10:00:00Z' });
    const { draft } = given;
    const id = idOf(await take(given));
    const second = { ...given, draft: { ...draft, title: `${draft.title} غدا` }, updatedAt: '2026-05-01T12:00:00Z' };
    const third = { ...given, draft: { ...draft, title: `${draft.title} مساء` }, updatedAt: '2026-05-01T11:00:00Z' };
    expect(await take(second)).toEqual({ verdict: 'updated', article: id });
    expect(await take(third)).toEqual({ verdict: 'known', article: id });
    expect(await titleOf(id)).toBe(second.draft.title);
    // Without times, a version of before is an old copy.
    const { updatedAt: _never, ...undated } = given;
    expect(await take(undated)).toEqual({ verdict: 'known', article: id });
    const trivial = { ...second, draft: { ...second.draft, tags: ['مدن'], title: `${second.draft.title}!` } };
    expect(await take(trivial)).toEqual({ verdict: 'unchanged', article: id });
    expect(
      await take(
        { ...given, draft: { ...draft, title: 'عنوان لا يتبع' }, updatedAt: '2026-05-02T10:00:00Z' },
        { updates: 'ignore' },
      ),
    ).toEqual({ verdict: 'unchanged', article: id });
    expect(await titleOf(id)).toBe(second.draft.title);
  });

  it('keeps its article when its address changes', async () => {
    const given = item({ draft: draftArticle({ url: 'https://example.org/old-address' }) });
    const id = idOf(await take(given));
    const moved = {
      ...given,
      draft: { ...given.draft, url: 'https://example.org/new-address', title: `${given.draft.title} اليوم` },
    };
    expect(await take(moved)).toEqual({ verdict: 'updated', article: id });
    expect((await at.runtime.articles.get(id))?.url).toBe('https://example.org/new-address');
  });

  it('is refused with a reason, and others go on', async () => {
    expect(await take(item({ draft: draftArticle({ summary: 'كلمة '.repeat(2_000) }) }))).toMatchObject({
      verdict: 'refused',
    });
    expect(await take(item())).toMatchObject({ verdict: 'new' });
  });
});

describe('what a source deletes', () => {
  const gone = (given: SourceItem, onDelete: SourceRules['onDelete']) =>
    at.runtime.intake.gone(given.source, given.key, { onDelete });

  it('is a question to a person, who takes it away or leaves it', async () => {
    const [one, other] = [item(), item()];
    const ids = [idOf(await take(one)), idOf(await take(other))] as [string, string];
    expect(await gone(one, 'ignore')).toEqual({ verdict: 'ignored', article: ids[0] });
    for (const given of [one, other, one]) expect(await gone(given, 'ask')).toMatchObject({ verdict: 'asked' });
    expect((await at.runtime.deletions.asked()).map(({ article }) => article)).toEqual(ids);
    expect((await at.runtime.alarms.recent(10)).map(({ kind, subject }) => [kind, subject])).toEqual(
      expect.arrayContaining(ids.map((id) => ['deleted', id])),
    );
    const folder = await createFolder();
    const config = await folder.write('munadi.yaml', configText({ data: at.config.dataDir }));
    const munadi = (...args: string[]) => executeHere([...args, '--config', config]);
    try {
      expect((await munadi('status')).stdout).toContain('gone at site');
      expect(await munadi('retract', ids[0], '--keep')).toMatchObject({ code: 0 });
      const retracted = await munadi('retract', ids[1], '--why', 'خطأ', '--json');
      expect(json(retracted)).toMatchObject({ article: ids[1], retracted: { why: 'خطأ' } });
      expect(await at.runtime.deletions.asked()).toEqual([]);
      expect(await munadi('retract', 'nothing')).toMatchObject({ code: 2 });
      expect((await munadi('why', ids[1])).stdout).toContain('retracted – خطأ');
      const file = await folder.write(
        'new.json',
        JSON.stringify({ id: ids[0], title: 'عنوان مصحح تماما', body: 'النص الجديد.' }),
      );
      expect(json(await munadi('correct', file, '--json'))).toMatchObject([
        { corrected: true, article: { version: 2 } },
      ]);
      expect(json(await munadi('correct', file, '--json'))).toMatchObject([{ corrected: false, deliveries: [] }]);
      const other = await folder.write('other.txt', 'عنوان لا يعرفه أحد\n\nنص.');
      expect(await munadi('correct', other)).toMatchObject({ code: 2 });
      expect(await munadi('correct', other, '--id', ids[1])).toMatchObject({ code: 1 });
    } finally {
      await folder.remove();
    }
  });

  it('is retracted where that is set, but never many in an hour', async () => {
    const given = Array.from({ length: 4 }, () => item());
    const ids = [];
    for (const one of given) ids.push(idOf(await take(one)));
    await at.runtime.redis.del('munadi:deleted');
    const verdicts = [];
    for (const one of given) verdicts.push((await gone(one, 'retract')).verdict);
    expect(verdicts).toEqual(['retracted', 'retracted', 'asked', 'asked']);
    expect((await gone(given[0] as SourceItem, 'retract')).verdict).toBe('ignored');
    expect(await gone({ ...item(), key: 'never-seen' }, 'retract')).toEqual({ verdict: 'unknown' });
  });
});

describe('a retraction whose process died in the middle', () => {
  it('is finished by another: digests and repetitions of the article go, too', async () => {
    const { redis, retract: deps, followUps, articles } = at.runtime;
    const id = idOf(await take(item()));
    await follow(at.runtime, await articles.deliveryIds(id), { timeoutMs: 20_000 });
    const article = await articles.get(id);
    if (!article) throw new Error('no article');
    const accept = (change: object, kind: 'digest' | 'reshare', one: string) =>
      articles.accept({
        article: { ...article, ...change, id: one },
        kind,
        ...(kind === 'reshare' ? { repeats: id } : {}),
        deliveries: [],
        left: {},
        urlHash: undefined,
        contentHash: one,
      });
    const entry = (name: string) => ({ article: name, title: name, direction: 'rtl' });
    await accept({ digest: [entry(id), entry('another')] }, 'digest', 'digest-1');
    await at.runtime.evergreen.note('telegram-ar', id, { times: 1, lastMs: 1 });
    const [again] = await repetitionsOf(at.runtime.evergreen, id, 'telegram-ar');
    await accept({}, 'reshare', again as string);
    const [told] = await articles.deliveryIds(id);
    await redis.hset(`munadi:delivery:${told}`, 'digest', 'digest-1');
    // As far as it came: the withdrawal itself.
    await followUps.retract(id, { known: (await articles.deliveryIds(id)).length, why: '', followers: [] });
    expect(await followUps.unfinished()).toEqual([id]);
    await finishRetractions(deps);
    expect(await followUps.unfinished()).toEqual([]);
    expect((await articles.get('digest-1'))?.digest).toEqual([entry('another')]);
    expect(await followUps.retracted(again as string)).toBeDefined();
    // What is retracted is not shared again.
    expect((await accept({}, 'reshare', 'again-later')).verdict).toBe('conflict');
    expect((await retract(deps, id)).verdict).toBe('already');
  });
});
