import type { Redis } from 'ioredis';
import {
  byRefusal,
  type Consent,
  mostHowLength,
  mostLanguageLength,
  type Person,
  type PersonEvent,
  type ToldPerson,
} from '../../core/subscriber.ts';
import { loadScript } from '../scripts.ts';
import { bucketOf, buckets, howOf, type Legend, toPerson } from './record.ts';

/** The people that accounts write to: who wants what, how that is known, and who may be written to. */
export interface Subscribers {
  /** By the phone number's digits, or by the platform's id. */
  get(account: string, who: string): Promise<Person | undefined>;
  /** The id that the platform gave beside the number, or the number beside the id. */
  otherName(account: string, who: string): Promise<string | undefined>;
  /** The same of many, in their order. */
  otherNames(account: string, whos: readonly string[]): Promise<(string | undefined)[]>;
  /**
   * Takes what people have told, in that order. Rejects where one of the events makes no sense, after the others are
   * taken.
   */
  tell(account: string, events: readonly PersonEvent[]): Promise<ToldPerson[]>;
  /**
   * The platform refused a message to a person with this code: nothing is sent for so long (ms), or until the person
   * writes; `Infinity`: the person stopped it. `atMs`: when that was; absent: now.
   */
  refused(account: string, who: string, code: string, forMs: number, atMs?: number): Promise<void>;
  /** All of an account, a page at a time. Whoever comes meanwhile may be missing, nobody who was there is. */
  scan(account: string): AsyncGenerator<Person[]>;
  counts(account: string): Promise<Record<Consent, number>>;
  /** Erases all that is kept of a person under any name, a stop too. False where nobody of that name is known. */
  forget(account: string, who: string): Promise<boolean>;
  /** Bits of topics, by id, as records have them; given out when somebody first asks for a topic. */
  topicBits(account: string): Promise<ReadonlyMap<string, number>>;
}

/** So many events are taken in one step; others wait for it. */
const maxEvents = 200;
/** So many hashes are read at once. */
const pageBuckets = 64;

export function openSubscribers(redis: Redis, prefix: string): Subscribers {
  const before = ['state-lists', 'subscribers/person', 'subscribers/write-person'];
  const [runTell, runRefuse, runForget] = ['tell', 'refuse', 'forget'].map((name) =>
    loadScript(redis, `subscribers/${name}`, before),
  ) as [Run, Run, Run];
  const keyOf = (account: string, name: string | number) => `${prefix}:people:${account}:${name}`;
  const otherName = async (account: string, who: string) =>
    (await redis.hget(keyOf(account, `alias:${bucketOf(who)}`), who)) ?? undefined;

  async function topicBits(account: string): Promise<Map<string, number>> {
    const bits = Object.entries(await redis.hgetall(keyOf(account, 'topics')));
    return new Map(bits.map(([id, bit]) => [id, Number(bit)]));
  }

  /** What the records need to be read. */
  async function legendOf(account: string, records: readonly string[]): Promise<Legend> {
    const numbers = [...new Set(records.map(howOf).filter(Boolean))];
    const [bits, texts] = await Promise.all([
      topicBits(account),
      numbers.length > 0 ? redis.hmget(keyOf(account, 'how:texts'), ...numbers) : [],
    ]);
    const topics: string[] = [];
    for (const [id, bit] of bits) topics[bit] = id;
    return { topics, how: new Map(numbers.map((number, at) => [number, texts[at] ?? ''])) };
  }

  async function tell(account: string, events: readonly PersonEvent[]): Promise<ToldPerson[]> {
    const rows: Row[] = [];
    for (let at = 0; at < events.length; at += maxEvents) {
      const args = events.slice(at, at + maxEvents).flatMap(argsOf);
      rows.push(...((await runTell([prefix, account, ...args])) as Row[]));
    }
    const fault = rows.find(([verdict]) => verdict === 'fault');
    if (fault) throw new Error(`subscribers/tell.lua: ${fault[2]}`);
    const legend = await legendOf(
      account,
      rows.map(([, , record]) => record),
    );
    return rows.map(([verdict, who, record, before, without]) => ({
      verdict: verdict as ToldPerson['verdict'],
      wasSubscribed: before === 's',
      person: toPerson(who, record, legend),
      ...(without ? { noRoomFor: without.split(',') } : {}),
    }));
  }

  return {
    tell,
    otherName,
    topicBits,
    async otherNames(account, whos) {
      const pipeline = redis.pipeline();
      for (const who of whos) pipeline.hget(keyOf(account, `alias:${bucketOf(who)}`), who);
      return ((await pipeline.exec()) ?? []).map(([error, name]) => {
        if (error) throw error;
        return (name as string | null) ?? undefined;
      });
    },
    async get(account, given) {
      const who = given.includes('.') ? ((await otherName(account, given)) ?? given) : given;
      const record = await redis.hget(keyOf(account, bucketOf(who)), who);
      return record === null ? undefined : toPerson(who, record, await legendOf(account, [record]));
    },
    async refused(account, who, code, forMs, atMs) {
      if (forMs === Number.POSITIVE_INFINITY) {
        await tell(account, [{ who, act: 'stop', how: byRefusal, ...(atMs === undefined ? {} : { atMs }) }]);
        return;
      }
      await runRefuse([prefix, account, who, code.slice(0, 7), forMs, atMs ?? '']);
    },
    async *scan(account) {
      for (let first = 0; first < buckets; first += pageBuckets) {
        const pipeline = redis.pipeline();
        for (let bucket = first; bucket < first + pageBuckets; bucket += 1) pipeline.hgetall(keyOf(account, bucket));
        const entries = ((await pipeline.exec()) ?? []).flatMap(([error, people]) => {
          if (error) throw error;
          return Object.entries(people as Record<string, string>);
        });
        if (entries.length === 0) continue;
        const legend = await legendOf(
          account,
          entries.map(([, record]) => record),
        );
        yield entries.map(([who, record]) => toPerson(who, record, legend));
      }
    },
    async counts(account) {
      const counts = await redis.hgetall(keyOf(account, 'counts'));
      const of = (name: Consent) => Number(counts[name] ?? 0);
      return { subscribed: of('subscribed'), stopped: of('stopped'), known: of('known') };
    },
    async forget(account, who) {
      const other = await otherName(account, who);
      for (const name of other === undefined ? [who] : [who, other])
        await redis.del(`${prefix}:helped:${account}:${name}`);
      return Number(await runForget([prefix, account, who])) > 0;
    },
  };
}

/** Verdict, who, record, state before, ids of topics for which there is no room. */
type Row = [string, string, string, string, string];
type Run = ReturnType<typeof loadScript>;

/** What tell.lua takes of one event. */
function argsOf({ who, alias, atMs, act, how = '', topics, breakingOnly, language = '', ...flags }: PersonEvent) {
  if (how.length > mostHowLength) throw new Error(`how: more than ${mostHowLength} characters`);
  if (language.length > mostLanguageLength) throw new Error(`language: more than ${mostLanguageLength} characters`);
  return [
    who,
    alias ?? '',
    act,
    atMs === undefined ? '' : Math.max(0, Math.floor(atMs / 1_000)),
    how,
    topics === undefined ? '' : topics === 'all' || topics.length === 0 ? '*' : topics.join(','),
    language,
    breakingOnly === undefined ? '' : breakingOnly ? '1' : '0',
    flags.isInbound ? '1' : '',
    flags.isUs ? '1' : '',
  ];
}
