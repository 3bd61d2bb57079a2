import type { Exchange } from './http-proxy.ts';
import { numbersIn } from './numbers.ts';
import { targets } from './topology.ts';

/** Where a request's post goes: chat, user, person or page. */
export function targetOf({ platform, line, head, body }: Exchange): string {
  switch (platform) {
    case 'telegram':
      return /@proof_\w+/.exec(decode(body))?.[0] ?? '';
    case 'x':
      return /oauth_token="(\d+)-|^authorization: Bearer (\d+)-/im.exec(head)?.slice(1).find(Boolean) ?? '';
    case 'whatsapp':
      return /"to":"\+?(\d+)"/.exec(body)?.[1] ?? '';
    default:
      return /\/(\d+)\/(?:feed|photos)/.exec(line)?.[1] ?? '';
  }
}

const bodyOf = ({ head, body }: Exchange) =>
  /^content-type:.*urlencoded/im.test(head) ? decode(body.replaceAll('+', ' ')) : body;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Number of the article that a request is about. */
export const articleOf = (exchange: Exchange) => numbersIn(bodyOf(exchange))[0]?.article;

/** True where the post goes to a channel that tells articles in several parts. */
export function isThreaded(exchange: Exchange): boolean {
  const target = targetOf(exchange);
  return targets.some((one) => one.inParts && one.platform === exchange.platform && one.target === target);
}

/** A part after the first says what it answers. */
export function isReply({ body }: Exchange): boolean {
  return /reply_parameters|in_reply_to_tweet_id/.test(body);
}
