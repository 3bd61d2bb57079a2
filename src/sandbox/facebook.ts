import { graphFail, graphOk, graphRefusal, hasToken, withoutCredentials } from './graph.ts';
import { keepPicture } from './picture.ts';
import type { SandboxMedia, SandboxPost } from './record.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './server.ts';

const maxMessage = 63_206;
const maxPictureBytes = 10 * 1024 * 1024;
const route = /^\/v\d+\.\d+\/([\d_]+)(?:\/(\w+))?$/;

/** Facebook Pages: feed and photos, reading back, edits; the last post's text is refused again with code 506. */
export function simulateFacebook(site: SandboxSite): Simulation {
  const unpublished = new Map<string, SandboxMedia>();
  /** The last post of each page, for error 506. */
  const lastPost = new Map<string, SandboxPost>();
  let serial = Date.now();
  const nextId = () => String(++serial);

  function publish(page: string, fields: Record<string, unknown>, media: SandboxMedia[], id: string): SandboxAnswer {
    const message = String(fields.message ?? fields.caption ?? '');
    const link = fields.link === undefined ? undefined : String(fields.link);
    if (message.length > maxMessage) return graphFail(400, 100, '(#100) Param message is too long');
    if (message.trim() === '' && link === undefined && media.length === 0)
      return graphFail(400, 100, '(#100) Missing message or attachment');
    if (link !== undefined && !(URL.canParse(link) && /^https?:/.test(link)))
      return graphFail(400, 100, '(#100) link URL is not properly formatted');
    const sameness = `${message}\n${link ?? ''}`;
    const last = lastPost.get(page) ?? newestOf(page);
    const same = last !== undefined && `${last.text}\n${last.link ?? ''}` === sameness && !last.removed;
    if (!site.plan().allowDuplicates && message !== '' && same && site.record.get(last.id) !== undefined) {
      return graphFail(400, 506, '(#506) Duplicate status message');
    }
    const post = site.accept({
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
    lastPost.set(page, post);
    return graphOk({ id });
  }

  const newestOf = (page: string) => site.record.all().findLast(({ target }) => target === page);

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
        ? {
            kind: 'photo',
            mimeType: 'image/*',
            bytes: 0,
            sha256: '',
            width: 0,
            height: 0,
            url: String(fields.url),
            ...(alt ? { alt } : {}),
          }
        : undefined;
    if (!media) return graphFail(400, 324, '(#324) Missing or invalid image file');
    const id = nextId();
    if (String(fields.published ?? 'true') === 'false') {
      unpublished.set(id, media);
      return graphOk({ id });
    }
    const post = publish(page, fields, [media], `${page}_${id}`);
    return post.status === 200 ? graphOk({ id, post_id: `${page}_${id}` }) : post;
  }

  function list(page: string, { query }: SandboxRequest): SandboxAnswer {
    const since = seconds(query.get('since')) ?? 0;
    const until = seconds(query.get('until')) ?? Number.POSITIVE_INFINITY;
    const most = Math.min(100, Number(query.get('limit') ?? 25));
    const posts = site.record
      .all()
      .filter(
        ({ target, removed, at }) => target === page && !removed && Date.parse(at) >= since && Date.parse(at) <= until,
      )
      .slice(-most)
      .reverse();
    return graphOk({ data: posts.map((post) => view(post, query.get('fields'))) });
  }

  function one(id: string, { method, fields, query }: SandboxRequest): SandboxAnswer {
    const post = site.record.get(id);
    if (!post || post.removed) return graphFail(404, 100, '(#100) Unsupported get request. Object does not exist');
    if (method === 'GET') return graphOk(view(post, query.get('fields')));
    if (method === 'DELETE') {
      site.record.update(id, { removed: true });
      return graphOk({ success: true });
    }
    if (method !== 'POST') return graphFail(400, 100, 'Unsupported request');
    const message = String(fields.message ?? post.text);
    if (message.length > maxMessage) return graphFail(400, 100, '(#100) Param message is too long');
    site.record.update(id, { text: message, length: message.length, edited: true });
    return graphOk({ success: true });
  }

  return {
    platform: 'facebook',
    classify({ method, path, fields }) {
      const [, id, what] = path.match(route) ?? [];
      const upload = what === 'photos' && String(fields.published) === 'false';
      const kind =
        method === 'GET' ? 'read' : upload ? 'upload' : what === 'feed' || what === 'photos' ? 'publish' : 'change';
      return { kind, target: id, endpoint: `${method} /${what ?? (id?.includes('_') ? 'post' : 'page')}` };
    },
    handle(request) {
      const [, id, what] = request.path.match(route) ?? [];
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
      const usage = {
        '1': [
          {
            type: 'pages',
            call_count: 100,
            total_cputime: 1,
            total_time: 1,
            estimated_time_to_regain_access: Math.ceil(retryAfter / 60),
          },
        ],
      };
      return { ...answer, headers: { ...answer.headers, 'x-business-use-case-usage': JSON.stringify(usage) } };
    },
    expiredToken: () => graphFail(401, 190, 'Error validating access token: Session has expired'),
  };
}

/** A post with the fields asked for, or the few that come unasked. */
function view({ id, text, at, url, media, link, edited }: SandboxPost, wanted: string | null): object {
  const time = at.replace(/\.\d+Z$/, '+0000');
  const attachment = { type: media.length > 0 ? 'photo' : 'share', ...(link ? { unshimmed_url: link } : {}) };
  const known: Record<string, unknown> = {
    message: text === '' ? undefined : text,
    created_time: time,
    updated_time: time,
    permalink_url: url,
    is_published: true,
    edited: edited ?? false,
    attachments: link || media.length > 0 ? { data: [attachment] } : undefined,
  };
  // Inside braces stand fields of a field, which are all given.
  const names = wanted?.replace(/\{[^}]*\}/g, '').split(',') ?? ['created_time', 'message'];
  return { ...Object.fromEntries(names.map((name) => [name.trim(), known[name.trim()]])), id };
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

/** A time as the Graph API takes it, seconds or a date, in milliseconds. */
function seconds(time: string | null): number | undefined {
  if (time === null) return undefined;
  return /^\d+$/.test(time) ? Number(time) * 1000 : Date.parse(time) || 0;
}
