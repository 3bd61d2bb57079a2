import type { UsedTemplate } from '../core/approved-template.ts';
import type { Channel } from '../core/channel.ts';
import { type PublishError, RejectedError, UnavailableError } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import type { Pauses } from '../store/pauses.ts';
import type { Verdict } from '../store/verdicts.ts';

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

/**
 * Some failures are those of the account, the channel or a template: what cannot be used rests. `template`: the one that
 * was sent; the channel's first where not given.
 */
export async function pauseAfter(
  { pauses, credentialsOf, platform }: PauseDeps,
  channel: Channel,
  error: PublishError,
  template: TemplateName | undefined = platform.templatesOf?.(channel)[0],
): Promise<void> {
  if (error.failure === 'unauthorized') {
    await pauses.pauseAccount(channel.account, error.message, credentialsOf(channel.account));
  }
  if (!(error instanceof RejectedError)) return;
  if (error.effect === 'pause-channel') await pauses.pauseChannel(channel.id, error.message, 'platform');
  if ((error.effect === 'stop-template' || error.effect === 'hold-template') && template) {
    await pauses.byPlatform(stoppedTemplate(platform, channel, template, error.message));
  }
}

type TemplateName = Pick<UsedTemplate, 'name' | 'language'>;

interface PauseDeps {
  pauses: Pauses;
  credentialsOf(account: string): string;
  platform: Pick<Platform, 'templatesOf'>;
}

/** A template as alarms and verdicts name it. */
export function templateKey({ name, language }: TemplateName): string {
  return `${name}/${language}`;
}

/** The platform refused the template. Others that use it find out by themselves, or by what the platform tells. */
function stoppedTemplate(
  platform: PauseDeps['platform'],
  channel: Channel,
  template: TemplateName,
  reason: string,
): Verdict {
  const { account, id } = channel;
  const thing = templateKey(template);
  const needs = (platform.templatesOf?.(channel) ?? []).map(templateKey);
  return {
    ...{ account, thing, kind: 'status', verdict: 'stop', atMs: Date.now(), reason },
    alarm: {
      stop: 'template',
      subject: `${account} ${thing}`,
      detail: { account, template: thing, channels: id, reason },
    },
    users: [{ kind: 'channel', id, needs }],
  };
}
