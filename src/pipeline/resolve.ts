import type { Delivery } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import type { Deliveries, Resolution } from '../store/deliveries.ts';
import type { Fanouts } from '../store/fanout/index.ts';

export interface ResolveDeps {
  deliveries: Deliveries;
  fanouts: Pick<Fanouts, 'resolve'>;
  /** The remote id in the address of a post on that platform; undefined where the text is no such address. */
  remoteIdOf(platform: string, text: string): string | undefined;
}

/** What a person saw on the channel. `url`: the address of the post, or its id where it has no address. */
export type Word = { published: true; url: string } | { published: false };

/** What came of it, and the delivery as it is afterwards. `refused`: it is not unconfirmed, or newer than this program; nothing was changed. */
export type Resolved = { verdict: 'resolved' | 'refused'; delivery: Delivery } | { verdict: 'missing' };

const longestUrl = 2_000;

/**
 * Settles a delivery that may be live by a person's word: recorded as published, or queued again at once. Of a post in
 * several parts the word is about the part in doubt; what follows it is queued. Of a list it is about all who are held. Throws `InputError` (422) for a `url`
 * that names nothing.
 */
export async function resolveDelivery(deps: ResolveDeps, id: string, word: Word): Promise<Resolved> {
  const url = word.published ? readUrl(word.url) : '';
  const [before] = await deps.deliveries.get([id]);
  if (!before) return { verdict: 'missing' };
  if (before.list) {
    const settled = await deps.fanouts.resolve(id, word.published ? 'published' : 'not-published');
    const [delivery = before] = await deps.deliveries.get([id]);
    return { verdict: settled ? 'resolved' : 'refused', delivery };
  }
  const { verdict } = await deps.deliveries.resolve(
    id,
    word.published ? toPublished(deps, before.platform, url) : { published: false },
  );
  const [delivery] = await deps.deliveries.get([id]);
  if (verdict === 'missing' || !delivery) return { verdict: 'missing' };
  return { verdict, delivery };
}

/** Why a word changed nothing, for people. */
export function refusalOf({ id, state }: Delivery): string {
  return state === 'unconfirmed'
    ? `Delivery "${id}" was written by a newer version of Munadi: settle it with that one.`
    : `Delivery "${id}" is ${state}: only an unconfirmed one can be settled.`;
}

/** True where more is to be sent. */
export function isWaiting({ state }: Delivery): boolean {
  return state === 'scheduled' || state === 'retryable';
}

function readUrl(text: string): string {
  const url = text.trim();
  if (url !== '' && url.length <= longestUrl && !/[\s\p{Cc}]/u.test(url)) return url;
  const told = url === '' ? 'it is empty' : 'it has spaces, or is too long';
  throw new InputError(`url: expected the address of the post, or its id on the platform; ${told}.`, {
    code: 'invalid',
    status: 422,
  });
}

function toPublished({ remoteIdOf }: ResolveDeps, platform: string, url: string): Resolution {
  const remoteId = remoteIdOf(platform, url) ?? url;
  const isAddress = /^https?:\/\//i.test(url) && URL.canParse(url);
  return { published: true, remoteId, ...(isAddress ? { url } : {}) };
}
