import { afterAll, beforeAll, expect, it } from 'vitest';
import { ingest } from '../../src/pipeline/ingest.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
  await at.runtime.clock.sync();
});
afterAll(() => at.close());

/** Accepted for a channel; resolves to the delivery. */
async function accept(channel: string): Promise<string> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: [channel] });
  return deliveries[0]?.id ?? '';
}

it('counts deliveries by channel, those of a period, and those that wait for a person', async () => {
  const { deliveries, tallies, clock } = at.runtime;
  const before = clock.now();
  const [published = '', failed = '', held = ''] = [
    await accept('x-ar'),
    await accept('x-ar'),
    await accept('telegram-ar'),
    await accept('x-ar'),
    await accept('facebook-ar'),
  ];
  for (const id of [published, failed, held]) await deliveries.claim(claimOf(id, 't'));
  await deliveries.settle(liveOf(published, 't'));
  await deliveries.settle(failureOf(failed, 't', 'rejected'));
  await deliveries.settle(failureOf(held, 't', 'unconfirmed', { held: true }));
  const after = clock.now() + 1_000;

  expect(await tallies.inState('published', before, after)).toEqual({ 'x-ar': 1 });
  expect(await tallies.inState('published', after, after + 1_000)).toEqual({});
  expect(await tallies.inState('published', before - 1_000, before)).toEqual({});
  expect(await tallies.inState('rejected', before, after)).toEqual({ 'x-ar': 1 });
  expect(await tallies.inState('unconfirmed')).toEqual({ 'telegram-ar': 1 });
  expect(await tallies.held()).toEqual({ 'telegram-ar': 1 });
  expect(await tallies.inState('scheduled')).toEqual({ 'x-ar': 1, 'facebook-ar': 1 });
});
