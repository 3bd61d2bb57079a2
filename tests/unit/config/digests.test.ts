import { describe, expect, it } from 'vitest';
import { check } from './written-config.ts';

const file = (keys: string, schedule = '') =>
  check(`accounts: { main: { platform: telegram }, wa: { platform: whatsapp } }
channels:
  - { id: news, account: main, chat: "@channel", ${keys} }
  - { id: list, account: wa, recipients: ["+963900000001"], template: { name: n, language: ar, header: image } }
${schedule}`);
const digest = (channel: string) =>
  `schedules: [{ id: morning, cron: "0 7 * * *", action: digest, channels: [${channel}] }]`;

describe('what a channel gathers', () => {
  it.each([
    ['collect: true', 'collect'],
    ['late: digest, quiet: { from: 23:00, to: 6:00 }', 'late'],
    ['caps: { hour: 3, rest: digest }', 'caps'],
  ])('by %s has a digest, or that is told', (keys, key) => {
    expect(file(keys, digest('news')).problems).toEqual([]);
    expect(file(keys).problems).toEqual([
      `munadi.yaml:3  channels[0].${key}: expected a digest for what the channel gathers, got none. Add { id: …, cron: "0 7 * * *", action: digest, channels: [news] } under "schedules".`,
    ]);
  });

  it('is nothing where its digest stays empty', () => {
    expect(file('language: ar', digest('news'))).toMatchObject({
      problems: [],
      warnings: expect.arrayContaining([
        'munadi.yaml:3  channels[0]: warning: gathers nothing for its digest ("morning"): set collect, late: digest or caps.rest: digest.',
      ]),
    });
  });

  it('can be shown by the channel', () => {
    expect(file('language: ar', digest('list')).problems).toEqual([
      'munadi.yaml:4  channels[1]: expected a channel that can show its digest ("morning"), got the template "n" has a picture on top, and a digest has none. Give the digest a channel of its own with another template, or take the channel out of it.',
    ]);
  });
});

describe('a schedule that sends digests or shares again', () => {
  it.each([
    ['action: digest', 'channels: expected a list of channels, got nothing.'],
    [
      'action: digest, channels: [new]',
      'channels[0]: expected one of the channels (news or list), got "new". Did you mean "news"?',
    ],
    ['action: digest, channels: [news], top: 0', 'top: expected a whole number from 1 to 50, got 0.'],
    [
      'action: digest, channels: [news], tags: [a]',
      'tags: expected a known key, got "tags". Remove it: it is a setting of reshare',
    ],
    ['action: reshare, channels: [news]', 'tags: expected a list of tags, got nothing.'],
    [
      'action: reshare, channels: [news], tags: [a], leads: [x]',
      'leads: expected at least two leads, so that no text is posted twice in a row',
    ],
    [
      'action: reshare, channels: [news], tags: [a], after: 30d',
      'after: expected a whole number of days from 1 to 3650, got "30d".',
    ],
  ])('%s', (keys, problem) => {
    const { problems } = file('collect: false', `schedules:\n  - { id: one, cron: "0 7 * * *", ${keys} }`);
    expect(problems).toEqual([expect.stringContaining(`munadi.yaml:6  schedules[0].${problem}`)]);
  });
});
