import type { Channel } from '../core/channel.ts';
import type { Fanouts } from '../store/fanout/index.ts';
import type { Subscribers } from '../store/subscribers/index.ts';
import type { Pacing } from './pacing.ts';

export interface ForgetDeps {
  people: Pick<Subscribers, 'forget' | 'otherName'>;
  fanouts: Pick<Fanouts, 'erase'>;
  pacing: Pick<Pacing, 'forget'>;
  /** With the channels of the configuration. */
  ingest: { channels: readonly Channel[] };
}

/** Erases a person under all names: what they wanted, a stop too, and who it was that got messages. */
export async function forgetPerson(
  { people, fanouts, pacing, ingest }: ForgetDeps,
  account: string,
  who: string,
): Promise<boolean> {
  const other = await people.otherName(account, who);
  const names = other === undefined ? [who] : [who, other];
  const places = await fanouts.erase(account, names);
  const isKnown = await people.forget(account, who);
  const spoken = names.map((name) => (name.includes('.') ? name : `+${name}`));
  for (const channel of ingest.channels) if (channel.account === account) await pacing.forget(channel, spoken);
  // Whatever was cut in between has the person in it; lists come first as well, since the names stand in the record.
  return (await fanouts.erase(account, names)) + places > 0 || isKnown;
}

/** All that is kept of a person, for the person; undefined: nothing. */
export async function allOfPerson(
  { people, fanouts }: { people: Pick<Subscribers, 'get' | 'otherName'>; fanouts: Pick<Fanouts, 'ofPerson'> },
  account: string,
  who: string,
) {
  const [person, other] = [await people.get(account, who), (await people.otherName(account, who)) ?? null];
  const lists = await fanouts.ofPerson(account, other === null ? [who] : [who, other]);
  if (!person && lists.length === 0) return undefined;
  return { account, ...(person ?? { who }), otherName: other, lists };
}
