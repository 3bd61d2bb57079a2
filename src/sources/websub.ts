import { createHmac, timingSafeEqual } from 'node:crypto';
import type { GuardedFetch } from './guarded-fetch.ts';

/*
 * W3C WebSub, as a subscriber: subscribing, verification of intent, authenticated distribution.
 */

export interface Wish {
  hub: string;
  topic: string;
  callback: string;
  secret: string;
}

const leaseSeconds = 864_000;

/** Asks a hub to tell us of a topic, or to stop. It verifies that at the callback. Throws `FetchError`. */
export async function askHub(fetch: GuardedFetch, mode: 'subscribe' | 'unsubscribe', wish: Wish): Promise<void> {
  await fetch.post(wish.hub, {
    'hub.mode': mode,
    'hub.topic': wish.topic,
    'hub.callback': wish.callback,
    'hub.secret': wish.secret,
    'hub.lease_seconds': String(leaseSeconds),
  });
}

/** True where a hub signed the raw body with the secret that it was given. In a time that tells nothing. */
export function isFromHub(body: Uint8Array, header: unknown, secret: string): boolean {
  const [, method = '', hex = ''] = /^(sha1|sha256|sha384|sha512)=([\da-f]+)$/i.exec(String(header ?? '')) ?? [];
  if (method === '') return false;
  const wanted = createHmac(method.toLowerCase(), secret).update(body).digest();
  const given = Buffer.from(hex, 'hex');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The hub that HTTP `Link` headers name (WebSub, 4: they come before what the document says); undefined where none do. */
export function hubInLinks(header: string | undefined, base: string): { url: string; topic: string } | undefined {
  const at = (rel: string) => {
    for (const [, address = '', rest = ''] of (header ?? '').matchAll(/<([^<>]*)>([^<]*)/g)) {
      const rels = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(rest);
      const names = (rels?.[1] ?? rels?.[2] ?? '').toLowerCase().split(/\s+/);
      const url = names.includes(rel) ? URL.parse(address, base) : null;
      if (url && /^https?:$/.test(url.protocol)) return url.href;
    }
    return undefined;
  };
  const [url, topic] = [at('hub'), at('self')];
  return url === undefined || topic === undefined ? undefined : { url, topic };
}
