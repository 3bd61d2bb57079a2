/** How urgent an article is: `breaking` goes ahead of everything queued, `low` yields to all. */
export type Priority = 'breaking' | 'normal' | 'low';

/** Direction of the running text: right-to-left (Arabic, Hebrew, Persian …) or left-to-right. */
export type Direction = 'rtl' | 'ltr';

/** A picture that belongs to an article. */
export interface Image {
  /** Absolute http(s) address. */
  url: string;
  /** What the picture shows, for readers who cannot see it. */
  alt?: string;
}

/** One entry of a digest. */
export interface DigestItem {
  /** Article id. */
  article: string;
  title: string;
  direction: Direction;
  url?: string;
}

/** One news story, as it entered, cleaned. Texts are plain: no markup, no line breaks inside a paragraph. */
export interface Article {
  id: string;
  /** 1 for the first version; corrections count up. */
  version: number;
  /** Where the story can be read in full. */
  url?: string;
  title: string;
  /** The body, one entry a paragraph, without headline and byline. May be empty for a one-line alert. */
  paragraphs: string[];
  byline?: string;
  /** The agency or outlet named in the byline, such as `SY24` in `خاص – SY24`. */
  agency?: string;
  /** BCP 47 tag, such as `ar` or `en`. */
  language: string;
  direction: Direction;
  images: Image[];
  tags: string[];
  section?: string;
  /** Where it came from, such as the name of a feed or of a desk. */
  source?: string;
  /** ISO 8601 with offset. */
  publishedAt?: string;
  /** When its source says that it changed it last (ISO 8601 with offset). */
  updatedAt?: string;
  priority: Priority;
  /** The rule that gave the priority, in words; absent where it came with the article, or is `normal` for want of a rule. */
  because?: string;
  /** ISO 8601 with offset; nothing is sent before it. */
  embargoUntil?: string;
  /** The source's own teaser (a feed's description, `og:description`): used where it is whole, perhaps cut by the source. */
  teaser?: string;
  /** The editor's summary: used as it is, or the post is refused. Paragraphs are separated by line feeds. */
  summary?: string;
  /** It tells the same story as this article, which was first. */
  follows?: string;
  /** It is a digest of other articles under its own title, best first; it has no body. */
  digest?: DigestItem[];
  /** The editor's whole text for a channel, by channel id: used as it is, or the post is refused. */
  texts?: Record<string, string>;
}
