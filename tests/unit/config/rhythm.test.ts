import { describe, expect, it } from 'vitest';
import { check, rest } from './written-config.ts';

/** A file whose sixth line these keys of the channel are. */
const file = (keys: string) =>
  `accounts: { main: { platform: telegram } }\nchannels:\n  - id: news\n    account: main\n    chat: "@channel"\n    ${keys}\n`;

const ofChannel: [string, string][] = [
  [
    'windows: []',
    'windows: expected at least one window; without any, leave "windows" out, got an empty list. Correct it (Hours in which posts go; at any hour unless set).',
  ],
  [
    'windows: { from: 7:00, to: 9:00 }',
    'windows: expected a list of hours such as [{ days: [weekdays], from: "07:00", to: "23:00" }], got a map of keys. Put it in a list: [{ … }].',
  ],
  [
    'windows: [{ from: 7, to: 9:00 }]',
    'windows[0].from: expected a time of day such as "07:30", from 00:00 to 23:59, got 7. Put it in quotes: "7:00".',
  ],
  [
    'windows: [{ from: 7.30, to: 9:00 }]',
    'windows[0].from: expected a time of day such as "07:30", from 00:00 to 23:59, got 7.30. Put it in quotes: "7:30".',
  ],
  [
    'windows: [{ from: 7:00 }]',
    'windows[0].to: expected a time of day such as "23:00", from 00:00 to 24:00, got nothing. Add "to" (When it ends; a time before `from` is on the next day).',
  ],
  [
    'windows: [{ from: 25:00, to: 9:00 }]',
    'windows[0].from: expected a time of day such as "07:30", from 00:00 to 23:59, got "25:00". Correct it (When it begins, by the clock of `timezone`).',
  ],
  [
    'windows: [{ from: 24:00, to: 9:00 }]',
    'windows[0].from: expected a time of day such as "07:30", from 00:00 to 23:59, got "24:00". Correct it (When it begins, by the clock of `timezone`).',
  ],
  [
    'windows: [{ from: 07:00, to: 24:30 }]',
    'windows[0].to: expected a time of day such as "23:00", from 00:00 to 24:00, got "24:30". Correct it (When it ends; a time before `from` is on the next day).',
  ],
  [
    'windows: [{ from: 7:00, to: 9:00, day: fri }]',
    'windows[0].day: expected a known key, got "day". Did you mean "days"?',
  ],
  [
    'windows: [{ days: [sunday], from: 7:00, to: 9:00 }]',
    'windows[0].days[0]: expected sun, mon, tue, wed, thu, fri, sat, weekdays, weekend or daily, got "sunday". Did you mean "sun"?',
  ],
  [
    'windows: [{ days: weekdays, from: 7:00, to: 9:00 }]',
    'windows[0].days: expected a list of days such as [mon, tue] or [weekdays], got "weekdays". Write a list: ["weekdays"].',
  ],
  [
    'windows: [{ days: [weekday], from: 7:00, to: 9:00 }]',
    'windows[0].days[0]: expected sun, mon, tue, wed, thu, fri, sat, weekdays, weekend or daily, got "weekday". Did you mean "weekdays"?',
  ],
  [
    'windows: [{ days: [], from: 7:00, to: 9:00 }]',
    'windows[0].days: expected at least one day, got an empty list. Correct it (Days on which it begins: sun to sat, weekdays, weekend or daily).',
  ],
  [
    'windows: [{ days: [off], from: 7:00, to: 9:00 }]',
    'windows[0].days[0]: expected sun, mon, tue, wed, thu, fri, sat, weekdays, weekend or daily, got "off". Write one of these.',
  ],
  [
    'windows: [{ from: ٠٧:٠٠, to: 9:00 }]',
    'windows[0].from: expected a time of day such as "07:30", from 00:00 to 23:59, got "٠٧:٠٠". Did you mean "07:00"?',
  ],
  [
    'windows: [{ from: 9:00, to: 9:00 }]',
    'windows[0].to: expected another time than `from` (for a whole day, from 00:00 to 24:00), got "9:00". Correct it (When it ends; a time before `from` is on the next day).',
  ],
  ['window: [{ from: 7:00, to: 9:00 }]', 'window: expected a known key, got "window". Did you mean "windows"?'],
  [
    'quiet: 23:00',
    'quiet: expected hours such as { from: "23:00", to: "06:30" }, or a list of them, got "23:00". Correct it (Hours in which no posts go, whatever `windows` says).',
  ],
  ['quiet: { from: 23:00, to: 6:00, tu: 1 }', 'quiet.tu: expected a known key, got "tu". Did you mean "to"?'],
  [
    'quiet: { from: "11 pm", to: 6:00 }',
    'quiet.from: expected a time of day such as "07:30", from 00:00 to 23:59, got "11 pm". Correct it (When it begins, by the clock of `timezone`).',
  ],
  [
    'quiet: [{ days: [Fri], from: 1:00, to: 2:00}]',
    'quiet[0].days[0]: expected sun, mon, tue, wed, thu, fri, sat, weekdays, weekend or daily, got "Fri". Did you mean "fri"?',
  ],
  [
    'quiet: [{ from: 0:00, to: 24:00 }]',
    'quiet: expected hours that leave some time to post, got none that do. Shorten quiet, or widen windows. To stop a channel for a while, pause it.',
  ],
  ['onHoliday: close', 'onHoliday: expected usual, weekend or closed, got "close". Did you mean "closed"?'],
  ['late: nxt', 'late: expected next, digest or drop, got "nxt". Did you mean "next"?'],
  ['late: wait', 'late: expected next, digest or drop, got "wait". Write one of these.'],
  ['breaking: on', 'breaking: expected windows or always, got "on". Write one of these.'],
  [
    'gap: 5',
    'gap: expected a duration from 1s to 7d, such as "30s", "10m", "6h" or "2d", got 5. Add the unit: "5s" for seconds.',
  ],
  [
    'gap: 0s',
    'gap: expected a duration from 1s to 7d, such as "30s", "10m", "6h" or "2d", got "0s". Correct it (Least time between two articles of the channel).',
  ],
  [
    'gap: 5min',
    'gap: expected a duration from 1s to 7d, such as "30s", "10m", "6h" or "2d", got "5min". Did you mean "5m"?',
  ],
  [
    'caps: 6',
    'caps: expected a map of keys, got a number. Write a map: { key: value, … } (Most articles that the channel posts).',
  ],
  [
    'caps: {}',
    'caps: expected hour, day or both, got an empty map. Correct it (Most articles that the channel posts).',
  ],
  [
    'caps: { hour: 0 }',
    'caps.hour: expected a whole number from 1 to 10000, got 0. Correct it (Most articles in any hour).',
  ],
  ['caps: { hour: 6, days: 6 }', 'caps.days: expected a known key, got "days". Did you mean "day"?'],
  ['caps: { hour: "6" }', 'caps.hour: expected a whole number from 1 to 10000, got "6". Write 6 without quotes.'],
  ['caps: { hour: 6, rest: hold }', 'caps.rest: expected wait, digest or drop, got "hold". Write one of these.'],
  [
    'approve: yes',
    'approve: expected "always", "never" or "over N recipients" with a number, got "yes". Correct it (Whether a person has to say yes first: always, never, or where one article goes to over N recipients).',
  ],
  [
    'approve: over many',
    'approve: expected "always", "never" or "over N recipients" with a number, got "over many". Correct it (Whether a person has to say yes first: always, never, or where one article goes to over N recipients).',
  ],
  ['approveBreaking: off', 'approveBreaking: expected true or false, got "off". Write false, without quotes.'],
  ['collect: on', 'collect: expected true or false, got "on". Write true, without quotes.'],
  ['filters: { keywords: [عاجل] }', 'filters.keywords: expected a known key, got "keywords". Did you mean "keyword"?'],
  ['filters: { keyword: عاجل }', 'filters.keyword: expected a list, got "عاجل". Write a list: ["عاجل"].'],
  ['filters: { not: { tags: [x] } }', 'filters.not.tags: expected a known key, got "tags". Did you mean "tag"?'],
  [
    'filters: { priority: [urgent] }',
    'filters.priority[0]: expected breaking, normal or low, got "urgent". Write one of these.',
  ],
];

