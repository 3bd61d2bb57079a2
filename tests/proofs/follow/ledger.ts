import { setTimeout as delay } from 'node:timers/promises';
import type { Article } from '../../../src/core/article.ts';
import { type DeliveryState, deliveryStates, type FollowAct, finalStates } from '../../../src/core/delivery.ts';
import { toHistory } from '../../../src/store/records.ts';
import type { Installation } from '../faults/installation.ts';
import { editionsIn } from './words.ts';

/** A delivery as the ledger has it. */
export interface Row {
  id: string;
  article: string;
  version: number;
  channel: string;
  platform: string;
  recipient?: string;
  act?: FollowAct;
  state: DeliveryState;
  held: boolean;
  /** Remote ids of the steps that are done. */
  parts: string[];
  /** What it waits for, as in its record; empty: nothing. */
  waits: string;
  /** Article id of the digest that tells it; empty: none. */
  digest: string;
  /** Why it ended otherwise; empty: no code. */
  code: string;
  reason: string;
  /** When each claim was granted, by Redis' clock (epoch ms). */
  claims: number[];
  /** What became of it, with codes, in order. */
  story: string;
}

/** An article as the ledger has it. */
export interface Story {
  /** The edition that each version tells; of a digest, none. */
  editions: Map<number, number>;
  /** Numbers of the articles that it tells: its own, or those of a digest, in any version. */
  numbers: number[];
  newest: number;
  /** When it was retracted, by Redis' clock (epoch ms); undefined: it was not. */
  retracted: number | undefined;
}

export interface Ledger {
  /** In the order in which they were planned. */
  rows: Row[];
  stories: Map<string, Story>;
  /** What is wrong with the lists of states, in words. */
  misfiled: string[];
}

type Site = Pick<Installation, 'redis'>;

/** Everything that the ledger says, from Redis itself. */
export async function readLedger({ redis }: Site): Promise<Ledger> {
  const keys = await redis.keys('munadi:article:*');
  const ids = keys.flatMap((key) => /^munadi:article:([^:]+)$/.exec(key)?.[1] ?? []);
  const stories = new Map<string, Story>();
  const rows: Row[] = [];
  for (const id of ids.sort()) {
    const record = await redis.hgetall(`munadi:article:${id}`);
    const versions = Object.entries(record).flatMap(([name, text]): [number, Article][] =>
      /^v\d+$/.test(name) ? [[Number(name.slice(1)), JSON.parse(text) as Article]] : [],
    );
    const about = versions.flatMap(([, { title, digest = [] }]) =>
      editionsIn([title, ...digest.map((item) => item.title)].join(' ')),
    );
    stories.set(id, {
      editions: new Map(
        versions.flatMap(([version, { title }]) => editionsIn(title).map((one) => [version, one.edition])),
      ),
      numbers: [...new Set(about.map(({ article }) => article))],
      newest: Number(record.version),
      retracted: record.retracted === undefined ? undefined : Number(record.retracted),
    });
    rows.push(...(await readRows({ redis }, await redis.lrange(`munadi:article:${id}:deliveries`, 0, -1))));
  }
  return { rows, stories, misfiled: await findMisfiled({ redis }, rows) };
}

export async function readRows({ redis }: Site, ids: readonly string[]): Promise<Row[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hgetall(`munadi:delivery:${id}`);
  const answers = (await pipeline.exec()) ?? [];
  return ids.flatMap((id, at) => {
    const record = answers[at]?.[1] as Record<string, string> | undefined;
    return record?.state === undefined ? [] : [toRow(id, record)];
  });
}

