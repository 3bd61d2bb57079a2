import { createHash } from 'node:crypto';
import type { Consent, Person } from '../../core/subscriber.ts';

/** People of one account stand in so many small hashes. */
export const buckets = 16_384;

/** In which of them a person stands; the same as in person.lua. */
export function bucketOf(who: string): number {
  return createHash('sha1').update(who).digest().readUInt16BE(0) >> 2;
}

const consents: Record<string, Consent> = { s: 'subscribed', x: 'stopped', k: 'known' };

/** What stands behind the numbers of a record. */
export interface Legend {
  /** Ids of topics, by bit. */
  topics: readonly string[];
  /** Words for how consent is known, by number in hex. */
  how: ReadonlyMap<string, string>;
}

/** Number of the words for how the consent of a record is known, in hex; `''`: none. */
export const howOf = (record: string): string => record.split('|')[4] ?? '';

/** A record as person.lua describes it. */
export function toPerson(who: string, record: string, { topics: ids, how: texts }: Legend): Person {
  const [state = '', topics, language, changed, how, inbound, blocked, until, flags = ''] = record.split('|');
  const text = how ? texts.get(how) : undefined;
  const ms = (hex: string) => Number.parseInt(hex, 16) * 1_000;
  return {
    who,
    consent: consents[state] ?? 'known',
    ...(topics ? { topics: named(Number.parseInt(topics, 16), ids) } : {}),
    ...(language ? { language } : {}),
    breakingOnly: flags.includes('b'),
    ...(changed ? { changedMs: ms(changed) } : {}),
    ...(text === undefined ? {} : { how: text }),
    ...(inbound ? { inboundMs: ms(inbound) } : {}),
    ...(blocked ? { blocked: { code: blocked, ...(until ? { untilMs: ms(until) } : {}) } } : {}),
    isUs: flags.includes('u'),
  };
}

function named(bits: number, ids: readonly string[]): string[] {
  return ids.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