const ofTop: [string, string][] = [
  ['weekend: friday', 'weekend: expected a list of days such as [fri, sat], got "friday". Write a list: ["friday"].'],
  ['weekend: [friday]', 'weekend[0]: expected sun, mon, tue, wed, thu, fri or sat, got "friday". Did you mean "fri"?'],
  [
    'weekend: [sun, mon, tue, wed, thu, fri, sat]',
    'weekend: expected at most six days, got a list. Correct it (Days of the weekend: sun, mon, tue, wed, thu, fri, sat).',
  ],
  [
    'holidays: [2026-02-30]',
    'holidays[0]: expected a date such as "2026-03-20", or "05-01" for each year, got "2026-02-30". Correct it (Holidays: "2026-03-20", or "05-01" for each year. What they change, each channel says by `onHoliday`).',
  ],
  ['holidays: 2026-03-20', 'holidays: expected a list of dates, got "2026-03-20". Write a list: ["2026-03-20"].'],
  ['holydays: []', 'holydays: expected a known key, got "holydays". Did you mean "holidays"?'],
  [
    'timezone: Damascus',
    'timezone: expected a time zone such as "Asia/Damascus" or "UTC", got "Damascus". Did you mean "Asia/Damascus"?',
  ],
];

describe('what is wrong with the rhythm of a channel', () => {
  it.each(ofChannel)('%s', (keys, problem) => {
    expect(check(file(keys)).problems).toEqual([`munadi.yaml:6  channels[0].${problem}`]);
  });

  it.each(ofTop)('%s', (line, problem) => {
    expect(check(`${line}\n${rest}`).problems).toEqual([`munadi.yaml:1  ${problem}`]);
  });
});

