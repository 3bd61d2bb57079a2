import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { channelFile, check, rest } from './written-config.ts';

/** The one problem of a file with these lines, after the line number. */
function problemOf(text: string): string {
  const { problems } = check(text);
  expect(problems).toHaveLength(1);
  return problems[0]?.replace(/^munadi.yaml:\d+ {2}/, '') ?? '';
}

const top = (line: string) => problemOf(`${line}\n${rest}`);
const telegram = (keys: string) => problemOf(channelFile('telegram', keys));
const whatsapp = (recipients: string) =>
  problemOf(channelFile('whatsapp', `template: { name: news, language: ar }, recipients: ${recipients}`));

describe('YAML 1.2', () => {
  const channel = (keys: string) => check(channelFile('telegram', `chat: "@channel", ${keys}`)).problems;

  it('takes times for text, with and without quotes', () => {
    for (const time of ['23:00', '7:30', '"23:00"', '07:00']) {
      expect(channel(`windows: [{ from: 6:00, to: ${time} }], quiet: { from: ${time}, to: 6:15 }`), time).toEqual([]);
    }
    expect(check(`data: 23:00\n${rest}`).problems).toEqual([]);
  });

  it('takes on, off, yes and no for text: where true or false belongs, they are told', () => {
    for (const [word, meant] of [
      ['on', 'true'],
      ['off', 'false'],
      ['yes', 'true'],
      ['no', 'false'],
    ]) {
      const told = `expected true or false, got "${word}". Write ${meant}, without quotes.`;
      expect(channel(`approveBreaking: ${word}`)).toEqual([`munadi.yaml:3  channels[0].approveBreaking: ${told}`]);
    }
  });
});

describe('numbers where text belongs', () => {
  it.each([
    [
      () => telegram('chat: -1001234567890'),
      'channels[0].chat: expected text, got -1001234567890. Put it in quotes: "-1001234567890".',
    ],
    [
      () => whatsapp('[963900000000]'),
      'channels[0].recipients[0]: expected text, got 963900000000. Put it in quotes: "+963900000000".',
    ],
    [
      () => whatsapp('[+963900000000]'),
      'channels[0].recipients[0]: expected text, got +963900000000. Put it in quotes: "+963900000000".',
    ],
    [
      () => whatsapp('[00963900000000]'),
      'channels[0].recipients[0]: expected text, got 00963900000000. Put it in quotes: "+963900000000".',
    ],
    [
      () => whatsapp('+963900000000'),
      'channels[0].recipients: expected a list, got +963900000000. Write a list: ["+963900000000"].',
    ],
    [
      () => problemOf(channelFile('facebook, pageId: 123456789012345678901', 'language: ar')),
      'accounts.main.pageId: expected text, got 123456789012345678901. Put it in quotes: "123456789012345678901".',
    ],
    [
      () => telegram('chat: "@channel", filters: { section: [2026] }'),
      'channels[0].filters.section[0]: expected text, got 2026. Put it in quotes: "2026".',
    ],
    [
      () => telegram('chat: "@channel", filters: { tag: [true] }'),
      'channels[0].filters.tag[0]: expected text, got true. Put it in quotes: "true".',
    ],
  ])('get a remedy (%#)', (problem, expected) => {
    expect(problem()).toBe(expected);
  });
});

describe('text that is nearly right', () => {
  it.each([
    [() => telegram('chat: channel'), '"@channel"'],
    [() => telegram('chat: https://t.me/channel'), '"@channel"'],
    [() => telegram('chat: “@channel”'), '"@channel"'],
    [() => telegram('chat: "\\u200f@channel "'), '"@channel"'],
    [() => whatsapp('["+963 900 000 000"]'), '"+963900000000"'],
    [() => whatsapp('["+٩٦٣٩٠٠٠٠٠٠٠٠"]'), '"+963900000000"'],
    [() => top('reliability: { quarantine: 10 m }'), '"10m"'],
    [() => top('reliability: { quarantine: 10M }'), '"10m"'],
    [() => top('fetch: { allow: [10.0.0.1] }'), '"10.0.0.1/32"'],
    [() => top('log: { level: inf }'), '"info"'],
    [() => top('mode: sandbx'), '"sandbox"'],
  ])('is answered with what was meant (%#)', (problem, meant) => {
    expect(problem()).toMatch(new RegExp(`Did you mean ${meant.replace(/[+.]/g, '\\$&')}\\?$`));
  });

  it('shows what cannot be seen', () => {
    expect(telegram('chat: "\\u200f@channel\\u00a0"')).toContain('got "\\u200f@channel\\u00a0".');
  });
});

