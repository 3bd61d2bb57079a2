import type { PublishError } from '../core/errors.ts';
import type { Receipt } from '../core/post.ts';

/** What happens to deliveries, for logs, metrics and whoever waits. */
export type PublishEvent =
  | { kind: 'published'; delivery: string; channel: string; ms: number }
  | { kind: 'failed'; delivery: string; channel: string; state: string; error: PublishError }
  | { kind: 'picture-dropped'; delivery: string; channel: string; reason: string }
  /** The platform was asked about one that may be live. */
  | { kind: 'asked'; delivery: string; channel: string; outcome: string; state: string; reason: string | undefined }
  /** May be live, and waits for a person. */
  | { kind: 'held'; delivery: string; channel: string; reason: string }
  /** The budget of the account does not cover it: it waits (or, without a wait, has ended). */
  | { kind: 'spent'; delivery: string; channel: string; of: string; period: string; waitMs: number | undefined }
  /** Live, but another attempt owns the record by now, or it could not be written. */
  | { kind: 'unrecorded'; delivery: string; channel: string; live: Receipt; reason: string };
