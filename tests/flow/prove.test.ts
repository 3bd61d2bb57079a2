import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import twitterText from 'twitter-text';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Article } from '../../src/core/article.ts';
import type { Channel } from '../../src/core/channel.ts';
import type { Post } from '../../src/core/post.ts';
import { generateStories, type RawStory } from '../proofs/articles.ts';
import { type Compose, proveEntries } from '../proofs/compose.ts';
import { promises } from '../proofs/judge.ts';
import { readSamples, toEntry } from '../proofs/load.ts';
import type { Verdict } from '../proofs/proof.ts';

const failing = ({ checks }: Verdict) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe('composing', () => {
  it('keeps every promise on the samples and on generated articles', () => {
    // Every awkward kind once, and a few of the usual ones.
    const stories = generateStories(112, 7).filter((_, index) => index % 2 === 1 || index < 20);
    const entries = [...readSamples(), ...stories.map(toEntry)];
    const { checks, facts } = proveEntries(entries, { seed: 7 });
    expect(checks.flatMap(({ ok, name, value, samples }) => (ok ? [] : [{ name, value, samples }]))).toEqual([]);
    expect(facts.articles).toBe(entries.length);
  }, 60_000);

  it('is tried on the same articles by the same seed', () => {
    expect(generateStories(120, 3)).toEqual(generateStories(120, 3));
    expect(generateStories(120, 3)).not.toEqual(generateStories(120, 4));
  });
});

const first = 'قال رئيس البلدية: “الجسر جاهز. العمل انتهى.”، وذلك بعد 45 يوما.';
const second = 'وتصل الحافلات إلى الضفة الأخرى من الأحد 👨‍👩‍👧، مجانا.';
const story: RawStory = {
  title: 'جسر جديد فوق النهر',
  url: 'https://news.example.org/bridge',
  paragraphs: [`${first} ${second}`, 'BBC نشرت صورا من 2011-2015 للجسر القديم ، ثم غابت.'],
};

/** A composer that does nothing but put things one below the other. */
function honest({ title, url }: Article, channel: Channel, summary: string, changes: Partial<Post> = {}): Post {
  const carries = channel.settings.links === undefined || channel.settings.links === 'always';
  const text = [title, summary, ...(carries ? [url] : [])].join('\n\n');
  return {
    platform: channel.platform,
    parts: [
      {
        text,
        ...(channel.platform === 'telegram' ? { markup: text } : {}),
        length: channel.platform === 'x' ? twitterText.parseTweet(text).weightedLength : text.length,
        limit: channel.platform === 'x' ? 280 : 1024,
        unit: channel.platform === 'x' ? 'weighted' : 'utf16',
        media: [],
      },
    ],
    edits: [],
    warnings: [],
    ...changes,
  };
}

const say =
  (summary: string, changes: Partial<Post> = {}): Compose =>
  (article, channel) =>
    honest(article, channel, summary, changes);

/** The honest post of the first sentence, changed. */
const spoil =
  (change: (post: Post) => Post): Compose =>
  (article, channel) =>
    change(honest(article, channel, first));

const retext = (change: (text: string) => string) =>
  spoil((post) => {
    const text = change(post.parts[0]?.text ?? '');
    const length = post.platform === 'x' ? twitterText.parseTweet(text).weightedLength : text.length;
    const markup = post.platform === 'telegram' ? { markup: text } : {};
    return { ...post, parts: post.parts.map((part) => ({ ...part, text, ...markup, length })) };
  });

