import type { Delivery } from '../../../src/core/delivery.ts';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import { type Check, createTally } from '../proof.ts';

/** A request as the sandbox noted it. */
export interface Logged {
  at: string;
  method: string;
  status: number | null;
}

export interface PlatformEvidence {
  platform: string;
  /** Deliveries that were accepted for it. */
  wanted: number;
  deliveries: Delivery[];
  posts: SandboxPost[];
  log: Logged[];
  /** Whether its answers name the time of a wait. */
  tells: boolean;
  /** Requests that broke its limit. */
  refused: number;
  spent: { requests: number; recipients: number; money: number };
  /** Of one post. */
  price: number;
}

const names = ['lost', 'twice', 'not settled', 'went into a wait', 'broke a limit', 'spent wrongly'] as const;

/** What was under way when a wait was told, or is told before its last second is over. */
const slack = { beginMs: 400, endMs: 100 };

/** Nothing lost or doubled, no wait forgotten, and spent what was posted, no more and no less. */
export function judgeWaits(
  all: readonly PlatformEvidence[],
  { open, toldWaitMs }: { open: number; toldWaitMs: number },
): { checks: Check[]; platforms: Record<string, Record<string, number>> } {
  const tally = createTally(names);
  if (open > 0) tally.fail('not settled', { article: '-', what: `${open} deliveries are neither published nor held` });
  for (const evidence of all) {
    const { platform, wanted, deliveries, posts, refused } = evidence;
    const tell = (name: (typeof names)[number], article: string, what: string) =>
      tally.fail(name, { article, channel: platform, what });
    const held = deliveries.filter((delivery) => delivery.held);
    if (deliveries.length < wanted) tell('lost', '-', `${wanted - deliveries.length} of ${wanted} are gone`);
    for (const { id, state, failure } of deliveries.filter(
      ({ state }) => state === 'rejected' || state === 'discarded',
    )) {
      tell('lost', id, `${state}: ${failure?.reason ?? ''}`);
    }
    const published = deliveries.filter(({ state }) => state === 'published');
    if (posts.length < published.length) tell('lost', '-', `${published.length} published, ${posts.length} received`);
    for (const [key, count] of countBy(posts.map(({ target, text }) => `${target}: ${text}`))) {
      if (count > 1) tell('twice', key, `received ${count} times`);
    }
    for (const at of evidence.tells ? intoWait(evidence.log, toldWaitMs) : [])
      tell('went into a wait', at, 'sent too early');
    if (refused > 0) tell('broke a limit', '-', `${refused} requests were refused`);
    for (const what of misspent(evidence, held.length)) tell('spent wrongly', '-', what);
  }
  const platforms = Object.fromEntries(
    all.map(({ platform, wanted, posts, deliveries, spent }) => [
      platform,
      {
        wanted,
        received: posts.length,
        held: deliveries.filter(({ held }) => held).length,
        'requests spent': spent.requests,
      },
    ]),
  );
  return { checks: tally.checks(), platforms };
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Publishing requests that came while a wait was under way. */
function intoWait(log: readonly Logged[], toldWaitMs: number): string[] {
  const sent = log.filter(({ method }) => method === 'POST');
  const told = sent.filter(({ status }) => status === 429).map(({ at }) => Date.parse(at));
  const isDuring = (at: number) =>
    told.some((since) => at > since + slack.beginMs && at < since + toldWaitMs - slack.endMs);
  return sent.filter(({ at }) => isDuring(Date.parse(at))).map(({ at }) => at);
}

/** What is held may be live, and stays spent. */
function misspent({ deliveries, spent, price, platform }: PlatformEvidence, held: number): string[] {
  const posts = deliveries.filter(({ state }) => state === 'published').length + held;
  const money = Math.round(posts * price * 1_000_000) / 1_000_000;
  const recipients = platform === 'whatsapp' ? posts : 0;
  return [
    ...(spent.requests === posts ? [] : [`${spent.requests} requests spent for ${posts} posts`]),
    ...(spent.recipients === recipients ? [] : [`${spent.recipients} recipients spent for ${recipients}`]),
    ...(Math.abs(spent.money - money) < 1e-6 ? [] : [`${spent.money} spent for ${money}`]),
  ];
}
