import type { AccountEvent, TemplateEvent } from '../../core/platform-events.ts';
import { shorten } from './failures.ts';

type Fields = Record<string, unknown>;

interface Entry {
  id?: unknown;
  time?: unknown;
  changes?: unknown;
}

/**
 * What a parsed webhook tells of templates and of the business account (WhatsApp Business Platform, webhooks,
 * message_template_status_update, message_template_quality_update, account_update, phone_number_quality_update,
 * business_capability_update). Other fields are left alone. Never throws.
 */
export function businessEvents(body: unknown): (TemplateEvent | AccountEvent)[] {
  return listOf((body as Fields | null | undefined)?.entry).flatMap((given) => {
    const { id, time, changes } = (given ?? {}) as Entry;
    if (typeof id !== 'string' || id === '') return [];
    return listOf(changes).flatMap((change) => {
      const { field, value } = (change ?? {}) as { field?: unknown; value?: unknown };
      const read = typeof field === 'string' && Object.hasOwn(readers, field) ? readers[field] : undefined;
      const isObject = typeof value === 'object' && value !== null;
      const event = read && isObject ? read(value as Fields) : undefined;
      return event ? [{ ...event, business: id, atMs: timeOf(time) }] : [];
    });
  });
}

type Read = Omit<TemplateEvent, 'business' | 'atMs'> | Omit<AccountEvent, 'business' | 'atMs'>;

const readers: Record<string, (value: Fields) => Read | undefined> = {
  message_template_status_update(value) {
    const { event, reason, other_info: other } = value;
    const about = templateOf(value);
    if (!about || typeof event !== 'string') return undefined;
    const said = text((other as Fields | null | undefined)?.description) ?? text(reason);
    return { ...about, status: event, ...(said && said !== 'NONE' ? { reason: shorten(said) } : {}) };
  },
  message_template_quality_update(value) {
    const { new_quality_score: quality } = value;
    const about = templateOf(value);
    return about && typeof quality === 'string' ? { ...about, quality } : undefined;
  },
  account_update: accountUpdate,
  phone_number_quality_update(value) {
    const limit = limitIn(value.max_daily_conversations_per_business ?? value.current_limit);
    const event = text(value.event) ?? 'CHANGED';
    const words = [quality[event] ?? event.toLowerCase().replaceAll('_', ' '), limit].filter(Boolean).join('; ');
    const number = digitsOf(value.display_phone_number);
    return { kind: 'account', event, detail: words, ...(number === undefined ? {} : { number }) };
  },
  business_capability_update(value) {
    const limit = limitIn(value.max_daily_conversations_per_business ?? value.max_daily_conversation_per_phone);
    const numbers = value.max_phone_numbers_per_waba ?? value.max_phone_numbers_per_business;
    const words = [limit, typeof numbers === 'number' ? `it may have ${numbers} numbers` : undefined];
    const detail = words.filter((one) => one !== undefined).join('; ') || 'its limits have changed';
    return { kind: 'account', event: 'business_capability_update', detail };
  },
};

const quality: Record<string, string> = {
  FLAGGED: 'the number is flagged: its quality is low',
  UNFLAGGED: 'the number is flagged no more',
  UPGRADE: 'its messaging limit was raised',
  DOWNGRADE: 'its messaging limit was lowered',
  THROUGHPUT_UPGRADE: 'the number may send up to 1,000 messages a second now',
};

const bans: Record<string, Pick<AccountEvent, 'detail' | 'effect'>> = {
  DISABLE: { detail: 'Meta has disabled the account', effect: 'stop' },
  REINSTATE: { detail: 'Meta has reinstated the account', effect: 'go' },
  SCHEDULE_FOR_DISABLE: { detail: 'Meta is going to disable the account' },
};

/** Restrictions without which no message can be sent. */
const blocking = ['RESTRICTED_BIZ_INITIATED_MESSAGING', 'RESTRICTED_CUSTOMER_INITIATED_MESSAGING'];

function accountUpdate(value: Fields): Omit<AccountEvent, 'business' | 'atMs'> | undefined {
  const event = text(value.event);
  if (event === undefined) return undefined;
  const phone = digitsOf(value.phone_number);
  const about = { kind: 'account' as const, event, ...(phone === undefined ? {} : { number: phone }) };
  const { waba_ban_state: state, waba_ban_date: since } = (value.ban_info ?? {}) as Fields;
  if (typeof state === 'string') {
    const known = Object.hasOwn(bans, state) ? bans[state] : undefined;
    const date = text(since) === undefined ? '' : ` (${text(since)})`;
    return { ...about, ...known, detail: shorten(`${known?.detail ?? `ban state ${state}`}${date}`) };
  }
  const restrictions = listOf(value.restriction_info) as ({
    restriction_type?: unknown;
    expiration?: unknown;
  } | null)[];
  if (restrictions.length > 0) {
    const named = restrictions.map((one) => {
      const until = text(one?.expiration);
      return `${String(one?.restriction_type)}${until === undefined ? '' : ` until ${until}`}`;
    });
    const isBlocked = restrictions.some((one) => blocking.includes(String(one?.restriction_type)));
    const detail = shorten(`Meta restricts the account: ${named.join(', ')}`);
    return { ...about, detail, ...(isBlocked ? { effect: 'stop' as const } : {}) };
  }
  if (event === 'ACCOUNT_DELETED') return { ...about, detail: 'the account was deleted', effect: 'stop' };
  const violation = text((value.violation_info as Fields | null | undefined)?.violation_type);
  const words = event.toLowerCase().replaceAll('_', ' ');
  return { ...about, detail: shorten(violation === undefined ? words : `${words}: ${violation}`) };
}

function templateOf(value: Fields): Pick<TemplateEvent, 'kind' | 'name' | 'language'> | undefined {
  const { message_template_name: name, message_template_language: language } = value;
  if (typeof name !== 'string' || name === '') return undefined;
  // Webhooks write en-US what is sent as en_US.
  return { kind: 'template', name, ...(typeof language === 'string' ? { language: language.replace('-', '_') } : {}) };
}

/** A messaging limit in words: people that may be written to outside their windows, in 24 hours. */
function limitIn(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  const named = String(given).replace(/^TIER_/, '');
  if (named === '-1' || named === 'UNLIMITED') return 'as many people as you like may be written to first';
  const count = /^(\d+)(K?)$/.exec(named);
  if (!count) return undefined;
  const people = Number(count[1]) * (count[2] === 'K' ? 1_000 : 1);
  return `${people.toLocaleString('en')} people in 24 hours may be written to first`;
}

function listOf(given: unknown): unknown[] {
  return Array.isArray(given) ? given : [];
}

function text(given: unknown): string | undefined {
  return typeof given === 'string' && given !== '' ? given : undefined;
}

/** Of a number as people write it. */
function digitsOf(given: unknown): string | undefined {
  return text(text(given)?.replace(/\D/g, ''));
}

const dayMs = 86_400_000;

/** Epoch seconds. A time that cannot be is taken for now. */
function timeOf(given: unknown): number {
  const ms = Number(given) * 1_000;
  const now = Date.now();
  return ms > 0 && ms < now + dayMs ? ms : now;
}
