import { createHash } from 'node:crypto';
import { graphFail } from './graph.ts';
import type { SandboxAnswer } from './simulation.ts';
import type { Refusals, WhatsappSettings } from './whatsapp-settings.ts';

/** Whom a message goes to. */
export interface Person {
  /** Digits of the number where it is known, else the business-scoped user id. */
  target: string;
  userId?: string;
  /** As the request wrote it. */
  input: string;
  /** By a business-scoped user id only. */
  isUserId: boolean;
}

/** What the people of a simulated WhatsApp did, and what that means for messages to them. */
export interface People {
  /** Whom a request names: `to`, or else `recipient` (a business-scoped user id). */
  read(fields: Record<string, unknown>): Person | SandboxAnswer;
  /** The other ids of one who writes. */
  known(id: string): { phone?: string; userId?: string };
  isWindowOpen(target: string): boolean;
  wrote(target: string, atMs: number): void;
  /** Marketing messages are stopped, or wanted again. */
  prefers(target: string, value: 'stop' | 'resume'): void;
  /** Why a message to this person is not to be delivered: Meta's code, and how it says so. */
  refusal(person: Person, category: string | undefined): { code: number; by: 'answer' | 'status' } | undefined;
  clear(): void;
}

const dayMs = 86_400_000;
const userIdForm = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/** Area codes of the North American plan that are not of the United States: Canada, the Caribbean and others. */
const notUs = new Set(
  (
    '204 226 236 242 246 249 250 257 263 264 268 284 289 306 343 345 354 365 367 368 382 403 416 418 428 431 437 438 441 ' +
    '450 460 468 473 474 506 514 519 548 579 581 584 587 604 613 639 647 649 658 664 672 683 705 709 721 742 753 758 767 ' +
    '778 780 782 784 807 809 819 825 829 849 867 868 869 873 876 879 902 905 942'
  ).split(' '),
);

/** Whether a number is of the United States: +1 and an area code that no other country has. */
export function isUsNumber(digits: string): boolean {
  return /^1\d{10}$/.test(digits) && !notUs.has(digits.slice(1, 4));
}

/** A phone number's digits, without the signs that people put between them. */
export function numberOf(given: unknown): string {
  const text = String(given);
  return /^\d+$/.test(text) ? text : text.replace(/[\s()+-]/g, '');
}

export function createPeople(current: () => WhatsappSettings): People {
  const inbound = new Map<string, number>();
  const stopped = new Set<string>();
  let given: WhatsappSettings['users'];
  let phones = new Map<string, string>();

  /** Numbers by user id. */
  function phoneOf(userId: string): string | undefined {
    const { users } = current();
    if (users !== given) {
      given = users;
      phones = new Map(Object.entries(users ?? {}).map(([phone, id]) => [id, phone]));
    }
    return phones.get(userId);
  }

  function known(id: string): { phone?: string; userId?: string } {
    const isUserId = userIdForm.test(id);
    const phone = isUserId ? phoneOf(id) : id;
    const userId = isUserId ? id : current().users?.[id];
    return { ...(phone === undefined ? {} : { phone }), ...(userId === undefined ? {} : { userId }) };
  }

  return {
    known,
    read({ to, recipient }) {
      if (to === undefined && recipient === undefined) {
        return graphFail(400, 131008, '(#131008) Required parameter is missing', 'to is required');
      }
      // Business-scoped user ids: where both are there, `to` wins.
      const isUserId = to === undefined;
      const id = isUserId ? String(recipient) : numberOf(to);
      if (!(isUserId ? userIdForm : /^[1-9]\d{6,14}$/).test(id)) {
        const what = isUserId ? 'recipient is not a business-scoped user id' : 'to is not a valid phone number';
        return graphFail(400, 131009, '(#131009) Parameter value is not valid', what);
      }
      const { phone, userId } = known(id);
      return {
        target: phone ?? id,
        ...(userId === undefined ? {} : { userId }),
        input: String(isUserId ? recipient : to),
        isUserId,
      };
    },
    isWindowOpen(target) {
      const { windows = 'open', openWindows } = current();
      if (windows === 'open' || openWindows?.includes(target)) return true;
      return windows === 'by-inbound' && Date.now() - (inbound.get(target) ?? 0) < dayMs;
    },
    wrote(target, atMs) {
      inbound.set(target, Math.max(atMs, inbound.get(target) ?? 0));
    },
    prefers(target, value) {
      if (value === 'stop') stopped.add(target);
      else stopped.delete(target);
    },
    refusal({ target, isUserId }, category) {
      const found = current().refusals?.find((one) => isAmong(one, target));
      if (found) return { code: found.code, by: found.by };
      if (category === 'AUTHENTICATION' && isUserId) return { code: 131062, by: 'answer' };
      if (category !== 'MARKETING') return undefined;
      if (stopped.has(target)) return { code: 131050, by: 'answer' };
      const isUs = isUsNumber(target) && current().usMarketing !== 'delivered';
      return isUs ? { code: 131049, by: 'status' } : undefined;
    },
    clear() {
      inbound.clear();
      stopped.clear();
    },
  };
}

function isAmong({ people, share }: Refusals[number], target: string): boolean {
  if (people?.includes(target)) return true;
  if (share === undefined) return false;
  return createHash('sha256').update(target).digest().readUInt32BE(0) < share * 4_294_967_296;
}
