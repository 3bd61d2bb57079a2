import { putBounded } from './bounded.ts';
import { listPosts, viewPagePost } from './facebook-list.ts';
import { graphExpired, graphFail, graphOk, graphRefusal, hasToken, withoutCredentials } from './graph.ts';
import { keepPicture, pictureAt } from './picture.ts';
import type { SandboxMedia, SandboxPost } from './post.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './simulation.ts';

const maxMessage = 63_206;
const maxPictureBytes = 10 * 1024 * 1024;
const route = /^(?:\/v\d+\.\d+)?\/([\d_]+)(?:\/(\w+))?$/;

/** Unpublished photos that wait for their post; beyond these the oldest are forgotten, as Meta forgets them in a day. */
const maxWaiting = 1_000;

/**
 * Facebook Pages: feed and photos, reading back, edits; the last post's text is refused again with code 506. Scheduled
 * and unpublished posts are refused; links and pictures given by address are not fetched.
 */
export function simulateFacebook(site: SandboxSite): Simulation {
  const unpublished = new Map<string, SandboxMedia>();
  /** Id of each page's last post, for error 506. */
  const lastPost = new Map(site.record.all().map(({ target, id }) => [target, id]));
  let serial = Date.now();
  const nextId = () => String(++serial);

  function publish(page: string, fields: Record<string, unknown>, media: SandboxMedia[], id: string): SandboxAnswer {
    const message = fields.message ?? fields.caption ?? '';
    if (typeof message !== 'string') return graphFail(400, 100, '(#100) Param message must be a string.');
    const link = fields.link === undefined ? undefined : String(fields.link);
    if (String(fields.published ?? 'true') !== 'true' || fields.scheduled_publish_time !== undefined)
      return graphFail(400, 100, '(#100) Scheduled and unpublished posts are not simulated here');
    if (message.length > maxMessage) return graphFail(400, 100, '(#100) Param message is too long');
    if (message.trim() === '' && link === undefined && media.length === 0)
      return graphFail(400, 100, '(#100) Missing message or attachment');
    if (link !== undefined && !(URL.canParse(link) && /^https?:/.test(link)))
      return graphFail(400, 100, '(#100) link URL is not properly formatted');
    const last = site.record.get(lastPost.get(page) ?? '');
    const same = last && !last.removed && sameness(last) === sameness({ text: message, media, link });
    if (same && message !== '' && !site.plan().allowDuplicates)
      return graphFail(400, 506, '(#506) Duplicate status message');
    site.accept({
      id,
      target: page,
      text: message,
      length: message.length,
      limit: maxMessage,
      unit: 'utf16',
      media,
      ...(link === undefined ? {} : { link }),
      raw: withoutCredentials(fields),
    });
    lastPost.set(page, id);
    return graphOk({ id });
  }

  function feed(page: string, { fields }: SandboxRequest): SandboxAnswer {
    const attached = attachedIds(fields).map((id) => unpublished.get(id));
    if (attached.includes(undefined)) return graphFail(400, 100, '(#100) attached_media names an unknown photo');
    return publish(page, fields, attached as SandboxMedia[], `${page}_${nextId()}`);
  }

  function photo(page: string, { fields, files }: SandboxRequest): SandboxAnswer {
    const file = files[0];
    const alt = fields.alt_text_custom === undefined ? undefined : String(fields.alt_text_custom);
    if (file && file.bytes.length > maxPictureBytes) return graphFail(400, 100, '(#100) The photo is too large');
    const media: SandboxMedia | undefined = file
      ? keepPicture(site.record, file.bytes, alt)
      : /^https?:\/\//.test(String(fields.url ?? ''))
        ? pictureAt(String(fields.url), alt)
        : undefined;
    if (!media) return graphFail(400, 324, '(#324) Missing or invalid image file');
    const id = nextId();
    if (String(fields.published ?? 'true') === 'false') {
      putBounded(unpublished, id, media, maxWaiting);
      return graphOk({ id });
    }
    const post = publish(page, fields, [media], `${page}_${id}`);
    return post.status === 200 ? graphOk({ id, post_id: `${page}_${id}` }) : post;
  }

  function list(page: string, request: SandboxRequest): SandboxAnswer {
    const posts = site.record.all().filter((post) => post.target === page && !post.removed && site.isListed(post));
    return listPosts(posts.reverse(), request, site.root());
  }

  function one(id: string, { method, fields, query }: SandboxRequest): SandboxAnswer {
    const post = site.record.get(id);
    if (!post || post.removed) return graphFail(404, 100, '(#100) Unsupported get request. Object does not exist');
    if (method === 'GET') return graphOk(viewPagePost(post, query.get('fields')));
    if (method === 'DELETE') {
      site.record.update(id, { removed: true });
      return graphOk({ success: true });
    }
    if (method !== 'POST') return graphFail(400, 100, 'Unsupported request');
    const message = fields.message ?? post.text;
    if (typeof message !== 'string') return graphFail(400, 100, '(#100) Param message must be a string.');
    if (message.length > maxMessage) return graphFail(400, 100, '(#100) Param message is too long');
    site.record.update(id, { text: message, length: message.length, edited: true });
    return graphOk({ success: true });
  }

  return {
    platform: 'facebook',
    // Graph API, rate limiting: 4800 a day for each engaged user, of whom a page has one here.
    limits: { page: { rates: ['4800/24h'] } },
    counted: ({ path }) => ({ page: { scope: pageIn(path) } }),
    tooEarly: ({ scope, waitMs }) => ({
      ...graphFail(400, 80001, '(#80001) There have been too many calls to this Page account.'),
      headers: { 'x-business-use-case-usage': usageOf(scope, 100, minutes(waitMs)) },
    }),
    usage({ path }, limits) {
      const page = pageIn(path);
      const now = page === '' ? undefined : limits.left('page', page);
      if (!now) return {};
      const percent = Math.floor(((now.count - now.left) * 100) / now.count);
      return { 'x-business-use-case-usage': usageOf(page, percent, now.left > 0 ? 0 : minutes(now.renewedMs)) };
    },
    classify(request) {
      const { method, path } = request;
      const fields = fieldsOf(request);
      const [, id, what] = path.match(route) ?? [];
      const upload = what === 'photos' && String(fields.published) === 'false';
      const kind =
        method === 'GET' ? 'read' : upload ? 'upload' : what === 'feed' || what === 'photos' ? 'publish' : 'change';
      return { kind, target: id, endpoint: `${method} /${what ?? (id?.includes('_') ? 'post' : 'page')}` };
    },
    handle(given) {
      const [, id, what] = given.path.match(route) ?? [];
      const request = { ...given, fields: fieldsOf(given) };
      if (!hasToken(request))
        return graphFail(401, 190, 'An active access token must be used to query information about the current user.');
      if (id === undefined) return graphFail(400, 100, 'Unsupported request');
      if (request.malformed) return graphFail(400, 100, 'Invalid JSON');
      if (request.method === 'POST' && what === 'feed') return feed(id, request);
      if (request.method === 'POST' && what === 'photos') return photo(id, request);
      if (request.method === 'GET' && /^(feed|posts|published_posts)$/.test(what ?? '')) return list(id, request);
      if (what === undefined && id.includes('_')) return one(id, request);
      if (what === undefined && request.method === 'GET') return graphOk({ id, name: 'Munadi sandbox' });
      return graphFail(400, 100, 'Unsupported request');
    },
    refusal(refusal) {
      const answer = graphRefusal(refusal, 32, '(#32) Page request limit reached');
      const { retryAfter } = refusal;
      if (retryAfter === undefined) return answer;
      // Pages name the wait in minutes, in their usage header.
      const usage = usageOf('1', 100, minutes(retryAfter * 1_000));
      return { ...answer, headers: { ...answer.headers, 'x-business-use-case-usage': usage } };
    },
    expiredToken: graphExpired,
    reset() {
      unpublished.clear();
      lastPost.clear();
    },
  };
}

