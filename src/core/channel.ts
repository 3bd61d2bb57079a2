import type { CatchUp } from './limits.ts';
import type { Rhythm } from './timetable.ts';

/** What a channel takes; an absent list takes all. */
export interface ChannelFilters {
  language?: string[];
  section?: string[];
  tag?: string[];
  priority?: string[];
  /** Words, or words in a row, of the headline or a tag. */
  keyword?: string[];
  /** Where it came from, as the article's `source` has it. */
  source?: string[];
  /** What it does not take, whatever the others say. */
  not?: Omit<ChannelFilters, 'not'>;
}

/** A form that a post can take: picture with caption, text with the link's preview, headline with link. */
export type Form = 'photo' | 'text' | 'headline';

/**
 * What becomes of a live post whose article is corrected: it is edited, answered by the corrected post, replaced by it
 * (removed and posted anew), or left as it is.
 */
export type CorrectionWay = 'edit' | 'reply' | 'repost' | 'leave';

/** A post template: LiquidJS source, and the name of its file for messages. */
export interface Layout {
  name: string;
  source: string;
}

/** How a channel's posts look. What is absent is the platform's default. */
export interface Style {
  /** Forms, best first: the first in which the headline stands whole and a sentence fits is taken, else the last. */
  ladder?: Form[];
  /** Hashtags a post, at most; 0: none. */
  hashtags?: number;
  /** Digits of the text: as the source has them, 0123456789 or ٠١٢٣٤٥٦٧٨٩. */
  digits?: 'source' | 'latin' | 'arabic';
  /** Parameters added to the link, by name, such as `utm_source`. */
  utm?: Record<string, string>;
  /** The template, for articles of any language and for some languages (`ar`) apart. */
  layouts?: { any?: Layout; byLanguage?: Record<string, Layout> };
}

/** A named place to publish to. `settings` are the platform's own keys, already validated by its channel schema. */
export interface Channel<Settings = Record<string, unknown>> {
  id: string;
  platform: string;
  /** Id of the account it posts with. */
  account: string;
  /** Language of the template and digits; absent: the article's own. */
  language?: string;
  filters: ChannelFilters;
  /** Deliveries older than this are discarded rather than sent late; absent: never. */
  staleAfterMs?: number;
  /** Instead of the one in `limits`. */
  catchUp?: CatchUp;
  /** When it posts, and how often; absent: whenever the platform's limits permit. */
  rhythm?: Rhythm;
  /** What happens to a delivery that may or may not be live: wait for a person, or send again. */
  unconfirmed: 'hold' | 'resend';
  /** What becomes of a live post whose article is corrected; absent: the best of its platform's ways. */
  corrections?: CorrectionWay;
  /** What a post says whose article was retracted, where it cannot be removed; absent: usual words, by language. */
  retractionNotice?: string;
  /** The picture of posts whose article has none: an http(s) address, or a file from the configuration's folder. */
  defaultImage?: string;
  style?: Style;
  settings: Settings;
}

/** A set of credentials for one platform. */
export interface Account<Settings = Record<string, unknown>> {
  id: string;
  platform: string;
  /** Base address of the platform's API, without a trailing slash; absent: the real one (or, in the sandbox, its own). */
  apiRoot?: string;
  /** True where posts go to the built-in sandbox. */
  sandbox: boolean;
  /** The platform's own keys, already validated by its account schema. For a sandbox account: the example's. */
  settings: Settings;
}
