import { RejectedError, UnauthorizedError } from '../../core/errors.ts';
import type { FindRequest } from '../../core/platform.ts';
import type { PostPart, Receipt } from '../../core/post.ts';
import { facebookFailure } from './facebook-errors.ts';
import type { ReadGraphError } from './graph.ts';
import { sameAddress, sameText } from './match.ts';
import { earliest, type Page, readPages, unreadable } from './reading.ts';

/** Graph API, Page feed: up to 100 a page. */
const pageSize = 100;
const maxPages = 50;

interface Attachment {
  type?: unknown;
  media_type?: unknown;
  url?: unknown;
  unshimmed_url?: unknown;
  target?: { url?: unknown };
}

interface PagePost {
  id: string;
  message?: string;
  created_time?: unknown;
  attachments?: { data?: Attachment[] };
}

/** The posts of a Page, asked with these parameters; resolves to the JSON of the answer. */
export type ReadPosts = (query: Record<string, string>) => Promise<unknown>;

/** A Page's posts since the attempt that are the part looked for, oldest first. */
export async function findOnFacebook(
  read: ReadPosts,
  request: FindRequest,
  urlOf: (id: string) => string,
): Promise<Receipt[]> {
  const from = earliest(request);
  const posts = await readPages<PagePost>('Facebook', {
    from,
    maxPages,
    timeOf: ({ created_time: at }) => Date.parse(String(at)),
    ask: async (next) =>
      listPage(
        await read({
          fields: 'id,message,created_time,permalink_url,attachments{type,media_type,url,unshimmed_url,target}',
          since: String(from / 1000),
          limit: String(pageSize),
          ...next,
        }),
      ),
  });
  const part = request.post.parts[request.part];
  const known = new Set(request.earlier.map(({ remoteId }) => remoteId));
  const same = posts.filter((post) => part && !known.has(post.id) && saysThis(post, part));
  // Where several say the same, those that show our link.
  const linked = same.filter(({ attachments }) => part?.link !== undefined && shows(attachments?.data, part.link));
  return (linked.length > 0 ? linked : same)
    .map((post) => ({ id: post.id, at: timeOf(post) }))
    .reverse()
    .filter(({ at }) => at >= from)
    .sort((one, other) => one.at - other.at)
    .map(({ id, at }) => ({ remoteId: id, url: urlOf(id), at: new Date(at).toISOString() }));
}

/** Reading needs a permission that publishing does not: without it a Page cannot be asked, but may still be written to. */
export const facebookReadFailure: ReadGraphError = (answer, error, said) => {
  const failure = facebookFailure(answer, error, said);
  const code = Number(error.code);
  if (!(failure instanceof UnauthorizedError) || answer.status === 401) return failure;
  if (code !== 10 && !(code >= 200 && code <= 299)) return failure;
  return new RejectedError(`${failure.message} Reading back needs pages_read_engagement.`, { code });
};

function listPage(answer: unknown): Page<PagePost> {
  const { data, paging } = (answer ?? {}) as {
    data?: unknown;
    paging?: { next?: unknown; cursors?: { after?: unknown } };
  };
  if (!Array.isArray(data) || !data.every(isPost)) throw unreadable('Facebook', 'a list of posts without posts');
  return { items: data, next: nextOf(paging ?? {}, data.length) };
}

function isPost(given: unknown): given is PagePost {
  const { id, message } = (given ?? {}) as { id?: unknown; message?: unknown };
  return typeof id === 'string' && id !== '' && (message === undefined || typeof message === 'string');
}

const credentials = new Set(['access_token', 'appsecret_proof']);

/** The parameters of the next page. Only they are taken from the address: our token goes nowhere but to our own root. */
function nextOf(
  { next, cursors }: { next?: unknown; cursors?: { after?: unknown } },
  count: number,
): Record<string, string> | undefined {
  const after = typeof cursors?.after === 'string' && cursors.after !== '' ? { after: cursors.after } : undefined;
  if (typeof next !== 'string' || next === '') return count >= pageSize ? after : undefined;
  const base = 'https://graph.facebook.com';
  if (!URL.canParse(next, base)) return after;
  const given = [...new URL(next, base).searchParams].filter(([name]) => !credentials.has(name));
  return { ...Object.fromEntries(given), ...after };
}

/** When it was created (epoch ms), from a time such as `2026-11-25T02:07:55+0000`. */
function timeOf({ id, created_time: at }: PagePost): number {
  const time = Date.parse(String(at));
  if (Number.isNaN(time)) throw unreadable('Facebook', `post ${id} has no time`);
  return time;
}

function saysThis({ message = '', attachments }: PagePost, { text, link, media }: PostPart): boolean {
  if (text.trim() !== '') return sameText(text, message);
  if (message.trim() !== '') return false;
  if (link !== undefined) return shows(attachments?.data, link);
  return (
    media.length > 0 && listOf(attachments?.data).some((one) => one.media_type === 'photo' || one.type === 'photo')
  );
}

const listOf = (data: Attachment[] | undefined) => (Array.isArray(data) ? data : []);

function shows(data: Attachment[] | undefined, link: string): boolean {
  return listOf(data)
    .flatMap(({ unshimmed_url: plain, url, target }) => [plain, url, target?.url])
    .some((given) => typeof given === 'string' && sameAddress(unshimmed(given), link));
}

/** Facebook leads addresses through a page of its own, `l.facebook.com/l.php?u=…`. */
function unshimmed(address: string): string {
  if (!URL.canParse(address)) return address;
  const { hostname, pathname, searchParams } = new URL(address);
  const isShim = /^lm?\.facebook\.com$/.test(hostname) && pathname === '/l.php';
  return (isShim && searchParams.get('u')) || address;
}
