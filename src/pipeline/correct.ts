import type { Article } from '../core/article.ts';
import type { Delivery } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { priorities } from '../queue/queues.ts';
import type { ArticleDraft } from '../sources/index.ts';
import type { FollowUps } from '../store/follow-ups.ts';
import { spelledWords } from '../text/spelling.ts';
import { canonicalUrl, contentHash, hash } from './dedupe.ts';
import { checkEditorsWords } from './editor.ts';
import { followersOf } from './followers.ts';
import type { IngestDeps } from './ingest.ts';
import { listNewText } from './near.ts';

export interface CorrectDeps extends IngestDeps {
  followUps: FollowUps;
}

/**
 * What came of a new version, and the article as it is stored now. `unchanged`: it says nothing new; nothing was written.
 * `deliveries` are those of the new version.
 */
export type Corrected =
  | { verdict: 'corrected' | 'unchanged' | 'retracted'; article: Article; deliveries: Delivery[] }
  | { verdict: 'missing' };

/** Another process may change the same article at the same time: it is read again so often. */
const tries = 20;

/**
 * Gives an article a new version, which goes to every channel that the old one went to or was to go to. What a draft leaves
 * out stays as it was; as a function, it is made of the version before, whichever that is by then. `isTrivial` decides
 * which changes are none. Throws `InputError` (422) for an editor's summary or
 * text that does not fit.
 */
export async function correct(
  deps: CorrectDeps,
  id: string,
  draft: ArticleDraft | ((before: Article) => ArticleDraft),
  isTrivial: (before: Article, after: Article) => boolean = isEqual,
): Promise<Corrected> {
  for (let turn = 0; turn < tries; turn += 1) {
    const before = await deps.articles.get(id);
    if (!before) return { verdict: 'missing' };
    if (await deps.followUps.retracted(id)) return { verdict: 'retracted', article: before, deliveries: [] };
    const given = typeof draft === 'function' ? draft(before) : draft;
    const article = newVersion(before, given);
    if (isTrivial(before, article)) return { verdict: 'unchanged', article: before, deliveries: [] };
    const links = await deps.followUps.links(id);
    checkEditorsWords(article, deps, [...new Set(links.map(({ channel }) => channel))]);
    const { version, priority } = article;
    const followers = followersOf(links, { article: id, version, act: 'correct', priority: priorities[priority] });
    const reply = await deps.followUps.correct({
      article,
      known: links.length,
      urlHash: article.url ? hash(canonicalUrl(article.url)) : undefined,
      contentHash: article.digest ? hash(`${id} ${version}`) : contentHash(article.title, article.paragraphs),
      ...(given.embargoUntil === undefined ? {} : { embargoMs: Date.parse(given.embargoUntil) }),
      followers,
    });
    if (reply === 'corrected') {
      await listNewText(deps, article);
      return { verdict: reply, article, deliveries: await deps.deliveries.get(followers.map((one) => one.delivery)) };
    }
  }
  throw new InputError('The article changes all the time. Try again.', { code: 'busy', status: 503 });
}

function newVersion(before: Article, draft: ArticleDraft): Article {
  const { id: _id, priority, images, tags, paragraphs, ...said } = draft;
  const merged = { ...before, ...said, id: before.id, version: before.version + 1 };
  return {
    ...merged,
    priority: priority ?? before.priority,
    paragraphs: paragraphs.length > 0 ? paragraphs : before.paragraphs,
    images: images.length > 0 ? images : before.images,
    tags: tags.length > 0 ? tags : before.tags,
  };
}

/** Nothing is different. */
export function isEqual(
  { version: _old, updatedAt: _then, ...before }: Article,
  { version: _new, updatedAt: _now, ...after }: Article,
): boolean {
  return canonical(before) === canonical(after);
}

function canonical(value: object): string {
  return JSON.stringify(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/**
 * A reader would not call it a change: the same words in headline and text, and the same address. White space, diacritics,
 * tatweel, punctuation and the spellings that readers take for the same do not count, nor do tags, section, pictures and
 * byline.
 */
export function isTrivialChange(before: Article, after: Article): boolean {
  const words = ({ title, paragraphs, summary = '' }: Article) =>
    spelledWords([title, summary, ...paragraphs].join(' ')).join(' ');
  const place = ({ url }: Article) => (url === undefined ? '' : canonicalUrl(url));
  return words(before) === words(after) && place(before) === place(after);
}
