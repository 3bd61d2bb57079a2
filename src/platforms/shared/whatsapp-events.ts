import type { PlatformEvent, StatusReport } from '../../core/platform.ts';
import { dialled } from '../../text/phone.ts';
import { shorten } from './failures.ts';
import { suppressMs } from './whatsapp-errors.ts';

type Values = Record<string, unknown>;

const statusNames: ReadonlySet<unknown> = new Set(['sent', 'delivered', 'read', 'failed']);
/** The ids that we send along are our deliveries'; of a list: with the batch and the place in it. */
const deliveryId = /^d[0-9a-f]{24}(\.\d{1,9}\.\d{1,9})?$/;
const phone = /^\d{5,15}$/;
const scopedId = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;
const textLength = 1_000;

/**
 * What a webhook body of Meta tells (WhatsApp Business Platform, webhooks): statuses, messages and preferences. Never
 * throws; what is in no known form is left out.
 */
export function readEvents(body: unknown): PlatformEvent[] {
  return listAt(body, 'entry').flatMap((entry) => {
    return listAt(entry, 'changes').flatMap((change) => {
      const value = at(change, 'value');
      const number = idAt(at(value, 'metadata'), 'phone_number_id');
      const of = number === undefined ? {} : { number };
      return [
        ...listAt(value, 'statuses').flatMap((one) => toStatus(one, of) ?? []),
        ...listAt(value, 'messages').flatMap((one) => toMessage(one, value, number) ?? []),
        ...listAt(value, 'user_preferences').flatMap((one) => toPreference(one, of) ?? []),
      ];
    });
  });
}

function toStatus(given: unknown, of: { number?: string }): PlatformEvent | undefined {
  const [id, delivery] = [textAt(given, 'id'), textAt(given, 'biz_opaque_callback_data')];
  const status = at(given, 'status');
  if (!id || !statusNames.has(status) || delivery === undefined || !deliveryId.test(delivery)) return undefined;
  const name = status as StatusReport['status'];
  const to = personOf(at(given, 'recipient_id'), at(given, 'recipient_user_id'));
  const report = {
    ...{ kind: 'status' as const, ...of, delivery, remoteId: id, status: name },
    at: new Date(timeOf(at(given, 'timestamp'))).toISOString(),
    ...(to === undefined ? {} : { to: to.from }),
  };
  if (name !== 'failed') return report;
  const failure = toFailure(at(given, 'errors'));
  const forMs = suppressMs.get(Number(failure.code));
  return { ...report, failure, ...(forMs === undefined ? {} : { suppressForMs: forMs }) };
}

function toFailure(errors: unknown): { code: string | null; reason: string } {
  const error = Array.isArray(errors) ? errors[0] : undefined;
  const said = [textAt(error, 'message') ?? textAt(error, 'title'), textAt(at(error, 'error_data'), 'details')];
  const reason = [...new Set(said.filter(Boolean))].join(' – ');
  return {
    code: idAt(error, 'code') ?? null,
    reason: `WhatsApp: ${shorten(reason || 'the message could not be delivered, and no reason was given')}`,
  };
}

/** `from` may be left out of a message by somebody with a user name, who has an id alone (Meta, since 2026). */
function toMessage(given: unknown, value: unknown, number: string | undefined): PlatformEvent | undefined {
  const id = textAt(given, 'id');
  // That a person changed the number is told by WhatsApp, not by the person: no window opens.
  if (!id || number === undefined || at(given, 'type') === 'system') return undefined;
  const from = at(given, 'from');
  const ownId = at(given, 'from_user_id') ?? at(given, 'user_id');
  const contact = contactOf(listAt(value, 'contacts'), from, ownId);
  const person = personOf(from ?? at(contact, 'wa_id'), ownId ?? at(contact, 'user_id'));
  if (!person) return undefined;
  const [button, interactive] = [at(given, 'button'), at(given, 'interactive')];
  const reply = at(interactive, 'button_reply') ?? at(interactive, 'list_reply');
  const text = textAt(at(given, 'text'), 'body') ?? textAt(button, 'text') ?? textAt(reply, 'title');
  const choice = textAt(button, 'payload') ?? textAt(reply, 'id');
  return {
    ...{ kind: 'message', number, ...person, id, atMs: timeOf(at(given, 'timestamp')) },
    ...(text === undefined ? {} : { text: text.slice(0, textLength) }),
    ...(choice === undefined ? {} : { choice: choice.slice(0, textLength) }),
  };
}

/** Whoever wrote, among those that a body names: by number or id, or the only one where neither says otherwise. */
function contactOf(contacts: readonly unknown[], number: unknown, id: unknown): unknown {
  const named = contacts.find((one) => {
    return (number !== undefined && at(one, 'wa_id') === number) || (id !== undefined && at(one, 'user_id') === id);
  });
  if (named !== undefined || contacts.length !== 1) return named;
  const [only] = contacts;
  const fits = (given: unknown, own: unknown) => given === undefined || own === undefined;
  return fits(number, at(only, 'wa_id')) && fits(id, at(only, 'user_id')) ? only : undefined;
}

function toPreference(given: unknown, of: { number?: string }): PlatformEvent | undefined {
  const value = at(given, 'value');
  const category = at(given, 'category');
  const person = personOf(at(given, 'wa_id'), at(given, 'user_id'));
  if (!person || (value !== 'stop' && value !== 'resume')) return undefined;
  if (category !== undefined && category !== 'marketing_messages') return undefined;
  return { kind: 'preference', ...of, ...person, value, atMs: timeOf(at(given, 'timestamp')) };
}

function personOf(number: unknown, id: unknown): { from: string; alias?: string } | undefined {
  const alias = typeof id === 'string' && scopedId.test(id) ? id : undefined;
  const digits = typeof number === 'string' && phone.test(number) ? dialled(number) : undefined;
  const named = typeof number === 'string' && scopedId.test(number) ? number : undefined;
  if (digits !== undefined) return { from: digits, ...(alias === undefined ? {} : { alias }) };
  const from = named ?? alias;
  return from === undefined ? undefined : { from };
}

function at(given: unknown, key: string): unknown {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, key)) return undefined;
  return (given as Values)[key];
}

function listAt(given: unknown, key: string): unknown[] {
  const list = at(given, key);
  return Array.isArray(list) ? list : [];
}

function textAt(given: unknown, key: string): string | undefined {
  const text = at(given, key);
  return typeof text === 'string' && text !== '' ? text.toWellFormed() : undefined;
}

/** An id or a code, which may come as a number. */
function idAt(given: unknown, key: string): string | undefined {
  const id = at(given, key);
  return typeof id === 'number' ? String(id) : textAt(given, key);
}

const dayMs = 86_400_000;

/** Epoch seconds, mostly as text. A time that cannot be is taken for now. */
function timeOf(timestamp: unknown): number {
  const ms = typeof timestamp === 'string' || typeof timestamp === 'number' ? Number(timestamp) * 1_000 : Number.NaN;
  return ms > 0 && ms < Date.now() + dayMs ? ms : Date.now();
}
