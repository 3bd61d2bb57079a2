/** A picture that came with a post. */
export interface SandboxMedia {
  kind: 'photo';
  mimeType: string;
  bytes: number;
  sha256: string;
  width: number;
  height: number;
  alt?: string;
  /** Where it was given as an address, which the sandbox does not fetch. */
  url?: string;
}

/** One message that a simulated platform truly accepted. */
export interface SandboxPost {
  platform: string;
  id: string;
  url: string;
  /** ISO 8601. */
  at: string;
  /** Chat, user, recipient or page. */
  target: string;
  /** What the reader sees. */
  text: string;
  /** The markup that was sent, where there is one. */
  markup?: string;
  /** By the platform's own count. */
  length: number;
  limit: number;
  unit: 'code points' | 'utf16' | 'weighted';
  /** Telegram: the stricter reading of its limit, beside code points. */
  utf16Length?: number;
  media: SandboxMedia[];
  link?: string;
  template?: { name: string; language: string; parameters: string[] };
  /** WhatsApp: the template's small print, not part of `text`. */
  footer?: string;
  /** WhatsApp: `biz_opaque_callback_data`. */
  opaque?: string;
  /** WhatsApp: the person's business-scoped user id, where it is known. */
  userId?: string;
  /** WhatsApp: titles of the reply buttons under it. */
  buttons?: string[];
  /** WhatsApp: accepted, but never delivered; Meta's code. */
  failed?: number;
  replyTo?: string;
  /** Telegram: public number of the bot that sent it, which alone may change it. */
  bot?: string;
  /** It shows another text than it was sent with, which `text` and `markup` have. */
  edited?: boolean;
  /** Readers do not see it any more. */
  removed?: boolean;
  /** The request's fields, without credentials. */
  raw: unknown;
}

/** What becomes of a post: the fields given; one that is undefined goes. */
export type PostChange = { [Key in keyof SandboxPost]?: SandboxPost[Key] | undefined };
