import type { Account } from '../../src/core/channel.ts';
import type { Publisher } from '../../src/core/platform.ts';
import type { Receipt } from '../../src/core/post.ts';
import { x } from '../../src/platforms/x.ts';
import { draftArticle, type Installation } from './installation.ts';

/** An OAuth 2 account of X on an installation's sandbox, and what the sandbox saw of it. */
export interface XLoginStage {
  /** The refresh token of a login of its own, never used before. */
  login(): string;
  accountOf(settings: Record<string, string>): Account;
  /** Posts something new. */
  send(publisher: Publisher, timeoutMs?: number): Promise<Receipt>;
  /** Requests since the sandbox was reset: for tokens, posts taken, posts refused for their token. */
  counts(): Promise<{ renewals: number; posted: number; refused: number }>;
}

export const app = { clientId: 'example-client', clientSecret: 'example-client-secret' };

export const call = (timeoutMs = 5_000) => ({ signal: AbortSignal.timeout(timeoutMs) });

let serial = 0;

export function openXLoginStage({ sandbox }: Pick<Installation, 'sandbox'>): XLoginStage {
  const root = sandbox.roots.x ?? '';
  const channel = { id: 'x-ar', platform: 'x', account: 'x-main', filters: {}, unconfirmed: 'hold' as const };
  return {
    login: () => `77-login-${process.pid}-${++serial}`,
    accountOf: (settings) => ({
      id: 'x-main',
      platform: 'x',
      apiRoot: root,
      sandbox: false,
      settings: { ...app, ...settings },
    }),
    send(publisher, timeoutMs) {
      const to = { ...channel, settings: x.example.channel };
      const post = x.compose(
        { ...draftArticle(), priority: 'normal' as const, id: `article-${++serial}`, version: 1 },
        to,
      );
      const request = { deliveryId: `d-${serial}`, post, part: 0, channel: to, media: [], uploads: [], earlier: [] };
      return publisher.send(request, call(timeoutMs));
    },
    async counts() {
      const answer = await fetch(`${root}/_sandbox/requests`);
      const { requests } = (await answer.json()) as { requests: { endpoint: string; status: number | null }[] };
      const count = (endpoint: string, status?: number) =>
        requests.filter((one) => one.endpoint === endpoint && (status === undefined || one.status === status)).length;
      return {
        renewals: count('POST /2/oauth2/token'),
        posted: count('POST /2/tweets', 201),
        refused: count('POST /2/tweets', 401),
      };
    },
  };
}