function toRow(id: string, record: Record<string, string>): Row {
  const {
    article = '',
    channel = '',
    platform = '',
    recipient,
    act,
    state,
    held,
    parts,
    waits = '',
    digest = '',
    failure,
  } = record;
  const history = toHistory(record);
  const { code, reason } = failure ? (JSON.parse(failure) as { code?: string | null; reason?: string }) : {};
  return {
    ...{ id, article, version: Number(record.version), channel, platform, waits, digest },
    ...(recipient ? { recipient } : {}),
    ...(act ? { act: act as FollowAct } : {}),
    state: state as DeliveryState,
    held: state === 'unconfirmed' && held === '1',
    parts: parts ? (JSON.parse(parts) as { remoteId: string }[]).map(({ remoteId }) => remoteId) : [],
    code: code ?? '',
    reason: reason ?? '',
    claims: history.flatMap(({ event, at }) => (event === 'sending' ? [Date.parse(at)] : [])),
    story: history.map(({ event, at, code: why }) => [event, why, at.slice(14)].filter(Boolean).join(' ')).join(', '),
  };
}

/** Each delivery stands in the list of its state, and in no other; so the states sum up. */
async function findMisfiled({ redis }: Site, rows: readonly Row[]): Promise<string[]> {
  const listed = new Map<string, string[]>();
  for (const state of deliveryStates) {
    for (const id of await redis.zrange(`munadi:state:${state}`, '0', '-1')) {
      listed.set(id, [...(listed.get(id) ?? []), state]);
    }
  }
  const wrong = rows.flatMap(({ id, state }) => {
    const found = listed.get(id)?.join(', ') ?? 'none';
    return found === state ? [] : [`${id} is ${state}, and listed under ${found}`];
  });
  const known = new Set(rows.map(({ id }) => id));
  return [
    ...wrong,
    ...[...listed.keys()].filter((id) => !known.has(id)).map((id) => `${id} is listed, and no article's`),
  ];
}

const openStates = deliveryStates.filter((state) => !finalStates.has(state));
const pollMs = 150;

/** Those that need no person: the others are held, or wait for one that is, be it a digest that tells them. */
async function atWork({ redis }: Site, unsettled: readonly Row[]): Promise<Row[]> {
  const heldDigests = new Set<string>();
  for (const digest of new Set(unsettled.map((row) => row.digest).filter((one) => one !== ''))) {
    const own = await readRows({ redis }, await redis.lrange(`munadi:article:${digest}:deliveries`, 0, -1));
    if (own.some((row) => row.held)) heldDigests.add(digest);
  }
  const placeOf = ({ article, channel, recipient }: Row) => `${article} ${channel} ${recipient}`;
  const waiting = unsettled.filter(
    ({ held, waits, digest }) => held || (waits === 'digest' && heldDigests.has(digest)),
  );
  const places = new Set(waiting.map(placeOf));
  const isBehind = (row: Row) => (row.waits === 'maybe' || row.waits === 'follows') && places.has(placeOf(row));
  return unsettled.filter((row) => !waiting.includes(row) && !isBehind(row));
}

/**
 * Waits until every delivery is final or waits for a person, and every retraction is looked after. Resolves to those that
 * are still at work when time is up.
 */
export async function untilQuiet(
  { redis }: Site,
  { withinMs, say }: { withinMs: number; say(what: string): void },
): Promise<Row[]> {
  const until = performance.now() + withinMs;
  let said = performance.now();
  for (;;) {
    const lists = await Promise.all(openStates.map((state) => redis.zrange(`munadi:state:${state}`, '0', '-1')));
    const open = await atWork({ redis }, await readRows({ redis }, lists.flat()));
    const retracting = await redis.zcard('munadi:retracting');
    if (open.length === 0 && retracting === 0) return open;
    if (performance.now() > until) return open;
    if (performance.now() - said > 5_000) {
      said = performance.now();
      const waits = Map.groupBy(open, ({ platform, state, waits, reason }) =>
        [platform, state, waits || reason].filter((one) => one !== '').join(' '),
      );
      say(
        `open: ${[...waits].map(([name, { length }]) => `${length} ${name}`).join(', ') || 'none'}; ${retracting} retractions`,
      );
    }
    await delay(pollMs);
  }
}
