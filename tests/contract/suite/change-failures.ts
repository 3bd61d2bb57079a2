import assert from 'node:assert/strict';
import type { RateLimitedError, RejectedError } from '../../../src/core/errors.ts';
import { type Act, eachAct, requestsOf } from './changing.ts';
import type { Check } from './exercise.ts';
import type { Reaction } from './gateway.ts';
import { type Live, onStage, type Stage, secretsOf } from './stage.ts';
import type { AnswerCase } from './subject.ts';

const json = { 'content-type': 'application/json' };
const page = '<!DOCTYPE html><html><body>Welcome to the hotel</body></html>';
const deadlineMs = 200;

type Given = Pick<AnswerCase, 'status' | 'headers' | 'body'>;

const answering =
  ({ status, headers = {}, body }: Given): Reaction =>
  ({ response }) => {
    const type = typeof body === 'string' ? 'text/html' : 'application/json';
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    response.writeHead(status, { 'content-type': type, ...headers }).end(text);
  };

/** The error of a change that meets `reaction`; one request, whatever comes of it. */
async function errorFor(stage: Stage, act: Act, live: Live, reaction: Reaction) {
  stage.gateway.react(reaction);
  const before = stage.gateway.requests.length;
  const error = await stage.errorOf(stage[act](live));
  assert.equal(stage.gateway.requests.length - before, 1, `${act}: it was sent again`);
  stage.gateway.react(undefined);
  return error;
}

/** Answers that leave it open whether a change was made, on every platform. */
const unreadable: Given[] = [
  ...[500, 502, 503, 504].flatMap((status) => [{ status }, { status, body: page }]),
  { status: 200 },
  { status: 204 },
  { status: 200, body: page },
  { status: 200, headers: json, body: '{"ok":true,"resu' },
  ...[{}, [], null, 7, 'fine', { ok: true }, { data: null }, { data: {} }, { success: 'no' }, { id: null }].map(
    (body) => ({ status: 200, headers: json, body: JSON.stringify(body) }),
  ),
  ...[301, 302, 307].map((status) => ({ status, headers: { location: 'http://127.0.0.1:1/' }, body: page })),
];

/** Refusals by status alone. That a page answers 404 does not say that the message is gone. */
const refusals: [Given, string[]][] = [
  [{ status: 400, body: page }, ['rejected']],
  [{ status: 401, body: page }, ['unauthorized']],
  [{ status: 403, body: page }, ['rejected']],
  [{ status: 404, body: page }, ['rejected', 'unauthorized']],
  [{ status: 404, headers: json, body: '' }, ['rejected', 'unauthorized']],
  [{ status: 429, body: page }, ['rate-limited']],
];