const runs: Article[] = [];
const spoilers: [
  promise: (typeof promises)[number] | 'deterministic' | 'never-throws',
  how: string,
  compose: Compose,
][] = [
  ['within-limit', 'a text that is too long', say(`${first} `.repeat(70))],
  [
    'length-exact',
    'a length that is off by one',
    spoil((post) => ({ ...post, parts: post.parts.map((part) => ({ ...part, length: part.length + 1 })) })),
  ],
  ['not-empty', 'an empty text', retext(() => ' ')],
  [
    'markup',
    'a tag Telegram does not know',
    spoil((post) => ({ ...post, parts: post.parts.map((part) => ({ ...part, markup: `${part.text}<br>` })) })),
  ],
  [
    'parameters',
    'a line break in a parameter',
    spoil((post) => ({
      ...post,
      template: { name: 'news', language: 'ar', parameters: [story.title, `${first}\n${second}`], headerImage: false },
    })),
  ],
  ['headline', 'a headline with a word less', retext((text) => text.replace('جديد ', ''))],
  ['headline', 'a headline cut without need', retext((text) => text.replace('جسر جديد فوق النهر', 'جسر جديد…'))],
  ['link', 'no link', retext((text) => text.replace(/\n\nhttps.*/, ''))],
  ['link', 'a link where none is wanted', (article, channel) => honest(article, { ...channel, settings: {} }, first)],
  ['verbatim', 'a word exchanged', say(first.replace('جاهز', 'مفتوح'))],
  ['verbatim', 'a diacritic added', say(first.replace('جاهز', 'جاهزٌ'))],
  ['whole-sentences', 'a sentence without its end', say('قال رئيس البلدية')],
  ['whole-sentences', 'a sentence without its beginning', say('العمل انتهى.”، وذلك بعد 45 يوما.'.slice(5))],
  ['order', 'sentences turned round', say(`${second} ${first}`)],
  ['twice', 'a sentence said again', say(`${first}\n\n${first}`)],
  ['quotes', 'half a quotation', say('قال رئيس البلدية: “الجسر جاهز.')],
  ['words', 'a word cut', say('قال رئيس البلدية: “الجسر جا')],
  ['words', 'two words run together', say(first.replace('رئيس البلدية', 'رئيسالبلدية'))],
  ['graphemes', 'a family torn apart', say('وتصل الحافلات إلى الضفة الأخرى من الأحد 👨‍👩')],
  ['graphemes', 'half an emoji', say(`${second.slice(0, second.indexOf('👨') + 1)}`)],
  ['punctuation', 'a space before a comma', say('BBC نشرت صورا من 2011-2015 للجسر القديم ، ثم غابت.')],
  ['edits-listed', 'digits changed on the quiet', say(first.replace('45', '٤٥'))],
  ['edits-listed', 'a comma made a full stop on the quiet', say('قال رئيس البلدية: “الجسر جاهز. العمل انتهى.”.')],
  ['edits-listed', 'a connector dropped on the quiet', say(second.slice(1))],
  ['edits-true', 'an edit that was never made', say(first, { edits: [{ kind: 'digits', before: '7', after: '٧' }] })],
  ['line-direction', 'a line that begins with a Latin name', say('BBC نشرت صورا من 2011-2015 للجسر القديم ، ثم غابت.')],
  ['latin-order', 'a range that turns round', say('BBC نشرت صورا من 2011-2015 للجسر القديم ، ثم غابت.')],
  ['hashtags', 'a hashtag twice', retext((text) => `${text}\n\n#نهر #نهر`)],
  [
    'deterministic',
    'another post each time',
    (article, channel) => honest(article, channel, first, { warnings: [String(runs.push(article))] }),
  ],
  [
    'never-throws',
    'an error',
    () => {
      throw new Error('no');
    },
  ],
];

describe('the judge', () => {
  const entries = [toEntry({ name: 'bridge', json: { ...story, tags: ['نهر'], language: 'ar' } })];

  it('lets an honest post pass', () => {
    expect(failing(proveEntries(entries, { seed: 1, compose: say(first) }))).toEqual([]);
    const listed = { edits: [{ kind: 'digits' as const, before: first, after: first.replace('45', '٤٥') }] };
    expect(failing(proveEntries(entries, { seed: 1, compose: say(first.replace('45', '٤٥'), listed) }))).toEqual([]);
  });

  it.each(spoilers)('sees a breach of %s: %s', (promise, _, compose) => {
    expect(failing(proveEntries(entries, { seed: 1, compose }))).toContain(promise);
  });

  it('is tried on every promise', () => {
    const tried = new Set<string>(spoilers.map(([promise]) => promise));
    expect(promises.filter((promise) => !tried.has(promise))).toEqual([]);
  });
});

describe('npm run prove', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'munadi-prove-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const prove = (...args: string[]) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [join(import.meta.dirname, '..', 'proofs', 'run.ts'), ...args],
        (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
      );
    });

  it('judges the articles of a file, whatever else its lines hold', async () => {
    const file = join(folder, 'news.jsonl');
    const { paragraphs = [], ...rest } = story;
    const lines = [
      { ...rest, id: 7, lang: 'ar', refs: ['x'], text: paragraphs.join('\n') },
      { ...story, time: 'today' },
    ];
    writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n`);
    const { status, stdout, stderr } = await prove('compose', '--file', file, '--json', '--seed', '3');
    expect(stderr).toBe('');
    const verdict = JSON.parse(stdout) as Verdict;
    expect(verdict).toMatchObject({ name: 'compose', seed: 3, ok: true, facts: { articles: 2 } });
    expect(verdict.checks.map(({ name }) => name)).toEqual(expect.arrayContaining([...promises]));
    expect(status).toBe(0);
  });

  it('names every line that is no article', async () => {
    const file = join(folder, 'bad.jsonl');
    writeFileSync(file, `${JSON.stringify(story)}\n{"title":\n{"body":"x"}\n[]\n`);
    const { status, stderr } = await prove('compose', '--file', file);
    expect(status).toBe(2);
    for (const line of [2, 3, 4]) expect(stderr).toContain(`bad.jsonl:${line}:`);
  });

  it('exits with 2 where it is used wrongly', async () => {
    const wrong: [args: string[], message: string][] = [
      [['composing'], 'no proof "composing"'],
      [['compose', '--seed', 'x'], '--seed takes a number'],
      [['compose', '--flie', 'x'], '--flie'],
      [['compose', '--file', '/nowhere/x.jsonl'], 'cannot read /nowhere/x.jsonl'],
    ];
    const answers = await Promise.all(wrong.map(([args]) => prove(...args)));
    for (const [index, { status, stderr }] of answers.entries()) {
      expect(stderr).toContain(wrong[index]?.[1]);
      expect(status).toBe(2);
    }
  });
});
