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

/** A change made to source text; everything else in a post is a substring of the source. */
export interface Edit {
  /** Such as `headline-shortened`. */
  kind: string;
  before: string;
  after: string;
}

/** What one platform will show: one or more parts. */
export interface Post {
  platform: string;
  parts: PostPart[];
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
  /** WhatsApp only: `accepted`, later `sent`, `delivered`, `read` or `failed`. */
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
