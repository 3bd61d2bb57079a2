import http from 'node:http';
import https from 'node:https';
import {
  ApiPartialResponseError,
  ApiRequestError,
  ApiResponseError,
  type ITwitterApiClientPlugin,
  TwitterApi,
} from 'twitter-api-v2';
import type { Account } from '../../core/channel.ts';
import { type PublishError, RejectedError, UnauthorizedError, UnconfirmedError } from '../../core/errors.ts';
import type { Publisher, SendRequest } from '../../core/platform.ts';
import type { Media, Receipt } from '../../core/post.ts';
import { aboutToWrite, asCall, calls } from './call.ts';
import { createScrub, networkFailure, shorten, waitFor } from './failures.ts';
import { idleSocketMs } from './http.ts';

export interface XAccount {
  appKey?: string | undefined;
  appSecret?: string | undefined;
  accessToken?: string | undefined;
  accessSecret?: string | undefined;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  refreshToken?: string | undefined;
}

const realRoot = 'https://api.x.com';
/** 15 minutes: X's window, for a 429 that does not say when it ends. */
const windowMs = 15 * 60 * 1000;
const maxAltLength = 1000;

/** An X account through twitter-api-v2: OAuth 1.0a, or an OAuth 2 access token. */
export function openX({ settings, apiRoot = realRoot, sandbox }: Account<XAccount>): Publisher {
  const scrub = createScrub(Object.values(settings));
  const agentOptions = { keepAlive: true, timeout: idleSocketMs };
  const agent = apiRoot.startsWith('https:') ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
  const tokens = credentials(settings);
  const options: ConstructorParameters<typeof TwitterApi>[1] = {
    httpAgent: agent,
    // A corrupt compressed answer would raise an error event that nobody listens to, and end the process.
    compression: false,
    plugins: [redirectTo(apiRoot)],
  };
  const client = typeof tokens === 'string' ? new TwitterApi(tokens, options) : new TwitterApi(tokens, options);

  async function attempt<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw xFailure(error, scrub) ?? networkFailure(causeOf(error), { platform: 'X', signal, scrub });
    }
  }

  /** One picture up, and its description with it; a description that fails keeps nothing back. */
  async function uploadOne(media: Media, signal: AbortSignal): Promise<string> {
    const answer = await attempt(signal, () =>
      client.v2.post<{ data?: { id?: string } }>('media/upload', {
        media: Buffer.from(media.bytes).toString('base64'),
        media_category: media.mimeType === 'image/gif' ? 'tweet_gif' : 'tweet_image',
        media_type: media.mimeType,
      }),
    );
    const id = answer?.data?.id;
    if (typeof id !== 'string')
      throw new RejectedError('X took the picture, but its answer names no media id.', { code: 'unreadable' });
    if (media.alt) {
      const metadata = { id, metadata: { alt_text: { text: media.alt.slice(0, maxAltLength) } } };
      await attempt(signal, () => client.v2.post('media/metadata', metadata)).catch(() => {});
    }
    return id;
  }

  return {
    upload: async ({ media }, call) => {
      const ids: string[] = [];
      for (const picture of media) ids.push(await asUpload(call.signal, () => uploadOne(picture, call.signal)));
      return ids;
    },
    send: (request, call) =>
      asCall(call, async () => {
        const answer = await attempt(call.signal, () =>
          client.v2.post<{ data?: { id?: unknown } }>('tweets', body(request)),
        );
        const id = answer?.data?.id;
        if (typeof id !== 'string' || id === '') {
          throw new UnconfirmedError('X accepted something, but its answer names no post.', { code: 'unreadable' });
        }
        const url = sandbox ? `${apiRoot}/p/${id}` : `https://x.com/i/web/status/${id}`;
        return { remoteId: id, url, at: new Date().toISOString() } satisfies Receipt;
      }),
    identify: (call) =>
      asCall(call, async () => {
        const answer = await attempt(call.signal, () => client.v2.get<{ data?: { username?: string } }>('users/me'));
        return `@${answer?.data?.username ?? 'unknown'}`;
      }),
    async close() {
      agent.destroy();
    },
  };
}

