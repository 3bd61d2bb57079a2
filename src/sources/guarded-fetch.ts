import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import type { Agent, buildConnector, Dispatcher } from 'undici';
import { lazyPackage } from '../core/lazy-package.ts';
import { shownAddress } from '../text/shown-address.ts';
import { inRanges, isPublic, parseRanges } from './address.ts';
import { createInflateEither } from './inflate.ts';

const undici = lazyPackage<typeof import('undici')>('undici');

/** A fetch that was refused or failed. The message says why, for people. */
export class FetchError extends Error {
  /** True where a guard refused it: trying again changes nothing. */
  readonly refused: boolean;
  /** HTTP status, where one came that is not wanted. */
  readonly status: number | undefined;
  /** When the server asks to come again. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    about: { refused?: boolean; status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    const { refused = false, status, retryAfterMs, cause } = about;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FetchError';
    this.refused = refused;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a server said of an answer, to be told when it is asked again. */
export interface Validators {
  etag?: string;
  lastModified?: string;
}

export interface FetchLimits {
  accept?: string;
  /** Answers that are the same as before come without a body. */
  unless?: Validators;
  /** Of the decoded body. */
  maxBytes?: number;
  /** For everything: redirects, headers and body. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface Fetched {
  bytes: Buffer;
  /** Lower case, without parameters. */
  contentType: string;
  charset?: string;
  /** After redirects. */
  url: string;
  /** It is the same as before; `bytes` is empty. */
  notModified?: true;
  /** By name in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The address has moved here for good. */
  movedTo?: string;
}

/** Fetches addresses that came from content, which nobody trusts. */
export interface GuardedFetch {
  /** Resolves to a 2xx answer's body. Throws `FetchError`. */
  get(url: string, limits?: FetchLimits): Promise<Fetched>;
  /** Posts a form, and resolves to the status. Follows no redirect. Throws `FetchError` where no 2xx came. */
  post(
    url: string,
    form: Readonly<Record<string, string>>,
    limits?: Pick<FetchLimits, 'timeoutMs' | 'signal'>,
  ): Promise<number>;
  close(): Promise<void>;
}

const maxRedirects = 3;
const userAgent = 'Munadi/0.1 (+news publishing bot)';

/** Guards: http(s) only, allowed ports, public addresses only, checked at every hop on the address truly connected to. */
export function createGuardedFetch({
  allow,
  ports,
  timeoutMs,
  maxBytes,
  lookup = dnsLookup as unknown as LookupFunction,
}: {
  /** CIDR ranges beside public addresses; they may be reached on any port. */
  allow: readonly string[];
  ports: readonly number[];
  timeoutMs: number;
  maxBytes: number;
  lookup?: LookupFunction;
}): GuardedFetch {
  const allowed = parseRanges(allow);
  const isAllowListed = (address: string) => inRanges(address, allowed);
  const isFit = (address: string, port: number) =>
    isAllowListed(address) || (isPublic(address) && ports.includes(port));

  // A connector per port, for its look-up to judge each address together with the port.
  const connectors = new Map<number, buildConnector.connector>();
  const connectorFor = (port: number) => {
    const known = connectors.get(port);
    if (known) return known;
    const made = undici().buildConnector({ timeout: 5_000, autoSelectFamily: true, lookup: guardedLookup(port) });
    connectors.set(port, made);
    return made;
  };
  /** Judges the addresses that are then connected to, so a name that changes its mind gains nothing. */
  const guardedLookup = (port: number) =>
    ((host: string, options: object, done: (error: Error | null, addresses: LookupAddress[]) => void) => {
      (lookup as typeof dnsLookup)(host, { ...options, all: true }, (error, addresses) => {
        if (error) return done(error, []);
        const unfit = addresses.find(({ address }) => !isFit(address, port));
        if (!unfit) return done(null, addresses);
        const why = isPublic(unfit.address) ? `port ${port} is not allowed` : 'which is not a public address';
        done(new FetchError(`${host} leads to ${unfit.address}, ${why}`, { refused: true }), []);
      });
    }) as unknown as LookupFunction;

  let opened: Agent | undefined;
  const agent = () => {
    opened ??= new (undici().Agent)({
      keepAliveTimeout: 1_000,
      connect: (options, done) => connectorFor(portOf(options.protocol, options.port))(options, done),
    });
    return opened;
  };

  function check(url: URL): void {
    const refuse = (why: string) => {
      throw new FetchError(`${shownAddress(url)} was not fetched: ${why}.`, { refused: true });
    };
    if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse(`only http and https are, not ${url.protocol}`);
    if (url.username || url.password) refuse('addresses with a user name or password are not');
    const port = portOf(url.protocol, url.port);
    const name = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    // Resolvers need not know such names, but none may lead them elsewhere (RFC 6761).
    const host = /(?:^|\.)localhost$/.test(name) ? '127.0.0.1' : name;
    if (isIP(host)) {
      if (!isFit(host, port)) refuse(`${host}:${port} is not a public address on an allowed port`);
    } else if (!ports.includes(port) && allowed.length === 0) refuse(`port ${port} is not allowed`);
  }

  async function hop(
    url: URL,
    limits: FetchLimits,
    signal: AbortSignal,
    form?: Readonly<Record<string, string>>,
  ): Promise<Dispatcher.ResponseData> {
    check(url);
    const { body, ...answer } = await agent().request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: form ? 'POST' : 'GET',
      headers: {
        'user-agent': userAgent,
        accept: limits.accept ?? '*/*',
        'accept-encoding': 'gzip, deflate, br',
        ...(limits.unless?.etag ? { 'if-none-match': limits.unless.etag } : {}),
        ...(limits.unless?.lastModified ? { 'if-modified-since': limits.unless.lastModified } : {}),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(form ? { body: new URLSearchParams(form).toString() } : {}),
      signal,
    });
    return { ...answer, body } as Dispatcher.ResponseData;
  }

