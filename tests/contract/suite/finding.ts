import assert from 'node:assert/strict';
import type { Article } from '../../../src/core/article.ts';
import type { RateLimitedError } from '../../../src/core/errors.ts';
import type { SendRequest } from '../../../src/core/platform.ts';
import type { Check } from './exercise.ts';
import type { Reaction } from './gateway.ts';
import { onStage, type Stage, secretsOf } from './stage.ts';
import type { AnswerCase, Subject } from './subject.ts';

const images = [{ url: 'https://news.example.com/picture.png' }];

/** What has to be recognised although platforms give it back in another form. */
const articles: Record<string, Partial<Article>> = {
  'with a link': {},
  'without a link': { url: '' },
  'with a picture': { images },
  'with signs of HTML': { title: 'مرسوم جديد: 3 < 5 & 7 > 2 &amp; <b>لا</b> "غير"' },
  'with direction marks': { title: 'شركة Harbour Lines (HL) تنقل 1,250 طنًا إلى @north_port، و"DATE" تنشر 50% منها' },
  'with combined letters': { title: 'cafe\u0301 ومُؤَسَّسَة الميناء 👩‍👩‍👧‍👦 ❤️' },
  'with a long address': { url: `https://News.example.com/${'long-'.repeat(30)}?from=rss&page=2#top` },
};

/** Sends, and has the connection reset once the platform accepted it. */
async function sendUnanswered({ gateway, ...stage }: Stage, request: SendRequest): Promise<void> {
  gateway.react(({ forward, socket }) => forward().then(() => socket.resetAndDestroy()));
  assert.equal((await stage.failure(request)).failure, 'unconfirmed');
  gateway.react(undefined);
}

/** Runs `work` where the platform can be asked. */
function asked(subject: Subject, work: (stage: Stage) => Promise<unknown>): Promise<unknown> {
  return onStage(subject, async (stage) => {
    if (stage.publisher.find) await work(stage);
  });
}

const answering =
  ({ status, headers = {}, body }: Pick<AnswerCase, 'status' | 'headers' | 'body'>): Reaction =>
  ({ response }) => {
    const type = typeof body === 'string' ? 'text/html' : 'application/json';
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    response.writeHead(status, { 'content-type': type, ...headers }).end(text);
  };

const json = { 'content-type': 'application/json' };
const page = '<!DOCTYPE html><html><body>Welcome to the hotel</body></html>';

/** Ways in which a platform does not tell what is there. */
const silent: [string, Reaction][] = [
  ...[500, 502, 503, 504].map((status): [string, Reaction] => [`${status}`, answering({ status, body: page })]),
  ...[301, 302, 307].map((status): [string, Reaction] => [
    `a redirect, ${status}`,
    answering({ status, headers: { location: 'http://127.0.0.1:1/' }, body: page }),
  ]),
  ['a page', answering({ status: 200, body: page })],
  ['nothing', answering({ status: 200 })],
  ['torn JSON', answering({ status: 200, headers: json, body: '{"data":[{"id":"1","te' })],
  ...[{}, [], null, 7, { ok: true }, { data: null }, { data: { id: 5 } }, { data: [null] }].map(
    (body): [string, Reaction] => [
      JSON.stringify(body),
      answering({ status: 200, headers: json, body: JSON.stringify(body) }),
    ],
  ),
  ['a reset', ({ socket }) => socket.resetAndDestroy()],
  ['a closed connection', ({ socket }) => socket.end()],
];

const refusals: [number, string][] = [
  [400, 'rejected'],
  [401, 'unauthorized'],
  [403, 'rejected'],
  [404, 'rejected'],
  [429, 'rate-limited'],
];

