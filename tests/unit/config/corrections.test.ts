import { describe, expect, it } from 'vitest';
import { platforms } from '../../../src/platforms/index.ts';
import { channelFile, check } from './written-config.ts';

const keys: Record<string, string> = { telegram: 'chat: "@channel"', whatsapp: 'recipients: ["+963900000000"]' };
const file = (platform: string, more: string) => {
  const own = keys[platform];
  return channelFile(platform, own === undefined ? more : `${own}, ${more}`);
};

const bad: [string, string, string][] = [
  ['x', 'corrections: edit', 'corrections: expected a way that X has (reply, repost or leave), got edit.'],
  [
    'facebook',
    'corrections: reply',
    'corrections: expected a way that Facebook has (edit, repost or leave), got reply.',
  ],
  ['whatsapp', 'corrections: repost', 'corrections: expected a way that WhatsApp has (reply or leave), got repost.'],
  ['telegram', 'corrections: rply', 'corrections: expected edit, reply, repost or leave, got "rply".'],
  ['telegram', 'retractionNotice: ""', 'retractionNotice: expected some text'],
  ['telegram', 'retractionNotice: "   "', 'retractionNotice: expected some text on one line'],
  ['telegram', 'retractionNotice: "سُحب\\nالخبر"', 'retractionNotice: expected some text on one line'],
  ['telegram', `retractionNotice: ${'خبر '.repeat(60)}`, 'retractionNotice: expected at most 200 characters'],
  // X counts them twice.
  [
    'x',
    `retractionNotice: ${'字'.repeat(150)}`,
    "retractionNotice: expected a text of at most 280 characters by X's count, got 300. Shorten it.",
  ],
  ['x', 'retractionNotice: "سُحب\\uFFFE الخبر"', 'retractionNotice: expected a text that X takes'],
];

describe('how a channel corrects what is live', () => {
  it('is every way that its platform has, and the notice of a retraction', () => {
    for (const { id, corrections } of Object.values(platforms)) {
      for (const way of corrections) {
        const { config, problems } = check(file(id, `corrections: ${way}, retractionNotice: " سُحب هذا الخبر. "`));
        expect(problems).toEqual([]);
        expect(config?.channels[0]).toMatchObject({ corrections: way, retractionNotice: 'سُحب هذا الخبر.' });
      }
      expect(check(file(id, 'unconfirmed: hold')).config?.channels[0]).not.toHaveProperty('corrections');
    }
  });

  it.each(bad)('on %s cannot be %s', (platform, given, expected) => {
    const { problems } = check(file(platform, given));
    expect(problems).toEqual([expect.stringContaining(`channels[0].${expected}`)]);
  });
});
