import { z } from 'zod';
import { filters } from '../core/filters.ts';
import { alarms } from './alarms.ts';
import { budgets } from './budgets.ts';
import { feeds } from './feeds.ts';
import {
  addressRange,
  apiRoot,
  count,
  duration,
  folder,
  host,
  idPattern,
  idText,
  language,
  redisUrl,
  size,
  timezone,
} from './fields.ts';
import { catchUp, limits } from './limits.ts';
import { priorities } from './priorities.ts';
import { holidays, rhythmFields, weekend } from './rhythm.ts';
import { schedules } from './schedule-fields.ts';
import { sources } from './sources.ts';
import { styleFields } from './style.ts';

const redis = z.strictObject({
  url: redisUrl
    .optional()
    .describe(
      'Address of your own Redis or Valkey. Without it, one is started on this machine, its data in the folder `data`.',
    ),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'up to 40 Latin letters, digits, - and _')
    .default('munadi')
    .describe('What every Redis key begins with: several installations can share one Redis.'),
});

const http = z.strictObject({
  host: host
    .prefault('127.0.0.1')
    .describe('Where the API listens. Anything but this machine itself (loopback) needs a token.'),
  port: count(0, 65_531)
    .default(3000)
    .describe('Port of the API; 0 takes a free one. The sandbox prefers the four ports above it.'),
  publicUrl: apiRoot
    .optional()
    .describe('Address under which the API is reached from outside, for hubs of feeds that call us.'),
  token: z.string().optional().describe('What callers of the API present as bearer token. A secret: write "${NAME}".'),
});

const reliability = z.strictObject({
  lease: duration({ least: '1s', most: '1h' })
    .prefault('60s')
    .describe('How long a worker may hold a delivery before others take it for dead. More than requestTimeout and 5s.'),
  requestTimeout: duration({ least: '100ms', most: '10m' })
    .prefault('20s')
    .describe('Deadline of one call to a platform.'),
  quarantine: duration({ least: '0s', most: '1d' })
    .prefault('30s')
    .describe('How long a delivery that may or may not be live rests before anybody looks.'),
  attempts: count(1, 100).default(8).describe('Attempts before a delivery is given up.'),
  backoff: duration({ least: '1ms', most: '1h' })
    .prefault('2s')
    .describe('First wait between attempts; doubles each time.'),
  failuresToRest: count(0, 1_000)
    .default(8)
    .describe('Failures in a row after which an account rests, and then is tried by one post at a time; 0: never.'),
  rest: duration({ least: '1ms', most: '1h' })
    .prefault('30s')
    .describe('How long an account that fails rests at first; doubles each time, up to 15m.'),
  maxBackoff: duration({ least: '1ms', most: '1d' }).prefault('10m').describe('Longest wait between attempts.'),
});

const fetch = z.strictObject({
  allow: z
    .array(addressRange)
    .default([])
    .describe('Addresses that articles may lead to beside public ones, as ranges; on any port.'),
  ports: z
    .array(count(1, 65_535))
    .min(1, 'at least one port')
    .default([80, 443])
    .describe('Ports that articles may lead to.'),
  timeout: duration({ least: '100ms', most: '10m' })
    .prefault('10s')
    .describe('Deadline for fetching a page or picture.'),
  maxBytes: size.prefault('20MB').describe('Largest page or picture that is fetched.'),
});

const workers = z.strictObject({
  concurrency: count(1, 1000).default(50).describe('Deliveries that one worker has in hand at once, per platform.'),
});

const retention = z.strictObject({
  days: count(1, 3650).default(30).describe('How long finished articles are kept, and known again when they return.'),
  statusDays: count(1, 30)
    .default(7)
    .describe(
      'How long statuses may still come of what went to a list; after that its messages can be told of no more.',
    ),
});

const deletions = z.strictObject({
  perHour: count(0, 1000)
    .default(3)
    .describe(
      'How many articles may be retracted in an hour by themselves, where their source says `onDelete: retract`; of more, a person is asked.',
    ),
});

const duplicates = z.strictObject({
  near: z
    .enum(['skip', 'followUp', 'post'])
    .default('skip')
    .describe(
      'What becomes of an article that tells the same as an earlier one in much the same words: skip it, post it as a reply to the first (followUp), or post it like every other.',
    ),
  threshold: z
    .number('a number from 0.3 to 1')
    .min(0.3, 'a number from 0.3 to 1')
    .max(1, 'a number from 0.3 to 1')
    .default(0.55)
    .describe('How alike two articles are to be for that, from 0.3 to 1; higher finds fewer.'),
  window: duration({ least: '1h', most: '14d' })
    .prefault('3d')
    .describe('How long an article is compared with those that come after it.'),
});

