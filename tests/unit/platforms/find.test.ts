import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account, Channel } from '../../../src/core/channel.ts';
import type { Publisher } from '../../../src/core/platform.ts';
import type { Post, PostPart } from '../../../src/core/post.ts';
import { platforms } from '../../../src/platforms/index.ts';
import { foldText } from '../../../src/platforms/shared/match.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts';
import { picture } from '../../contract/suite/stage.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const addresses = [
  'https://news.example.com/a',
  'https://news.example.com/%D8%AE%D8%A8%D8%B1?x=1&y=2#part',
  'http://News.Example.org/Path/',
  'https://xn--mgbh0fb.example/_weg_/',
  'https://t.co/abc',
  'http://127.0.0.1:8080/story',
  'sy24.com',
  'www.example.org/a&b',
];
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('ميناء', 'أعلنت', 'قُتِلَ', 'SY24', 'harbour', '١٢٣', 'و', 'لـ', 'ﷺ', 'ﻻ') },
  { weight: 3, arbitrary: fc.constantFrom('. ', '، ', '؟', '\n', '\n\n', ' ', '«', '»', '(', ')', '"', '…', '#', '@') },
  { weight: 2, arbitrary: fc.constantFrom('&', '<', '>', '&amp;', '&lt;', '<b>', '$&', '&#39;', '%20', '\\', '{{1}}') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '👩‍👩‍👧‍👦',
      '🇸🇾',
      '❤️',
      '😀',
      'e\u0301',
      '\u200f',
      '\u061c',
      '\u2067',
      '\u2069',
      '\u200c',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(...addresses) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
);
const text = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 16 }), fc.constantFrom(' ', ''))
  .map(([pieces, between]) => pieces.join(between).toWellFormed().trim());

/** Texts that are the same to `find`, and a little more. */
const sameness = (text: string) =>
  foldText(text)
    .replace(/https?:\/\//gi, '')
    .replace(/[/\s]/g, '')
    .toLowerCase();

interface Sample {
  text: string;
  pictured: boolean;
  linked: boolean;
}
const samples = (isFit: (text: string) => boolean) =>
  fc.uniqueArray(
    fc.record({
      text: text.filter((text) => sameness(text) !== '' && isFit(text)),
      pictured: fc.boolean(),
      linked: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5, selector: ({ text }) => sameness(text) },
  );

function postOf(platform: string, { text, pictured, linked }: Sample): Post {
  const part: PostPart = {
    text,
    length: text.length,
    limit: 280,
    unit: 'utf16',
    media: pictured ? [{ url: 'https://news.example.com/picture.png' }] : [],
    ...(linked ? { link: 'https://news.example.com/a' } : {}),
  };
  return { platform, parts: [part], edits: [], warnings: [] };
}

function openOn(id: string): { publisher: Publisher; channel: Channel; valid(text: string): boolean } {
  const platform = platforms[id];
  if (!platform) throw new Error(`There is no platform ${id}.`);
  const { account, channel } = platform.example;
  const apiRoot = sandbox.roots[id] ?? '';
  const opened: Account = { id: 'account', platform: id, sandbox: true, apiRoot, settings: account };
  return {
    publisher: platform.open(opened),
    channel: { id: 'channel', platform: id, account: 'account', filters: {}, unconfirmed: 'hold', settings: channel },
    valid: (text) => platform.measure(text).valid,
  };
}

describe.each(['x', 'facebook'])('a text that was posted to %s', (id) => {
  it('is found again, and no other', { timeout: 60_000 }, async () => {
    const { publisher, channel, valid } = openOn(id);
    const call = { signal: AbortSignal.timeout(55_000) };
    await fc.assert(
      fc.asyncProperty(samples(valid), async (given) => {
        sandbox.reset();
        const sinceMs = Date.now();
        const sent: { post: Post; remoteId: string }[] = [];
        for (const sample of given) {
          const post = postOf(id, sample);
          const media = sample.pictured ? [picture()] : [];
          const request = { deliveryId: 'd', post, part: 0, channel, media, uploads: [], earlier: [] };
          const look = { post, part: 0, channel, earlier: [], sinceMs };
          expect(await publisher.find?.(look, call)).toEqual([]);
          const uploads = media.length > 0 ? await publisher.upload?.(request, call) : [];
          const { remoteId } = await publisher.send({ ...request, uploads: uploads ?? [] }, call);
          sent.push({ post, remoteId });
        }
        for (const { post, remoteId } of sent) {
          const found = await publisher.find?.({ post, part: 0, channel, earlier: [], sinceMs }, call);
          expect(found?.map((receipt) => receipt.remoteId)).toEqual([remoteId]);
        }
      }),
      {
        numRuns: 60,
        interruptAfterTimeLimit: 40_000,
        // X makes a link of what is no host's name.
        examples: [[[{ text: '΅www.example.org/a&bميناء', pictured: false, linked: false }]]],
      },
    );
    await publisher.close();
  });
});
