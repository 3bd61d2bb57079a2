import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/channel.ts';
import type { Webhook } from '../../core/platform.ts';
import { businessEvents } from './whatsapp-business.ts';
import { readEvents } from './whatsapp-events.ts';

/** The keys of an account that its webhook needs. */
interface Keys {
  phoneNumberId?: string | undefined;
  appSecret?: string | undefined;
  verifyToken?: string | undefined;
}

/**
 * Meta's webhook: a handshake by `verifyToken`, bodies signed with the app secret in `X-Hub-Signature-256` over the raw
 * bytes. Events come late, twice and in any order.
 */
export const whatsappWebhook: Webhook<Keys> = {
  missing: ({ settings }) => (['appSecret', 'verifyToken'] as const).filter((key) => !settings[key]),

  challenge(query, accounts) {
    const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge } = query;
    if (mode !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string') return undefined;
    return given(accounts, 'verifyToken').some((one) => isSame(one, token)) ? challenge : undefined;
  },

  isAuthentic(body, headers, accounts) {
    const { 'x-hub-signature-256': signature } = headers;
    if (typeof signature !== 'string') return false;
    // Each is looked at, so that the time tells nothing of which one it was.
    return given(accounts, 'appSecret')
      .map((secret) => isSame(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`, signature))
      .includes(true);
  },

  numberOf: ({ settings }) => settings.phoneNumberId,
  events: (body) => [...readEvents(body), ...businessEvents(body)],
};

function given(accounts: readonly Account<Keys>[], key: keyof Keys): string[] {
  return accounts.flatMap(({ settings }) => settings[key] || []);
}

/** In a time that depends on the lengths only. */
function isSame(ours: string, theirs: string): boolean {
  const [one, other] = [Buffer.from(ours), Buffer.from(theirs)];
  return one.length === other.length && timingSafeEqual(one, other);
}