describe('the rhythm of a channel', () => {
  const rhythm = (keys: string, top = '') => {
    const { config, problems } = check(`${top}\n${file(keys)}`);
    expect(problems).toEqual([]);
    return config?.channels[0]?.rhythm;
  };

  it('is none where nothing is set', () => {
    expect(rhythm('language: ar')).toBeUndefined();
  });

  it('has its weekend, which may be Friday and Saturday, or others', () => {
    const keys =
      'windows: [{ days: [weekdays], from: 7:00, to: 23:00 }, { days: [weekend, mon], from: 22:00, to: 1:30 }]';
    expect(rhythm(keys)?.timetable?.windows).toEqual([
      { days: [0, 1, 2, 3, 4], fromMinute: 420, toMinute: 1380 },
      { days: [1, 5, 6], fromMinute: 1320, toMinute: 1530 },
    ]);
    expect(rhythm(keys, 'weekend: [sat, sun]')?.timetable?.windows.map(({ days }) => days)).toEqual([
      [1, 2, 3, 4, 5],
      [0, 1, 6],
    ]);
  });

  it('is closed on holidays without any hours of its own', () => {
    const top = 'holidays: [2026-03-20, "05-01"]';
    expect(rhythm('onHoliday: closed', top)?.timetable).toMatchObject({ windows: [], quiet: [], onHoliday: 'closed' });
    expect(rhythm('onHoliday: closed')).toBeUndefined();
  });

  it('asks a person for long lists', () => {
    expect(rhythm('approve: over 500 recipients')?.approve).toEqual({ over: 500, breaking: true });
    expect(rhythm('approve: over 20')?.approve).toEqual({ over: 20, breaking: true });
    expect(rhythm('approve: always')?.approve).toEqual({ over: 0, breaking: true });
  });
});
