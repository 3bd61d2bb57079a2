import type { AccountEvent, TemplateEvent } from './platform-events.ts';

/** What a platform tells us later about one message, by the delivery's id that we sent along. */
export interface StatusReport {
  delivery: string;
  remoteId: string;
  status: 'sent' | 'delivered' | 'read' | 'failed';
  /** ISO 8601. */
  at: string;
  /** Of `failed`. */
  failure?: { code: string | null; reason: string };
}

/** What a person wrote to us, as far as it matters to a list of subscribers. */
export interface InboundMessage {
  kind: 'message';
  /** Which of our numbers it came to, as `Webhook.numberOf` tells it. */
  number: string;
  /** Digits of the phone number, or the platform's id of somebody who shows none. */
  from: string;
  /** That id, where it came beside the phone number. */
  alias?: string;
  /** The message's own. */
  id: string;
  /** Epoch ms. */
  atMs: number;
  /** What was written, or the button's words; absent for pictures, voices and the like. */
  text?: string;
  /** Of a button or a list: what we named it by. */
  choice?: string;
}

/** Somebody told the platform itself to stop or resume our marketing messages. */
export interface Preference {
  kind: 'preference';
  /** Absent: any of the accounts. */
  number?: string;
  from: string;
  alias?: string;
  value: 'stop' | 'resume';
  /** Epoch ms. */
  atMs: number;
}

/** What a platform tells by its webhook. */
export type PlatformEvent =
  | ({
      kind: 'status';
      number?: string;
      /** The person, where the platform says so. */
      to?: string;
      /** Of a failure: nothing reaches the person for so long (ms); `Infinity`: the person stopped it. */
      suppressForMs?: number;
    } & StatusReport)
  | InboundMessage
  | Preference
  | TemplateEvent
  | AccountEvent;