describe('durations', () => {
  it('are read in all units', () => {
    const { config } = check(
      `reliability: { lease: 2m, requestTimeout: 500ms, quarantine: 1h, backoff: 3s, maxBackoff: 1d }\n${rest}`,
    );
    expect(config?.reliability).toMatchObject({
      leaseMs: 120_000,
      requestTimeoutMs: 500,
      quarantineMs: 3_600_000,
      backoffMs: 3_000,
      maxBackoffMs: 86_400_000,
    });
    expect(check(channelFile('telegram', 'chat: "@channel", staleAfter: 2d')).config?.channels[0]?.staleAfterMs).toBe(
      172_800_000,
    );
  });

  it('need a unit and bounds', () => {
    expect(top('reliability: { quarantine: 30 }')).toMatch(/got 30\. Add the unit: "30s" for seconds\.$/);
    for (const value of ['-1s', '1.5h', '"6 hours"', '9999999999999999d', '2d', '""', '1e3s']) {
      expect(top(`reliability: { quarantine: ${value} }`)).toContain(
        'reliability.quarantine: expected a duration from 0s to 1d, such as "30s", "10m", "6h" or "2d", got ',
      );
    }
  });

  it('must leave a lease longer than a request, and waits that grow', () => {
    expect(top('reliability: { lease: 24s }')).toContain(
      'reliability.lease: expected at least requestTimeout and 5s (25s), got 24s.',
    );
    expect(top('reliability: { backoff: 1m, maxBackoff: 59s }')).toContain(
      'reliability.maxBackoff: expected at least backoff (60s), got 59s.',
    );
  });
});

