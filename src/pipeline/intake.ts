import { InputError } from '../core/errors.ts';
import type { SourceItem, SourceRules } from '../sources/source.ts';
import { canonicalUrl, hash } from './dedupe.ts';
import { type IngestDeps, ingest } from './ingest.ts';

/**
 * What came of one article of a source, and its id:
 * - `new`: accepted. It is durable, with its deliveries.
 * - `known`: it is there already, as it is.
 * - `refused`: it cannot be taken as it is; the reason is for people.
 */
export type Taken = { verdict: 'new' | 'known'; article: string } | { verdict: 'refused'; reason: string };

/** Where all sources hand in what they find. Safe to repeat, and by many processes at once: each article is taken once. */
export interface Intake {
  /** Throws only where Redis is away: then the same item is to be handed in again. */
  take(item: SourceItem, rules: SourceRules): Promise<Taken>;
}

export function createIntake(deps: () => IngestDeps): Intake {
  return {
    async take({ source, key, draft }, rules) {
      const id = draft.id ?? idOf({ source, key, draft });
      try {
        const { verdict, article } = await ingest(
          deps(),
          { ...draft, id, source: draft.source ?? source },
          rules.channels ? { channels: rules.channels } : {},
        );
        return { verdict: verdict === 'new' ? 'new' : 'known', article: article.id };
      } catch (error) {
        if (error instanceof InputError) return { verdict: 'refused', reason: error.message };
        throw error;
      }
    },
  };
}

/** By its address where it has one: the same story of two feeds of one site is one. */
function idOf({ source, key, draft }: SourceItem): string {
  return `a${hash(draft.url ? canonicalUrl(draft.url) : `${source}\n${key}`).slice(0, 20)}`;
}