/** Parameters come in the body or in the address (Graph API, publishing). */
function fieldsOf({ method, query, fields }: SandboxRequest): Record<string, unknown> {
  return method === 'POST' && query.size > 0 ? { ...Object.fromEntries(query), ...fields } : fields;
}

/** What makes one post the same as another. */
function sameness({ text, media, link }: Pick<SandboxPost, 'text' | 'media'> & { link?: string | undefined }): string {
  return JSON.stringify([text, link ?? '', media.map(({ sha256, url }) => sha256 || url)]);
}

/** Ids in `attached_media`: a list, JSON text of one, or form fields `attached_media[0]`, `attached_media[1]` … */
function attachedIds(fields: Record<string, unknown>): string[] {
  const numbered = Object.keys(fields)
    .filter((name) => /^attached_media\[\d+\]$/.test(name))
    .map((name) => fields[name]);
  const whole = parsed(fields.attached_media);
  return [...(Array.isArray(whole) ? whole : []), ...numbered].map((one) => {
    const { media_fbid: id } = (parsed(one) ?? {}) as { media_fbid?: unknown };
    return String(id);
  });
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** The page that a request is about, or whose post; empty where there is none. */
function pageIn(path: string): string {
  return path.match(route)?.[1]?.split('_')[0] ?? '';
}

function minutes(ms: number): number {
  return Math.ceil(ms / 60_000);
}

/** The usage header of a page: how much is used (per cent), and minutes until calls are let in again. */
function usageOf(page: string, callCount: number, regainMinutes: number): string {
  const usage = { type: 'pages', call_count: callCount, total_cputime: 1, total_time: 1 };
  return JSON.stringify({ [page]: [{ ...usage, estimated_time_to_regain_access: regainMinutes }] });
}
