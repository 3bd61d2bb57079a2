import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { maxArticleBytes } from '../../src/sources/article.ts';
import { openSourceStage, type SourceStage } from './sources/stage.ts';
import { bytes, type Story, subjects } from './sources/subjects.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let stage: SourceStage;
beforeAll(async () => {
  stage = await openSourceStage();
});
afterAll(() => stage.close());

let serial = 0;
function newStory(): Story {
  serial += 1;
  return {
    id: `story-${serial}`,
    url: `https://example.org/news/${serial}`,
    title: `افتتاح الجسر رقم ${serial} “الجديد” على النهر & الضفة`,
    paragraphs: [
      `افتتح وزير النقل صباح اليوم الجسر رقم ${serial} أمام حركة السير بعد عامين من أعمال البناء.`,
      'وقال الوزير لوكالة Reuters إن «المشروع نُفّذ بأيد محلية»، مشيرا إلى أن كلفته بلغت 12 مليونا.',
    ],
    tags: ['نقل', 'جسور'],
    image: `https://example.org/images/${serial}.jpg`,
  };
}

const storedOf = async (title: string) => {
  const { articles } = stage.runtime;
  const found = await Promise.all((await articles.list(50)).map((id) => articles.get(id)));
  return found.filter((article) => article?.title.includes(title));
};

/** Arabic in the encoding that many systems still write. */
function windows1256(text: string): Uint8Array {
  const decoder = new TextDecoder('windows-1256');
  const codes = new Map(Array.from({ length: 256 }, (_, code) => [decoder.decode(Uint8Array.of(code)), code]));
  return Uint8Array.from([...text].map((letter) => codes.get(letter) ?? 0x3f));
}

describe.each(subjects)(
  '$name',
  ({
    write,
    give,
    giveAtOnce,
    tooMany = maxArticleBytes / 8,
    lacks = [],
    follows,
    knowsEncodings = false,
    hostile = {},
  }) => {
    it('brings a story whole', async () => {
      const story = newStory();
      expect(await give(stage, bytes(write(story)))).toMatchObject({ isTaken: true });
      const [article, ...more] = await storedOf(story.title);
      expect(more).toEqual([]);
      expect(article).toMatchObject({
        title: story.title,
        paragraphs: story.paragraphs,
        language: 'ar',
        direction: 'rtl',
        url: story.url,
      });
      if (!lacks.includes('tags')) expect(article?.tags).toEqual(story.tags);
      if (!lacks.includes('image')) expect(article?.images[0]?.url).toBe(story.image);
    });

    it('takes it once, however often and by how many it is given', async () => {
      const story = newStory();
      const document = bytes(write(story));
      for (let turn = 0; turn < 2; turn += 1) expect((await give(stage, document)).isTaken).toBe(true);
      if (giveAtOnce) await giveAtOnce(stage, document, 10);
      else await Promise.all(Array.from({ length: 10 }, () => give(stage, document)));
      const [article, ...more] = await storedOf(story.title);
      expect([article?.version, more]).toEqual([1, []]);
    });

    it('brings a new version of it', async () => {
      if (!follows) return;
      const story = newStory();
      await give(stage, bytes(write(story)));
      const [first] = await storedOf(story.title);
      const next = { ...story, title: `${story.title} مساء` };
      expect((await give(stage, bytes(write(next)))).isTaken).toBe(true);
      const all = await storedOf(story.title);
      expect(all.map((article) => [article?.id, article?.version, article?.title])).toEqual([
        [first?.id, 2, next.title],
      ]);
    });

    const whole = () => write(newStory());
    const bad: Record<string, () => Uint8Array> = {
      'an empty document': () => bytes(''),
      'half a document': () =>
        bytes(
          whole()
            .slice(0, -12)
            .slice(0, Math.floor(whole().length * 0.6)),
        ),
      ...(knowsEncodings ? {} : { 'another encoding': () => windows1256(whole()) }),
      'a document that is too large': () => bytes(write({ ...newStory(), paragraphs: ['كلمة '.repeat(tooMany)] })),
      'a picture': () => Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
      ...Object.fromEntries(Object.entries(hostile).map(([what, document]) => [what, () => bytes(document)])),
    };

    it.each(Object.keys(bad))('refuses %s with a reason, and goes on', async (what) => {
      // Text and pages that end early are texts all the same.
      if (what === 'half a document' && /text|HTML|Markdown/.test(expect.getState().currentTestName ?? '')) return;
      const document = (bad[what] as () => Uint8Array)();
      const before = performance.now();
      const given = await give(stage, document);
      expect(performance.now() - before).toBeLessThan(5_000);
      expect(given.isTaken).toBe(false);
      expect(given.reason.length).toBeGreaterThan(15);
      expect(given.reason).not.toMatch(/undefined|\[object|at .*\.ts:\d/);
      const story = newStory();
      expect((await give(stage, bytes(write(story)))).isTaken).toBe(true);
      expect(await storedOf(story.title)).toHaveLength(1);
    });
  },
);