const log = z.strictObject({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info').describe('How much is logged.'),
});

/** The top of the file. Accounts and channels are checked one by one, by their platforms' own schemas. */
export const settings = z.strictObject({
  mode: z
    .enum(['live', 'sandbox'])
    .optional()
    .describe(
      'live: an account without credentials is an error. sandbox: nothing leaves this machine, whatever is set.',
    ),
  data: folder
    .default('./data')
    .describe(
      'Folder for the Redis that is started here and for the record of the sandbox; from the working directory.',
    ),
  redis: redis.prefault({}).describe('The store of everything that was accepted.'),
  timezone: timezone.default('UTC').describe('Time zone of dates and hours, such as Asia/Damascus.'),
  weekend,
  holidays,
  http: http.prefault({}).describe('The API and the desk page.'),
  accounts: z
    .record(z.string(), z.unknown(), 'a map from account names to their settings')
    .describe('Sets of credentials, by a name of your own.'),
  channels: z.array(z.unknown(), 'a list of channels').min(1, 'at least one channel').describe('Places to publish to.'),
  reliability: reliability.prefault({}).describe('Deadlines and repeats.'),
  ...priorities,
  limits: limits.prefault({}).describe("How much is posted in what time. Usually the platforms' documented limits."),
  budgets: budgets.prefault({}).describe('What each account may spend in a day and a month.'),
  deletions: deletions.prefault({}).describe('What becomes of articles that are deleted at their source.'),
  duplicates: duplicates.prefault({}).describe('What becomes of articles that tell what another one has told.'),
  alarms: alarms.prefault({}).describe('Who is told of what goes wrong, and when.'),
  schedules,
  feeds,
  sources,
  fetch: fetch.prefault({}).describe('Guards on addresses that articles lead to.'),
  workers: workers.prefault({}).describe('How much is done at once.'),
  retention: retention.prefault({}).describe('How long things are kept.'),
  log: log.prefault({}).describe('The log, on standard error.'),
});

/** Keys of every account, beside its platform's. */
export const commonAccount = z.strictObject({
  platform: z.string().describe('Which platform this account is on.'),
  apiRoot: apiRoot
    .optional()
    .describe("Base address of the API, where it is not the platform's own: a proxy, a simulator."),
});

/** Keys of every channel, beside its platform's. */
export const commonChannel = z.strictObject({
  id: z
    .string()
    .regex(idPattern, idText)
    .describe('Name of the channel. Known articles are not sent again while it stays the same.'),
  account: z.string().describe('Name of the account it posts with; the platform comes from there.'),
  language: language
    .optional()
    .describe("Language of template and digits; without it, the article's own. Excludes nothing: see filters."),
  filters: filters.prefault({}).describe('What the channel takes; without filters, every article.'),
  staleAfter: duration({ least: '1s', most: '365d' })
    .optional()
    .describe('Posts that are late by more than this are dropped.'),
  catchUp: catchUp.optional().describe('How this channel comes out of an outage; `limits.catchUp` unless set.'),
  ...rhythmFields,
  ...styleFields,
  defaultImage: z
    .string()
    .min(1, 'the name of a file, or an address')
    .max(2_000, 'at most 2000 characters')
    .optional()
    .describe(
      "Picture of posts whose article has none that can be used: a file, from this file's folder, or an http(s) address.",
    ),
  corrections: z
    .enum(['edit', 'reply', 'repost', 'leave'])
    .optional()
    .describe(
      'What becomes of a live post whose article is corrected: edit it, reply to it with the corrected text, repost (remove it and post anew), or leave it. Without it, the best way that the platform has.',
    ),
  retractionNotice: z
    .string()
    .max(200, 'at most 200 characters')
    .regex(/^(?=.*\S)[^\p{Cc}]*$/u, 'some text on one line')
    .optional()
    .describe('What a post says whose article was retracted, where the platform lets nothing be removed (any more).'),
  unconfirmed: z
    .enum(['hold', 'resend'])
    .default('hold')
    .describe('A post that may or may not be live: hold waits for a person, resend sends again and may post twice.'),
});

export type Settings = z.infer<typeof settings>;
