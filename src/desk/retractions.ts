import type { Article } from '../core/article.ts';
import { chainsOf } from '../pipeline/followers.ts';
import { type Place, placeOf } from '../pipeline/retract.ts';
import type { Stores } from '../runtime/stores.ts';
import type { AskedDeletion } from '../store/deletions.ts';

/** What became of a retracted article, place by place. */
export interface Retraction {
  /** Article id. */
  article: string;
  title: string;
  direction: Article['direction'];
  /** ISO 8601, and why, in words. */
  retracted: { at: string; why: string };
  channels: Place[];
}

/** Undefined where the article is not stored, or was not retracted. */
export async function readRetraction(
  { articles, followUps }: Pick<Stores, 'articles' | 'followUps'>,
  id: string,
): Promise<Retraction | undefined> {
  const [article, retracted] = await Promise.all([articles.get(id), followUps.retracted(id)]);
  if (!article || !retracted) return undefined;
  const channels = chainsOf(await followUps.links(id)).map(placeOf);
  return { article: id, title: article.title, direction: article.direction, retracted, channels };
}

/** An article that is gone at its source, of which a person is asked. */
export type TitledDeletion = AskedDeletion & Pick<Article, 'title' | 'direction'>;

/** Longest asked first. */
export async function readAskedDeletions({
  articles,
  deletions,
}: Pick<Stores, 'articles' | 'deletions'>): Promise<TitledDeletion[]> {
  const asked = await deletions.asked();
  return Promise.all(
    asked.map(async (one) => {
      const { title = one.article, direction = 'ltr' } = (await articles.get(one.article)) ?? {};
      return { ...one, title, direction };
    }),
  );
}
