import { createHash } from 'node:crypto';
import twitterText from 'twitter-text';
import { keepPicture } from './picture.ts';
import type { SandboxMedia } from './record.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './server.ts';

const limit = 280;
const allowedFields = new Set(
  'text media reply quote_tweet_id poll geo reply_settings community_id share_with_followers for_super_followers_only nullcast card_uri direct_message_deep_link edit_options made_with_ai paid_partnership'.split(
    ' ',
  ),
);
const maxPictureBytes = 5 * 1024 * 1024;
const duplicateWindowMs = 24 * 3_600_000;

const problem = (
  status: number,
  title: string,
  detail: string,
  type = 'about:blank',
  headers: Record<string, string> = {},
): SandboxAnswer => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  json: { title, detail, type, status },
});
const invalid = (detail: string) =>
  problem(400, 'Invalid Request', detail, 'https://api.x.com/2/problems/invalid-request');
const forbidden = (detail: string) => problem(403, 'Forbidden', detail);
const missing = (detail: string) =>
  problem(404, 'Not Found Error', detail, 'https://api.x.com/2/problems/resource-not-found');
const found = (json: unknown, status = 200): SandboxAnswer => ({
  status,
  headers: {
    'x-rate-limit-limit': '100',
    'x-rate-limit-remaining': '99',
    'x-rate-limit-reset': String(Math.floor(Date.now() / 1000) + 900),
  },
  json,
});

