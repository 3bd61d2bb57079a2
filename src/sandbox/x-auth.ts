import { createHash } from 'node:crypto';
import { z } from 'zod';
import { putBounded } from './bounded.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite } from './simulation.ts';
import { found, problem } from './x-answer.ts';

const signatureFields = ['consumer_key', 'signature', 'signature_method', 'timestamp', 'nonce'];
/** X API, OAuth 2.0 Authorization Code Flow. */
const usualSeconds = 7_200;
const maxTokens = 10_000;

/** Switches of `PUT /_sandbox/settings`. */
export const xAuthSettings = z.strictObject({
  /** How long the access tokens live that are given from now on. */
  tokenSeconds: z.number().min(0.1).max(usualSeconds).optional(),
  /** Lets in only the access tokens given here: any other has ended. */
  givenTokensOnly: z.boolean().optional(),
});

/** Who asks, and the tokens of OAuth 2. */
export interface XAuth {
  /** The posting user's id; undefined where the credentials are none, or a token has ended. */
  userOf(authorization: string | undefined): string | undefined;
  /** `POST /2/oauth2/token`: a refresh token is good once, and brings new ones for the same user. */
  tokens(request: SandboxRequest): SandboxAnswer;
  clear(): void;
}

/**
 * The posting user's id: tokens begin with it (`123-…`), as those of OAuth 1.0a do; for another token one is derived.
 * Undefined without a bearer token or a complete OAuth 1.0a header; the signature itself is not checked.
 */
export function userOf(authorization: string | undefined): string | undefined {
  const bearer = bearerIn(authorization);
  if (bearer) return userOfToken(bearer);
  if (!authorization?.startsWith('OAuth ')) return undefined;
  const field = (name: string) => authorization.match(new RegExp(`\\boauth_${name}="([^"]+)"`))?.[1];
  const token = field('token');
  if (!token || signatureFields.some((name) => !field(name))) return undefined;
  return userOfToken(token);
}

function bearerIn(authorization: string | undefined): string | undefined {
  return authorization?.match(/^Bearer (\S+)$/)?.[1];
}

function userOfToken(token: string): string {
  return token.match(/^(\d+)-/)?.[1] ?? String(createHash('sha256').update(token).digest().readUInt32BE(0));
}

/** Tokens that were not given here count as those of a login elsewhere: they are let in, and a refresh token is good once. */
export function createXAuth({ settings }: SandboxSite, nextId: () => string): XAuth {
  const used = new Map<string, true>();
  /** When access tokens end (epoch ms), and whose refresh tokens are. */
  const ends = new Map<string, number>();
  const clients = new Map<string, string>();

  function give(user: string, client: string): SandboxAnswer {
    const seconds = Number(settings.tokenSeconds ?? usualSeconds);
    const accessToken = `${user}-sandbox-access-${nextId()}`;
    const refreshToken = `${user}-sandbox-refresh-${nextId()}`;
    putBounded(ends, accessToken, Date.now() + seconds * 1000, maxTokens);
    putBounded(clients, refreshToken, client, maxTokens);
    return found({
      token_type: 'bearer',
      access_token: accessToken,
      refresh_token: refreshToken,
      expires_in: seconds,
      scope: 'tweet.write tweet.read users.read media.write offline.access',
    });
  }

  return {
    userOf(authorization) {
      const bearer = bearerIn(authorization);
      const end = bearer === undefined ? undefined : ends.get(bearer);
      if (end !== undefined && Date.now() >= end) return undefined;
      if (bearer !== undefined && end === undefined && settings.givenTokensOnly === true) return undefined;
      return userOf(authorization);
    },
    tokens({ fields, form, headers }) {
      const { grant_type: grant, refresh_token: token } = fields;
      if (form !== 'urlencoded') return refusal('invalid_request', 'The body must be a form.');
      const client = clientOf(headers.authorization) ?? (headers.authorization ? undefined : fields.client_id);
      if (typeof client !== 'string' || client === '' || (fields.client_id ?? client) !== client) {
        return refusal('unauthorized_client', 'Missing valid authorization header', 401);
      }
      if (grant === undefined) return refusal('invalid_request', 'Missing required parameter [grant_type].');
      if (grant !== 'refresh_token') return refusal('unsupported_grant_type', 'This grant type is not simulated.');
      if (typeof token !== 'string' || token === '') {
        return refusal('invalid_request', 'Missing required parameter [refresh_token].');
      }
      // X calls a token that is used up an invalid request (seen in libraries' issues), not an invalid grant.
      if (used.has(token)) return refusal('invalid_request', 'Value passed for the token was invalid.');
      if ((clients.get(token) ?? client) !== client) {
        return refusal('invalid_grant', 'The token was given to another client.');
      }
      putBounded(used, token, true, maxTokens);
      return give(userOfToken(token), client);
    },
    clear() {
      used.clear();
      ends.clear();
      clients.clear();
    },
  };
}

/** The client's id in an HTTP Basic header with both parts. */
function clientOf(authorization = ''): string | undefined {
  const encoded = authorization.match(/^Basic ([A-Za-z0-9+/=]+)$/)?.[1];
  const [id, secret] = encoded === undefined ? [] : Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return id && secret ? id : undefined;
}

/** In the form of RFC 6749, as X gives it. */
function refusal(error: string, description: string, status = 400): SandboxAnswer {
  return { ...problem(status, error, description), json: { error, error_description: description } };
}
