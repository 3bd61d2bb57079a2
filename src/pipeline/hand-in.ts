import { InputError } from '../core/errors.ts';
import type { SourceTraits } from '../core/source.ts';
import type { ArticleDraft } from '../sources/index.ts';
import type { SourceDocument } from '../sources/source.ts';
import { directionOf } from '../text/language.ts';
import type { Gone, Intake, Taken } from './intake.ts';

/** What came of a document: of an article, of a deletion, or `waiting`, as it is not to be published yet. */
export type HandedIn = Taken | Gone | { verdict: 'waiting'; reason: string };

/**
 * Hands a document of a source in. `fallbackKey` names it where it has no name of its own. Throws `InputError` (422) where
 * nothing names it, and where Redis is away.
 */
export async function handIn(
  intake: Intake,
  {
    source,
    traits,
    document,
    fallbackKey,
  }: { source: string; traits: SourceTraits; document: SourceDocument; fallbackKey?: string },
): Promise<HandedIn> {
  const key = document.key ?? fallbackKey;
  const { channels, updates, onDelete } = traits;
  if (document.event === 'wait') {
    // What was published, and is a draft again, is gone for readers.
    const gone = key === undefined ? undefined : await intake.gone(source, key, { onDelete });
    return gone && gone.verdict !== 'unknown' ? gone : { verdict: 'waiting', reason: document.reason };
  }
  if (key === undefined) {
    throw new InputError(
      'The article has no id and no address: nothing tells it from others. Give it an "id" or a "url".',
      {
        code: 'missing',
        status: 422,
      },
    );
  }
  const rules = { updates, onDelete, ...(channels === undefined ? {} : { channels }) };
  if (document.event === 'delete') return intake.gone(source, key, rules);
  const { updatedAt } = document;
  const draft = withTraits(document.draft, traits);
  return intake.take({ source, key, draft, ...(updatedAt === undefined ? {} : { updatedAt }) }, rules);
}

/** What the configuration gives articles of a source that do not have it. */
export function withTraits(draft: ArticleDraft, { section, priority, tags, language }: SourceTraits): ArticleDraft {
  return {
    ...draft,
    // Where the words do not tell.
    ...(draft.language === 'und' && language !== undefined ? { language, direction: directionOf(language) } : {}),
    ...(draft.section === undefined && section !== undefined ? { section } : {}),
    ...(draft.priority === undefined && priority !== undefined ? { priority } : {}),
    tags: [...new Set([...draft.tags, ...tags])],
  };
}