  return {
    async get(address, limits = {}) {
      const deadline = AbortSignal.timeout(limits.timeoutMs ?? timeoutMs);
      const signal = limits.signal ? AbortSignal.any([deadline, limits.signal]) : deadline;
      let url = URL.parse(address);
      let isForGood = true;
      if (!url) throw new FetchError(`"${address}" is not an address.`, { refused: true });
      try {
        for (let redirects = 0; ; redirects += 1) {
          const { statusCode, headers, body } = await hop(url, limits, signal);
          const location = headers.location;
          if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
            await body.dump({ limit: 16_384, signal }).catch(() => {});
            if (redirects === maxRedirects)
              throw new FetchError(`${shownAddress(address)} redirects more than ${maxRedirects} times.`, {
                refused: true,
              });
            isForGood &&= statusCode === 301 || statusCode === 308;
            url = new URL(location, url);
            continue;
          }
          const moved = redirects > 0 && isForGood ? { movedTo: url.href } : {};
          const about = { url: url.href, headers: plainHeaders(headers), ...moved };
          if (statusCode === 304 && limits.unless) {
            discard(body);
            return { bytes: Buffer.alloc(0), contentType: '', ...about, notModified: true };
          }
          if (statusCode < 200 || statusCode >= 300) {
            discard(body);
            const retryAfterMs = waitIn(about.headers['retry-after']);
            throw new FetchError(`${shownAddress(url)} answered HTTP ${statusCode}.`, {
              status: statusCode,
              retryAfterMs,
            });
          }
          const bytes = await read(
            body,
            String(headers['content-encoding'] ?? ''),
            limits.maxBytes ?? maxBytes,
            shownAddress(url),
          );
          const [contentType = '', ...parameters] = String(headers['content-type'] ?? '')
            .toLowerCase()
            .split(';');
          const charset = parameters.join(';').match(/charset\s*=\s*"?([\w-]+)/)?.[1];
          return { bytes, contentType: contentType.trim(), ...about, ...(charset ? { charset } : {}) };
        }
      } catch (error) {
        throw toFetchError(error, shownAddress(url), deadline, limits.timeoutMs ?? timeoutMs);
      }
    },
    async post(address, form, limits = {}) {
      const deadline = AbortSignal.timeout(limits.timeoutMs ?? timeoutMs);
      const signal = limits.signal ? AbortSignal.any([deadline, limits.signal]) : deadline;
      const url = URL.parse(address);
      if (!url) throw new FetchError(`"${address}" is not an address.`, { refused: true });
      try {
        const { statusCode, body } = await hop(url, {}, signal, form);
        discard(body);
        if (statusCode >= 200 && statusCode < 300) return statusCode;
        throw new FetchError(`${shownAddress(url)} answered HTTP ${statusCode}.`, { status: statusCode });
      } catch (error) {
        throw toFetchError(error, shownAddress(url), deadline, limits.timeoutMs ?? timeoutMs);
      }
    },
    close: async () => opened?.destroy(),
  };
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const pairs = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), [value].flat().join(', ')] as const,
  );
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

/** `Retry-After`: seconds, or a date. Undefined where it is neither. */
function waitIn(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function portOf(protocol: string, port: string): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function toFetchError(error: unknown, url: string, deadline: AbortSignal, timeoutMs: number): FetchError {
  for (let at = error as { cause?: unknown } | undefined; at; at = at.cause as typeof at) {
    if (at instanceof FetchError) return at;
  }
  if (deadline.aborted) return new FetchError(`${url} did not answer fully within ${timeoutMs} ms.`, { cause: error });
  return new FetchError(`${url} could not be fetched: ${error instanceof Error ? error.message : String(error)}.`, {
    cause: error,
  });
}

/** Ends a body that nobody reads on. Destroying it emits an error, which without a listener would end the process. */
function discard(body: Readable): void {
  body.on('error', () => {});
  body.destroy();
}

/** Counts decoded bytes while they stream: a small answer may unpack to gigabytes. */
async function read(body: Readable, encoding: string, maxBytes: number, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const unpack = decoder(encoding, url);
    const stream = unpack ? pipeline(body, unpack, () => {}) : body;
    for await (const chunk of stream) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) throw new FetchError(`${url} is larger than ${maxBytes} bytes.`, { refused: true });
      chunks.push(chunk as Buffer);
    }
  } finally {
    discard(body);
  }
  return Buffer.concat(chunks);
}

function decoder(encoding: string, url: string): Duplex | undefined {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflateEither();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new FetchError(`${url} is packed in a way that is not understood (${encoding}).`, { refused: true });
  }
}
