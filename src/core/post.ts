import type { Image } from './article.ts';

/** What a platform counts: UTF-16 code units, or X's weighted characters. */
export type LengthUnit = 'utf16' | 'weighted';

/** One message of a post. */
export interface PostPart {
  /** What the reader sees; this is what `length` counts. */
  text: string;
  /** What goes over the wire where that differs from `text` (Telegram: HTML, WhatsApp free text: `*bold*`). */
  markup?: string;
  /** `text` measured by the platform's own rule. */
  length: number;
  limit: number;
  unit: LengthUnit;
  /** Pictures that go with this part, before they are fetched. */
  media: Image[];
  /** The address whose preview the platform should show. */
  link?: string;
}

/** What may be changed in source text, and nothing else. */
export type EditKind =
  /** A headline that alone was too long, cut between words. */
  | 'headline-shortened'
  /** One final ، ؛ or : turned into a full stop, or a doubled full stop made one. */
  | 'final-stop'
  /** A leading و or كما taken from the first sentence. */
  | 'leading-connector'
  /** White space inside the text. */
  | 'spacing'
  /** Latin digits turned into Arabic-Indic ones, or the other way round, as the channel wants. */
  | 'digits'
  /** Comma, semicolon or question mark turned into the Arabic one. */
  | 'punctuation'
  /** Invisible direction marks added. */
  | 'direction'
  /** WhatsApp: an invisible joiner before a sign that would format the text. */
  | 'joiner';

/** A change made to source text; everything else in a post is a substring of the source. */
export interface Edit {
  kind: EditKind;
  before: string;
  after: string;
}

/** One request on the way of a delivery: a part is sent, or a live message is changed or taken away. */
export type Step =
  | { do: 'send'; part: number }
  /** `before`: what the message shows until then. */
  | { do: 'edit'; part: number; live: Receipt; before: PostPart }
  | { do: 'remove'; live: Receipt; before?: PostPart };

/** What one platform will show: one or more parts. */
export interface Post {
  platform: string;
  parts: PostPart[];
  /** What is done where that is not to send one part after the other. */
  steps?: Step[];
  /** The message that the first part sent is a reply to. */
  replyTo?: Receipt;
  /** WhatsApp: the approved template and the values of its body parameters, in order. */
  template?: { name: string; language: string; parameters: string[]; headerImage: boolean };
  edits: Edit[];
  /** What an editor should know before this goes out, in words. */
  warnings: string[];
}

/** Proof that a platform accepted one part. */
export interface Receipt {
  remoteId: string;
  url?: string;
  /** ISO 8601. */
  at: string;
  /**
   * WhatsApp: `accepted`, later `sent`, `delivered`, `read` or `failed`. Of a message that was to be taken away:
   * `removed`, `notice` (it shows a notice instead), or `stays`.
   */
  status?: string;
}

/** A picture, fetched through the guards and checked. */
export interface Media {
  bytes: Uint8Array;
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';
  width: number;
  height: number;
  alt?: string;
  /** sha-256 of the bytes, hex; lets an uploaded picture be used again. */
  hash: string;
}
