import { graphFail, graphOk } from './graph.ts';
import type { SandboxPost } from './post.ts';
import type { SandboxAnswer, SandboxRequest } from './simulation.ts';

/** Posts of a Page in pages, `posts` and answer both newest first; the cursors are ids, in a form of their own. */
export function listPosts(posts: SandboxPost[], { path, query }: SandboxRequest, root: string): SandboxAnswer {
  const since = timeOf(query.get('since')) ?? 0;
  const until = timeOf(query.get('until')) ?? Number.POSITIVE_INFINITY;
  const limit = Number(query.get('limit') ?? 25);
  if (limit > 100) return graphFail(400, 100, '(#100) Param limit must be 100 or less');
  const most = Number.isInteger(limit) && limit > 0 ? limit : 25;
  const inTime = posts.filter(({ at }) => wholeSeconds(at) >= since && wholeSeconds(at) <= until);
  const [after, before] = [query.get('after'), query.get('before')];
  const from = after === null ? 0 : indexOf(inTime, after) + 1;
  const to = before === null ? undefined : indexOf(inTime, before);
  if ((after !== null && from === 0) || to === -1) return graphFail(400, 100, '(#100) Invalid cursor');
  const page = to === undefined ? inTime.slice(from, from + most) : inTime.slice(Math.max(0, to - most), to);
  const [first, last] = [page[0], page.at(-1)];
  const data = page.map((post) => viewPagePost(post, query.get('fields')));
  if (!first || !last) return graphOk({ data });
  const link = (name: string, post: SandboxPost) => {
    const kept = [...query].filter(([key]) => key !== 'after' && key !== 'before');
    return `${root}${path}?${new URLSearchParams([...kept, [name, cursorOf(post)]])}`;
  };
  const paging = {
    cursors: { before: cursorOf(first), after: cursorOf(last) },
    ...(first === inTime[0] ? {} : { previous: link('before', first) }),
    ...(last === inTime.at(-1) ? {} : { next: link('after', last) }),
  };
  return graphOk({ data, paging });
}

const cursorOf = ({ id }: SandboxPost) => Buffer.from(id).toString('base64url');
const indexOf = (posts: SandboxPost[], cursor: string) => posts.findIndex((post) => cursorOf(post) === cursor);

/** Their times are whole seconds. */
function wholeSeconds(at: string): number {
  return Math.floor(Date.parse(at) / 1000) * 1000;
}

/** A post with the fields asked for, or the few that come unasked. */
export function viewPagePost({ id, text, at, url, media, link, edited }: SandboxPost, wanted: string | null): object {
  const time = at.replace(/\.\d+Z$/, '+0000');
  const attachment: Record<string, unknown> =
    media.length > 0
      ? { type: 'photo', media_type: 'photo', url, unshimmed_url: url, target: { id: id.split('_')[1], url } }
      : { type: 'share', media_type: 'link', url: shimmed(link), unshimmed_url: link, target: { url: shimmed(link) } };
  const known: Record<string, unknown> = {
    message: text === '' ? undefined : text,
    created_time: time,
    updated_time: time,
    permalink_url: url,
    is_published: true,
    edited: edited ?? false,
  };
  const given = fieldsIn(wanted ?? 'created_time,message').map(({ name, inner }) => {
    if (name !== 'attachments') return [name, known[name]];
    const names = fieldsIn(inner ?? 'type,media_type,url,unshimmed_url,target').map(({ name }) => name);
    const one = Object.fromEntries(names.map((name) => [name, attachment[name]]));
    return [name, link !== undefined || media.length > 0 ? { data: [one] } : undefined];
  });
  return { ...Object.fromEntries(given), id };
}

/** Addresses lead through a page of Facebook's own. */
function shimmed(link = ''): string {
  return `https://l.facebook.com/l.php?u=${encodeURIComponent(link)}&h=AT0`;
}

/** `a,b{c,d}` as names, each with what stands in its braces. */
function fieldsIn(list: string): { name: string; inner: string | undefined }[] {
  return [...list.matchAll(/([\w.]+)(?:\{([^}]*)\})?/g)].map(([, name = '', inner]) => ({ name, inner }));
}

/** A time as the Graph API takes it, seconds or a date, in milliseconds. */
function timeOf(given: string | null): number | undefined {
  if (given === null) return undefined;
  return /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) || 0;
}
