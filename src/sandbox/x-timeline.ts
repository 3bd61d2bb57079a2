import { createHash } from 'node:crypto';
import twitterText from 'twitter-text';
import type { SandboxPost } from './post.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite } from './simulation.ts';
import { found, invalid } from './x-answer.ts';

/** Fields that come only when asked for (`tweet.fields`, newer texts say `post.fields`). */
const optionalFields = ['created_at', 'entities', 'referenced_tweets'];

/**
 * A post as X gives it back: addresses as t.co links beside what they stand for, one more at the end for its pictures, and
 * `& < >` as entities. Times are whole seconds.
 */
export function view({ id, text, at, replyTo, media }: SandboxPost, query: URLSearchParams): object {
  let shown = '';
  let from = 0;
  const urls = twitterText.extractUrlsWithIndices(text).map(({ url, indices: [start, end] }, index) => {
    const short = shortened(id, index);
    shown += escaped(text.slice(from, start));
    const at = [...shown].length;
    shown += short;
    from = end;
    return {
      start: at,
      end: at + short.length,
      url: short,
      expanded_url: /^https?:/i.test(url) ? url : `http://${url}`,
      display_url: url.replace(/^https?:\/\/(?:www\.)?/i, ''),
    };
  });
  shown += escaped(text.slice(from));
  const pictures = media.length === 0 ? [] : [pictureLink(id, shown)];
  if (pictures[0]) shown = `${shown === '' ? '' : `${shown} `}${pictures[0].url}`;
  const links = [...urls, ...pictures];
  const known: Record<string, unknown> = {
    created_at: at.replace(/\.\d+Z$/, '.000Z'),
    entities: links.length === 0 ? undefined : { urls: links },
    referenced_tweets: replyTo ? [{ type: 'replied_to', id: replyTo }] : undefined,
  };
  const asked = `${query.get('tweet.fields') ?? ''},${query.get('post.fields') ?? ''}`.split(',');
  const given = optionalFields.filter((name) => asked.includes(name)).map((name) => [name, known[name]]);
  return { id, text: shown, edit_history_tweet_ids: [id], ...Object.fromEntries(given) };
}

/** What X adds to the text of a post with pictures. */
function pictureLink(id: string, before: string) {
  const url = shortened(id, 'picture');
  const start = before === '' ? 0 : [...before].length + 1;
  return {
    start,
    end: start + url.length,
    url,
    expanded_url: `https://x.com/munadi_sandbox/status/${id}/photo/1`,
    display_url: `pic.x.com/${url.slice(-10)}`,
    media_key: `3_${id}`,
  };
}

/** `GET /2/users/:id/tweets`: newest first, by time or id, in pages. */
export function timeline({ record, isListed }: SandboxSite, { query }: SandboxRequest, user: string): SandboxAnswer {
  const time = (name: string) => (query.has(name) ? Date.parse(query.get(name) ?? '') : undefined);
  const [from, to] = [time('start_time'), time('end_time')];
  if (Number.isNaN(from) || Number.isNaN(to)) return invalid('start_time and end_time must be ISO 8601 times');
  const most = Number(query.get('max_results') ?? 10);
  if (!(most >= 5 && most <= 100)) return invalid('max_results must be between 5 and 100');
  const isWhole = (name: string) => /^\d{1,19}$/.test(query.get(name) ?? '0');
  if (!['since_id', 'until_id', 'pagination_token'].every(isWhole)) return invalid('ids must be whole numbers');
  const since = BigInt(query.get('since_id') ?? 0);
  const until = query.get('pagination_token') ?? query.get('until_id');
  const excluded = query.get('exclude')?.split(',') ?? [];
  // Nothing here is a repost.
  if (!excluded.every((kind) => kind === 'replies' || kind === 'retweets'))
    return invalid('exclude takes replies and retweets');
  const withoutReplies = excluded.includes('replies');
  const isWanted = ({ id, target, removed, replyTo, at }: SandboxPost) =>
    target === user &&
    !removed &&
    isListed({ at }) &&
    !(withoutReplies && replyTo) &&
    Date.parse(at) >= (from ?? 0) &&
    Date.parse(at) < (to ?? Number.POSITIVE_INFINITY) &&
    BigInt(id) > since &&
    (until === null || BigInt(id) < BigInt(until));
  // One more than the page, to know of another; a long record is not looked through.
  const posts: SandboxPost[] = [];
  for (const post of record.all().reverse()) {
    if (posts.length > most) break;
    if (isWanted(post)) posts.push(post);
  }
  const page = posts.slice(0, most);
  const [newest, oldest] = [page[0]?.id, page.at(-1)?.id];
  const next = posts.length > most ? { next_token: oldest } : {};
  const meta = { result_count: page.length, newest_id: newest, oldest_id: oldest, ...next };
  return found({ ...(page.length === 0 ? {} : { data: page.map((post) => view(post, query)) }), meta });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function shortened(id: string, index: number | string): string {
  return `https://t.co/${createHash('sha256').update(`${id}/${index}`).digest('base64url').slice(0, 10)}`;
}
