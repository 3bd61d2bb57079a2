import type { Channel } from '../core/channel.ts';
import { type PublishError, RejectedError, UnavailableError } from '../core/errors.ts';
import type { Pauses } from '../store/pauses.ts';

/** The last look before the first byte leaves: a process that was paused past its claim must not send. */
export function fence(
  { leaseMs, requestTimeoutMs }: { leaseMs: number; requestTimeoutMs: number },
  claimedAt: number,
  lost: AbortSignal | undefined,
): void {
  if (lost?.aborted) throw new UnavailableError('Another worker took the job over before it was sent.');
  if (performance.now() - claimedAt > leaseMs - requestTimeoutMs) {
    throw new UnavailableError('The claim ran out before the request was written.');
  }
}

/** What went wrong before anything was sent: a platform's own verdict stands, all else is tried again. */
export function beforeSending(trouble: unknown): unknown {
  if (trouble instanceof Error && 'failure' in trouble && trouble.failure !== 'unconfirmed') return trouble;
  return new UnavailableError(trouble instanceof Error ? trouble.message : String(trouble), { cause: trouble });
}

/** Some failures are those of the account or the channel: it rests. */
export async function pauseAfter(
  { pauses, credentialsOf }: { pauses: Pauses; credentialsOf(account: string): string },
  channel: Channel,
  error: PublishError,
): Promise<void> {
  if (error.failure === 'unauthorized') {
    await pauses.pauseAccount(channel.account, error.message, credentialsOf(channel.account));
  }
  if (error instanceof RejectedError && error.effect === 'pause-channel') {
    await pauses.pauseChannel(channel.id, error.message, 'platform');
  }
}
