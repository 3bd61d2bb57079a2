import type { ITwitterApiClientPlugin, TwitterApi } from 'twitter-api-v2';
import type { Account } from '../../core/channel.ts';
import { RejectedError, UnauthorizedError, UnavailableError, UnconfirmedError } from '../../core/errors.ts';
import { lazyPackage } from '../../core/lazy-package.ts';
import type { Publisher, SendRequest, Tools } from '../../core/platform.ts';
import type { Media, Receipt } from '../../core/post.ts';
import { createScrub } from '../../text/scrub.ts';
import { createAgent } from './agent.ts';
import { aboutToWrite, asCall, asUpload, type CallState, calls, isSuccess } from './call.ts';
import { changed, unlessGone, unreadableChange } from './change.ts';
import { networkFailure, trimRoot } from './failures.ts';
import { asReading, unreadable } from './reading.ts';
import { createUploads } from './uploads.ts';
import { xUsage } from './usage.ts';
import { isMissing, type Problem, removalFailure, xFailure } from './x-errors.ts';
import { findOnX } from './x-find.ts';
import { openXLogin, renewedCode, type XAccount } from './x-login.ts';

const sdk = lazyPackage<typeof import('twitter-api-v2')>('twitter-api-v2');

const realRoot = 'https://api.x.com';
const maxAltLength = 1000;
/** An upload is forgotten in a day (X API, media/upload: `expires_after_secs`). */
const uploadReuseMs = 20 * 60 * 60 * 1000;

/** An X account through twitter-api-v2: OAuth 1.0a, or OAuth 2 access tokens, which are renewed with the help of `tools`. */
export function openX(account: Account<XAccount>, tools?: Tools): Publisher {
  const { settings, apiRoot, sandbox } = account;
  const root = trimRoot(apiRoot ?? realRoot);
  const agent = createAgent(root);
  const keys = signingKeys(settings);
  const login = keys ? undefined : openXLogin(account, root, tools);
  const scrub = login?.scrub ?? createScrub(Object.values(settings));
  const options: ConstructorParameters<typeof TwitterApi>[1] = {
    httpAgent: agent,
    // A corrupt compressed answer would raise an error event that nobody listens to, and end the process.
    compression: false,
    plugins: [redirectTo(root), observer],
  };
  const uploads = createUploads(uploadReuseMs);
  const signing = keys && new (sdk().TwitterApi)(keys, options);
  let bearer: { token: string; client: TwitterApi } | undefined;

  function clientOf(token: string): TwitterApi {
    if (bearer?.token !== token) bearer = { token, client: new (sdk().TwitterApi)(token, options) };
    return bearer.client;
  }

  async function attempt<T>(
    call: CallState,
    work: (client: TwitterApi) => Promise<T>,
    read: typeof xFailure = xFailure,
  ): Promise<T> {
    const token = await login?.token(call.signal);
    const client = token === undefined ? signing : clientOf(token);
    if (!client) throw new UnauthorizedError(`There are no credentials for ${account.id}.`);
    try {
      const answer = await work(client);
      if (!isSuccess(call))
        throw new UnconfirmedError('X answered something that cannot be read.', { code: 'unreadable' });
      if (token !== undefined) login?.accepted(token);
      return answer;
    } catch (error) {
      const failure = read(error, scrub) ?? networkFailure(causeOf(error), { platform: 'X', call, scrub });
      const isToken = failure instanceof UnauthorizedError && failure.code === '401';
      throw isToken && login && token !== undefined ? await login.refused(token, failure, call.signal) : failure;
    }
  }

  const urlOf = (id: string) => (sandbox ? `${root}/p/${id}` : `https://x.com/i/web/status/${id}`);
  /** Of the user who posts, once asked. */
  let ownId: string | undefined;

  /** One picture up, and its description with it; a description that fails keeps nothing back. */
  async function uploadOne(media: Media, call: CallState): Promise<string> {
    const answer = await attempt(call, (client) =>
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
      const metadata = { id, metadata: { alt_text: { text: media.alt.slice(0, maxAltLength).toWellFormed() } } };
      await attempt(call, (client) => client.v2.post('media/metadata', metadata)).catch(() => {});
    }
    return id;
  }

  return {
    upload: async ({ media, deliveryId }, call) => {
      const ids: string[] = [];
      for (const [index, picture] of media.entries()) {
        const make = () => renewing(() => asUpload(call.signal, (state) => uploadOne(picture, state)));
        ids.push(await uploads.once(`${deliveryId} ${index} ${picture.hash}`, make));
      }
      return ids;
    },
    send: (request, call) =>
      asCall(call, async (state) => {
        uploads.spend(request.uploads);
        const answer = await attempt(state, (client) =>
          client.v2.post<{ data?: { id?: unknown } }>('tweets', body(request)),
        );
        const id = answer?.data?.id;
        if (typeof id !== 'string' || id === '') {
          throw new UnconfirmedError('X accepted something, but its answer names no post.', { code: 'unreadable' });
        }
        return { remoteId: id, url: urlOf(id), at: new Date().toISOString() } satisfies Receipt;
      }),
    remove: ({ live }, call) =>
      asCall(call, async (state) => {
        const path = `tweets/${encodeURIComponent(live.remoteId)}`;
        const remove = async (client: TwitterApi) => {
          const answer = await client.v2.delete<({ data?: { deleted?: unknown } } & Problem) | undefined>(path);
          if (answer?.data?.deleted !== true && !isMissing(answer ?? {})) throw unreadableChange('X');
        };
        await attempt(state, remove, removalFailure).catch(unlessGone);
        return changed(live);
      }),
    find: (request, { signal }) =>
      asReading(async () => {
        const read = (path: string, query: Record<string, string> = {}) =>
          renewing(() =>
            asCall({ signal }, (state) => attempt(state, (client) => client.v2.get<unknown>(path, query))),
          );
        ownId ??= idIn(await read('users/me'));
        return findOnX(read, ownId, request, urlOf);
      }),
    identify: (call) =>
      renewing(() =>
        asCall(call, async (state) => {
          const answer = await attempt(state, (client) => client.v2.get<{ data?: { username?: string } }>('users/me'));
          return `@${answer?.data?.username ?? 'unknown'}`;
        }),
      ),
    async close() {
      await login?.close();
      agent.destroy();
    },
  };
}

