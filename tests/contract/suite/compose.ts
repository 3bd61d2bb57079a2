import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Article } from '../../../src/core/article.ts';
import { codePoint } from '../../support/code-point.ts';
import type { Check } from './exercise.ts';
import { channelOf, onStage } from './stage.ts';
import type { Subject } from './subject.ts';

/** What headlines and sentences are made of, and what has broken posts elsewhere. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('وزير', 'أعلن', 'المدينة', 'قُتِلَ', 'SY24', 'news', 'said', '١٢٣', 'لـ', 'و') },
  { weight: 3, arbitrary: fc.constantFrom('. ', '، ', '؟ ', '! ', ' – ', '“', '”', '«', '»', '(', ')', '"', "'") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '<b>',
      '</b>',
      '&',
      '&amp;',
      '<',
      '>',
      '*',
      '*مهم*',
      '_x_',
      '~old~',
      '`code`',
      '{{1}}',
      '$&',
      '#',
      '@',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '👩‍👩‍👧‍👦',
      '🇸🇾',
      '❤️',
      '😀',
      'e\u0301',
      'ا\u064B\u064C\u064D',
      '\u202B',
      '\u200F',
      '\u2067',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\ud800', '\udfff', '\uFFFE', '\uFEFF', '\u0000', '\u2028', '\t', '\n', '\r\n'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('sy24.com', 'https://t.co/abc', 'www.example.org', 'x'.repeat(300), '字'.repeat(150)),
  },
  { weight: 1, arbitrary: fc.string({ unit: codePoint, maxLength: 8 }) },
);
const spaced = (maxLength: number) => fc.array(piece, { maxLength }).map((pieces) => pieces.join(' '));
/** Longer than any post of a small platform. */
const endless = fc.array(piece, { minLength: 60, maxLength: 160 }).map((pieces) => pieces.join(' '));
const title = fc
  .oneof({ weight: 6, arbitrary: spaced(40) }, { weight: 1, arbitrary: endless })
  .filter((text) => /[\p{L}\p{N}]/u.test(text));
const url = fc.oneof(
  fc.constantFrom(
    'https://news.example.com/a',
    'https://news.example.com/خبر/عاجل?x=1&y=<2>#part',
    'https://مثال.إختبار/_weg_/*a*/~b~',
    `https://news.example.com/${'long-'.repeat(60)}`,
    `https://news.example.com/${'x'.repeat(5_000)}`,
    'http://127.0.0.1:8080/story',
  ),
  fc.webUrl(),
);

const article: fc.Arbitrary<Article> = fc
  .record({
    title,
    paragraphs: fc.oneof(fc.array(spaced(30), { maxLength: 6 }), fc.array(spaced(3), { maxLength: 200 })),
    url: fc.option(url, { nil: undefined }),
    pictured: fc.boolean(),
    priority: fc.constantFrom('breaking' as const, 'normal' as const),
    language: fc.constantFrom('ar', 'en'),
  })
  .map(({ url, pictured, language, ...rest }) => ({
    id: 'article',
    version: 1,
    ...rest,
    language,
    direction: language === 'ar' ? ('rtl' as const) : ('ltr' as const),
    images: pictured ? [{ url: 'https://news.example.com/picture.png', alt: 'A picture' }] : [],
    tags: [],
    ...(url === undefined ? {} : { url }),
  }));

const channelsOf = (subject: Subject) =>
  [subject.platform.example.channel, ...(subject.channels ?? [])].map((settings) => channelOf(subject, settings));

/** Throws with the seed and the smallest article for which `holds` throws. */
function always(
  subject: Subject,
  numRuns: number,
  holds: (article: Article, channel: ReturnType<typeof channelOf>) => void,
) {
  for (const channel of channelsOf(subject)) {
    fc.assert(
      fc.property(article, (given) => holds(given, channel)),
      // Finding the smallest article that fails may take minutes; what is found by then is enough.
      { numRuns, interruptAfterTimeLimit: 2_000 },
    );
  }
}

/** A copy that throws where it is changed. */
function frozen<T>(value: T): T {
  return freeze(structuredClone(value));
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

/** They take the process for themselves, one after the other: nothing else should wait for an answer meanwhile. */
export const composeChecks: Check[] = [
  {
    name: 'compose is pure, and never over the limit by the platform’s own count',
    async run(subject) {
      const { platform } = subject;
      const check = (given: Article, channel: ReturnType<typeof channelOf>) => {
        const post = platform.compose(frozen(given), frozen(channel));
        assert.deepEqual(platform.compose(structuredClone(given), structuredClone(channel)), post);
        assert.equal(post.platform, platform.id);
        for (const { text, length, limit, media } of post.parts) {
          assert(length <= limit, `${length} of ${limit}`);
          const measured = platform.measure(text);
          assert(measured.length <= limit && measured.length <= measured.limit, `${measured.length} of ${limit}`);
          assert(measured.valid, `not a valid text: ${JSON.stringify(text)}`);
          if (media.length > 0) assert(measured.length <= platform.limits.caption);
        }
      };
      always(subject, 80, check);
      // A little too long for the limit, which chance seldom meets; where that is no book.
      if (platform.limits.text > 5_000) return;
      const [plain] = fc.sample(article, { numRuns: 1, seed: 1 }) as [Article];
      for (const channel of channelsOf(subject)) {
        for (const more of [1, 7, 13, 19]) {
          const title = 'خبر '
            .repeat(Math.ceil((platform.limits.text + more) / 4))
            .slice(0, platform.limits.text + more);
          check({ ...plain, title: title.replace(/ $/, 'ن'), paragraphs: [], images: [] }, channel);
        }
      }
    },
  },
  {
    name: 'what an article lacks leaves no empty line, label or button',
    async run(subject) {
      always(subject, 60, (given, channel) => {
        const { url: _, ...bare } = { ...given, images: [], paragraphs: [] };
        const plain = { ...bare, title: 'Harbour library opens' };
        for (const post of [subject.platform.compose(given, channel), subject.platform.compose(plain, channel)]) {
          for (const { text } of post.parts) {
            assert.doesNotMatch(text, /\n[^\S\n]*\n[^\S\n]*\n|^\s|\s$/, JSON.stringify(text));
          }
        }
        const [part] = subject.platform.compose(plain, channel).parts;
        assert.doesNotMatch(part?.text ?? '', /https?:|undefined|null|[:：]\s*$/);
        assert.equal(part?.link, undefined);
        assert.deepEqual(part?.media, []);
      });
    },
  },
];

export const shownChecks: Check[] = [
  {
    name: 'readers see exactly the text of the post, whatever signs it holds',
    async run(subject) {
      const samples = fc.sample(article, { numRuns: 40, seed: 20_26 });
      for (const { settings } of channelsOf(subject)) {
        const work = async (stage: Parameters<Parameters<typeof onStage>[1]>[0]) => {
          for (const given of samples) {
            const request = await stage.request({
              ...given,
              images: stage.channel.settings === settings ? given.images : [],
            });
            const error = await stage.send(request).then(
              () => undefined,
              (error: { code?: string; message: string }) => error,
            );
            if (error?.code === 'no-picture') continue;
            const text = request.post.parts[0]?.text;
            assert.equal(error, undefined, `refused: ${error?.message} ${JSON.stringify(text)}`);
            assert.equal(stage.simulation.shown().at(-1)?.text, text);
          }
        };
        await onStage(subject, work, { channel: settings });
      }
    },
  },
];
