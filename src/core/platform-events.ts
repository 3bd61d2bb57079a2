/** What a platform tells of a template that it keeps for a business account. */
export interface TemplateEvent {
  kind: 'template';
  /** Id of the business account, as accounts of ours name it. */
  business: string;
  name: string;
  /** Code as templates are sent with it, such as `en_US`; absent: all languages. */
  language?: string;
  /** As the platform has it: APPROVED, PAUSED, DISABLED, REJECTED, FLAGGED … */
  status?: string;
  /** GREEN, YELLOW, RED or UNKNOWN. */
  quality?: string;
  reason?: string;
  /** Epoch ms. */
  atMs: number;
}

/** What a platform tells of a business account, or of one of its numbers. */
export interface AccountEvent {
  kind: 'account';
  /** Id of the business account, as accounts of ours name it. */
  business: string;
  /** Digits of the phone number that it is about. */
  number?: string;
  /** As the platform has it. */
  event: string;
  /** In words, for an operator. */
  detail: string;
  /** Whether messages can be sent: `stop` not any more, `go` again. Absent: it is only to be known. */
  effect?: 'stop' | 'go';
  /** Epoch ms. */
  atMs: number;
}
