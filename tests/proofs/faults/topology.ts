import { stringify } from 'yaml';

/** Where a channel's posts go, as the platform names it. */
export interface Target {
  channel: string;
  platform: string;
  /** Chat, user, person or page. */
  target: string;
  /** Of WhatsApp, as the config has it. */
  recipient?: string;
  /** Whether an article may come in several parts. */
  inParts: boolean;
}

export const people = ['+963900000001', '+963900000002'];

/** One delivery of each article goes to each of these. */
export const targets: readonly Target[] = [
  { channel: 'telegram-short', platform: 'telegram', target: '@proof_short', inParts: false },
  { channel: 'telegram-long', platform: 'telegram', target: '@proof_long', inParts: true },
  { channel: 'x-short', platform: 'x', target: '71', inParts: false },
  { channel: 'x-thread', platform: 'x', target: '72', inParts: true },
  ...people.map((recipient) => ({
    channel: 'whatsapp-people',
    platform: 'whatsapp',
    target: recipient.slice(1),
    recipient,
    inParts: false,
  })),
  { channel: 'facebook-one', platform: 'facebook', target: '7001', inParts: false },
  { channel: 'facebook-two', platform: 'facebook', target: '7002', inParts: false },
];

/** Milliseconds; as short as the program allows. */
export const timings = { requestTimeout: 1_000, lease: 6_000, quarantine: 2_000 };

export interface ConfigWish {
  /** Base address of each platform. */
  roots: Record<string, string>;
  /** Absent: the embedded one. */
  redisUrl?: string;
  port?: number;
  concurrency: number;
  /** Milliseconds; as in `timings` where absent. */
  requestTimeout?: number | undefined;
}

/** A config with the channels of `targets`; all processes of a run differ only in what `ConfigWish` names. */
export function proofConfig(wish: ConfigWish): string {
  const x = { ...accounts.x, apiRoot: wish.roots.x };
  const facebook = { ...accounts.facebook, apiRoot: wish.roots.facebook };
  return processConfig(wish, {
    accounts: {
      'telegram-main': { ...accounts.telegram, apiRoot: wish.roots.telegram },
      'x-one': { ...x, accessToken: '${X1}' },
      'x-two': { ...x, accessToken: '${X2}' },
      'whatsapp-main': { ...accounts.whatsapp, apiRoot: wish.roots.whatsapp },
      'facebook-one': { ...facebook, pageId: '7001' },
      'facebook-two': { ...facebook, pageId: '7002' },
    },
    channels: [
      { id: 'telegram-short', account: 'telegram-main', chat: '@proof_short' },
      { id: 'telegram-long', account: 'telegram-main', chat: '@proof_long', messages: 3 },
      { id: 'x-short', account: 'x-one' },
      { id: 'x-thread', account: 'x-two', thread: 3 },
      {
        id: 'whatsapp-people',
        account: 'whatsapp-main',
        recipients: people,
        template: { name: 'news', language: 'ar' },
      },
      { id: 'facebook-one', account: 'facebook-one' },
      { id: 'facebook-two', account: 'facebook-two' },
    ],
  });
}

/** What accounts have but for where they are, and which one of several. */
export const accounts = {
  telegram: { platform: 'telegram', token: '${TG}' },
  x: { platform: 'x', appKey: '${K}', appSecret: '${S}', accessSecret: '${S}' },
  whatsapp: {
    ...{ platform: 'whatsapp', phoneNumberId: '7003', accessToken: '${WA}', appSecret: '${WS}' },
    verifyToken: '${WV}',
  },
  facebook: { platform: 'facebook', accessToken: '${FB}' },
};

/** A config of one process with the given accounts and channels; `more` of its keys go beside them. */
export function processConfig(
  { redisUrl, port = 0, concurrency, requestTimeout = timings.requestTimeout }: ConfigWish,
  more: { accounts: object; channels: object[]; schedules?: object[] },
): string {
  return stringify({
    data: './data',
    http: { port },
    ...(redisUrl === undefined ? {} : { redis: { url: redisUrl } }),
    ...more,
    reliability: {
      requestTimeout: `${requestTimeout}ms`,
      // The shortest that the program allows.
      lease: `${requestTimeout + 5_000}ms`,
      quarantine: `${timings.quarantine}ms`,
      attempts: 100,
      backoff: '50ms',
      maxBackoff: '500ms',
      failuresToRest: 0,
    },
    limits: { enabled: false },
    workers: { concurrency },
    log: { level: 'error' },
  });
}
