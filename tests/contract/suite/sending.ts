import assert from 'node:assert/strict';
import type { Check } from './exercise.ts';
import { onStage, type Stage, secretsOf } from './stage.ts';

/** Sends one article, and holds what came of it against the promise: one request, one post, one receipt. */
async function sendsOnce(stage: Stage, pictured: boolean): Promise<void> {
  const { gateway, simulation, subject, account } = stage;
  const article = pictured ? { images: [{ url: 'https://news.example.com/picture.png' }] } : {};
  const request = await stage.request(article);
  assert.deepEqual(simulation.shown(), [], 'upload showed something to readers');
  const before = gateway.requests.length;
  const receipt = await stage.send(request);
  assert.equal(gateway.requests.length - before, 1, `send made ${gateway.requests.slice(before).join(', ')}`);
  const shown = simulation.shown();
  assert.equal(shown.length, 1, `readers see ${shown.length} posts`);
  const [part] = request.post.parts;
  assert.equal(shown[0]?.text, part?.text, 'readers see another text than the post has');
  assert.equal(shown[0]?.pictures, part?.media.length, 'readers see another number of pictures');
  assert(receipt.remoteId.length > 0, 'the receipt has no remote id');
  assert(!Number.isNaN(Date.parse(receipt.at)), 'the receipt has no time');
  if (receipt.url !== undefined) assert(URL.canParse(receipt.url), `the receipt's url is ${receipt.url}`);
  const told = JSON.stringify(receipt);
  assert(!secretsOf(subject, account).some((secret) => told.includes(secret)), `the receipt names a secret: ${told}`);
}

export const sendingChecks: Check[] = [
  {
    name: 'one request a send, and readers see the text of the post',
    async run(subject) {
      const { example } = subject.platform;
      for (const channel of [example.channel, ...(subject.channels ?? [])]) {
        await onStage(subject, (stage) => sendsOnce(stage, false).catch(skipNoPicture), { channel });
        await onStage(subject, (stage) => sendsOnce(stage, true), { channel });
      }
    },
  },
  {
    name: 'every kind of credentials sends',
    async run(subject) {
      for (const account of subject.accounts ?? [])
        await onStage(subject, (stage) => sendsOnce(stage, true), { account });
    },
  },
  {
    name: 'identify tells a name and publishes nothing',
    run: (subject) =>
      onStage(subject, async ({ publisher, simulation, gateway }) => {
        const name = await publisher.identify({ signal: AbortSignal.timeout(5_000) });
        assert(name.trim().length > 0);
        assert.equal(gateway.requests.length, 1);
        assert.deepEqual(simulation.shown(), []);
      }),
  },
  {
    name: 'each part is a request of its own, and answers the part before where the platform has threads',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const first = await stage.request();
        if (first.post.template) return;
        const second = await stage.request();
        const post = { ...first.post, parts: [...first.post.parts, ...second.post.parts] };
        const one = await stage.send({ ...first, post });
        const two = await stage.send({ ...first, post, part: 1, earlier: [one] });
        assert.notEqual(one.remoteId, two.remoteId);
        assert.equal(stage.gateway.requests.length, 2);
        const shown = stage.simulation.shown();
        assert.deepEqual(
          shown.map(({ text }) => text),
          post.parts.map(({ text }) => text),
        );
        if (subject.replies) assert.equal(shown[1]?.replyTo, shown[0]?.id, 'the second part answers nothing');
      }),
  },
  {
    name: 'a part without markup of its own is sent, and edited, as its plain text',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { post, ...request } = await stage.request();
        if (post.template) return;
        const plain = (text: string) => {
          const parts = post.parts.map(({ markup: _, ...part }) => ({ ...part, text, length: text.length }));
          return { ...post, parts };
        };
        const sent = { ...request, post: plain('3 < 5 و 7 > 2 & <b>لا</b>') };
        const live = { request: sent, receipt: await stage.send(sent) };
        assert.equal(stage.simulation.shown()[0]?.text, sent.post.parts[0]?.text);
        if (!stage.publisher.edit) return;
        await stage.change(live, { post: plain('4 < 6 & <i>لا</i>'), part: 0 });
        assert.equal(stage.simulation.shown()[0]?.text, '4 < 6 & <i>لا</i>');
      }),
  },
  {
    name: 'parts with pictures answer the part before as well',
    async run(subject) {
      if (!subject.replies) return;
      await onStage(subject, async (stage) => {
        const images = [{ url: 'https://news.example.com/picture.png' }];
        const one = await stage.send(await stage.request());
        await stage.send({ ...(await stage.request({ images })), earlier: [one] });
        const [first, second] = stage.simulation.shown();
        assert.equal(second?.replyTo, first?.id, 'a reply with a picture answers nothing');
      });
    },
  },
  {
    name: 'twenty sends at once are twenty posts, each with its own receipt',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const requests = await Promise.all(Array.from({ length: 20 }, () => stage.request()));
        const writes: number[] = [];
        const receipts = await Promise.all(
          requests.map((request, index) => stage.send(request, { beforeWrite: () => writes.push(index) })),
        );
        assert.equal(new Set(receipts.map(({ remoteId }) => remoteId)).size, 20);
        assert.equal(stage.simulation.shown().length, 20);
        assert.deepEqual(
          writes.sort((one, other) => one - other),
          requests.map((_, index) => index),
        );
      }),
  },
  {
    name: 'a path in the base address is kept, with and without a closing slash',
    async run(subject) {
      for (const slash of ['', '/']) {
        await onStage(subject, (stage) => sendsOnce(stage, true), {
          prefix: '/behind/proxy',
          root: (gateway) => gateway + slash,
        });
      }
    },
  },
  {
    name: 'beforeWrite is called once, and before anything arrives',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const request = await stage.request();
        const seen: number[] = [];
        await stage.send(request, { beforeWrite: () => void seen.push(stage.gateway.requests.length) });
        assert.deepEqual(seen, [0]);
      }),
  },
  {
    name: 'what beforeWrite throws comes out as it is, and nothing arrives',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const images = [{ url: 'https://news.example.com/picture.png' }];
        for (const request of [await stage.request(), await stage.request({ images })]) {
          const before = stage.gateway.requests.length;
          const refusal = new Error('the claim ran out');
          const beforeWrite = () => {
            throw refusal;
          };
          const error = await stage.send(request, { beforeWrite }).catch((error: unknown) => error);
          assert.equal(error, refusal);
          assert.equal(stage.gateway.requests.length, before);
        }
        assert.deepEqual(stage.simulation.shown(), []);
        await stage.send(await stage.request());
      }),
  },
  {
    name: 'an aborted signal sends nothing',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const request = await stage.request();
        const { failure } = await stage.failure(request, { signal: AbortSignal.abort() });
        assert.equal(failure, 'unavailable');
        assert.equal(stage.gateway.requests.length, 0);
      }),
  },
];

/** A template with a picture on top refuses an article that has none: also an answer. */
function skipNoPicture(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'no-picture') throw error;
}
