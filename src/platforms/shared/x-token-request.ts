import { type PublishError, UnauthorizedError, UnavailableError } from '../../core/errors.ts';
import { asUpload } from './call.ts';
import { networkFailure, shorten, waitFor } from './failures.ts';
import { type Answer, createHttpClient, headerNumber } from './http.ts';

/** The app, as it shows itself to X. */
export interface TokenClient {
  root: string;
  clientId: string;
  clientSecret: string;
  scrub: (text: string) => string;
}

/** What X gave: `seconds` is the life of the access token. */
export interface GivenTokens {
  accessToken: string;
  /** Absent where the old one goes on. */
  refreshToken: string | undefined;
  seconds: number;
}

/**
 * What came of spending a refresh token. `spent`: `no`, X has not used it; `maybe`, its answer was lost; `refused`, it is
 * no longer good. The failures say that nothing was posted.
 */
export type TokenAnswer = { given: GivenTokens } | { failure: PublishError; spent: 'no' | 'maybe' | 'refused' };

/** X may take this long to answer; the answer is worth waiting for, as no other will come. */
const requestMs = 20_000;
/** X API, OAuth 2.0: an access token lives two hours. */
const usualSeconds = 7_200;
const tooFastMs = 60_000;

/** `POST /2/oauth2/token` (X API, OAuth 2.0 Authorization Code Flow), as a confidential client. Never rejects, and never asks twice. */
export async function askForTokens(
  { root, clientId, clientSecret, scrub }: TokenClient,
  refreshToken: string,
): Promise<TokenAnswer> {
  const http = createHttpClient(root);
  try {
    return await asUpload(AbortSignal.timeout(requestMs), async (call): Promise<TokenAnswer> => {
      try {
        const answer = await http.request(
          {
            method: 'POST',
            path: '/2/oauth2/token',
            headers: {
              authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`,
              'content-type': 'application/x-www-form-urlencoded',
            },
            body: new URLSearchParams({
              grant_type: 'refresh_token',
              refresh_token: refreshToken,
              client_id: clientId,
            }).toString(),
          },
          call,
        );
        return read(answer, scrub);
      } catch (error) {
        const { message, code } = networkFailure(error, { platform: 'X', call, scrub });
        return { failure: unavailable(message, code), spent: call.written ? 'maybe' : 'no' };
      }
    });
  } finally {
    await http.close();
  }
}

/** RFC 6749, 2.3.1: both parts as in a form. */
function encode(part: string): string {
  return encodeURIComponent(part).replaceAll('%20', '+');
}

function unavailable(what: string, code: string | number | undefined): PublishError {
  return new UnavailableError(`The access token was not renewed: ${what}`, { code });
}

function read(answer: Answer, scrub: (text: string) => string): TokenAnswer {
  const { status } = answer;
  const body = typeof answer.json === 'object' && answer.json !== null ? (answer.json as Record<string, unknown>) : {};
  if (status >= 200 && status < 300) {
    const given = givenIn(body);
    if (given) return { given };
    return { failure: unavailable('X answered something that cannot be read.', 'unreadable'), spent: 'maybe' };
  }
  const said = body.error_description ?? body.detail ?? body.error ?? body.title ?? `HTTP ${status}`;
  const message = shorten(scrub(String(said))).replace(/[.\s]*$/, '.');
  if (status === 429) {
    const reset = headerNumber(answer, 'x-rate-limit-reset');
    const seconds = headerNumber(answer, 'retry-after') ?? (reset && reset - Date.now() / 1000);
    const failure = waitFor(`The access token was not renewed: X: ${message}`, {
      seconds,
      fallbackMs: tooFastMs,
      scope: 'account',
      code: status,
    });
    return { failure, spent: 'no' };
  }
  if (status >= 500 || typeof body.error !== 'string') {
    return { failure: unavailable(`X: ${message}`, status), spent: 'maybe' };
  }
  if (body.error === 'unauthorized_client' || body.error === 'invalid_client') {
    const what = `X: ${message} Look whether clientId and clientSecret are those of the app that the login was made with.`;
    return { failure: new UnauthorizedError(what, { code: status }), spent: 'no' };
  }
  return { failure: new UnauthorizedError(`X: ${message}`, { code: status }), spent: 'refused' };
}

function givenIn(body: Record<string, unknown>): GivenTokens | undefined {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: life } = body;
  if (!isToken(accessToken)) return undefined;
  const seconds = Number(life);
  return {
    accessToken,
    refreshToken: isToken(refreshToken) ? refreshToken : undefined,
    seconds: seconds > 0 && Number.isFinite(seconds) ? seconds : usualSeconds,
  };
}

/** Fit for a header; anything else would fail at every request. */
function isToken(given: unknown): given is string {
  return typeof given === 'string' && /^[\x21-\x7e]+$/.test(given);
}
