import { InputError } from '../core/errors.ts';
import type { FeedSetting } from '../core/source.ts';
import type { Feed, FeedItem, FeedOrigin } from '../sources/feed.ts';
import { feedAccept, maxFeedBytes } from '../sources/feed-request.ts';
import type { FullTexts } from '../sources/full-text.ts';
import { FetchError, type Fetched, type GuardedFetch } from '../sources/guarded-fetch.ts';
import type { ArticleDraft } from '../sources/index.ts';
import type { Polite } from '../sources/polite.ts';
import { hubInLinks } from '../sources/websub.ts';
import type { Alarms } from '../store/alarms.ts';
import type { Feeds, FeedTurn, SeenItem } from '../store/feeds.ts';
import { shownAddress } from '../text/shown-address.ts';
import { hash } from './dedupe.ts';
import { withTraits } from './hand-in.ts';
import type { Intake } from './intake.ts';
import { nextPollMs, nextTryMs } from './poll-times.ts';

export interface PollDeps {
  feeds: Feeds;
  intake: Intake;
  alarms: Pick<Alarms, 'raise' | 'over'>;
  fetch: GuardedFetch;
  polite: Polite;
  pages: FullTexts;
  readFeed(bytes: Uint8Array, about: FeedOrigin): Promise<Feed>;
  retentionDays: number;
  leaseMs: number;
  /** The clock of all processes (epoch ms). */
  now: () => number;
  /** Told what came of a poll, in words for the log. */
  report(event: { feed: string; level: 'info' | 'warn'; what: string; detail?: object }): void;
}

/** What came of a poll: how many items there were, and how many of them were new or changed and handed in. */
export interface Polled {
  items: number;
  handedIn: number;
  /** The hub that the feed names. */
  hub?: Feed['hub'];
}

/** A feed that cannot be read for so long is an alarm. */
const alarmAfterMs = 3_600_000;
const goneLooks = 5;
const mostLeft = 500;

/** An item of the last poll: its key and its page. */
type Listed = [key: string, url: string];

/** Another process has the turn by now: it does the rest. */
class TurnLost extends Error {}

/**
 * One turn at a feed: fetch, read, hand in what is new or changed, oldest first, all of it. Each item is noted as seen
 * only once it is handed in, so that whatever dies repeats rather than loses. Ends the turn. Rejects where Redis is away.
 */
export async function pollFeed(deps: PollDeps, id: string, setting: FeedSetting, turn: FeedTurn): Promise<Polled> {
  const { feeds, now } = deps;
  try {
    const answer = await deps.polite.at(setting.url, () =>
      deps.fetch.get(setting.url, {
        accept: feedAccept,
        maxBytes: maxFeedBytes,
        unless: {
          ...(turn.etag ? { etag: turn.etag } : {}),
          ...(turn.lastModified ? { lastModified: turn.lastModified } : {}),
        },
      }),
    );
    const subscription = await feeds.subscription(id);
    const isSubscribed = (subscription?.untilMs ?? 0) > now();
    const { headers } = answer;
    const hints = { cacheControl: headers['cache-control'], expires: headers.expires, isSubscribed };
    if (answer.notModified) {
      await isWell(deps, id, turn);
      await feeds.settle(id, turn.token, nextPollMs(setting.everyMs, hints, now()), working);
      // For a subscription to be renewed while nothing changes.
      const hub = subscription && { url: subscription.hub, topic: subscription.topic };
      return { items: 0, handedIn: 0, ...(hub ? { hub } : {}) };
    }
    const feed = await deps.readFeed(answer.bytes, originOf(answer));
    const { handedIn, left } = await takeItems(deps, { id, setting, turn }, feed);
    if (left === undefined) {
      // The rest comes in the next turn: others wait for theirs.
      await feeds.settle(id, turn.token, 0, { ...working, items: feed.items.length, new: handedIn });
      return { items: feed.items.length, handedIn };
    }
    const { ttlMs, skip } = feed;
    const hub = hubInLinks(headers.link, answer.url) ?? feed.hub;
    const waitMs = nextPollMs(setting.everyMs, { ...hints, ttlMs, skip }, now());
    await isWell(deps, id, turn);
    await feeds.forget(id, deps.retentionDays);
    await feeds.settle(id, turn.token, waitMs, {
      ...working,
      etag: headers.etag ?? '',
      lastModified: headers['last-modified'] ?? '',
      started: '1',
      items: feed.items.length,
      new: handedIn,
      list: JSON.stringify([...feed.items.map((item) => [item.key, item.draft.url ?? '']), ...left]),
    });
    if (answer.movedTo !== undefined)
      deps.report({
        feed: id,
        level: 'warn',
        what: `the feed has moved for good: set url to ${shownAddress(answer.movedTo)}`,
      });
    for (const warning of feed.warnings) deps.report({ feed: id, level: 'warn', what: warning });
    deps.report({ feed: id, level: 'info', what: 'read', detail: { items: feed.items.length, new: handedIn } });
    return { items: feed.items.length, handedIn, ...(hub ? { hub } : {}) };
  } catch (error) {
    if (error instanceof TurnLost) return { items: 0, handedIn: 0 };
    if (!(error instanceof FetchError) && !(error instanceof InputError)) {
      // Redis is away, or a fault of ours: what was not handed in comes again.
      await feeds.settle(id, turn.token, setting.everyMs, {}).catch(() => {});
      throw error;
    }
    await failed(deps, id, setting, turn, error);
    return { items: 0, handedIn: 0 };
  }
}

