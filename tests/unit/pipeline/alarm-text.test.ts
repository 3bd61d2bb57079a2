import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmKindNames, alarmKinds, type Telling, wordsOf } from '../../../src/core/alarms.ts';
import { type AlarmContext, alarmText } from '../../../src/pipeline/alarm-text.ts';

const title = 'انفجار في Harbour Street وسط المدينة';
const context: AlarmContext = {
  sender: 'munadi',
  zone: 'Asia/Damascus',
  commandLine: (words) => `npm run -s munadi -- ${words}`,
  titleOf: (article) => (article === 'a1' ? title : undefined),
};
const telling = (change: Partial<Telling>): Telling => ({
  id: '1',
  kind: 'held',
  subject: 'telegram-ar',
  detail: { channel: 'telegram-ar', delivery: 'd1', reason: 'Telegram did not answer.' },
  severity: 'day',
  count: 1,
  sinceMs: Date.parse('2026-11-28T01:12:00Z'),
  again: false,
  ...change,
});
const direction = /[\u061c\u200e\u200f\u2066-\u2069]/g;

describe('the text of an alarm', () => {
  it('says what, where, since when and what to do', () => {
    expect(alarmText([telling({})], context)).toBe(
      [
        'munadi: a post may be live on telegram-ar, and nobody but a person can tell: Telegram did not answer. At 28 Nov, 04:12.',
        'Look at the channel, then say what you saw (delivery d1):',
        'npm run -s munadi -- resolve d1 --published URL | --not-published',
      ].join('\n'),
    );
    expect(alarmText([telling({ count: 3 })], context)).toContain(
      '3 posts may be live on telegram-ar, and nobody but a person can tell: Telegram did not answer. 3 times since 28 Nov, 04:12.',
    );
  });

  it('tells of what lasts that it goes on, and when it is over', () => {
    const late = { kind: 'breaking-late', detail: { channel: 'x-ar', article: 'a2', reason: 'it is being sent' } };
    expect(alarmText([telling(late)], context)).toBe(
      'munadi: breaking news is not live on x-ar: it is being sent. Since 28 Nov, 04:12.\nnpm run -s munadi -- why a2',
    );
    expect(alarmText([telling({ ...late, again: true })], context)).toContain('It goes on, since 28 Nov, 04:12.');
    const overMs = Date.parse('2026-11-28T01:15:00Z');
    expect(alarmText([telling({ ...late, overMs })], context)).toBe(
      'munadi: breaking news is live on x-ar now. From 28 Nov, 04:12 to 28 Nov, 04:15.',
    );
  });

  it('shows an Arabic headline in order within English, with nothing but direction marks added', () => {
    const text = alarmText([telling({ kind: 'breaking-late', detail: { channel: 'x-ar', article: 'a1' } })], context);
    const line = text.split('\n')[1] ?? '';
    expect(line).toMatch(direction);
    expect(line.replace(direction, '')).toBe(`“${title}”`);
  });

  it('joins what is told at one moment, in what Telegram takes, whatever the reasons hold', () => {
    const reasons = fc.array(fc.string({ unit: 'grapheme', maxLength: 2_000 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(reasons, (all) => {
        const text = alarmText(
          all.map((reason) => telling({ detail: { channel: 'telegram-ar', delivery: 'd1', reason } })),
          context,
        );
        expect(text.length).toBeLessThanOrEqual(4_096);
        const plain = text.replace(direction, '');
        expect(plain).toMatch(new RegExp(`^munadi: ${all.length} alarms\n`));
        const told = plain.split('\n\n• ').length - 1;
        if (told < all.length) expect(plain).toContain(`… and ${all.length - told} more: `);
      }),
      { numRuns: 50 },
    );
  });

  it('has words for every kind, and for one that it does not know', () => {
    for (const kind of [...alarmKindNames, 'from-the-future']) {
      const text = alarmText([telling({ kind, detail: { reason: 'so' } })], context);
      expect(text, kind).toContain('munadi: ');
      expect(text, kind).not.toMatch(/undefined|\[object/);
      expect(text, kind).toMatch(/\nnpm run -s munadi -- \w+/);
    }
  });
});

describe('the table in docs/operations.md', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const section = page.split(/^## Alarms$/m)[1]?.split(/^## /m)[0] ?? '';
  const rows = [...section.matchAll(/^\| `([\w-]+)` \| (wake|day) \|/gm)].map(([, kind, severity]) => [kind, severity]);

  it('has every kind of alarm with its severity, and no other', () => {
    expect(rows).toEqual(alarmKindNames.map((kind) => [kind, alarmKinds[kind].severity]));
  });

  it('names those that last', () => {
    const lasting = alarmKindNames.filter((kind) => wordsOf(kind).over !== undefined);
    const named = /\*\*What lasts\*\* \(([^)]*)\)/.exec(section)?.[1]?.match(/[\w-]+/g);
    expect(named).toEqual(lasting);
  });
});
