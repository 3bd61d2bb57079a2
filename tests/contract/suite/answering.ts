import assert from 'node:assert/strict';
import type { Check } from './exercise.ts';
import { onStage } from './stage.ts';

const images = [{ url: 'https://news.example.com/picture.png' }];

/** What `replyTo` promises: a correction is told in answer to what it corrects. */
export const answeringChecks: Check[] = [
  {
    name: 'a post in answer to a message of ours is sent everywhere, and shows it where there are answers',
    async run(subject) {
      const { replies = false, replyChannel } = subject;
      const channels = [subject.platform.example.channel, ...(replyChannel ? [replyChannel] : [])];
      for (const channel of channels) {
        await onStage(
          subject,
          async (stage) => {
            const { receipt: replyTo } = await stage.post();
            const shows = replies || channel === replyChannel;
            for (const article of [{}, { images }]) {
              const request = await stage.request(article);
              const before = stage.gateway.requests.length;
              await stage.send({ ...request, replyTo });
              assert.equal(stage.gateway.requests.length - before, 1);
              const shown = stage.simulation.shown().at(-1);
              assert.equal(shown?.text, request.post.parts[0]?.text);
              assert.equal(shown?.replyTo, shows ? replyTo.remoteId : undefined);
            }
          },
          { channel },
        );
      }
    },
  },
  {
    name: 'of a thread in answer to a message the later parts answer the part before',
    run: (subject) =>
      onStage(subject, async (stage) => {
        if (!subject.replies) return;
        const { receipt: replyTo } = await stage.post();
        const first = await stage.send({ ...(await stage.request()), replyTo });
        await stage.send({ ...(await stage.request()), replyTo, earlier: [first] });
        assert.equal(stage.simulation.shown().at(-1)?.replyTo, first.remoteId);
      }),
  },
  {
    name: 'an answer to a message that is gone is posted without it, or refused',
    run: (subject) =>
      onStage(subject, async (stage) => {
        if (!subject.replies || !stage.publisher.remove) return;
        const live = await stage.post();
        await stage.remove(live);
        const request = { ...(await stage.request()), replyTo: live.receipt };
        const error = await stage.send(request).then(
          () => undefined,
          (error: { failure?: unknown }) => error,
        );
        assert.equal(error?.failure ?? 'rejected', 'rejected');
        assert.equal(stage.simulation.shown().length, error ? 0 : 1);
      }),
  },
  {
    name: 'an answer that was accepted but not answered is found below its message, and nowhere else',
    run: (subject) =>
      onStage(subject, async (stage) => {
        if (!stage.publisher.find) return;
        const [corrected, other] = [await stage.post(), await stage.post()];
        const request = { ...(await stage.request()), replyTo: corrected.receipt };
        assert.deepEqual(await stage.find(request), []);
        stage.gateway.react(({ forward, socket }) => forward().then(() => socket.resetAndDestroy()));
        assert.equal((await stage.failure(request)).failure, 'unconfirmed');
        stage.gateway.react(undefined);
        const live = stage.simulation.shown().at(-1);
        assert.deepEqual(
          (await stage.find(request)).map(({ remoteId }) => remoteId),
          [live?.id],
        );
        if (!subject.replies) return;
        assert.deepEqual(await stage.find({ ...request, replyTo: other.receipt }), [], 'found below another message');
      }),
  },
];