const working = { error: '', failures: '', failingSince: '' };

function originOf({ url, contentType, charset }: Fetched): FeedOrigin {
  return { name: shownAddress(url), url, contentType, ...(charset === undefined ? {} : { charset }) };
}

async function isWell({ alarms }: PollDeps, id: string, { failures }: FeedTurn): Promise<void> {
  if (failures > 0) await alarms.over({ kind: 'feed', subject: id });
}

/** The feed cannot be read: it is tried again later and later. */
async function failed(deps: PollDeps, id: string, setting: FeedSetting, turn: FeedTurn, error: Error): Promise<void> {
  const failures = turn.failures + 1;
  const about = error instanceof FetchError ? error : undefined;
  const isOver = about?.status === 410;
  const { failingSince } = await deps.feeds.state(id);
  const sinceMs = failingSince === null ? deps.now() : Date.parse(failingSince);
  const waitMs = isOver ? dayMs : nextTryMs(setting.everyMs, { failures, retryAfterMs: about?.retryAfterMs });
  await deps.feeds.settle(id, turn.token, waitMs, {
    error: error.message.slice(0, 500),
    failures,
    failingSince: sinceMs,
  });
  deps.report({ feed: id, level: 'warn', what: error.message });
  if (isOver || deps.now() - sinceMs >= alarmAfterMs) {
    const reason = isOver ? 'its site says that it is gone for good (HTTP 410)' : error.message.slice(0, 200);
    await deps.alarms.raise({
      kind: 'feed',
      subject: id,
      detail: { feed: id, url: shownAddress(setting.url), reason },
    });
  }
}

const dayMs = 86_400_000;

interface Turn {
  id: string;
  setting: FeedSetting;
  turn: FeedTurn;
}

/**
 * Hands in what is new or changed. Resolves to how many that were, and the missing items to be looked at next time;
 * without these where the turn was too short for all.
 */
async function takeItems(
  deps: PollDeps,
  { id, setting, turn }: Turn,
  feed: Feed,
): Promise<{ handedIn: number; left?: Listed[] }> {
  const { feeds } = deps;
  const items = feed.items.map((item) => ({ item, key: keyOf(item), print: printOf(item) }));
  const before = await feeds.seen(
    id,
    items.map(({ key }) => key),
  );
  const remember = !turn.isStarted && setting.first === 'remember';
  const same: { key: string; item: SeenItem }[] = [];
  let handedIn = 0;
  const startedAt = performance.now();
  let extendedAt = startedAt;
  for (const [index, { item, key, print }] of items.entries()) {
    const known = before[index];
    // What was there before we came is no news, whatever becomes of it.
    const remembered = known ? known.remembered : remember;
    if (remembered || known?.print === print) {
      same.push({ key, item: { print, remembered } });
      continue;
    }
    if (handedIn > 0 && performance.now() - startedAt > deps.leaseMs / 2) {
      await feeds.note(id, same);
      return { handedIn };
    }
    if (performance.now() - extendedAt > deps.leaseMs / 4) {
      if (!(await feeds.extend(id, turn.token, deps.leaseMs))) throw new TurnLost();
      extendedAt = performance.now();
    }
    await handIn(deps, { id, setting }, item, known !== undefined);
    await feeds.note(id, [{ key, item: { print, remembered: false } }]);
    handedIn += 1;
  }
  await feeds.note(id, same);
  return { handedIn, left: turn.isStarted ? await lookForGone(deps, { id, setting, turn }, feed) : [] };
}