/** X API v2: weighted length by twitter-text, no duplicates, replies and media that exist. Any complete signature is let in. */
export function simulateX(site: SandboxSite): Simulation {
  const uploads = new Map<string, { owner: string; picture: SandboxMedia | undefined; chunks: Buffer[] }>();
  const recent = new Map<string, number>();
  let serial = 0;
  // Like a snowflake: milliseconds, then a count.
  const nextId = () => String((BigInt(Date.now()) << 22n) + BigInt(serial++ % 4_194_304));

  function post({ fields }: SandboxRequest, user: string): SandboxAnswer {
    const unknown = Object.keys(fields).find((key) => !allowedFields.has(key));
    if (unknown) return invalid(`[${unknown}] is not a valid field; no additional properties are allowed`);
    const text = fields.text ?? '';
    if (typeof text !== 'string') return invalid('text must be a string');
    const ids = (fields.media as { media_ids?: unknown } | undefined)?.media_ids ?? [];
    if (!Array.isArray(ids) || ids.length > 4) return invalid('media_ids must hold 1 to 4 ids');
    const parsed = twitterText.parseTweet(text);
    if (text.trim() === '' && ids.length === 0) return invalid('One of text or media must be given');
    if (text !== '' && (!parsed.valid || parsed.weightedLength > limit)) {
      return forbidden(
        parsed.weightedLength > limit
          ? 'You are not permitted to perform this action.'
          : 'The text holds characters that are not allowed.',
      );
    }
    const media: SandboxMedia[] = [];
    for (const id of ids as unknown[]) {
      const upload = uploads.get(String(id));
      if (!upload?.picture || upload.owner !== user) return invalid('Your media IDs are invalid.');
      media.push(upload.picture);
    }
    const replyTo = (fields.reply as { in_reply_to_tweet_id?: unknown } | undefined)?.in_reply_to_tweet_id;
    if (replyTo !== undefined && (site.record.get(String(replyTo))?.removed ?? true)) {
      return forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
    }
    const key = `${user}\n${text}`;
    const before = recent.get(key) ?? 0;
    if (!site.plan().allowDuplicates && Date.now() - before < duplicateWindowMs && replyTo === undefined) {
      return forbidden('You are not allowed to create a Tweet with duplicate content.');
    }
    recent.set(key, Date.now());
    const id = nextId();
    const [link] = twitterText.extractUrls(text);
    site.accept({
      id,
      target: user,
      text,
      length: parsed.weightedLength,
      limit,
      unit: 'weighted',
      media,
      ...(link ? { link } : {}),
      ...(replyTo === undefined ? {} : { replyTo: String(replyTo) }),
      raw: fields,
    });
    return found({ data: { id, text, edit_history_tweet_ids: [id] } }, 201);
  }

  function upload(request: SandboxRequest, user: string): SandboxAnswer {
    const [, id, step] = request.path.match(/^\/2\/media\/upload(?:\/(\w+))?(?:\/(\w+))?$/) ?? [];
    if (id === 'initialize') {
      const created = nextId();
      uploads.set(created, { owner: user, picture: undefined, chunks: [] });
      return found({ data: { id: created, media_key: `3_${created}`, expires_after_secs: 86_400 } });
    }
    const bytes = request.files[0]?.bytes ?? base64(request.fields.media);
    if (step === 'append') {
      uploads.get(id ?? '')?.chunks.push(bytes);
      return found({ data: {} });
    }
    if (step !== 'finalize' && request.fields.media_category === undefined)
      return invalid('media_category is required');
    const key = step === 'finalize' ? (id ?? '') : nextId();
    const whole = step === 'finalize' ? Buffer.concat(uploads.get(key)?.chunks ?? []) : bytes;
    if (whole.length > maxPictureBytes) return invalid('The size of the media is too large.');
    const picture = keepPicture(site.record, whole);
    if (!picture) return invalid('The media is not of a type that is supported.');
    uploads.set(key, { owner: user, picture, chunks: [] });
    return found({ data: { id: key, media_key: `3_${key}`, size: whole.length, expires_after_secs: 86_400 } });
  }

  function describe({ fields }: SandboxRequest): SandboxAnswer {
    const text = (fields.metadata as { alt_text?: { text?: unknown } } | undefined)?.alt_text?.text;
    const upload = uploads.get(String(fields.id));
    if (!upload?.picture) return missing('Could not find the media.');
    if (typeof text !== 'string' || text.length > 1000) return invalid('alt_text.text must be at most 1000 characters');
    upload.picture = { ...upload.picture, alt: text };
    return found({ data: { id: String(fields.id) } });
  }

  const view = ({ id, text, at, replyTo }: { id: string; text: string; at: string; replyTo?: string }) => ({
    id,
    text: twitterText
      .extractUrlsWithIndices(text)
      .reduceRight(
        (rest, { indices: [from, to] }, index) => `${rest.slice(0, from)}${short(id, index)}${rest.slice(to)}`,
        text,
      ),
    created_at: at,
    edit_history_tweet_ids: [id],
    entities: {
      urls: twitterText.extractUrls(text).map((url, index) => ({ url: short(id, index), expanded_url: url })),
    },
    ...(replyTo ? { referenced_tweets: [{ type: 'replied_to', id: replyTo }] } : {}),
  });

  function timeline({ query }: SandboxRequest, user: string): SandboxAnswer {
    const from = Date.parse(query.get('start_time') ?? '') || 0;
    const most = Number(query.get('max_results') ?? 10);
    if (!(most >= 5 && most <= 100)) return invalid('max_results must be between 5 and 100');
    const posts = site.record
      .all()
      .filter(({ target, at, removed }) => target === user && !removed && Date.parse(at) >= from)
      .slice(-most)
      .reverse();
    return found({ data: posts.map(view), meta: { result_count: posts.length } });
  }

  function one(request: SandboxRequest, id: string, user: string): SandboxAnswer {
    const post = site.record.get(id);
    if (!post || post.removed) return missing(`Could not find tweet with id: [${id}].`);
    if (request.method !== 'DELETE') return found({ data: view(post) });
    if (post.target !== user) return forbidden('You are not allowed to delete this Tweet.');
    site.record.update(id, { removed: true });
    return found({ data: { deleted: true } });
  }

  return {
    platform: 'x',
    classify({ method, path, headers }) {
      const kind =
        method === 'POST' && path === '/2/tweets'
          ? 'publish'
          : path.startsWith('/2/media')
            ? 'upload'
            : method === 'GET'
              ? 'read'
              : 'change';
      return { kind, target: userOf(headers.authorization), endpoint: `${method} ${path.replace(/\d{6,}/, ':id')}` };
    },
    handle(request) {
      const { method, path, headers } = request;
      if (path === '/2/oauth2/token') {
        return found({
          token_type: 'bearer',
          access_token: `sandbox-${nextId()}`,
          refresh_token: `sandbox-${nextId()}`,
          expires_in: 7200,
          scope: 'tweet.write tweet.read users.read media.write offline.access',
        });
      }
      const user = userOf(headers.authorization);
      if (user === undefined) return problem(401, 'Unauthorized', 'Unauthorized');
      if (request.malformed) return invalid('The body is not valid JSON.');
      if (method === 'POST' && path === '/2/tweets') return post(request, user);
      if (method === 'POST' && path.startsWith('/2/media/upload')) return upload(request, user);
      if (method === 'POST' && path === '/2/media/metadata') return describe(request);
      if (method === 'GET' && path === '/2/users/me')
        return found({ data: { id: user, name: 'Munadi sandbox', username: 'munadi_sandbox' } });
      const of = path.match(/^\/2\/users\/(\d+)\/tweets$/)?.[1];
      if (method === 'GET' && of !== undefined) return timeline(request, of);
      const id = path.match(/^\/2\/tweets\/(\d+)$/)?.[1];
      if (id !== undefined && (method === 'GET' || method === 'DELETE')) return one(request, id, user);
      return missing('There is nothing at this address.');
    },
    refusal({ status, retryAfter }) {
      if (status !== 429)
        return status === 402
          ? problem(402, 'CreditsDepleted', 'Your account has no credits left.')
          : forbidden('You are not permitted to perform this action.');
      const headers =
        retryAfter === undefined
          ? {}
          : {
              'x-rate-limit-limit': '100',
              'x-rate-limit-remaining': '0',
              'x-rate-limit-reset': String(Math.ceil(Date.now() / 1000 + retryAfter)),
            };
      return problem(429, 'Too Many Requests', 'Too Many Requests', 'about:blank', headers);
    },
    expiredToken: () => problem(401, 'Unauthorized', 'Unauthorized'),
  };
}

/** The posting user's id: OAuth 1.0a tokens begin with it; for a bearer token one is derived. */
function userOf(authorization: string | undefined): string | undefined {
  if (!authorization) return undefined;
  const bearer = authorization.match(/^Bearer (\S+)$/)?.[1];
  if (bearer) return derivedId(bearer);
  if (!authorization.startsWith('OAuth ')) return undefined;
  const field = (name: string) => authorization.match(new RegExp(`${name}="([^"]+)"`))?.[1];
  const needed = ['oauth_consumer_key', 'oauth_signature', 'oauth_timestamp', 'oauth_nonce'];
  const token = field('oauth_token');
  if (!token || needed.some((name) => !field(name))) return undefined;
  return token.match(/^(\d+)-/)?.[1] ?? derivedId(token);
}

function derivedId(token: string): string {
  return String(createHash('sha256').update(token).digest().readUInt32BE(0));
}

function base64(value: unknown): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
}

function short(id: string, index: number): string {
  return `https://t.co/${createHash('sha256').update(`${id}/${index}`).digest('base64url').slice(0, 10)}`;
}
