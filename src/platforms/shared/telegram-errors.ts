import {
  PublishError,
  RejectedError,
  type RejectionEffect,
  UnauthorizedError,
  UnconfirmedError,
} from '../../core/errors.ts';
import { lazyPackage } from '../../core/lazy-package.ts';
import { shorten, waitFor } from './failures.ts';

const telegraf = lazyPackage<typeof import('telegraf')>('telegraf');

/** Descriptions of the Bot API server (its source, `fail_query`) after which a chat takes nothing more from the bot. */
const chatClosed =
  /bot was kicked|bot is not a member|bot was blocked|user is deactivated|group chat was deleted|need administrator rights|not enough rights|CHAT_WRITE_FORBIDDEN|have no rights to send/i;
const accountClosed = /FROZEN_METHOD_INVALID/i;

/**
 * What an answer of the Bot API means; undefined where there was none that says anything. A refusal whose body cannot be
 * read (a page of the server in front) is read by its `status`.
 */
export function telegramFailure(
  error: unknown,
  status: number | undefined,
  scrub: (text: string) => string,
): PublishError | undefined {
  if (error instanceof PublishError) return error;
  const refused = status !== undefined && status >= 400 && status < 500;
  const answer = error instanceof telegraf().TelegramError ? error : undefined;
  if (!answer && !refused) return undefined;
  const code = typeof answer?.code === 'number' ? answer.code : refused ? status : 0;
  const description = shorten(scrub(String(answer?.description ?? `HTTP ${status} without a description`)));
  const message = `Telegram: ${description}`;
  if (code < 400) {
    return new UnconfirmedError('Telegram answered something that cannot be read.', { code: 'unreadable' });
  }
  if (code >= 500) return new UnconfirmedError(message, { code });
  if (code === 429) {
    return waitFor(message, { seconds: answer?.parameters?.retry_after, fallbackMs: 5_000, scope: 'chat', code });
  }
  // A malformed token is answered by 404 "Not Found" (no such method path).
  if (
    code === 401 ||
    (code === 404 && /^(?:Error: )?Not Found$/i.test(description)) ||
    accountClosed.test(description)
  ) {
    return new UnauthorizedError(`${message}. Check the bot's token.`, { code });
  }
  const migrated = answer?.parameters?.migrate_to_chat_id;
  if (migrated !== undefined) {
    return new RejectedError(`${message}. The chat's new id is ${migrated}: put it into the config.`, {
      code,
      effect: 'pause-channel',
    });
  }
  const effect: RejectionEffect | undefined = chatClosed.test(description) ? 'pause-channel' : undefined;
  return new RejectedError(message, { code, effect });
}

/** Descriptions of the Bot API server and of Telegram behind it (in capitals), of a message that is not there. */
const isGone = /message to (edit|delete) not found|MESSAGE_ID_INVALID/i;
/** Also where the bot has no right to it: Telegram says no more than this. */
const isTooLate = /message can't be (edited|deleted)|MESSAGE_EDIT_TIME_EXPIRED|MESSAGE_DELETE_FORBIDDEN/i;
const isSame = /message is not modified|MESSAGE_NOT_MODIFIED/i;

/**
 * What a refused change means. Resolves to true where all is as wanted already; throws the rest, with code `gone` where the
 * message is not there and `too-late` where it cannot be changed (any more).
 */
export function changeFailure(what: 'edit' | 'remove'): (error: unknown) => true {
  return (error) => {
    if (!(error instanceof RejectedError)) throw error;
    const { message, effect } = error;
    if (what === 'edit' ? isSame.test(message) : isGone.test(message)) return true;
    const code = isGone.test(message) ? 'gone' : isTooLate.test(message) ? 'too-late' : error.code;
    throw new RejectedError(message, { code, effect });
  };
}