async function handIn(
  { intake, pages, report }: PollDeps,
  { id, setting }: Pick<Turn, 'id' | 'setting'>,
  item: FeedItem,
  isUpdate: boolean,
): Promise<void> {
  const draft = withTraits(await withFullText({ pages, report }, { id, setting, isUpdate }, item), setting);
  const taken = await intake.take(
    {
      source: id,
      key: item.key,
      draft: { ...draft, source: draft.source ?? setting.source },
      ...(item.updatedAt === undefined ? {} : { updatedAt: item.updatedAt }),
    },
    rulesOf(setting),
  );
  if (taken.verdict === 'refused')
    report({ feed: id, level: 'warn', what: `"${draft.title}" was not taken: ${taken.reason}` });
}

function rulesOf({ channels, updates, onDelete }: FeedSetting) {
  return { updates, onDelete, ...(channels === undefined ? {} : { channels }) };
}

/** The feed's own title, time and tags; the page's text, byline and picture. */
async function withFullText(
  { pages, report }: Pick<PollDeps, 'pages' | 'report'>,
  { id: feed, setting: { fullText }, isUpdate }: Pick<Turn, 'id' | 'setting'> & { isUpdate: boolean },
  { draft, isTeaser }: FeedItem,
): Promise<ArticleDraft> {
  if (draft.url === undefined || fullText === 'never' || (fullText === 'auto' && !isTeaser)) return draft;
  const page = await pages.read(draft.url, { fresh: isUpdate });
  if ('reason' in page) {
    report({ feed, level: 'warn', what: `the feed's own text is used: ${page.reason}` });
    // A teaser is no new version of a whole text.
    return isUpdate ? { ...draft, paragraphs: [] } : draft;
  }
  const { paragraphs, byline, agency, images, section } = page.draft;
  return {
    ...draft,
    ...(paragraphs.length > 0 ? { paragraphs } : {}),
    ...(draft.byline === undefined && byline !== undefined ? { byline } : {}),
    ...(draft.agency === undefined && agency !== undefined ? { agency } : {}),
    ...(draft.section === undefined && section !== undefined ? { section } : {}),
    images: draft.images.length > 0 ? draft.images : images,
  };
}

/**
 * An item that is missing while an older one is still there may be gone at its source: its page says so, or it is not.
 * What falls off the end of a feed is only old. Resolves to those that were too many for one turn.
 */
async function lookForGone(deps: PollDeps, { id, setting }: Turn, feed: Feed): Promise<Listed[]> {
  if (setting.onDelete === 'ignore') return [];
  const now = new Set(feed.items.map(({ key }) => key));
  const before = await deps.feeds.list(id);
  const oldest = before.findIndex(([key]) => now.has(key));
  const missing = oldest < 0 ? [] : before.slice(oldest).filter(([key, url]) => !now.has(key) && url !== '');
  for (const [key, url] of missing.slice(0, goneLooks)) {
    if ((await deps.pages.look(url)) !== 'gone') continue;
    const { verdict } = await deps.intake.gone(id, key, rulesOf(setting));
    deps.report({ feed: id, level: 'info', what: `gone at its source: ${shownAddress(url)}`, detail: { verdict } });
  }
  return missing.slice(goneLooks, goneLooks + mostLeft);
}

function keyOf({ key }: FeedItem): string {
  return hash(key).slice(0, 20);
}

/** What the feed says of an item: another print is another version. */
function printOf({ draft }: FeedItem): string {
  const { title, paragraphs, url, teaser, images } = draft;
  return hash(JSON.stringify([title, paragraphs, url, teaser, images])).slice(0, 16);
}
