import twitterText from 'twitter-text';
import { putBounded } from './bounded.ts';
import type { Counted } from './limits.ts';
import { maxPosts } from './record.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './simulation.ts';
import { forbidden, found, invalid, limitHeaders, missing, problem } from './x-answer.ts';
import { createXAuth, userOf, xAuthSettings } from './x-auth.ts';
import { createXMedia } from './x-media.ts';
import { timeline, view } from './x-timeline.ts';

const limit = 280;
/** Body of a post (X API, OpenAPI 2.167; `additionalProperties: false`). */
const allowedFields = new Set(
  'text media reply quote_tweet_id poll geo reply_settings community_id share_with_followers for_super_followers_only nullcast card_uri direct_message_deep_link edit_options made_with_ai paid_partnership'.split(
    ' ',
  ),
);
const mediaFields = new Set(
  'media_ids tagged_user_ids title description embeddable preview_media_id call_to_actions'.split(' '),
);
const replyFields = new Set(['in_reply_to_tweet_id', 'exclude_reply_user_ids']);
/** Premium and Enterprise accounts only, or not simulated. */
const closedFields = ['quote_tweet_id', 'edit_options', 'poll', 'community_id', 'nullcast'];
const duplicateWindowMs = 24 * 3_600_000;

const titles: Record<number, [string, string]> = {
  400: ['Invalid Request', 'One or more parameters to your request was invalid.'],
  401: ['Unauthorized', 'Unauthorized'],
  402: ['CreditsDepleted', 'Your account has no credits left.'],
  403: ['Forbidden', 'You are not permitted to perform this action.'],
  404: ['Not Found Error', 'There is nothing at this address.'],
  413: ['Payload Too Large', 'The body is too large.'],
  429: ['Too Many Requests', 'Too Many Requests'],
  503: ['Service Unavailable', 'Service Unavailable'],
};

/**
 * X API v2: weighted length by twitter-text, no duplicates within a day, replies to own posts and media that exist. Any
 * complete signature is let in; until limits are switched on, headers name one that is never reached; long posts, polls,
 * quotes and edits are refused as for an account without Premium.
 */
