import { RejectedError, UnauthorizedError, UnconfirmedError } from '../../core/errors.ts';
import { shorten, waitFor } from './failures.ts';
import type { ReadGraphError } from './graph.ts';
import { type Answer, headerNumber, parseJson } from './http.ts';

/** Throttled, not posted (Graph API, rate limiting): app, user, page, custom and business use case. */
const throttled = new Map([
  [4, 'app'],
  [17, 'account'],
  [32, 'account'],
  [341, 'app'],
  [613, 'account'],
  [80001, 'account'],
] as const);
const tokenCodes = new Set([0, 102, 190, 368]);
/** Where Facebook names no time. */
const throttleFallbackMs = 60_000;
/** The same for a temporary block, which outlasts a burst. */
const blockFallbackMs = 60 * 60_000;

/** Field experience (Postiz, facebook.provider.ts): posting too fast; photos that are posted already. */
const tooFastSubcode = 1390008;
const alreadyPostedSubcode = 1366051;

/** The same as the last post. */
const duplicateCode = 506;

/**
 * What a refusal by Facebook Pages means. Codes 1 and 2 may come after the post went live; 506 and 1366051 say that it is,
 * perhaps from an attempt whose answer was lost: code `duplicate`, as of X.
 */
export const facebookFailure: ReadGraphError = (answer, error, said) => {
  const code = Number(error.code ?? answer.status);
  const subcode = Number(error.error_subcode);
  const message = `Facebook: ${shorten(said)}`;
  if (code === duplicateCode || subcode === alreadyPostedSubcode) {
    const number = code === duplicateCode ? code : subcode;
    const numbered = message.includes(String(number)) ? message : `${message} (${number})`;
    return new UnconfirmedError(numbered, { code: 'duplicate' });
  }
  if (code === 1 || code === 2) return new UnconfirmedError(message, { code });
  const scope = throttled.get(code as 4);
  if (scope || subcode === tooFastSubcode || answer.status === 429) {
    const minutes = minutesToWait(answer);
    return waitFor(message, {
      seconds: minutes === undefined ? headerNumber(answer, 'retry-after') : minutes * 60,
      fallbackMs: code === 341 || subcode === tooFastSubcode ? blockFallbackMs : throttleFallbackMs,
      scope: scope ?? 'account',
      code,
    });
  }
  if (tokenCodes.has(code) || code === 10 || (code >= 200 && code <= 299) || answer.status === 401) {
    return new UnauthorizedError(`${message}. Check the Page's access token and permissions.`, { code });
  }
  if (answer.status >= 500) return new UnconfirmedError(message, { code });
  return new RejectedError(message, { code });
};

/** Graph API, error handling: an object that is not there, or that the token may not see. */
const missingSubcode = 33;

/**
 * What a refused change of a post means: code `gone` where it is not there any more. A right that only this post lacks
 * (another app made it) is no reason to stop publishing; one that the token has lost shows at the next post.
 */
export const changeFailure: ReadGraphError = (answer, error, said) => {
  const code = Number(error.code);
  const message = `Facebook: ${shorten(said)}`;
  const isMissing = Number(error.error_subcode) === missingSubcode || answer.status === 404;
  if (code === 100 && (isMissing || /does not exist/i.test(said))) return new RejectedError(message, { code: 'gone' });
  if (answer.status !== 401 && (code === 10 || (code >= 200 && code <= 299))) {
    return new RejectedError(message, { code });
  }
  return facebookFailure(answer, error, said);
};

/** `estimated_time_to_regain_access`, the longest of those in the usage header. */
function minutesToWait({ headers }: Answer): number | undefined {
  const usage = parseJson(String(headers['x-business-use-case-usage'] ?? ''));
  if (typeof usage !== 'object' || usage === null) return undefined;
  const waits = Object.values(usage as Record<string, { estimated_time_to_regain_access?: unknown }[]>)
    .flat()
    .map((entry) => Number(entry?.estimated_time_to_regain_access))
    .filter((minutes) => minutes > 0);
  return waits.length > 0 ? Math.max(...waits) : undefined;
}
