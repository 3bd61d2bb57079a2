import { finalStates } from '../../../src/core/delivery.ts';
import type { Tally } from '../proof.ts';
import type { FollowEvidence } from './judge.ts';
import { targetOf } from './topology.ts';

/** Judges what waits for a person, before one has spoken. */
export function judgeHeld({ lives, ledger, sightings, reports }: Omit<FollowEvidence, 'posts'>, tally: Tally): void {
  const numbers = new Map(lives.map(({ id, number }) => [id, number]));
  const held = ledger.rows.filter((row) => row.held);
  for (const row of held) {
    const { id, article, platform, version, channel, code, reason, story: steps } = row;
    const story = ledger.stories.get(article);
    const { target } = targetOf(row);
    const edition = story?.editions.get(version);
    const about = (story?.numbers ?? []).flatMap((number) =>
      edition === undefined ? Array.from({ length: 10 }, (_, n) => number * 10 + n) : [number * 10 + edition],
    );
    // Who has waited in vain knows nothing, even where nothing has reached the platform.
    const isDoubtful =
      code === 'timeout' ||
      sightings.doubtful.has(id) ||
      about.some((one) => sightings.doubtful.has(`${one} ${target}`));
    const sample = { article: `article ${numbers.get(article) ?? article}`, channel };
    if (platform !== 'telegram' && platform !== 'whatsapp') {
      tally.fail('held wrongly', { ...sample, what: `${id} is held, though ${platform} can be asked: ${reason}` });
    } else if (!isDoubtful)
      tally.fail('held wrongly', { ...sample, what: `${id} is held, and no fault struck it: ${reason} (${steps})` });
    const places = reports.get(article);
    if (!story?.retracted || places?.some((place) => place.held.includes(id) && place.outcome === 'maybe')) continue;
    tally.fail('not told as maybe', { ...sample, what: `${id} is held: ${JSON.stringify(places)}` });
  }
  const heldIds = new Set(held.map(({ id }) => id));
  for (const [article, places] of reports) {
    for (const place of places) {
      const sample = { article: `article ${numbers.get(article) ?? article}`, channel: place.channel };
      if (place.outcome === 'maybe' && !place.held.every((id) => heldIds.has(id))) {
        tally.fail('not told as maybe', { ...sample, what: `maybe, and nothing is held: ${JSON.stringify(place)}` });
      }
    }
  }
  // What waits for a person's word says so, and there is something to say a word about.
  for (const { id, article, channel, recipient, state, waits } of ledger.rows) {
    if (waits !== 'maybe' || finalStates.has(state)) continue;
    const isRight = held.some(
      (one) => one.article === article && one.channel === channel && one.recipient === recipient,
    );
    if (!isRight) {
      tally.fail('not told as maybe', {
        article: `article ${numbers.get(article) ?? article}`,
        channel,
        what: `${id} waits for a word about nothing`,
      });
    }
  }
}
