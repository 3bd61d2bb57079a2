import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/schedule/actions/index.ts';
import { check, rest } from './written-config.ts';

const file = (...schedules: string[]) =>
  `${rest}timezone: Asia/Damascus\nschedules:\n${schedules.map((one) => `  - { ${one} }\n`).join('')}`;
const problems = (...schedules: string[]) =>
  check(file(...schedules)).problems.map((one) => one.replace(/^munadi\.yaml:/, ''));

const builtIn = {
  id: 'prune',
  cron: '17 4 * * *',
  action: 'prune',
  timezone: 'Asia/Damascus',
  missed: 'once',
  graceMs: 60_000,
  noOverlap: true,
  settings: {},
};

describe('schedules', () => {
  it('are one by themselves: old articles are forgotten in the night of the zone', () => {
    expect(check(`${rest}timezone: Asia/Damascus\n`).config?.schedules).toEqual([builtIn]);
  });

  it('have defaults, and the zone of the file', () => {
    expect(check(file('id: morning, cron: "0 7 * * *", action: report')).config?.schedules).toEqual([
      { ...builtIn, id: 'morning', cron: '0 7 * * *', action: 'report', settings: { quiet: false } },
      builtIn,
    ]);
  });

  it('take all of their keys, those of the action among them', () => {
    const one =
      'id: night, cron: "0 30 3 * * fri,sat", timezone: Africa/Cairo, action: prune, days: 7, missed: skip, grace: 10m, noOverlap: false';
    expect(check(file(one)).config?.schedules).toEqual([
      {
        id: 'night',
        cron: '0 30 3 * * fri,sat',
        timezone: 'Africa/Cairo',
        action: 'prune',
        missed: 'skip',
        graceMs: 600_000,
        noOverlap: false,
        settings: { days: 7 },
      },
    ]);
  });

  it('take numbers from the environment', () => {
    const text = file('id: night, cron: "${WHEN}", action: prune, days: "${DAYS}"');
    const { config } = check(text, { WHEN: '0 3 * * *', DAYS: '7' });
    expect(config?.schedules).toMatchObject([{ cron: '0 3 * * *', settings: { days: 7 } }]);
    const wrong = check(text, { WHEN: '0 33 * * *', DAYS: '7' }).problems;
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toContain('expected hour 0-23');
    expect(wrong[0]).toContain('what WHEN holds');
    expect(wrong[0]).not.toContain('33');
  });
});

describe('a schedule that is wrong', () => {
  it.each([
    [
      'id: a, cron: "0 25 * * *", action: report',
      '5  schedules[0].cron: expected hour 0-23, such as 6, 8,20, 22-2 or */2, got "25". Correct the hour.',
    ],
    [
      'id: a, cron: "0 7 * *", action: report',
      '5  schedules[0].cron: expected five fields (minute, hour, day of month, month, day of week), or six with seconds in front, got "0 7 * *". Write it such as "0 7 * * *" for seven o\'clock each day.',
    ],
    [
      'id: a, cron: "0 7 30 2 *", action: report',
      '5  schedules[0].cron: expected day of month that the month has, got "30". Correct the day of month.',
    ],
    [
      'id: a, cron: "0 0 1 * 1#5", action: report',
      '5  schedules[0].cron: expected a day that some year has, got "0 0 1 * 1#5". Correct day of month, month or day of week: all three have to fit.',
    ],
    [
      'id: a, cron: "0 7 * * *", action: repotr',
      '5  schedules[0].action: expected one of the actions (prune, report, digest, reshare or poll), got "repotr". Did you mean "report"?',
    ],
    [
      'id: a, cron: "0 7 * * *", action: sing',
      '5  schedules[0].action: expected one of the actions (prune, report, digest, reshare or poll), got "sing". Valid here: prune, report, digest, reshare, poll.',
    ],
    [
      'id: a, cron: "0 7 * * *", action: report, days: 3',
      '5  schedules[0].days: expected a known key, got "days". Remove it: it is a setting of prune, and this schedule does report.',
    ],
    [
      'id: a, cron: "0 7 * * *", action: report, quite: true',
      '5  schedules[0].quite: expected a known key, got "quite". Did you mean "quiet"?',
    ],
    [
      'id: a, cron: "0 7 * * *", action: report, channels: [news, newz]',
      '5  schedules[0].channels[1]: expected one of the channels (news), got "newz". Did you mean "news"?',
    ],
    [
      'id: a, cron: "0 7 * * *", action: report, channels: news',
      '5  schedules[0].channels: expected a list, got "news". Write a list: ["news"].',
    ],
    [
      'id: a, cron: "0 7 * * *", action: prune, days: 0',
      '5  schedules[0].days: expected a whole number of days from 1 to 3650, got 0. Correct it (How long finished articles are kept; `retention.days` unless set).',
    ],
    [
      'id: a, cron: "0 7 * * *", action: report, missed: onec',
      '5  schedules[0].missed: expected once or skip, got "onec". Did you mean "once"?',
    ],
    [
      'id: a, cron: "0 7 * * *", action: report, grace: 60',
      '5  schedules[0].grace: expected a duration from 5s to 1d, such as "30s", "10m", "6h" or "2d", got 60. Add the unit: "60s" for seconds.',
    ],
    [
      'id: prune, cron: "0 7 * * *", action: report',
      '5  schedules[0].id: expected an id of its own, got "prune", the schedule that is there by itself. Rename it, or write action: prune.',
    ],
    [
      'id: a, action: report',
      '5  schedules[0].cron: expected a cron expression of five fields, or six with seconds in front, such as "0 7 * * *", got nothing. Add "cron" (When: minute, hour, day of month, month, day of week; seconds may stand in front).',
    ],
  ])('is told by line, key and remedy: %s', (schedule, problem) => {
    expect(problems(schedule)).toEqual([problem]);
  });

  it('is told with all of its bad fields, and with its twin', () => {
    const found = problems('id: a, cron: "61 7 * 13 *", action: report', 'id: a, cron: "0 7 * * *", action: prune');
    expect(found.map((one) => one.replace(/: expected (.*?), .*/, ' $1'))).toEqual([
      '5  schedules[0].cron minute 0-59',
      '5  schedules[0].cron month 1-12',
      '6  schedules[1].id an id of its own',
    ]);
  });

  it('may be no map at all', () => {
    expect(check(`${rest}schedules: [daily]\n`).problems).toEqual([
      'munadi.yaml:3  schedules[0]: expected a map of keys, got text. Write { id: …, cron: …, action: … }.',
    ]);
    expect(check(`${rest}schedules: daily\n`).problems).toHaveLength(1);
  });
});

describe('every action', () => {
  it('is a file', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../src/schedule/actions'));
    const ids = files.filter((name) => name !== 'index.ts').map((name) => name.replace('.ts', ''));
    expect(ids.sort()).toEqual(Object.keys(actions).sort());
  });

  it('has the name that it is registered by, and says what it does', () => {
    for (const [id, action] of Object.entries(actions)) {
      expect(action.id).toBe(id);
      expect(action.about).toMatch(/^[A-Z].*\.$/);
    }
  });
});
