import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/channel.ts';
import type { StatusReport, Webhook } from '../../core/platform.ts';
import { shorten } from './failures.ts';

/** The keys of an account that its webhook needs. */
interface Keys {
  appSecret?: string | undefined;
  verifyToken?: string | undefined;
}

/** A status of one message (WhatsApp Business Platform, webhooks, messages, status). */
interface Status {
  id?: unknown;
  status?: unknown;
  timestamp?: unknown;
  biz_opaque_callback_data?: unknown;
  errors?: unknown;
}

interface StatusError {
  code?: unknown;
  title?: unknown;
  message?: unknown;
  error_data?: { details?: unknown };
}

const known: ReadonlySet<unknown> = new Set(['sent', 'delivered', 'read', 'failed']);
/** The ids that we send along are our deliveries', or those of people of a list. */
const deliveryId = /^d[0-9a-f]{24}(\.\d{1,9}\.\d{1,9})?$/;

/**
 * Meta's webhook: a handshake by `verifyToken`, bodies signed with the app secret in `X-Hub-Signature-256` over the raw
 * bytes. Statuses come late, twice and in any order; other fields are left alone.
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

  statuses: (body) =>
    listAt(body, 'entry')
      .flatMap((entry) => listAt(entry, 'changes'))
      .flatMap((change) => listAt((change as { value?: unknown } | null)?.value, 'statuses'))
      .flatMap((status) => toReport(status as Status) ?? []),
};

function given(accounts: readonly Account<Keys>[], key: keyof Keys): string[] {
  return accounts.flatMap(({ settings }) => settings[key] || []);
}

/** In a time that depends on the lengths only. */
function isSame(ours: string, theirs: string): boolean {
  const [one, other] = [Buffer.from(ours), Buffer.from(theirs)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function listAt(given: unknown, key: string): unknown[] {
  const list = (given as Record<string, unknown> | null | undefined)?.[key];
  return Array.isArray(list) ? list : [];
}

function toReport(given: Status | null): StatusReport | undefined {
  const { id, status, timestamp, biz_opaque_callback_data: delivery, errors } = given ?? {};
  if (typeof id !== 'string' || id === '' || !known.has(status)) return undefined;
  if (typeof delivery !== 'string' || !deliveryId.test(delivery)) return undefined;
  const name = status as StatusReport['status'];
  const report = { delivery, remoteId: id, status: name, at: timeOf(timestamp) };
  return name === 'failed' ? { ...report, failure: toFailure(errors) } : report;
}

const dayMs = 86_400_000;

/** Epoch seconds, as text. A time that cannot be is taken for now. */
function timeOf(timestamp: unknown): string {
  const ms = Number(timestamp) * 1000;
  const isTime = ms > 0 && ms < Date.now() + dayMs;
  return new Date(isTime ? ms : Date.now()).toISOString();
}

function toFailure(errors: unknown): { code: string | null; reason: string } {
  const [error = {}] = (Array.isArray(errors) ? errors : []) as (StatusError | undefined)[];
  const { code, title, message, error_data: data } = error ?? {};
  const said = [message ?? title, data?.details].filter((text) => typeof text === 'string' && text !== '');
  const reason = [...new Set(said)].join(' – ') || 'the message could not be delivered, and no reason was given';
  return { code: code === undefined || code === null ? null : String(code), reason: `WhatsApp: ${shorten(reason)}` };
}
