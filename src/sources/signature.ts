import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { standardKey } from '../core/source.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Why a call is not let in; undefined: it is. */
export type Refused = 'unsigned' | 'bad-time' | 'bad-signature' | undefined;

/**
 * Judges the signature of a call over its raw body, by either scheme: `X-Munadi-Timestamp` (seconds) with
 * `X-Munadi-Signature: sha256=HEX` over `TIMESTAMP.BODY`, or Standard Webhooks (`webhook-id`, `webhook-timestamp`,
 * `webhook-signature: v1,BASE64`). `secrets`: any of them may have signed. In a time that tells nothing of them.
 */
export function judgeSignature(
  body: Uint8Array,
  headers: Headers,
  { secrets, toleranceMs, nowMs }: { secrets: readonly string[]; toleranceMs: number; nowMs: number },
): Refused {
  const call = ownScheme(headers) ?? standardScheme(headers);
  if (!call) return 'unsigned';
  const seconds = Number(call.timestamp);
  if (!/^\d{1,12}$/.test(call.timestamp) || Math.abs(seconds * 1_000 - nowMs) > toleranceMs) return 'bad-time';
  const signed = Buffer.concat([Buffer.from(call.prefix), body]);
  const wanted = secrets.map((secret) => createHmac('sha256', call.keyOf(secret)).update(signed).digest());
  // Every pair is compared, whichever fits.
  const fits = call.given.flatMap((given) =>
    wanted.map((one) => given.length === one.length && timingSafeEqual(given, one)),
  );
  return fits.includes(true) ? undefined : 'bad-signature';
}

/**
 * One name for a call and its repetitions: of Standard Webhooks by its id, which stays when it is sent again, of others by
 * its time; and in any case by its body.
 */
export function nameOfCall(source: string, body: Uint8Array, headers: Headers): string {
  const own = one(headers, 'x-munadi-timestamp');
  const id = own === undefined ? ['id', one(headers, 'webhook-id')] : ['time', own];
  return createHash('sha256')
    .update(JSON.stringify([source, ...id]))
    .update(body)
    .digest('hex');
}

interface SignedCall {
  timestamp: string;
  /** What stands before the body in what is signed. */
  prefix: string;
  given: Buffer[];
  keyOf(secret: string): string | Buffer;
}

function ownScheme(headers: Headers): SignedCall | undefined {
  const [timestamp, signature] = [one(headers, 'x-munadi-timestamp'), one(headers, 'x-munadi-signature')];
  if (timestamp === undefined || signature === undefined) return undefined;
  const given = [...signature.matchAll(/sha256=([\da-f]{64})\b/gi)].map(([, hex = '']) => Buffer.from(hex, 'hex'));
  return { timestamp, prefix: `${timestamp}.`, given, keyOf: (secret) => secret };
}

function standardScheme(headers: Headers): SignedCall | undefined {
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => one(headers, `webhook-${name}`));
  if (id === undefined || timestamp === undefined || signature === undefined) return undefined;
  const given = [...signature.matchAll(/\bv1,([A-Za-z\d+/=]{43,44})(?=\s|$)/g)].map(([, text = '']) =>
    Buffer.from(text, 'base64'),
  );
  return {
    timestamp,
    prefix: `${id}.${timestamp}.`,
    given,
    keyOf: (secret) => standardKey(secret) ?? secret,
  };
}

function one(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
