import { stringify } from 'yaml';
import { targetOf as proofTargetOf } from './exchange.ts';
import type { Exchange } from './http-proxy.ts';

/** Where the posts of one channel go, and who pays for them. */
export interface WaitingTarget {
  channel: string;
  account: string;
  platform: string;
  /** Chat, user, person or Page, as the platform names it. */
  target: string;
  /** Of WhatsApp, as the config has it. */
  recipient?: string;
  /** Whether an article comes in several parts. */
  inParts: boolean;
}

const chats = ['@waits_one', '@waits_two', '@waits_three', '-1001234567890'];
const people = ['+963900000001', '+963900000002', '+201000000003'];
const prices = { x: { post: 0.015, link: 0.2 }, whatsapp: { '963': 0.04, default: 0.06 } };

/** One delivery of each article goes to each of these; two bots, two users, a number and a Page. */
export const waitingTargets: readonly WaitingTarget[] = [
  ...chats.map((target, n) => ({
    ...{
      channel: `group-${n + 1}`,
      account: n < 3 ? 'bot-one' : 'bot-two',
      platform: 'telegram',
      target,
      inParts: false,
    },
  })),
  { channel: 'user-one', account: 'user-one', platform: 'x', target: '81', inParts: false },
  { channel: 'user-two', account: 'user-two', platform: 'x', target: '82', inParts: true },
  ...people.map((recipient) => ({
    ...{ channel: 'people', account: 'number', platform: 'whatsapp', target: recipient.slice(1), recipient },
    inParts: false,
  })),
  { channel: 'page', account: 'page', platform: 'facebook', target: '8001', inParts: false },
];

export const accountIds = [...new Set(waitingTargets.map(({ account }) => account))];

/** The limits of the program, and of the sandbox where it is to hold them. */
export const rates = {
  telegram: { group: '10/4s', chat: 'none' },
  x: { user: '30/4s' },
  whatsapp: { number: '20/2s', recipient: '1/500ms' },
  // The sandbox's Page tells how much is used as of a day: it would be spread over minutes.
  facebook: { page: '6/4s' },
} as const;
export const held: Record<string, Record<string, string[]>> = {
  telegram: { group: ['10/4s'], chat: [] },
  x: { user: ['30/4s'] },
  whatsapp: { number: ['20/2s'], recipient: ['1/500ms'] },
};

/** Milliseconds. A busy machine is given more time to answer than the other forms give it. */
export const waitingTimings = { requestTimeout: 2_000, lease: 7_000, quarantine: 1_000, margin: 400 };

/** Config of one process. `redisUrl` absent: the embedded one. */
export function waitsConfig({
  roots,
  redisUrl,
  port = 0,
  concurrency,
}: {
  roots: Record<string, string>;
  redisUrl?: string;
  port?: number;
  concurrency: number;
}): string {
  const bot = { platform: 'telegram', apiRoot: roots.telegram };
  const user = { platform: 'x', appKey: '${K}', appSecret: '${S}', accessSecret: '${S}', apiRoot: roots.x };
  const { requestTimeout, lease, quarantine, margin } = waitingTimings;
  return stringify({
    data: './data',
    http: { port },
    ...(redisUrl === undefined ? {} : { redis: { url: redisUrl } }),
    accounts: {
      'bot-one': { ...bot, token: '${TG}' },
      'bot-two': { ...bot, token: '654321:proofproofproofproofproofproofproof' },
      'user-one': { ...user, accessToken: '81-proof-token' },
      'user-two': { ...user, accessToken: '82-proof-token' },
      number: { platform: 'whatsapp', phoneNumberId: '8003', accessToken: '${WA}', apiRoot: roots.whatsapp },
      page: { platform: 'facebook', pageId: '8001', accessToken: '${FB}', apiRoot: roots.facebook },
    },
    channels: [
      ...chats.map((chat, n) => ({ id: `group-${n + 1}`, account: n < 3 ? 'bot-one' : 'bot-two', chat })),
      { id: 'user-one', account: 'user-one' },
      { id: 'user-two', account: 'user-two', links: 'never', thread: 3 },
      { id: 'people', account: 'number', recipients: people, template: { name: 'news', language: 'ar' } },
      { id: 'page', account: 'page' },
    ],
    limits: { enabled: true, margin: `${margin}ms`, ...rates },
    budgets: {
      'bot-one': { day: { requests: 100_000 } },
      'user-one': { day: { money: 5_000 }, month: { requests: 100_000 }, prices: prices.x },
      'user-two': { day: { requests: 100_000 }, month: { money: 5_000 }, prices: prices.x },
      number: { day: { recipients: 100_000 }, month: { money: 5_000 }, prices: prices.whatsapp },
      page: { month: { requests: 100_000 } },
    },
    reliability: {
      requestTimeout: `${requestTimeout}ms`,
      lease: `${lease}ms`,
      quarantine: `${quarantine}ms`,
      attempts: 100,
      backoff: '50ms',
      maxBackoff: '500ms',
    },
    workers: { concurrency },
    log: { level: 'error' },
  });
}

/** What one post costs by the prices above. */
export function priceOf({ platform, target }: WaitingTarget, hasLink: boolean): number {
  if (platform === 'x') return hasLink ? prices.x.link : prices.x.post;
  if (platform === 'whatsapp') return target.startsWith('963') ? prices.whatsapp['963'] : prices.whatsapp.default;
  return 0;
}

/** The target of a request that publishes. */
export function targetOf(exchange: Exchange): WaitingTarget | undefined {
  const to =
    exchange.platform === 'telegram' ? /"chat_id":"?([^",}]+)/.exec(exchange.body)?.[1] : proofTargetOf(exchange);
  return waitingTargets.find(({ platform, target }) => platform === exchange.platform && target === to);
}
