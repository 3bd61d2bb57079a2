import type { Channel } from '../core/channel.ts';
import type { RateLimitedError } from '../core/errors.ts';
import type { RateScope, Usage } from '../core/limits.ts';
import { encodeScopes, type Rates } from '../store/rates.ts';

export interface PacingDeps {
  /** What a delivery of this channel counts against. */
  scopesOf(channel: Channel, recipient: string | undefined): RateScope[];
  rates: Rates;
  /** How much longer than it is each window is taken to be. */
  marginMs: number;
}

/** The limits of one platform's deliveries: what they count against, and what the platform says of it. */
export interface Pacing {
  /** As the claim takes it. */
  scopes(channel: Channel, recipient: string | undefined): string;
  /** The platform asked to wait: so does everything else in the same scope, in all processes. */
  refused(channel: Channel, recipient: string | undefined, error: RateLimitedError): Promise<void>;
  /** What an answer says of what is left. */
  observe(channel: Channel, recipient: string | undefined, usage: Usage): void;
}

export function createPacing({ scopesOf, rates, marginMs }: PacingDeps): Pacing {
  return {
    scopes: (channel, recipient) => encodeScopes(scopesOf(channel, recipient), marginMs),
    async refused(channel, recipient, { scope: name, retryAfterMs, message }) {
      const own = scopesOf(channel, recipient).filter(({ scope }) => scope === name);
      await Promise.all(own.map((scope) => rates.refused(scope, retryAfterMs, message)));
    },
    observe(channel, recipient, usage) {
      const scope = scopesOf(channel, recipient).find(({ rule }) => rule === usage.rule);
      // What is lost here is told again by the next answer.
      if (scope) rates.observed(scope, usage).catch(() => {});
    },
  };
}
