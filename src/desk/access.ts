import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Why a caller is not served. `challenge` goes into `WWW-Authenticate`. */
export interface Refusal {
  status: 401 | 403;
  code: string;
  message: string;
  challenge?: string;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * With a token: only bearers of it; a browser may give it as the password of the desk's page. Without: only this
 * machine, and only by a loopback name (a page elsewhere could otherwise reach us through the reader's own browser).
 * What machines ask for to see whether we live is open to all.
 */
export function refuse(token: string | undefined, request: FastifyRequest): Refusal | undefined {
  const path = request.url.split('?')[0];
  if (path === '/health' || path === '/ready') return undefined;
  if (token === undefined) return isFromThisMachine(request) ? undefined : foreign;
  const isDesk = path === '/';
  const { authorization = '' } = request.headers;
  if (equal(authorization.match(/^Bearer +(.+)$/i)?.[1] ?? '', token)) return undefined;
  // Only for the page, which changes nothing: a browser also sends Basic credentials for requests of other sites.
  if (isDesk && equal(password(authorization), token)) return undefined;
  return { ...unauthorized, challenge: isDesk ? 'Basic realm="Munadi", charset="UTF-8"' : 'Bearer realm="Munadi"' };
}

const foreign: Refusal = {
  status: 403,
  code: 'forbidden',
  message: 'Without http.token in the config, only callers on this machine are served.',
};

const unauthorized: Refusal = {
  status: 401,
  code: 'unauthorized',
  message: 'Send the token of the config (http.token) as "Authorization: Bearer …".',
};

function isFromThisMachine({ headers: { host = '', origin } }: FastifyRequest): boolean {
  if (!loopback.test(host.replace(/:\d+$/, ''))) return false;
  return origin === undefined || loopback.test(URL.parse(origin)?.hostname ?? '');
}

function password(authorization: string): string {
  const encoded = authorization.match(/^Basic +(\S+)$/i)?.[1] ?? '';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** In a time that tells nothing: digests have one length. */
function equal(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
