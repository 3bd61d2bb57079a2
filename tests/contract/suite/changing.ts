import assert from 'node:assert/strict';
import type { RejectedError } from '../../../src/core/errors.ts';
import type { RateAct, Usage } from '../../../src/core/limits.ts';
import type { Post, Receipt } from '../../../src/core/post.ts';
import type { Check } from './exercise.ts';
import { type Live, onStage, type Stage, secretsOf } from './stage.ts';
import type { Subject } from './subject.ts';

const images = [{ url: 'https://news.example.com/picture.png' }];
const hourMs = 3_600_000;

/** What can be done to a live message on every platform that has it. */
export type Act = 'edit' | 'remove';

/** Runs `work` for each of the two that the platform has. */
export async function eachAct(subject: Subject, work: (stage: Stage, act: Act) => Promise<unknown>): Promise<void> {
  for (const act of ['edit', 'remove'] as const) {
    await onStage(subject, async (stage) => {
      if (stage.publisher[act]) await work(stage, act);
    });
  }
}

/** Counts the requests of `work`. */
export async function requestsOf(stage: Stage, work: () => Promise<unknown>): Promise<number> {
  const before = stage.gateway.requests.length;
  await work();
  return stage.gateway.requests.length - before;
}

function assertReceipt({ subject, account }: Stage, given: Receipt, { receipt }: Live): void {
  const { remoteId, url } = receipt;
  assert.deepEqual([given.remoteId, given.url], [remoteId, url], 'the receipt is of another message');
  assert(Math.abs(Date.parse(given.at) - Date.now()) < 60_000, `the receipt is of ${given.at}`);
  const told = JSON.stringify(given);
  assert(!secretsOf(subject, account).some((secret) => told.includes(secret)), `the receipt names a secret: ${told}`);
}

async function editsInPlace(stage: Stage, pictured: boolean): Promise<void> {
  const { simulation } = stage;
  const live = await stage.post(pictured ? { images } : {});
  const other = await stage.post();
  const [before, untouched] = simulation.shown();
  let shown = '';
  const edit = async (article: object = {}) => {
    const { text, receipt } = await stage.edit(live, article);
    assertReceipt(stage, receipt, live);
    shown = text;
  };
  // The same as now, another, the same again, and one with signs that are markup elsewhere.
  const { title, paragraphs } = { title: 'تصحيح: افتتاح المكتبة', paragraphs: ['فُتحت المكتبة مساء أمس.'] };
  const signs = { title: 'رقم 3 < 5 & 7 > 2 *مهم* _x_', paragraphs: ['سطر <b>عريض</b> &amp; باقٍ.'], url: '' };
  for (const article of [{ title, paragraphs }, { title, paragraphs }, signs, {}]) {
    assert.equal(await requestsOf(stage, () => edit(article)), 1, 'an edit is one request');
    assert.deepEqual(simulation.shown(), [{ ...before, text: shown }, untouched], 'readers see something else');
  }
  const same = { post: live.request.post, part: 0 };
  for (let turn = 0; turn < 2; turn += 1) await stage.change(live, same);
  assert.equal(simulation.shown()[0]?.text, before?.text);
  assert.equal(simulation.shown()[1]?.id, other.receipt.remoteId);
}

/** A post whose text is longer than any message of the platform. */
function overlong(post: Post, length: number): Post {
  const text = 'خبر '.repeat(Math.ceil(length / 4));
  return { ...post, parts: post.parts.map((part) => ({ ...part, text, markup: text, length: text.length })) };
}

