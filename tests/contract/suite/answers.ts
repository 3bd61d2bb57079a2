import assert from 'node:assert/strict';
import type { PublishError, RateLimitedError, RejectedError } from '../../../src/core/errors.ts';
import type { Check } from './exercise.ts';
import { startGateway } from './gateway.ts';
import { onStage, type Stage, secretsOf } from './stage.ts';
import type { AnswerCase } from './subject.ts';

type Given = Pick<AnswerCase, 'status' | 'headers' | 'body'>;

/** The error that `send` makes of an answer; one request, whatever the answer. */
async function errorFor(stage: Stage, { status, headers = {}, body }: Given, pictured = false): Promise<PublishError> {
  const request = await stage.request(pictured ? { images: [{ url: 'https://news.example.com/picture.png' }] } : {});
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' || body === undefined ? 'text/html' : 'application/json';
  stage.gateway.react(({ response }) => response.writeHead(status, { 'content-type': type, ...headers }).end(text));
  const before = stage.gateway.requests.length;
  const error = await stage.failure(request);
  assert.equal(stage.gateway.requests.length - before, 1, `an answer of ${status} was followed by another request`);
  stage.gateway.react(undefined);
  return error;
}

function assertCase(expected: AnswerCase, error: PublishError): void {
  const about = `${expected.status} ${JSON.stringify(expected.body)}: ${error.message}`;
  assert.equal(error.failure, expected.is, about);
  if (expected.code !== undefined) assert.equal(error.code, expected.code, about);
  if (error.failure === 'rejected') assert.equal((error as RejectedError).effect, expected.effect, about);
  if (expected.scope !== undefined) assert.equal((error as RateLimitedError).scope, expected.scope, about);
  if (expected.retryAfterMs !== undefined) {
    const { retryAfterMs } = error as RateLimitedError;
    assert(Math.abs(retryAfterMs - expected.retryAfterMs) <= 2_000, `${about}: waits ${retryAfterMs} ms`);
  }
}

const page = '<!DOCTYPE html><html><body>Welcome to the hotel</body></html>';

/** Answers that leave it open whether the post is live, on every platform. */
const unreadable: Given[] = [
  ...[500, 502, 503, 504, 599].flatMap((status) => [{ status }, { status, body: page }, { status, body: {} }]),
  { status: 200 },
  { status: 201 },
  { status: 204 },
  { status: 200, body: page },
  { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true,"data":{"id":"1' },
  { status: 200, headers: { 'content-type': 'application/json' }, body: '' },
  ...[
    {},
    [],
    null,
    7,
    'fine',
    { ok: true },
    { ok: true, result: true },
    { data: {} },
    { data: null },
    { id: null },
  ].map((body) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })),
  { status: 200, headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' }, body: 'no gzip at all' },
];

export const answerChecks: Check[] = [
  {
    name: 'documented answers become their class, code, wait and effect',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const answers = subject.answers?.() ?? [];
        for (const one of answers) assertCase(one, await errorFor(stage, one));
        for (const one of answers.slice(0, 3)) assertCase(one, await errorFor(stage, one, true));
      }),
  },
  {
    name: 'an answer that cannot be read is unconfirmed',
    run: (subject) =>
      onStage(subject, async (stage) => {
        for (const given of unreadable) {
          const { failure } = await errorFor(stage, given);
          assert.equal(failure, 'unconfirmed', `${given.status} ${JSON.stringify(given.body)}`);
        }
      }),
  },
  {
    name: 'a refusal without a readable body is a refusal by its status',
    run: (subject) =>
      onStage(subject, async (stage) => {
        for (const body of [undefined, page, '{"error":{"mess']) {
          for (const [status, failure] of [
            [400, 'rejected'],
            [401, 'unauthorized'],
            [403, 'rejected'],
            [413, 'rejected'],
            [429, 'rate-limited'],
          ] as const) {
            const error = await errorFor(stage, { status, body, headers: { 'content-type': 'application/json' } });
            assert.equal(error.failure, failure, `${status} ${body}`);
          }
        }
      }),
  },
  {
    name: 'a redirect is never followed, and never posted again',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const trap = await startGateway(stage.simulation.root);
        try {
          for (const status of [301, 302, 303, 307, 308]) {
            const own = stage.gateway.root;
            for (const location of [
              trap.root,
              own,
              '/elsewhere',
              trap.root.replace('http:', 'https:'),
              'ftp://x',
              undefined,
            ]) {
              for (const pictured of location === trap.root ? [false, true] : [false]) {
                const headers = location === undefined ? {} : { location };
                const error = await errorFor(stage, { status, headers, body: page }, pictured);
                assert.equal(error.failure, 'unconfirmed', `${status} to ${location}`);
              }
            }
          }
          assert.deepEqual(trap.requests, [], 'a redirect was followed');
          assert.deepEqual(stage.simulation.shown(), []);
        } finally {
          await trap.close();
        }
      }),
  },
  {
    name: 'a redirect is no success, whatever its body says',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const request = await stage.request();
        stage.gateway.react(async ({ response, forward }) => {
          const { headers, body } = await forward();
          response.writeHead(302, headers).end(body);
        });
        assert.equal((await stage.failure(request)).failure, 'unconfirmed');
      }),
  },
  {
    name: 'no secret in an error, wherever the server repeats it',
    run: (subject) =>
      onStage(subject, async (stage) => {
        for (const secret of secretsOf(subject, stage.account)) {
          const said = `Invalid token ${secret} (Bearer ${secret}) at https://api.example.com/bot${secret}/send`;
          const error = { message: said, code: 100, error_user_msg: said, error_data: { details: said }, type: said };
          const body = { ok: false, error_code: 400, description: said, detail: said, title: said, type: said, error };
          for (const status of [400, 401, 403, 404, 429, 500, 503]) {
            const codes = status >= 500 ? { ...error, code: 2 } : error;
            await errorFor(stage, { status, body: { ...body, error_code: status, error: codes } });
            await errorFor(stage, { status, body: { errors: [{ message: said, code: 32 }] } });
            await errorFor(stage, { status, body: said });
          }
          await errorFor(stage, { status: 302, headers: { location: `http://127.0.0.1:1/${secret}` } });
          await errorFor(stage, { status: 200, headers: { 'content-type': 'application/json' }, body: `{"${said}` });
        }
      }),
  },
];