export const findingChecks: Check[] = [
  {
    name: 'a post that was accepted but not answered is found, with the receipt it should have had',
    run: (subject) =>
      asked(subject, async (stage) => {
        const answered = await stage.request();
        const given = await stage.send(answered);
        const [found, ...more] = await stage.find(answered);
        assert.deepEqual(more, []);
        assert.deepEqual([found?.remoteId, found?.url], [given.remoteId, given.url], 'another receipt than send gave');
        for (const [name, article] of Object.entries(articles)) {
          const request = await stage.request(article);
          assert.deepEqual(await stage.find(request), [], `${name}: found before it was there`);
          const before = Date.now();
          await sendUnanswered(stage, request);
          const receipts = await stage.find(request, before);
          const live = stage.simulation.shown().at(-1);
          assert.deepEqual(
            receipts.map(({ remoteId }) => remoteId),
            [live?.id],
            name,
          );
          const at = Date.parse(receipts[0]?.at ?? '');
          assert(at > before - 5_000 && at < Date.now() + 5_000, `${name}: created at ${receipts[0]?.at}`);
        }
      }),
  },
  {
    name: 'a part of a thread is found in its place only',
    run: (subject) =>
      asked(subject, async (stage) => {
        const first = await stage.request();
        const [same = first.post.parts[0]] = subject.replies ? [] : (await stage.request()).post.parts;
        const post = { ...first.post, parts: [...first.post.parts, ...(same ? [same] : [])] };
        const one = await stage.send({ ...first, post });
        const second = { ...first, post, part: 1, earlier: [one] };
        assert.deepEqual(await stage.find(second), [], 'a part was found that was not sent');
        await sendUnanswered(stage, second);
        const [, live] = stage.simulation.shown();
        const ids = async (request: SendRequest) => (await stage.find(request)).map(({ remoteId }) => remoteId);
        assert.deepEqual(await ids({ ...first, post }), [one.remoteId]);
        assert.deepEqual(await ids(second), [live?.id]);
        if (!subject.replies) return;
        const other = { ...one, remoteId: String(live?.id) };
        assert.deepEqual(await ids({ ...second, earlier: [other] }), [], 'found below another post');
      }),
  },
  {
    name: 'what was not accepted, says something else, or was there long before is not found',
    run: (subject) =>
      asked(subject, async (stage) => {
        const request = await stage.request();
        stage.gateway.react(({ socket }) => socket.resetAndDestroy());
        assert.equal((await stage.failure(request)).failure, 'unconfirmed');
        stage.gateway.react(undefined);
        assert.deepEqual(await stage.find(request), []);
        const [part] = request.post.parts;
        const others = [`${part?.text} .`, `${part?.text.slice(0, -2)}`, `${part?.text}`.replace('المرفأ', 'المدينة')];
        for (const text of others) {
          const post = { ...request.post, parts: request.post.parts.map((part) => ({ ...part, text, markup: text })) };
          await stage.send({ ...request, post });
        }
        assert.deepEqual(await stage.find(request), [], 'a post with another text was taken for it');
        await stage.send(request);
        assert.deepEqual(await stage.find(request, Date.now() + 90_000), [], 'a post from before was taken for it');
        assert.equal((await stage.find(request, Date.now() + 30_000)).length, 1, 'clocks may differ by a minute');
      }),
  },
  {
    name: 'a post is found behind many newer ones',
    run: (subject) =>
      asked(subject, async (stage) => {
        const request = await stage.request();
        const receipt = await stage.send(request);
        for (let sent = 0; sent < 120; sent += 20) {
          const newer = await Promise.all(Array.from({ length: 20 }, () => stage.request()));
          await Promise.all(newer.map((one) => stage.send(one)));
        }
        assert.deepEqual(
          (await stage.find(request)).map(({ remoteId }) => remoteId),
          [receipt.remoteId],
        );
      }),
  },
  {
    name: 'a list that lags hides a post, and shows it later',
    run: (subject) =>
      asked(subject, async (stage) => {
        const { lag } = stage.simulation;
        if (!lag) return;
        const request = await stage.request();
        lag(60_000);
        await sendUnanswered(stage, request);
        assert.deepEqual(await stage.find(request), []);
        lag(0);
        assert.equal((await stage.find(request)).length, 1);
      }),
  },
  {
    name: 'looking publishes nothing',
    run: (subject) =>
      asked(subject, async (stage) => {
        await stage.find(await stage.request());
        assert.deepEqual(stage.simulation.shown(), []);
        assert(stage.gateway.requests.every((request) => request.startsWith('GET ')));
      }),
  },
  {
    name: 'a look that fails says why, and never that nothing is there',
    run: (subject) =>
      asked(subject, async (stage) => {
        const request = await stage.request();
        // A platform may ask in steps: the first one fails at first, the last one later.
        for (const round of ['first', 'later']) {
          for (const [name, reaction] of silent) {
            stage.gateway.react(reaction);
            assert.equal((await stage.lookFailure(request)).failure, 'unavailable', `${round}: ${name}`);
          }
          for (const [status, failure] of refusals) {
            stage.gateway.react(answering({ status, headers: json }));
            assert.equal((await stage.lookFailure(request)).failure, failure, `${round}: ${status}`);
          }
          for (const limited of subject.answers?.().filter(({ is }) => is === 'rate-limited') ?? []) {
            stage.gateway.react(answering(limited));
            const error = await stage.lookFailure(request);
            assert.equal(error.failure, 'rate-limited', error.message);
            const { retryAfterMs } = error as RateLimitedError;
            const wait = limited.retryAfterMs ?? retryAfterMs;
            assert(Math.abs(retryAfterMs - wait) <= 2_000, `${error.message}: waits ${retryAfterMs} ms`);
          }
          stage.gateway.react(() => {});
          const aborted = await stage.lookFailure(request, { signal: AbortSignal.timeout(100) });
          assert.equal(aborted.failure, 'unavailable', `${round}: no answer`);
          stage.gateway.react(undefined);
          assert.deepEqual(await stage.find(request), []);
        }
        const before = stage.gateway.requests.length;
        await stage.lookFailure(request, { signal: AbortSignal.abort() });
        assert.equal(stage.gateway.requests.length, before);
      }),
  },
  {
    name: 'no secret in the error of a look',
    run: (subject) =>
      asked(subject, async (stage) => {
        const request = await stage.request();
        for (const secret of secretsOf(subject, stage.account)) {
          const said = `Invalid token ${secret} (Bearer ${secret}) at https://api.example.com/bot${secret}/posts`;
          const error = { message: said, code: 100, error_user_msg: said, type: said };
          for (const status of [400, 401, 403, 429, 500]) {
            stage.gateway.react(answering({ status, body: { detail: said, title: said, type: said, error } }));
            await stage.lookFailure(request);
            stage.gateway.react(answering({ status, body: said }));
            await stage.lookFailure(request);
          }
        }
      }),
  },
  {
    name: 'the address of a post says which it is, and other text says nothing',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { remoteIdOf } = subject.platform;
        if (!remoteIdOf) return;
        const { remoteId, url } = await stage.send(await stage.request());
        assert.equal(remoteIdOf(` ${remoteId}\n`), remoteId);
        if (url !== undefined) assert.equal(remoteIdOf(url), remoteId);
        for (const other of ['', ' ', 'نعم', 'https://', 'https://news.example.com/a', 'javascript:alert(1)', '%']) {
          assert.equal(remoteIdOf(other), undefined, other);
        }
      }),
  },
];