export const changingChecks: Check[] = [
  {
    name: 'an edit shows the new text in the same message, with one request, and may be repeated',
    async run(subject) {
      for (const channel of [subject.platform.example.channel, ...(subject.channels ?? [])]) {
        await onStage(
          subject,
          async (stage) => {
            if (!stage.publisher.edit) return;
            await editsInPlace(stage, false);
          },
          { channel },
        );
      }
      await onStage(subject, async (stage) => {
        if (stage.publisher.edit) await editsInPlace(stage, true);
      });
    },
  },
  {
    name: 'a removal takes the message away, with one request, and may be repeated',
    async run(subject) {
      await onStage(subject, async (stage) => {
        if (!stage.publisher.remove) return;
        const [first, second, third] = [await stage.post(), await stage.post({ images }), await stage.post()];
        const left = () => stage.simulation.shown().map(({ id }) => id);
        const ids = [first, second, third].map(({ receipt }) => receipt.remoteId);
        for (const [live, rest] of [
          [second, [ids[0], ids[2]]],
          [second, [ids[0], ids[2]]],
          [third, [ids[0]]],
        ] as const) {
          let receipt: Receipt | undefined;
          const requests = await requestsOf(stage, async () => {
            receipt = await stage.remove(live);
          });
          assert.equal(requests, 1, 'a removal is one request');
          assertReceipt(stage, receipt as Receipt, live);
          assert.deepEqual(left(), rest);
        }
      });
    },
  },
  {
    name: 'every kind of credentials edits and removes',
    async run(subject) {
      for (const account of subject.accounts ?? []) {
        await onStage(
          subject,
          async (stage) => {
            const live = await stage.post();
            if (stage.publisher.edit) await stage.edit(live);
            if (stage.publisher.remove) await stage.remove(live);
            assert.equal(stage.simulation.shown().length, stage.publisher.remove ? 0 : 1);
          },
          { account },
        );
      }
    },
  },
  {
    name: 'an edit of a message that is gone is refused with code gone',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { edit, remove } = stage.publisher;
        if (!edit || !remove) return;
        for (const article of [{}, { images }]) {
          const live = await stage.post(article);
          await stage.remove(live);
          const { failure, code } = await stage.errorOf(stage.edit(live));
          assert.deepEqual([failure, code], ['rejected', 'gone']);
        }
        assert.deepEqual(stage.simulation.shown(), []);
      }),
  },
  {
    name: 'what the platform lets be changed no more is refused with code too-late',
    run: (subject) =>
      eachAct(subject, async (stage, act) => {
        const ends = subject.changeable?.[act];
        if (ends === undefined || !stage.simulation.age) return;
        const live = await stage.post();
        const shown = stage.simulation.shown();
        stage.simulation.age(ends + hourMs);
        const error = await stage.errorOf(stage[act](live));
        assert.deepEqual([error.failure, error.code], ['rejected', 'too-late']);
        assert.equal((error as RejectedError).effect, undefined);
        assert.deepEqual(stage.simulation.shown(), shown);
        stage.simulation.age(ends - hourMs);
        await stage[act](live);
      }),
  },
  {
    name: 'an edit to a text beyond the limit is refused before it leaves',
    run: (subject) =>
      onStage(subject, async (stage) => {
        if (!stage.publisher.edit) return;
        const { text, caption } = subject.platform.limits;
        for (const [article, limit] of [
          [{}, text],
          [{ images }, caption],
        ] as const) {
          const live = await stage.post(article);
          const shown = stage.simulation.shown();
          const change = () => stage.change(live, { post: overlong(live.request.post, limit + 1), part: 0 });
          const requests = await requestsOf(stage, async () => {
            const { failure, code } = await stage.errorOf(change());
            assert.deepEqual([failure, code], ['rejected', 'text-too-long']);
          });
          assert.equal(requests, 0, 'it left');
          assert.deepEqual(stage.simulation.shown(), shown);
        }
      }),
  },
  {
    name: 'a change goes to its own message, wherever the channel leads by now',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { targetKeys, example } = subject.platform;
        const moved = subject.channels?.find((one) => targetKeys.some((key) => one[key] !== example.channel[key]));
        if (!moved || !stage.publisher.remove) return;
        const there = { ...stage.channel, settings: moved };
        const stays = await stage.send({ ...(await stage.request()), channel: there });
        const live = await stage.post();
        const request = { ...live.request, channel: there };
        if (stage.publisher.edit) {
          const { text } = await stage.edit({ ...live, request });
          assert.equal(stage.simulation.shown()[1]?.text, text);
        }
        await stage.remove({ ...live, request });
        assert.deepEqual(
          stage.simulation.shown().map(({ id }) => id),
          [stays.remoteId],
        );
        // Nor is a message of another place answered by number.
        const reply = await stage.request();
        await stage.send({ ...reply, channel: there, replyTo: { ...live.receipt } });
        assert.equal(stage.simulation.shown().at(-1)?.replyTo, undefined);
      }),
  },
  {
    name: 'what an answer tells of limits is told of a limit that counts such requests',
    async run(subject) {
      const { rates } = subject.platform;
      const counting = (act: RateAct) => rates.filter(({ acts = ['send'] }) => acts.includes(act)).map(({ id }) => id);
      await onStage(subject, async (stage) => {
        const told: [RateAct, Usage][] = [];
        const onUsage = (act: RateAct) => ({ onUsage: (usage: Usage) => void told.push([act, usage]) });
        const request = await stage.request();
        const live = { request, receipt: await stage.send(request, onUsage('send')) };
        if (stage.publisher.edit) await stage.edit(live, {}, onUsage('edit'));
        if (stage.publisher.remove) await stage.remove(live, onUsage('remove'));
        for (const [act, { rule, limit, remaining }] of told) {
          assert(counting(act).includes(rule), `${act}: told of ${rule}`);
          assert(remaining >= 0 && remaining <= limit, `${act}: ${remaining} of ${limit}`);
        }
      });
    },
  },
  {
    name: 'changes at once each reach their own message',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const { edit, remove } = stage.publisher;
        const posts = await Promise.all(Array.from({ length: 8 }, () => stage.post()));
        const texts = new Map<string, string>();
        await Promise.all(
          posts.map(async (live, index) => {
            if (edit && index % 2 === 0) texts.set(live.receipt.remoteId, (await stage.edit(live)).text);
            else if (remove) await stage.remove(live);
          }),
        );
        if (!edit || !remove) return;
        const shown = stage.simulation.shown().map(({ id, text }): [string, string] => [id, text]);
        assert.deepEqual(new Map(shown), texts);
      }),
  },
];