function idIn(answer: unknown): string {
  const { id } = ((answer as { data?: unknown } | undefined)?.data ?? {}) as { id?: unknown };
  if (typeof id !== 'string' || !/^\w+$/.test(id)) throw unreadable('X', 'it does not say whose account this is');
  return id;
}

/** OAuth 1.0a's four, or undefined. */
export function signingKeys({ appKey, appSecret, accessToken, accessSecret }: XAccount) {
  if (!appKey || !appSecret || !accessToken || !accessSecret) return undefined;
  return { appKey, appSecret, accessToken, accessSecret };
}

/** What publishes nothing is asked again where its token had to be renewed. */
async function renewing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnavailableError && error.code === renewedCode) return work();
    throw error;
  }
}

/**
 * Sends every request to our base address (before OAuth 1.0a signs it), under the deadline of the call it belongs to:
 * the request options go to `https.request` as they are, and that takes a signal.
 */
function redirectTo(apiRoot: string): ITwitterApiClientPlugin {
  return {
    onBeforeRequestConfig({ params }) {
      if (apiRoot !== realRoot) params.url = params.url.replace(realRoot, () => apiRoot);
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

/** Tells of the limits after each answer that belongs to a call which asks for it. */
const observer: ITwitterApiClientPlugin = {
  onAfterRequest({ params, response }) {
    const rule = params.method === 'DELETE' ? 'deletions' : 'user';
    const usage = xUsage(response.headers as Record<string, string | undefined>, rule);
    if (usage) calls.getStore()?.onUsage?.(usage);
  },
};

function body({ post, part, uploads, earlier, replyTo }: SendRequest): Record<string, unknown> {
  const before = earlier.at(-1) ?? replyTo;
  return {
    text: post.parts[part]?.text,
    ...(uploads.length > 0 ? { media: { media_ids: uploads } } : {}),
    ...(before ? { reply: { in_reply_to_tweet_id: before.remoteId } } : {}),
  };
}

/** twitter-api-v2 keeps the cause of an `ApiRequestError` where its own getter does not look. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof sdk().ApiRequestError)) return error;
  return (error as unknown as { _options?: { error?: unknown } })._options?.error ?? error;
}
