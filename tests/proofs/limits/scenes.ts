/** What is posted by one account, so that one of its limits is all that holds it up. */
export interface Scene {
  /** Tag of its articles, and so of what its channels take. */
  tag: string;
  account: { id: string; platform: string; [key: string]: unknown };
  channels: { id: string; account: string; [key: string]: unknown }[];
  /** The limit that is to be used up: its name in the sandbox, and how many whose. */
  judged: { rate: string; scopes: number };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

const telegram = (id: string, bot: number, chats: readonly string[]) => ({
  account: { id, platform: 'telegram', token: `${bot}:proofproofproofproofproofproofproof` },
  channels: chats.map((chat, n) => ({ id: `${id}-${n}`, account: id, chat, filters: { tag: [id] } })),
});
const whatsapp = (id: string, phoneNumberId: number, people: readonly string[]) => ({
  account: { id, platform: 'whatsapp', phoneNumberId: String(phoneNumberId), accessToken: 'proof-wa-token' },
  channels: [
    {
      id: `${id}-list`,
      account: id,
      recipients: people,
      template: { name: 'news', language: 'ar' },
      filters: { tag: [id] },
    },
  ],
});

/** Four groups, three people and one bot with many chats on Telegram; on WhatsApp ten people, and one number with many. */
export function scenes(): Scene[] {
  return [
    {
      tag: 'groups',
      ...telegram('groups', 1_000_001, ['@proof_one', '@proof_two', '@proof_three', '-1001234567890']),
      judged: { rate: 'group', scopes: 4 },
    },
    {
      tag: 'people',
      ...telegram('people', 1_000_002, ['7001', '7002', '7003']),
      judged: { rate: 'chat', scopes: 3 },
    },
    {
      tag: 'crowd',
      ...telegram(
        'crowd',
        1_000_003,
        numbers(40).map((n) => String(8_001 + n)),
      ),
      judged: { rate: 'account', scopes: 1 },
    },
    {
      tag: 'pairs',
      ...whatsapp(
        'pairs',
        100_000_001,
        numbers(10).map((n) => `+9639000000${10 + n}`),
      ),
      judged: { rate: 'recipient', scopes: 10 },
    },
    {
      tag: 'list',
      ...whatsapp(
        'list',
        100_000_002,
        numbers(600).map((n) => `+963911000${100 + n}`),
      ),
      judged: { rate: 'number', scopes: 1 },
    },
  ];
}

/** `margin`: a duration, as the setting takes it. */
export function configOf(all: readonly Scene[], roots: Record<string, string>, margin?: string): object {
  const accounts = all.map(({ account: { id, ...rest } }) => [id, { ...rest, apiRoot: roots[rest.platform] }]);
  return {
    accounts: Object.fromEntries(accounts),
    channels: all.flatMap(({ channels }) => channels),
    // Of the people one number may write to in a day there are fewer than the many that are needed here.
    limits: { enabled: true, whatsapp: { recipients: 'none' }, ...(margin === undefined ? {} : { margin }) },
    workers: { concurrency: 50 },
  };
}
