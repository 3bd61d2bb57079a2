import type { AnswerCase, ChangeCase } from '../suite/subject.ts';

const problem = (status: number, title: string, detail: string, type = 'about:blank') => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({ title, detail, type, status }),
});
const old = (status: number, code: number, message: string) => ({ status, body: { errors: [{ code, message }] } });
const kind = (name: string) => `https://api.x.com/2/problems/${name}`;
const inSeconds = (seconds: number) => String(Math.ceil(Date.now() / 1000) + seconds);
const capped = problem(429, 'UsageCapExceeded', 'Usage cap exceeded: Monthly product cap', kind('usage-capped'));
const tooMany = problem(429, 'Too Many Requests', 'Too Many Requests', kind('rate-limit-exceeded'));
const limits = (headers: Record<string, string>) => ({ ...tooMany, headers: { ...tooMany.headers, ...headers } });
const duplicate = 'You are not allowed to create a Tweet with duplicate content.';

/** X API: response codes and errors, rate limits; wordings from field reports. */
export const xAnswers = (): AnswerCase[] => [
  {
    ...problem(400, 'Invalid Request', 'Your media IDs are invalid.', kind('invalid-request')),
    is: 'rejected',
    code: '400',
  },
  { ...old(400, 38, 'text parameter is missing.'), is: 'rejected' },
  { ...problem(401, 'Unauthorized', 'Unauthorized'), is: 'unauthorized', code: '401' },
  { ...old(401, 89, 'Invalid or expired token.'), is: 'unauthorized' },
  { ...problem(402, 'CreditsDepleted', 'Your account has no credits.'), is: 'unauthorized', code: '402' },
  { ...problem(403, 'Forbidden', 'You are not permitted to perform this action.'), is: 'rejected', code: '403' },
  { ...problem(403, 'Forbidden', 'Forbidden', kind('client-forbidden')), is: 'rejected' },
  { ...problem(403, 'Forbidden', duplicate), is: 'unconfirmed', code: 'duplicate' },
  { ...old(403, 187, 'Status is a duplicate.'), is: 'unconfirmed', code: 'duplicate' },
  { ...problem(404, 'Not Found Error', 'Could not find it.', kind('resource-not-found')), is: 'rejected' },
  { ...limits({}), is: 'rate-limited', code: '429', scope: 'account', retryAfterMs: 900_000 },
  { ...limits({ 'x-rate-limit-reset': inSeconds(120) }), is: 'rate-limited', scope: 'account', retryAfterMs: 120_000 },
  { ...limits({ 'x-rate-limit-reset': inSeconds(-30) }), is: 'rate-limited', retryAfterMs: 1_000 },
  {
    // By X's clock, when this machine's is an hour ahead.
    ...limits({ date: new Date(Date.now() - 3_600_000).toUTCString(), 'x-rate-limit-reset': inSeconds(120 - 3_600) }),
    is: 'rate-limited',
    retryAfterMs: 120_000,
  },
  { ...limits({ 'retry-after': '60' }), is: 'rate-limited', retryAfterMs: 60_000 },
  {
    ...limits({
      'x-rate-limit-reset': inSeconds(60),
      'x-app-limit-24hour-limit': '10000',
      'x-app-limit-24hour-remaining': '0',
      'x-app-limit-24hour-reset': inSeconds(7_200),
    }),
    is: 'rate-limited',
    scope: 'app',
    retryAfterMs: 7_200_000,
  },
  { ...old(429, 88, 'Rate limit exceeded'), is: 'rate-limited', scope: 'account' },
  { ...capped, is: 'rate-limited', scope: 'app', retryAfterMs: 3_600_000 },
  { ...problem(500, 'Internal Server Error', 'Internal', kind('internal-error')), is: 'unconfirmed', code: '500' },
  { ...problem(503, 'Service Unavailable', 'Service Unavailable'), is: 'unconfirmed', code: '503' },
  { ...old(503, 130, 'Over capacity'), is: 'unconfirmed' },
  { status: 201, body: { errors: [{ title: 'Not Found Error', detail: 'x' }] }, is: 'unconfirmed', code: 'unreadable' },
];

/** The same of deletions. */
export const xChanges = (): ChangeCase[] => {
  const gone = { title: 'Not Found Error', detail: 'Could not find tweet.', type: kind('resource-not-found') };
  const cases: Omit<ChangeCase, 'to'>[] = [
    { status: 200, body: { data: { deleted: true } }, is: 'done' },
    { status: 200, body: { errors: [gone] }, is: 'done' },
    { status: 200, body: { data: { deleted: false } }, is: 'unconfirmed', code: 'unreadable' },
    { ...problem(404, gone.title, gone.detail, gone.type), is: 'done' },
    { ...old(404, 144, 'No status found with that ID.'), is: 'done' },
    { ...problem(404, 'Not Found', 'There is nothing at this address.'), is: 'rejected', code: '404' },
    { ...problem(403, 'Forbidden', 'You are not allowed to delete this Tweet.'), is: 'rejected', code: '403' },
    { ...problem(401, 'Unauthorized', 'Unauthorized'), is: 'unauthorized', code: '401' },
    { ...problem(402, 'CreditsDepleted', 'Your account has no credits.'), is: 'unauthorized', code: '402' },
    { ...limits({ 'x-rate-limit-reset': inSeconds(90) }), is: 'rate-limited', scope: 'account', retryAfterMs: 90_000 },
    { ...problem(503, 'Service Unavailable', 'Service Unavailable'), is: 'unconfirmed', code: '503' },
  ];
  return cases.map((one) => ({ ...one, to: 'remove' }));
};