describe('other kinds of values', () => {
  it.each(['10MB', '10 MB', '10485760', '"10485760"', '10240kB'])('take the size %s', (value) => {
    expect(check(`fetch: { maxBytes: ${value} }\n${rest}`).config?.fetch.maxBytes).toBe(10 * 1024 * 1024);
  });

  it.each(['0', '-1', '1.5', '101MB', '1GB', 'much', 'true', '[1]'])('refuse the size %s', (value) => {
    expect(top(`fetch: { maxBytes: ${value} }`)).toContain(
      'fetch.maxBytes: expected a size such as "10MB" or "500kB", at most 100MB, got ',
    );
  });

  it.each(['127.0.0.1/32', '10.0.0.0/8', '"::1/128"', 'fd00::/8'])('take the range %s', (value) => {
    expect(check(`fetch: { allow: [${value}] }\n${rest}`).problems).toEqual([]);
  });

  it.each(['300.1.1.1/8', '10/8', '10.0.0.0/33', 'localhost', '"*"'])('refuse the range %s', (value) => {
    expect(top(`fetch: { allow: [${value}] }`)).toContain('fetch.allow[0]: expected a range of addresses such as ');
  });

  it.each(['Asia/Damascus', 'UTC', 'Europe/Berlin', 'asia/damascus'])('take the time zone %s', (value) => {
    expect(check(`timezone: ${value}\n${rest}`).problems).toEqual([]);
  });

  it.each(['"+03:00"', 'Damascus', 'GMT+25', '3', '""'])('refuse the time zone %s', (value) => {
    expect(top(`timezone: ${value}`)).toContain(
      'timezone: expected a time zone such as "Asia/Damascus" or "UTC", got ',
    );
  });

  it('take language tags in any case, as their usual spelling', () => {
    const { config } = check(
      channelFile('telegram', 'chat: "@channel", language: AR, filters: { language: [en-gb, ar] }'),
    );
    expect(config?.channels[0]).toMatchObject({ language: 'ar', filters: { language: ['en-GB', 'ar'] } });
    for (const tag of ['arabic', 'ar_SY', '"*"', '""']) {
      expect(telegram(`chat: "@channel", language: ${tag}`)).toContain(
        'channels[0].language: expected a language tag such as "ar" or "en", got ',
      );
    }
  });

  it.each(['redis://127.0.0.1', 'rediss://user:p%40ss@redis.example:6380/2', 'redis://[::1]:6379'])(
    'take the Redis address %s',
    (value) => {
      expect(check(`redis: { url: "\${R}" }\n${rest}`, { R: value }).config?.redis.url).toBe(value);
    },
  );

  it.each([
    '127.0.0.1:6379',
    'http://h',
    'redis://',
    'redis://u:50%@h',
    'redis://u:p w@h',
    'redis://h/x',
    'redis://u:%ff@h',
  ])('refuse the Redis address %s', (value) => {
    expect(check(`redis: { url: "\${R}" }\n${rest}`, { R: value }).problems).toEqual([
      'munadi.yaml:1  redis.url: expected a Redis address such as "redis://127.0.0.1:6379" or "rediss://…", got what R holds. Correct R in the environment: redis://HOST:PORT, or redis://USER:PASSWORD@HOST:PORT with @ : / # ? % in the password percent-encoded.',
    ]);
  });

  it.each(['http://user:pw@h', 'http://h?x=1', 'http://h#x', 'ftp://h', 'h:9001', 'http:h', '"http://h /"'])(
    'refuse the apiRoot %s',
    (value) => {
      const { problems } = check(rest.replace('telegram', `telegram, token: "\${T}", apiRoot: ${value}`), { T: '1:a' });
      expect(problems).toEqual([
        expect.stringContaining(
          'accounts.main.apiRoot: expected an http or https address without user, query and fragment, got ',
        ),
      ]);
    },
  );

  it('take a folder from the working directory, or an absolute one', () => {
    expect(check(rest).config?.dataDir).toBe(resolve('data'));
    expect(check(`data: here/there\n${rest}`).config?.dataDir).toBe(resolve('here/there'));
    expect(check(`data: /srv/munadi\n${rest}`).config?.dataDir).toBe('/srv/munadi');
    for (const value of ['""', '"~/munadi"', '"a\\0b"', '5'])
      expect(check(`data: ${value}\n${rest}`).problems).toHaveLength(1);
  });
});

describe('http.host', () => {
  it.each(['127.0.0.1', 'localhost', '"::1"', '"[::1]"', '127.1.2.3'])('needs no token as %s', (host) => {
    expect(check(`http: { host: ${host} }\n${rest}`).problems).toEqual([]);
  });

  it.each(['0.0.0.0', '"::"', '192.168.1.2', 'munadi.example', 'localhost.example', '"[::]"'])(
    'needs a token as %s',
    (host) => {
      const text = `http: { host: ${host}, token: "\${API}" }\n${rest}`;
      expect(check(text).problems).toEqual([
        expect.stringMatching(
          /http.token: expected a token, since http.host \(.*\) is reachable from other machines, got nothing: API is unset\. Set API/,
        ),
      ]);
      expect(check(text, { API: 'secret' }).config?.http.token).toBe('secret');
    },
  );

  it('is given without brackets', () => {
    expect(check(`http: { host: "[::1]" }\n${rest}`).config?.http.host).toBe('::1');
  });

  it.each(['http://h', 'a b', '""', '127.0.0.1:3000/x'])('is refused as %s', (host) => {
    expect(top(`http: { host: ${host} }`)).toContain(
      'http.host: expected a host name or address such as 127.0.0.1 or localhost, got ',
    );
  });
});
