import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { correct } from '../../src/pipeline/correct.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { retract } from '../../src/pipeline/retract.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let at: Installation;
beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

interface Step {
  do: 'claim' | 'live' | 'retryable' | 'doubt' | 'yes' | 'no' | 'retry' | 'correct' | 'retract' | 'again';
  /** Which delivery, and which attempt at it. */
  delivery: number;
  token: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('claim', 'claim', 'live', 'live', 'retryable', 'doubt', 'yes', 'no', 'retry'),
    },
    { weight: 1, arbitrary: fc.constantFrom('correct', 'retract', 'again') },
  ) as fc.Arbitrary<Step['do']>,
  delivery: fc.nat(7),
  token: fc.nat(1),
});

/** All that can happen to an article and its deliveries, on the ledger itself; returns the claims granted after it was retracted. */
async function play(steps: readonly Step[]): Promise<string[]> {
  const { runtime } = at;
  const { deliveries, articles } = runtime;
  const channels = ['x-ar', 'telegram-ar'];
  const draft = draftArticle();
  const { article } = await ingest(runtime.ingest, draft, { channels });
  const granted: string[] = [];
  /** Attempts that were let go: only they can tell what came of them. */
  const attempts = new Set<string>();
  let isRetracted = false;
  let version = 1;
  for (const one of steps) {
    if (one.do === 'retract') {
      await retract(runtime.retract, article.id);
      isRetracted = true;
    } else if (one.do === 'correct') {
      version += 1;
      await correct(runtime.retract, article.id, { ...draft, title: `${draft.title} ${version}` });
    } else if (one.do === 'again') {
      await ingest(runtime.ingest, draft, { channels: ['facebook-ar'] });
    } else {
      const all = await deliveries.get(await articles.deliveryIds(article.id));
      const [chosen] = [all[one.delivery % all.length]];
      if (!chosen) throw new Error('no delivery');
      const { id, channel, act, parts } = chosen;
      const token = `t${one.token}`;
      if (one.do === 'claim') {
        const chain = act ? await runtime.followUps.chain(id) : undefined;
        const follows = chain ? { follows: { basis: chain.basis, steps: 3 } } : {};
        const way = one.token === 0 ? 'resend' : 'hold';
        const { verdict } = await deliveries.claim(claimOf(id, token, { channel, total: 3, way, ...follows }));
        if (verdict === 'claimed') attempts.add(`${id} ${token}`);
        if (isRetracted && verdict === 'claimed' && act !== 'retract') granted.push(id);
      } else if (one.do !== 'retry' && one.do !== 'yes' && one.do !== 'no' && !attempts.has(`${id} ${token}`)) {
        // Nobody has made that attempt.
      } else if (one.do === 'live') {
        await deliveries.settle(liveOf(id, token, { part: parts.length, total: 3 }));
      } else if (one.do === 'retryable') await deliveries.settle(failureOf(id, token, 'retryable'));
      else if (one.do === 'doubt') await deliveries.settle(failureOf(id, token, 'unconfirmed', { held: true }));
      else if (one.do === 'retry') await deliveries.retry([id]);
      else {
        await deliveries.resolve(
          id,
          one.do === 'yes' ? { published: true, remoteId: `${id}/r` } : { published: false },
        );
      }
    }
  }
  if (!isRetracted) return granted;
  // Whatever was in flight or in doubt comes to its end: then each message has a removal that follows it, or is none.
  const all = await deliveries.get(await articles.deliveryIds(article.id));
  for (const { id, channel, parts, act } of all) {
    if (parts.length === 0 || act === 'retract') continue;
    const own = all.find((other) => other.act === 'retract' && other.channel === channel);
    const isDone = own?.state === 'discarded' || (own?.state === 'published' && own.parts.length === 0);
    if (!own || isDone) granted.push(`nothing takes ${id} away`);
  }
  return granted;
}

it('no claim succeeds once a retraction is committed, and nothing that was sent is left without a removal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 40 }), async (steps) => {
      expect(await play(steps)).toEqual([]);
    }),
    { numRuns: Number(process.env.MUNADI_RUNS ?? 60) },
  );
});