export const changeFailureChecks: Check[] = [
  {
    name: 'a change whose answer is lost is unconfirmed, and succeeds when it is made again',
    run: (subject) =>
      eachAct(subject, async (stage, act) => {
        for (const isMade of [true, false]) {
          const [live, other] = [await stage.post(), await stage.post()];
          const { post } = other.request;
          const make = () => (act === 'edit' ? stage.change(live, { post, part: 0 }) : stage.remove(live));
          stage.gateway.react(async ({ socket, forward }) => {
            if (isMade) await forward();
            socket.resetAndDestroy();
          });
          const requests = await requestsOf(stage, async () => {
            assert.equal((await stage.errorOf(make())).failure, 'unconfirmed', `${act}, made: ${isMade}`);
          });
          assert.equal(requests, 1, `${act}: it was sent again`);
          stage.gateway.react(undefined);
          await make();
          const shown = stage.simulation.shown().find(({ id }) => id === live.receipt.remoteId);
          assert.equal(shown?.text, act === 'edit' ? post.parts[0]?.text : undefined);
        }
      }),
  },
  {
    name: 'documented answers to a change become their class, code, wait and effect',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const cases = subject.changeAnswers?.() ?? [];
        if (cases.length === 0) return;
        const live = await stage.post();
        for (const { to, is, code, scope, effect, retryAfterMs, ...given } of cases) {
          const about = `${to}: ${given.status} ${JSON.stringify(given.body)}`;
          stage.gateway.react(answering(given));
          if (is === 'done') {
            assert.equal(await requestsOf(stage, () => stage[to](live)), 1, about);
            continue;
          }
          const error = await errorFor(stage, to, live, answering(given));
          assert.equal(error.failure, is, `${about}: ${error.message}`);
          if (code !== undefined) assert.equal(error.code, code, about);
          if (is === 'rejected') assert.equal((error as RejectedError).effect, effect, about);
          if (scope !== undefined) assert.equal((error as RateLimitedError).scope, scope, about);
          if (retryAfterMs !== undefined) {
            const waits = (error as RateLimitedError).retryAfterMs;
            assert(Math.abs(waits - retryAfterMs) <= 2_000, `${about}: waits ${waits} ms`);
          }
        }
      }),
  },
  {
    name: 'an answer to a change that cannot be read is unconfirmed, and a page says nothing of the message',
    run: (subject) =>
      eachAct(subject, async (stage, act) => {
        const live = await stage.post();
        for (const given of unreadable) {
          const { failure } = await errorFor(stage, act, live, answering(given));
          assert.equal(failure, 'unconfirmed', `${act}: ${given.status} ${JSON.stringify(given.body)}`);
        }
        for (const [given, failures] of refusals) {
          const error = await errorFor(stage, act, live, answering(given));
          assert(failures.includes(error.failure), `${act}: ${given.status} is ${error.failure}`);
          assert(error.code !== 'gone' && error.code !== 'too-late', `${act}: ${given.status} is ${error.code}`);
        }
      }),
  },
  {
    name: 'a deadline ends a change, and an aborted one never leaves',
    run: (subject) =>
      eachAct(subject, async (stage, act) => {
        const live = await stage.post();
        const within = (signal: AbortSignal) =>
          stage.errorOf(act === 'edit' ? stage.edit(live, {}, { signal }) : stage.remove(live, { signal }));
        for (const reaction of [() => {}, ({ response }) => response.writeHead(200, json).write(' ')] as Reaction[]) {
          stage.gateway.react(reaction);
          const begun = performance.now();
          assert.equal((await within(AbortSignal.timeout(deadlineMs))).failure, 'unconfirmed');
          assert(performance.now() - begun < deadlineMs + 1_500, `${act}: it waited beyond its deadline`);
        }
        stage.gateway.react(undefined);
        const requests = await requestsOf(stage, async () => {
          assert.equal((await within(AbortSignal.abort())).failure, 'unavailable');
        });
        assert.equal(requests, 0);
      }),
  },
  {
    name: 'a change that fails before it is written was not made',
    run: (subject) =>
      eachAct(subject, async (stage, act) => {
        const live = await stage.post();
        await onStage(
          subject,
          async (away) => assert.equal((await away.errorOf(away[act](live))).failure, 'unavailable'),
          { root: () => 'http://127.0.0.1:1' },
        );
      }),
  },
  {
    name: 'beforeWrite of a change is called once, before anything arrives, and may refuse',
    run: (subject) =>
      eachAct(subject, async (stage, act) => {
        const live = await stage.post();
        const shown = stage.simulation.shown();
        const work = (beforeWrite: () => void) =>
          act === 'edit' ? stage.edit(live, {}, { beforeWrite }) : stage.remove(live, { beforeWrite });
        const refusal = new Error('the claim ran out');
        const requests = await requestsOf(stage, async () => {
          const refuse = () => {
            throw refusal;
          };
          assert.equal(await work(refuse).catch((error: unknown) => error), refusal);
        });
        assert.equal(requests, 0);
        assert.deepEqual(stage.simulation.shown(), shown);
        const seen: number[] = [];
        const before = stage.gateway.requests.length;
        await work(() => void seen.push(stage.gateway.requests.length - before));
        assert.deepEqual(seen, [0]);
      }),
  },
  {
    name: 'no secret in the error of a change',
    run: (subject) =>
      eachAct(subject, async (stage, act) => {
        const live = await stage.post();
        for (const secret of secretsOf(subject, stage.account)) {
          const said = `Invalid token ${secret} (Bearer ${secret}) at https://api.example.com/bot${secret}/delete`;
          const error = { message: said, code: 100, error_user_msg: said, type: said };
          for (const status of [400, 401, 403, 429, 500]) {
            const body = { ok: false, error_code: status, description: said, detail: said, title: said, error };
            await errorFor(stage, act, live, answering({ status, body }));
          }
        }
        await errorFor(stage, act, live, ({ socket }) => socket.resetAndDestroy());
      }),
  },
];
