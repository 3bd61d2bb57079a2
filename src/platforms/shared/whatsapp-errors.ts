import {
  type PublishError,
  RateLimitedError,
  RejectedError,
  type RejectionEffect,
  UnauthorizedError,
  UnavailableError,
  UnconfirmedError,
} from '../../core/errors.ts';
import { shorten } from './failures.ts';
import type { ReadGraphError } from './graph.ts';
import { headerNumber } from './http.ts';

type Verdict =
  | { class: 'rate-limited'; scope: RateLimitedError['scope']; waitMs: number }
  | { class: 'unavailable' | 'unconfirmed' | 'unauthorized' }
  | { class: 'rejected'; effect?: RejectionEffect };

const minuteMs = 60_000;
const unauthorized: Verdict = { class: 'unauthorized' };
const rejected: Verdict = { class: 'rejected' };
const stopTemplate: Verdict = { class: 'rejected', effect: 'stop-template' };
const holdTemplate: Verdict = { class: 'rejected', effect: 'hold-template' };
const suppress: Verdict = { class: 'rejected', effect: 'suppress-recipient' };

/** Cloud API error codes (Meta, "Error codes", with an undated copy of the full table). Codes not here are rejections. */
const verdicts = new Map<number, Verdict>([
  [0, unauthorized],
  [1, { class: 'unconfirmed' }],
  [2, { class: 'unavailable' }],
  [3, unauthorized],
  [4, { class: 'rate-limited', scope: 'app', waitMs: 15 * minuteMs }],
  [10, unauthorized],
  [33, unauthorized],
  [190, unauthorized],
  [368, unauthorized],
  [80007, { class: 'rate-limited', scope: 'account', waitMs: 15 * minuteMs }],
  [130429, { class: 'rate-limited', scope: 'account', waitMs: 2_000 }],
  [130472, suppress],
  [131000, { class: 'unconfirmed' }],
  [131005, unauthorized],
  [131016, { class: 'unavailable' }],
  [131026, suppress],
  [131031, unauthorized],
  [131037, unauthorized],
  [131042, unauthorized],
  [131045, unauthorized],
  [131047, { class: 'rejected', effect: 'window-closed' }],
  [131048, { class: 'rate-limited', scope: 'account', waitMs: 60 * minuteMs }],
  [131049, suppress],
  [131050, suppress],
  [131056, { class: 'rate-limited', scope: 'recipient', waitMs: 6_000 }],
  [131057, { class: 'unavailable' }],
  [132001, stopTemplate],
  [132007, stopTemplate],
  [132015, holdTemplate],
  [132016, stopTemplate],
  [132068, stopTemplate],
  [132069, stopTemplate],
  [133000, unauthorized],
  [133004, { class: 'unavailable' }],
  [133005, unauthorized],
  [133006, unauthorized],
  [133008, unauthorized],
  [133009, unauthorized],
  [133010, unauthorized],
  [133015, unauthorized],
  [133016, unauthorized],
]);

const dayMs = 24 * 60 * minuteMs;

/**
 * How long nothing more is sent to a person after such a refusal (ms): 131049, marketing that the person had enough of (at
 * least 24 hours, Meta); 130472, an experiment of Meta's, and 131026, no WhatsApp there, as long as one may wait before
 * looking again. `Infinity`: 131050, the person stopped marketing.
 */
export const suppressMs: ReadonlyMap<number, number> = new Map([
  [130472, dayMs],
  [131026, 30 * dayMs],
  [131049, dayMs],
  [131050, Number.POSITIVE_INFINITY],
]);

/** What a refusal by the WhatsApp Cloud API means, by its code; the HTTP status is not reliable there. */
export const whatsappFailure: ReadGraphError = (answer, error, said): PublishError => {
  const code = Number(error.code ?? answer.status);
  const message = `WhatsApp: ${shorten(said)}`;
  const verdict = verdicts.get(code) ?? byStatus(code, answer.status);
  switch (verdict.class) {
    case 'rate-limited': {
      const seconds = headerNumber(answer, 'retry-after');
      const retryAfterMs = seconds === undefined ? verdict.waitMs : Math.max(1_000, seconds * 1_000);
      return new RateLimitedError(message, { code, scope: verdict.scope, retryAfterMs });
    }
    case 'unavailable':
      return new UnavailableError(message, { code });
    case 'unconfirmed':
      return new UnconfirmedError(message, { code });
    case 'unauthorized':
      return new UnauthorizedError(`${message}. Check the account's token, number and permissions.`, { code });
    case 'rejected':
      return new RejectedError(message, { code, effect: verdict.effect, suppressForMs: suppressMs.get(code) });
  }
};

function byStatus(code: number, status: number): Verdict {
  if (code >= 200 && code <= 299) return unauthorized;
  if (status === 429) return { class: 'rate-limited', scope: 'account', waitMs: 5_000 };
  if (status === 401) return unauthorized;
  if (status >= 500) return { class: 'unconfirmed' };
  return rejected;
}
