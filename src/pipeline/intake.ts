import type { Article } from '../core/article.ts';
import { InputError } from '../core/errors.ts';
import type { SourceItem, SourceRules } from '../sources/source.ts';
import type { Alarms } from '../store/alarms.ts';
import type { Deletions } from '../store/deletions.ts';
import type { SourceKeys } from '../store/source-keys.ts';
import { correct, isTrivialChange } from './correct.ts';
import { canonicalUrl, contentHash, hash } from './dedupe.ts';
import { ingest } from './ingest.ts';
import { type RetractDeps, retract } from './retract.ts';

/**
 * What came of one article of a source, and its id:
 * - `new`: accepted. It is durable, with its deliveries.
 * - `known`: it is there already, as it is, or as something newer.
 * - `updated`: it has a new version, which goes to where the old one is.
 * - `unchanged`: it was changed in ways that no reader would call a change, or changes are not followed.
 * - `refused`: it cannot be taken as it is; the reason is for people.
 */
export type Taken =
  | { verdict: 'new' | 'known' | 'updated' | 'unchanged'; article: string }
  | { verdict: 'refused'; reason: string };

/** What came of a deletion at a source. `asked`: a person decides. */
export type Gone = { verdict: 'unknown' } | { verdict: 'ignored' | 'asked' | 'retracted'; article: string };

/** Where all sources hand in what they find. Safe to repeat, and by many processes at once: each article is taken once. */
export interface Intake {
  /** Throws only where Redis is away: then the same item is to be handed in again. */
  take(item: SourceItem, rules: SourceRules): Promise<Taken>;
  /** The source does not have it any more. */
  gone(source: string, key: string, rules: Pick<SourceRules, 'onDelete'>): Promise<Gone>;
}

export interface IntakeDeps {
  /** By the configuration that holds. */
  article(): RetractDeps;
  keys: SourceKeys;
  deletions: Deletions;
  alarms: Pick<Alarms, 'raise'>;
  /** More deletions in an hour than these are a person's to decide. */
  deletionsPerHour(): number;
}

export function createIntake({ article: deps, keys, deletions, alarms, deletionsPerHour }: IntakeDeps): Intake {
  async function take({ source, key, draft, updatedAt }: SourceItem, rules: SourceRules): Promise<Taken> {
    const known = await keys.articleOf(source, key);
    const id = known ?? draft.id ?? idOf({ source, key, draft });
    const given = { ...draft, id, source: draft.source ?? source, ...(updatedAt === undefined ? {} : { updatedAt }) };
    const { verdict, article } = await ingest(
      deps(),
      given,
      rules.channels ? { channels: rules.channels, byRule: true } : {},
    );
    if (article.id === id && known !== id) await keys.note(source, key, id);
    if (verdict === 'new') return { verdict, article: article.id };
    // The same text under another name, or from somebody else, is another copy of it, not a new version.
    const isOwn = article.id === id && article.source === given.source;
    if (!isOwn || !(await isNewer(article, given))) return { verdict: 'known', article: article.id };
    if (rules.updates === 'ignore') return { verdict: 'unchanged', article: id };
    const changed = await correct(deps(), id, given, isTrivialChange);
    return { verdict: changed.verdict === 'corrected' ? 'updated' : 'unchanged', article: id };
  }

  /** Old copies turn up again: from caches, from mirrors that lag. */
  async function isNewer(
    stored: Article,
    given: Pick<Article, 'title' | 'paragraphs' | 'url' | 'updatedAt'>,
  ): Promise<boolean> {
    const said = contentHash(given.title, given.paragraphs);
    const isSame = said === contentHash(stored.title, stored.paragraphs);
    if (isSame && placeOf(stored) === placeOf(given)) return false;
    if (stored.updatedAt !== undefined && given.updatedAt !== undefined) {
      return Date.parse(given.updatedAt) >= Date.parse(stored.updatedAt);
    }
    for (let version = 1; version < stored.version; version += 1) {
      const before = await deps().articles.get(stored.id, version);
      if (before && contentHash(before.title, before.paragraphs) === said) return false;
    }
    return true;
  }

  return {
    async take(item, rules) {
      try {
        return await take(item, rules);
      } catch (error) {
        if (error instanceof InputError && error.status < 500) return { verdict: 'refused', reason: error.message };
        throw error;
      }
    },
    async gone(source, key, { onDelete }) {
      const article = await keys.articleOf(source, key);
      if (article === undefined || !(await deps().articles.get(article))) return { verdict: 'unknown' };
      if (onDelete === 'ignore' || (await deps().followUps.retracted(article))) return { verdict: 'ignored', article };
      const lately = await deletions.note(article, deps().now());
      if (onDelete === 'retract' && lately <= deletionsPerHour()) {
        await retract(deps(), article, { why: `deleted at ${source}` });
        return { verdict: 'retracted', article };
      }
      const many = onDelete === 'retract' ? `, with ${lately - 1} others within an hour` : '';
      const reason = `It is gone at its source${many}.`;
      await deletions.ask({ article, source, at: new Date(deps().now()).toISOString(), reason });
      await alarms.raise({ kind: 'deleted', subject: article, detail: { article, source, reason } });
      return { verdict: 'asked', article };
    },
  };
}

function placeOf({ url }: Pick<Article, 'url'>): string {
  return url === undefined ? '' : canonicalUrl(url);
}

/** By its address where it has one: the same story of two feeds of one site is one. */
function idOf({ source, key, draft }: SourceItem): string {
  return `a${hash(draft.url ? canonicalUrl(draft.url) : `${source}\n${key}`).slice(0, 20)}`;
}
