import type { AnswerCase, ChangeCase } from '../suite/subject.ts';

const fail = (code: number, status = 400, more: object = {}) => ({
  status,
  body: { error: { message: `(#${code}) Something`, type: 'OAuthException', code, fbtrace_id: 'A1', ...more } },
  code: String(code),
});
const usage = (minutes: number) => ({
  'x-business-use-case-usage': JSON.stringify({
    '123': [{ type: 'pages', call_count: 100, total_cputime: 1, total_time: 1, estimated_time_to_regain_access: 0 }],
    '456': [
      { type: 'pages', call_count: 100, total_cputime: 1, total_time: 1, estimated_time_to_regain_access: minutes },
    ],
  }),
});
const limited = (scope: 'app' | 'account', retryAfterMs = 60_000) =>
  ({ is: 'rate-limited', scope, retryAfterMs }) as const;

/** Graph API: error handling, rate limiting; and field reports. */
export const facebookAnswers = (): AnswerCase[] => [
  { ...fail(1), is: 'unconfirmed' },
  { ...fail(1, 500), is: 'unconfirmed' },
  { ...fail(2, 503), is: 'unconfirmed' },
  { ...fail(2, 400, { is_transient: true }), is: 'unconfirmed' },
  { ...fail(4), ...limited('app') },
  { ...fail(17), ...limited('account') },
  { ...fail(32), ...limited('account') },
  { ...fail(32), headers: usage(12), ...limited('account', 720_000) },
  { ...fail(80001), headers: usage(3), ...limited('account', 180_000) },
  { ...fail(80001), headers: { 'x-business-use-case-usage': 'not JSON' }, ...limited('account') },
  { ...fail(613), headers: { 'retry-after': '90' }, ...limited('account', 90_000) },
  { ...fail(341), ...limited('app', 3_600_000) },
  { ...fail(4, 500), ...limited('app') },
  { ...fail(10, 403), is: 'unauthorized' },
  { ...fail(100), is: 'rejected' },
  { ...fail(102, 401), is: 'unauthorized' },
  { ...fail(190, 401, { error_subcode: 463 }), is: 'unauthorized' },
  { ...fail(190, 400, { error_subcode: 460 }), is: 'unauthorized' },
  { ...fail(200, 403), is: 'unauthorized' },
  { ...fail(283, 403), is: 'unauthorized' },
  { ...fail(299, 400), is: 'unauthorized' },
  { ...fail(324), is: 'rejected' },
  { ...fail(368, 403), is: 'unauthorized' },
  { ...fail(368, 403, { error_subcode: 1390008 }), ...limited('account', 3_600_000) },
  { ...fail(506), is: 'unconfirmed', code: 'duplicate' },
  { ...fail(100, 400, { error_subcode: 1366051 }), is: 'unconfirmed', code: 'duplicate' },
  { ...fail(1609005), is: 'rejected' },
  { ...fail(99_999, 500), is: 'unconfirmed' },
  { status: 200, body: { success: true }, is: 'unconfirmed', code: 'unreadable' },
];

const missing = { error_subcode: 33, message: "Unsupported post request. Object with ID '1_2' does not exist" };

/** The same of edits and deletions. */
export const facebookChanges = (): ChangeCase[] => [
  { to: 'edit', ...fail(100, 400, missing), is: 'rejected', code: 'gone' },
  { to: 'edit', ...fail(100, 404), is: 'rejected', code: 'gone' },
  { to: 'edit', ...fail(100), is: 'rejected', code: '100' },
  { to: 'remove', ...fail(100, 400, missing), is: 'done' },
  { to: 'remove', ...fail(100), is: 'rejected', code: '100' },
  ...(['edit', 'remove'] as const).flatMap((to): ChangeCase[] => [
    { to, ...fail(200, 403), is: 'rejected', code: '200' },
    { to, ...fail(10, 403), is: 'rejected', code: '10' },
    { to, ...fail(190, 401, { error_subcode: 463 }), is: 'unauthorized' },
    { to, ...fail(190), is: 'unauthorized' },
    { to, ...fail(368, 403), is: 'unauthorized' },
    { to, ...fail(32), headers: usage(12), ...limited('account', 720_000) },
    { to, ...fail(80001), ...limited('account') },
    { to, ...fail(1, 500), is: 'unconfirmed' },
    { to, ...fail(2, 503), is: 'unconfirmed' },
    { to, status: 200, body: { success: false }, is: 'unconfirmed', code: 'unreadable' },
    { to, status: 200, body: { success: true }, is: 'done' },
  ]),
];
