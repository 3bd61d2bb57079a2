import type { FindRequest } from '../../core/platform.ts';
import type { Receipt } from '../../core/post.ts';
import { type ShortLink, sameText } from './match.ts';
import { earliest, type Page, readPages, unreadable } from './reading.ts';

/** X API, GET /2/users/:id/tweets: up to 100 a page, and the last 3,200 posts. */
const pageSize = 100;
const maxPages = 33;

interface XLink {
  url?: unknown;
  expanded_url?: unknown;
  display_url?: unknown;
  media_key?: unknown;
}

/** A post as X shows it, with the fields asked for. */
interface XPost {
  id: string;
  text: string;
  created_at?: unknown;
  entities?: { urls?: XLink[] };
  referenced_tweets?: { type?: unknown; id?: unknown }[];
}

/** A GET by path (behind `/2/`) and query; resolves to the JSON of the answer. */
export type ReadX = (path: string, query: Record<string, string>) => Promise<unknown>;

/** Our own posts since the attempt that are the part looked for, oldest first. */
export async function findOnX(
  read: ReadX,
  userId: string,
  request: FindRequest,
  urlOf: (id: string) => string,
): Promise<Receipt[]> {
  const from = earliest(request);
  const posts = await readPages<XPost>('X', {
    from,
    maxPages,
    timeOf: ({ created_at: at }) => Date.parse(String(at)),
    ask: async (next) =>
      timelinePage(
        await read(`users/${userId}/tweets`, {
          start_time: new Date(from).toISOString().replace('.000Z', 'Z'),
          // Not replies: the parts of a thread are replies.
          exclude: 'retweets',
          max_results: String(pageSize),
          'tweet.fields': 'created_at,entities,referenced_tweets',
          ...next,
        }),
      ),
  });
  const isInPlace = placeIn(posts, request);
  const part = request.post.parts[request.part];
  return posts
    .filter((post) => part && saysThis(post, part.text, part.media.length > 0) && isInPlace(post))
    .map((post) => ({ post, at: timeOf(post) }))
    .filter(({ at }) => at >= from)
    .sort((one, other) => one.at - other.at || olderFirst(one.post.id, other.post.id))
    .map(({ post: { id }, at }) => ({ remoteId: id, url: urlOf(id), at: new Date(at).toISOString() }));
}

function timelinePage(answer: unknown): Page<XPost> {
  const { data, meta } = (answer ?? {}) as { data?: unknown; meta?: { result_count?: unknown; next_token?: unknown } };
  // An empty list has no `data`.
  const posts = data === undefined && meta?.result_count === 0 ? [] : data;
  if (!Array.isArray(posts) || !posts.every(isPost)) throw unreadable('X', 'a list of posts that are none');
  const next = meta?.next_token;
  return { items: posts, next: typeof next === 'string' && next !== '' ? { pagination_token: next } : undefined };
}

function isPost(given: unknown): given is XPost {
  const { id, text } = (given ?? {}) as { id?: unknown; text?: unknown };
  return typeof id === 'string' && id !== '' && typeof text === 'string';
}

/** When it was created (epoch ms); one without a time cannot be judged. */
function timeOf({ id, created_at: at }: XPost): number {
  const time = Date.parse(String(at));
  if (Number.isNaN(time)) throw unreadable('X', `post ${id} has no time`);
  return time;
}

/** Ids of X grow with time, and have no fixed length. */
function olderFirst(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}

/** Whether a post answers the part before, or nothing where it is the first. */
function placeIn(posts: readonly XPost[], { earlier, replyTo }: FindRequest): (post: XPost) => boolean {
  const before = (earlier.at(-1) ?? replyTo)?.remoteId;
  const telling = posts.some(({ referenced_tweets: references }) => Array.isArray(references));
  const known = new Set(earlier.map(({ remoteId }) => remoteId));
  return ({ id, referenced_tweets: references = [] }) => {
    if (known.has(id)) return false;
    const answered = references.find(({ type }) => type === 'replied_to');
    if (references.some(({ type }) => type === 'retweeted')) return false;
    return before === undefined ? answered === undefined : !telling || String(answered?.id) === before;
  };
}

/** What X itself never leaves in a text that it gives back: the simulated platforms that do send texts as they were. */
const asSent = /&(?!amp;|lt;|gt;)|[<>]|https?:\/\/(?!t\.co\/)/i;

function saysThis(post: XPost, ours: string, pictured: boolean): boolean {
  const links = post.entities?.urls ?? [];
  const given = Array.isArray(links) ? links : [];
  const short: ShortLink[] = given.flatMap(({ url, expanded_url: target }) =>
    typeof url === 'string' ? [{ url, target: typeof target === 'string' ? target : undefined }] : [],
  );
  const texts = [...new Set([withoutMedia(post.text, given), post.text])];
  const readings = texts.flatMap((text) => (asSent.test(text) ? [unescaped(text), text] : [unescaped(text)]));
  return readings.some((shown) => {
    const unknown = [...shown.matchAll(/https?:\/\/t\.co\/\w+/g)]
      .map(([url]) => ({ url, target: undefined }))
      .filter(({ url }) => !short.some((one) => one.url === url));
    if (sameText(ours, shown, [...short, ...unknown])) return true;
    // The last one may be that of the picture, where the answer does not say.
    const last = unknown.at(-1)?.url;
    const bare = pictured && last !== undefined && shown.trimEnd().endsWith(last) ? cutEnd(shown, last) : undefined;
    return bare !== undefined && sameText(ours, bare, [...short, ...unknown]);
  });
}

/** X ends the text of a post with pictures with a link to them. */
function withoutMedia(text: string, links: readonly XLink[]): string {
  const ofMedia = links.filter(
    ({ media_key: key, display_url: display, expanded_url: target }) =>
      key !== undefined || /^pic\.(?:x|twitter)\.com\//.test(String(display)) || isMedia(String(target)),
  );
  return ofMedia.reduceRight((rest, { url }) => cutEnd(rest, String(url)), text);
}

const isMedia = (target: string) =>
  /^https?:\/\/(?:x|twitter)\.com\/\w+\/status\/\d+\/(?:photo|video)\/\d+$/.test(target);

function cutEnd(text: string, end: string): string {
  const trimmed = text.trimEnd();
  return trimmed.endsWith(end) ? trimmed.slice(0, -end.length) : text;
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
