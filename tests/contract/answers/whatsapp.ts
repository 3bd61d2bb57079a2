import type { AnswerCase } from '../suite/subject.ts';

type Verdict = Omit<AnswerCase, 'status' | 'body'>;

const unauthorized: Verdict = { is: 'unauthorized' };
const unavailable: Verdict = { is: 'unavailable' };
const rejected: Verdict = { is: 'rejected' };
const stopTemplate: Verdict = { is: 'rejected', effect: 'stop-template' };
const holdTemplate: Verdict = { is: 'rejected', effect: 'hold-template' };
const suppress: Verdict = { is: 'rejected', effect: 'suppress-recipient' };
const unconfirmed: Verdict = { is: 'unconfirmed' };
const limited = (scope: AnswerCase['scope'], retryAfterMs: number): Verdict => ({
  is: 'rate-limited',
  retryAfterMs,
  ...(scope ? { scope } : {}),
});

/** Meta's error codes, with the HTTP status each is documented with. */
const documented: [number, number, Verdict][] = [
  [0, 401, unauthorized],
  [1, 400, unconfirmed],
  [2, 503, unavailable],
  [3, 500, unauthorized],
  [4, 400, limited('app', 900_000)],
  [10, 403, unauthorized],
  [33, 400, unauthorized],
  [100, 400, rejected],
  [190, 401, unauthorized],
  [200, 403, unauthorized],
  [299, 403, unauthorized],
  [368, 403, unauthorized],
  [80007, 400, limited('account', 900_000)],
  [130429, 400, limited('account', 2_000)],
  [130472, 400, suppress],
  [130497, 403, rejected],
  [131000, 500, unconfirmed],
  [131005, 403, unauthorized],
  [131008, 400, rejected],
  [131009, 400, rejected],
  [131016, 500, unavailable],
  [131021, 400, rejected],
  [131026, 400, suppress],
  [131030, 400, rejected],
  [131031, 403, unauthorized],
  [131042, 400, unauthorized],
  [131045, 500, unauthorized],
  [131047, 400, { is: 'rejected', effect: 'window-closed' }],
  [131048, 400, limited('account', 3_600_000)],
  [131049, 400, suppress],
  [131050, 400, suppress],
  [131051, 400, rejected],
  [131053, 400, rejected],
  [131056, 400, limited('recipient', 6_000)],
  [131057, 500, unavailable],
  [132000, 400, rejected],
  [132001, 404, stopTemplate],
  [132005, 400, rejected],
  [132007, 400, stopTemplate],
  [132012, 400, rejected],
  [132015, 400, holdTemplate],
  [132016, 400, stopTemplate],
  [132068, 400, stopTemplate],
  [132069, 400, stopTemplate],
  [133000, 500, unauthorized],
  [133004, 503, unavailable],
  [133010, 400, unauthorized],
  [135000, 400, rejected],
];

const body = (code: number) => ({
  error: {
    message: `(#${code}) Something`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details: 'What it is about.' },
    fbtrace_id: 'A1',
  },
});

/** The code decides, also under a status that it is not documented with. */
export const whatsappAnswers = (): AnswerCase[] => [
  ...documented.flatMap(([code, status, verdict]) =>
    [status, 400, 200].map((given) => ({ status: given, body: body(code), code: String(code), ...verdict })),
  ),
  { status: 429, headers: { 'retry-after': '30' }, body: body(130429), ...limited('account', 30_000) },
  { status: 400, body: body(999_999), ...rejected },
  { status: 500, body: body(999_999), ...unconfirmed },
  { status: 400, body: { error: { message: 'no code' } }, ...rejected },
  { status: 200, body: { messaging_product: 'whatsapp', messages: [] }, ...unconfirmed, code: 'unreadable' },
];
