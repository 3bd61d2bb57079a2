import { PublishError, RejectedError, UnauthorizedError, UnconfirmedError } from '../../core/errors.ts';
import { lazyPackage } from '../../core/lazy-package.ts';
import { shorten, waitFor } from './failures.ts';
import { answeredAt } from './usage.ts';

const sdk = lazyPackage<typeof import('twitter-api-v2')>('twitter-api-v2');

/** 15 minutes: X's window, for a 429 that does not say when it ends. */
const windowMs = 15 * 60 * 1000;
/** A month's or a day's cap does not end with the window. */
const cappedMs = 60 * 60 * 1000;

type Headers = Record<string, string | string[] | undefined>;

/** Both forms of a refusal: a problem, and the older list of errors. */
export interface Problem {
  detail?: unknown;
  title?: unknown;
  type?: unknown;
  errors?: { message?: unknown; code?: unknown; type?: unknown }[];
}

/** What an answer of X means; undefined where there was none that says anything. Sources: X API, response codes and errors. */
export function xFailure(error: unknown, scrub: (text: string) => string): PublishError | undefined {
  if (error instanceof PublishError) return error;
  const answer = answerOf(error);
  if (!answer) return undefined;
  const { status, headers, data } = answer;
  if (status < 400) return new UnconfirmedError('X answered something that cannot be read.', { code: 'unreadable' });
  const errors = Array.isArray(data.errors) ? data.errors : [];
  const said = data.detail ?? errors[0]?.message ?? data.title ?? `HTTP ${status} without a description`;
  const message = `X: ${shorten(scrub(String(said)))}`;
  if (status >= 500) return new UnconfirmedError(message, { code: status });
  if (status === 401) return new UnauthorizedError(`${message}. Check the account's keys and tokens.`, { code: 401 });
  if (status === 402) {
    return new UnauthorizedError(`${message}. The account has no credits left; top it up.`, { code: 402 });
  }
  if (status === 429 || status === 420) return tooFast(message, status, headers, data);
  // The text is live already, perhaps from an attempt whose answer was lost.
  if (status === 403 && (/duplicate/i.test(String(said)) || errors.some(({ code }) => code === 187))) {
    return new UnconfirmedError(message, { code: 'duplicate' });
  }
  return new RejectedError(message, { code: status });
}

/** No status with that id (X API v1.1, error codes). */
const missingCode = 144;

/** True for an answer that says that a post is not there: any page may answer 404. */
export function isMissing({ type, errors }: Pick<Problem, 'type' | 'errors'>): boolean {
  const list = Array.isArray(errors) ? errors : [];
  return (
    [type, ...list.map((one) => one?.type)].some((one) => String(one).endsWith('/resource-not-found')) ||
    list.some((one) => one?.code === missingCode)
  );
}

/** What a refused removal means: code `gone` where the post is not there any more. */
export function removalFailure(error: unknown, scrub: (text: string) => string): PublishError | undefined {
  const failure = xFailure(error, scrub);
  const answer = answerOf(error);
  if (!(failure instanceof RejectedError) || !answer || !isMissing(answer.data)) return failure;
  return new RejectedError(failure.message, { code: 'gone' });
}

function answerOf(error: unknown): { status: number; headers: Headers; data: Problem } | undefined {
  if (error instanceof sdk().ApiPartialResponseError) {
    const { statusCode = 0, headers } = error.response;
    return { status: statusCode, headers, data: {} };
  }
  if (!(error instanceof sdk().ApiResponseError)) return undefined;
  const data = typeof error.data === 'object' && error.data !== null ? (error.data as unknown as Problem) : {};
  return { status: error.code, headers: error.headers as Headers, data };
}

/** The longest of the limits that are used up: 15 minutes of the user, a day of the user, a day of the app. */
function tooFast(message: string, status: number, headers: Headers, { type }: Problem): PublishError {
  const number = (name: string) => Number(headers[name] ?? Number.NaN);
  const day = ['x-user-limit-24hour', 'x-app-limit-24hour'].filter((limit) => number(`${limit}-remaining`) === 0);
  const ends = ['x-rate-limit', ...day].map((limit) => number(`${limit}-reset`)).filter((reset) => reset > 0);
  const capped = String(type ?? '').includes('usage-capped');
  const seconds = ends.length > 0 ? Math.max(...ends) - answeredAt(headers) / 1000 : number('retry-after');
  return waitFor(message, {
    seconds: capped ? Math.max(cappedMs / 1000, Number.isFinite(seconds) ? seconds : 0) : seconds,
    fallbackMs: windowMs,
    scope: capped || day.includes('x-app-limit-24hour') ? 'app' : 'account',
    code: status,
  });
}