/** Uploads are several requests and publish nothing: none of them counts as "the" request. */
function asUpload<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return calls.run({ signal, requests: Number.NEGATIVE_INFINITY }, work);
}

function credentials({ appKey, appSecret, accessToken, accessSecret }: XAccount) {
  if (appKey && appSecret && accessToken && accessSecret) return { appKey, appSecret, accessToken, accessSecret };
  return accessToken ?? '';
}

/**
 * Sends every request to our base address (before OAuth 1.0a signs it), under the deadline of the call it belongs to:
 * the request options go to `https.request` as they are, and that takes a signal.
 */
function redirectTo(apiRoot: string): ITwitterApiClientPlugin {
  return {
    onBeforeRequestConfig({ params }) {
      if (apiRoot !== realRoot) params.url = params.url.replace(realRoot, apiRoot);
      // Chosen by the host's path otherwise, which a prefix would hide.
      if (params.method === 'POST') params.forceBodyMode ??= 'json';
    },
    onBeforeRequest({ requestOptions }) {
      const call = calls.getStore();
      if (!call) return;
      call.signal.throwIfAborted();
      requestOptions.signal = call.signal;
      aboutToWrite(call);
    },
  };
}

function body({ post, part, uploads, earlier }: SendRequest): Record<string, unknown> {
  const before = earlier.at(-1);
  return {
    text: post.parts[part]?.text,
    ...(uploads.length > 0 ? { media: { media_ids: uploads } } : {}),
    ...(before ? { reply: { in_reply_to_tweet_id: before.remoteId } } : {}),
  };
}

/** twitter-api-v2 keeps the cause of an `ApiRequestError` where its own getter does not look. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof ApiRequestError)) return error;
  return (error as unknown as { _options?: { error?: unknown } })._options?.error ?? error;
}

/** What an answer of X means; undefined where the error is not a whole answer. Sources: X API, response codes and errors. */
function xFailure(error: unknown, scrub: (text: string) => string): PublishError | undefined {
  if (error instanceof ApiPartialResponseError) {
    return new UnconfirmedError('X answered something that cannot be read.', { code: 'unreadable' });
  }
  if (!(error instanceof ApiResponseError)) return undefined;
  const { code, headers } = error;
  const data = (typeof error.data === 'object' && error.data !== null ? error.data : {}) as {
    detail?: unknown;
    title?: unknown;
    type?: unknown;
    errors?: { message?: unknown; code?: unknown }[];
  };
  const said = data.detail ?? data.errors?.[0]?.message ?? data.title ?? 'no description';
  const message = `X: ${shorten(scrub(String(said)))}`;
  if (code >= 500) return new UnconfirmedError(message, { code });
  if (code === 401) return new UnauthorizedError(`${message}. Check the account's keys and tokens.`, { code });
  if (code === 402) return new UnauthorizedError(`${message}. The account has no credits left; top it up.`, { code });
  if (code === 429 || code === 420) {
    const reset = Number(headers['x-rate-limit-reset']);
    const seconds =
      Number.isFinite(reset) && reset > 0 ? reset - Date.now() / 1000 : Number(headers['retry-after'] ?? Number.NaN);
    const capped = String(data.type ?? '').includes('usage-capped');
    return waitFor(message, { seconds, fallbackMs: windowMs, scope: capped ? 'app' : 'account', code });
  }
  // The text is live already, perhaps from an attempt whose answer was lost.
  if (code === 403 && (/duplicate/i.test(String(said)) || data.errors?.[0]?.code === 187)) {
    return new UnconfirmedError(message, { code: 'duplicate' });
  }
  return new RejectedError(message, { code });
}