export function simulateX(site: SandboxSite): Simulation {
  let serial = 0;
  // Like a snowflake: milliseconds, then a count.
  const nextId = () => String((BigInt(Date.now()) << 22n) + BigInt(serial++ % 4_194_304));
  const media = createXMedia(site, nextId);
  const auth = createXAuth(site, nextId);
  /** Id of the newest post with a text, by user, text and what it answers. */
  const newest = new Map<string, string>();
  for (const { id, target, text, replyTo } of site.record.all()) newest.set(keyOf(target, text, replyTo), id);

  function post({ fields, form }: SandboxRequest, user: string): SandboxAnswer {
    if (form !== 'json') return problem(415, 'Unsupported Media Type', 'The body must be JSON.');
    const unknown = strangerIn(fields, allowedFields) ?? strangerIn(fields.media, mediaFields);
    const stranger = unknown ?? strangerIn(fields.reply, replyFields);
    if (stranger !== undefined)
      return invalid(`[${stranger}] is not a valid field; no additional properties are allowed`);
    const closed = closedFields.find((name) => fields[name] !== undefined);
    if (closed) return forbidden(`Your account is not permitted to access this feature: ${closed}`);
    const { text = '' } = fields;
    if (typeof text !== 'string') return invalid('text must be a string');
    const ids = mediaIds(fields.media);
    if (ids === undefined) return invalid('media_ids must hold 1 to 4 ids');
    const { valid, weightedLength } = twitterText.parseTweet(text);
    if (text.trim() === '' && ids.length === 0) return invalid('One of text or media must be given');
    if (weightedLength > limit) return forbidden();
    if (text !== '' && !valid) return forbidden('The text holds characters that are not allowed.');
    if (twitterText.extractCashtags(text).length > 1) return forbidden('A post may hold one cashtag.');
    const pictures = media.take(ids, user);
    if ('status' in pictures) return pictures;
    const answered = (fields.reply as { in_reply_to_tweet_id?: unknown } | undefined)?.in_reply_to_tweet_id;
    const replyTo = answered === undefined ? undefined : String(answered);
    if (fields.reply !== undefined && replyTo === undefined) return invalid('in_reply_to_tweet_id is required');
    const before = replyTo === undefined ? undefined : site.record.get(replyTo);
    if (replyTo !== undefined && (before === undefined || before.removed === true)) {
      return forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
    }
    const key = keyOf(user, text, replyTo);
    if (text !== '' && !site.plan().allowDuplicates && isFresh(newest.get(key))) {
      return forbidden('You are not allowed to create a Tweet with duplicate content.');
    }
    const id = nextId();
    putBounded(newest, key, id, maxPosts);
    const [link] = twitterText.extractUrls(text);
    site.accept({
      id,
      target: user,
      text,
      length: weightedLength,
      limit,
      unit: 'weighted',
      media: pictures,
      ...(link ? { link } : {}),
      ...(replyTo === undefined ? {} : { replyTo }),
      raw: fields,
    });
    return found({ data: { id, text, edit_history_tweet_ids: [id] } }, 201);
  }

  function isFresh(id = ''): boolean {
    const before = site.record.get(id);
    return before !== undefined && !before.removed && Date.now() - Date.parse(before.at) < duplicateWindowMs;
  }

  function one({ method, query }: SandboxRequest, id: string, user: string): SandboxAnswer {
    const post = site.record.get(id);
    if (!post || post.removed) return missing(`Could not find tweet with id: [${id}].`);
    if (method !== 'DELETE') return found({ data: view(post, query) });
    if (post.target !== user) return forbidden('You are not allowed to delete this Tweet.');
    site.record.update(id, { removed: true });
    return found({ data: { deleted: true } });
  }

  return {
    platform: 'x',
    settings: xAuthSettings,
    // X API, rate limits: POST /2/tweets and DELETE /2/tweets/:id.
    limits: {
      user: { rates: ['100/15m'] },
      app: { rates: ['10000/24h'] },
      deletions: { rates: ['50/15m'] },
    },
    counted(request): Counted {
      const { authorization } = request.headers;
      const scope = userOf(authorization) ?? '';
      const name = ruleOf(request);
      if (name !== 'user') return name === undefined ? {} : { [name]: { scope } };
      return {
        user: { scope },
        app: { scope: authorization?.match(/oauth_consumer_key="([^"]+)"/)?.[1] ?? 'bearer' },
      };
    },
    tooEarly({ waitMs, count }) {
      const answer = problem(429, 'Too Many Requests', 'Too Many Requests');
      return { ...answer, headers: { ...answer.headers, ...limitHeaders(0, waitMs / 1_000, count) } };
    },
    usage(request, limits) {
      const name = ruleOf(request);
      const user = userOf(request.headers.authorization);
      const now = name === undefined || user === undefined ? undefined : limits.left(name, user);
      return now ? limitHeaders(now.left, now.renewedMs / 1_000, now.count) : {};
    },
    classify({ method, path, headers }) {
      const change = method === 'GET' ? 'read' : 'change';
      const upload = path.startsWith('/2/media') ? 'upload' : change;
      const kind = method === 'POST' && path === '/2/tweets' ? 'publish' : upload;
      return { kind, target: userOf(headers.authorization), endpoint: `${method} ${path.replace(/\d{6,}/, ':id')}` };
    },
    handle(request) {
      const { method, path, headers } = request;
      if (method === 'POST' && path === '/2/oauth2/token') return auth.tokens(request);
      const user = auth.userOf(headers.authorization);
      if (user === undefined) return problem(401, 'Unauthorized', 'Unauthorized');
      if (request.malformed) return invalid('The body is not valid JSON.');
      if (method === 'POST' && path === '/2/tweets') return post(request, user);
      if (method === 'POST' && path.startsWith('/2/media/upload')) return media.upload(request, user);
      if (method === 'POST' && path === '/2/media/metadata') return media.describe(request, user);
      if (method === 'GET' && path === '/2/users/me')
        return found({ data: { id: user, name: 'Munadi sandbox', username: 'munadi_sandbox' } });
      const of = path.match(/^\/2\/users\/(\d+)\/tweets$/)?.[1];
      if (method === 'GET' && of !== undefined) return timeline(site, request, of);
      const id = path.match(onePost)?.[1];
      if (id !== undefined && (method === 'GET' || method === 'DELETE')) return one(request, id, user);
      return missing('There is nothing at this address.');
    },
    refusal({ status, code, retryAfter }) {
      const [title, detail] = titles[status] ?? ['Error', 'The request was refused.'];
      const answer = problem(status, title, String(code ?? detail));
      if (status !== 429 || retryAfter === undefined) return answer;
      return { ...answer, headers: { ...answer.headers, ...limitHeaders(0, retryAfter) } };
    },
    expiredToken: () => problem(401, 'Unauthorized', 'Unauthorized'),
    reset() {
      newest.clear();
      media.clear();
      auth.clear();
    },
  };
}

const onePost = /^\/2\/tweets\/(\d+)$/;

/** The limit of the user that a request counts against. */
function ruleOf({ method, path }: SandboxRequest): 'user' | 'deletions' | undefined {
  if (method === 'POST' && path === '/2/tweets') return 'user';
  return method === 'DELETE' && onePost.test(path) ? 'deletions' : undefined;
}

function keyOf(user: string, text: string, replyTo = ''): string {
  return `${user}\n${replyTo}\n${text}`;
}

/** A field of an object that is not among those allowed; an object is all that is allowed. */
function strangerIn(given: unknown, allowed: ReadonlySet<string>): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null) return String(given);
  return Object.keys(given).find((key) => !allowed.has(key));
}

/** Undefined where they are not 1 to 4 ids. */
function mediaIds(media: unknown): string[] | undefined {
  if (media === undefined) return [];
  const { media_ids: ids } = media as { media_ids?: unknown };
  const isList = Array.isArray(ids) && ids.length >= 1 && ids.length <= 4;
  return isList && ids.every((id) => typeof id === 'string') ? ids : undefined;
}
