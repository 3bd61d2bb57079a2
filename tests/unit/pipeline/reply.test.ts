import { describe, expect, it } from 'vitest';
import {
  RateLimitedError,
  RejectedError,
  UnauthorizedError,
  UnavailableError,
  UnconfirmedError,
} from '../../../src/core/errors.ts';
import { sendReply } from '../../../src/pipeline/reply.ts';

/** An answer, with what the platform throws at each try. */
function stage(...thrown: (Error | undefined)[]) {
  const seen = { sent: 0, claimed: new Set<string>(), told: [] as string[] };
  let nowMs = 1_000;
  const deps = {
    answered: {
      claim: async (message: string) => {
        if (seen.claimed.has(message)) return false;
        seen.claimed.add(message);
        return true;
      },
      release: async (message: string) => void seen.claimed.delete(message),
    },
    publisher: () => ({
      async answer() {
        seen.sent += 1;
        const error = thrown.shift();
        if (error) throw error;
      },
    }),
    requestTimeoutMs: 1_000,
    now: () => nowMs,
    onGivenUp: (about: object) => void seen.told.push(JSON.stringify(about)),
  };
  const job = { account: 'a', to: '963944123456', message: 'wamid.1', text: 'نص', untilMs: 10_000 };
  const send = (tries = 1) => sendReply(deps, job, tries);
  const later = (ms: number) => {
    nowMs = ms;
  };
  return { seen, send, later };
}

describe('an answer', () => {
  it('is sent once', async () => {
    const { seen, send } = stage();
    expect([await send(), await send()]).toEqual([undefined, undefined]);
    expect(seen).toMatchObject({ sent: 1, told: [] });
  });

  it.each([
    ['as long as the platform says', new RateLimitedError('x', { retryAfterMs: 6_000, scope: 'recipient' }), 6_000],
    ['a little at first', new UnavailableError('x'), 1_000],
  ])('that was not sent waits %s, and is tried again', async (_, error, waitMs) => {
    const { seen, send } = stage(error);
    expect(await send()).toEqual({ waitMs });
    expect(await send(2)).toBeUndefined();
    expect(seen.sent).toBe(2);
  });

  it.each([new UnconfirmedError('x'), new RejectedError('x'), new UnauthorizedError('x'), new Error('x')])(
    'that may have gone out, or is refused (%s), is not repeated, and told of without the number',
    async (error) => {
      const { seen, send } = stage(error);
      expect([await send(), await send(2)]).toEqual([undefined, undefined]);
      expect(seen.sent).toBe(1);
      expect(seen.told).toEqual([expect.stringContaining('"to":"…456"')]);
      expect(seen.told.join()).not.toContain('963944123456');
    },
  );

  it('is not sent once the window is over', async () => {
    const { seen, send, later } = stage();
    later(10_000);
    await send();
    expect(seen.sent).toBe(0);
  });
});
