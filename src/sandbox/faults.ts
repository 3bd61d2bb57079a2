import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';

const status = z.number().int().min(400).max(599);
/** Milliseconds, up to a day. */
const duration = z.number().min(0).max(86_400_000);
const headers = z.record(z.string(), z.string()).refine(isSendable, 'not headers that HTTP can carry');

/**
 * How a simulated platform can misbehave. "before" and "after": whether the post is accepted first.
 * - `delay`: answers properly, `ms` late; accepted at the end of the wait, whether or not the client is still there.
 * - `refuse`: does not accept; answers `status` in the platform's own form (Meta's platforms throttle with 400), with
 *   `retryAfter` seconds where given; or answers `status` with `body` as it is. `headers` are added.
 * - `expired-token`: does not accept; the platform's own answer to a bad token.
 * - `reset-before`, `reset-after`: the connection is reset instead of an answer.
 * - `error-before`, `error-after`: answers `status` (500) without a readable body.
 * - `garbage`: answers 200 with a page, torn JSON or nothing (`form`); accepted first where `accept`.
 * - `hang`: no answer, ever; accepted first where `accept`.
 * - `slow-drip`: a proper head, then a byte every `ms` for as long as the client listens; accepted first where `accept`.
 * - `late-accept`: no answer; accepted `ms` after the request came, whether or not the client is still there.
 */
const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('delay'), ms: duration }),
  z.strictObject({
    kind: z.literal('refuse'),
    status: status.default(429),
    code: z.union([z.number(), z.string()]).optional(),
    retryAfter: z.number().min(0).optional(),
    body: z.unknown().optional(),
    headers: headers.optional(),
  }),
  z.strictObject({ kind: z.literal('expired-token') }),
  z.strictObject({ kind: z.literal('reset-before') }),
  z.strictObject({ kind: z.literal('reset-after') }),
  z.strictObject({ kind: z.literal('error-before'), status: status.default(500) }),
  z.strictObject({ kind: z.literal('error-after'), status: status.default(500) }),
  z.strictObject({
    kind: z.literal('garbage'),
    form: z.enum(['html', 'torn', 'empty']).default('html'),
    accept: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('hang'), accept: z.boolean().default(false) }),
  z.strictObject({
    kind: z.literal('slow-drip'),
    ms: duration.min(1).default(200),
    accept: z.boolean().default(true),
  }),
  z.strictObject({ kind: z.literal('late-accept'), ms: duration }),
]);

export type Fault = z.infer<typeof fault>;

/** What a request does: sends something to readers, uploads a picture, changes a post, or only reads. */
export type RequestKind = 'publish' | 'upload' | 'change' | 'read';

const rule = z.strictObject({
  /** Which requests; `any` for all. */
  on: z.enum(['publish', 'upload', 'change', 'read', 'any']).default('publish'),
  /** Only requests whose path contains this. */
  path: z.string().optional(),
  /** Only requests to this chat, user, person (with or without `+`) or page. */
  target: z.string().optional(),
  /** Lets so many matching requests pass first. */
  skip: z.number().int().min(0).default(0),
  /** Acts on so many matching requests, then no more. */
  times: z.number().int().min(1).optional(),
  fault,
});

/** Body of `PUT /_sandbox/faults`. */
export const faultPlan = z.strictObject({
  rules: z.array(rule).default([]),
  /** Closes connections that idle for so long (milliseconds) after an answer, without notice, as real servers do. */
  idleCloseMs: duration.min(1).optional(),
  /** Posts younger than this (milliseconds) are not in the lists that X and Facebook give, though they are live. */
  readLagMs: duration.optional(),
  /** Lets the same text through again (X and Facebook refuse it by default). */
  allowDuplicates: z.boolean().optional(),
});

export type FaultPlan = z.infer<typeof faultPlan>;
/** A plan as it is written: what has a default may be left out. */
export type FaultPlanInput = z.input<typeof faultPlan>;

/** Decides which fault, if any, strikes a request. First matching rule wins. */
export function createFaults(
  plan: FaultPlan,
): (request: { kind: RequestKind; path: string; target: string | undefined }) => Fault | undefined {
  const rules = plan.rules.map((rule) => ({ ...rule, seen: 0 }));
  return ({ kind, path, target }) => {
    for (const rule of rules) {
      if (rule.on !== 'any' && rule.on !== kind) continue;
      if (rule.path !== undefined && !path.includes(rule.path)) continue;
      if (rule.target !== undefined && rule.target.replace(/^\+/, '') !== target) continue;
      rule.seen += 1;
      if (rule.seen <= rule.skip || (rule.times !== undefined && rule.seen > rule.skip + rule.times)) continue;
      return rule.fault;
    }
    return undefined;
  };
}

function isSendable(given: Record<string, string>): boolean {
  try {
    for (const [name, value] of Object.entries(given)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    return false;
  }
}
