import { createHash } from 'node:crypto';
import type { SandboxAnswer, SandboxRequest } from './simulation.ts';
import { found, problem } from './x-answer.ts';

const signatureFields = ['consumer_key', 'signature', 'signature_method', 'timestamp', 'nonce'];

/**
 * The posting user's id: tokens begin with it (`123-…`), as those of OAuth 1.0a do; for another token one is derived.
 * Undefined without a bearer token or a complete OAuth 1.0a header; the signature itself is not checked.
 */
export function userOf(authorization: string | undefined): string | undefined {
  const bearer = authorization?.match(/^Bearer (\S+)$/)?.[1];
  if (bearer) return userOfToken(bearer);
  if (!authorization?.startsWith('OAuth ')) return undefined;
  const field = (name: string) => authorization.match(new RegExp(`\\boauth_${name}="([^"]+)"`))?.[1];
  const token = field('token');
  if (!token || signatureFields.some((name) => !field(name))) return undefined;
  return userOfToken(token);
}

function userOfToken(token: string): string {
  return token.match(/^(\d+)-/)?.[1] ?? String(createHash('sha256').update(token).digest().readUInt32BE(0));
}

/** OAuth 2's token endpoint: a refresh token is good once, and brings new ones for the same user. */
export function createTokens(nextId: () => string): (request: SandboxRequest) => SandboxAnswer {
  const used = new Set<string>();
  return ({ fields }) => {
    const { grant_type: grant, refresh_token: token } = fields;
    if (grant !== 'refresh_token' || typeof token !== 'string' || token === '' || used.has(token)) {
      const refused = problem(400, 'Bad Request', 'Value passed for the token was invalid.');
      return {
        ...refused,
        json: { error: 'invalid_request', error_description: 'Value passed for the token was invalid.' },
      };
    }
    used.add(token);
    const user = userOfToken(token);
    return found({
      token_type: 'bearer',
      access_token: `${user}-sandbox-access-${nextId()}`,
      refresh_token: `${user}-sandbox-refresh-${nextId()}`,
      expires_in: 7200,
      scope: 'tweet.write tweet.read users.read media.write offline.access',
    });
  };
}
