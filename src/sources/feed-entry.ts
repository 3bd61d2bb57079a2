/** Some text of a feed, as it stands there. */
export interface FeedWords {
  text: string;
  /** `either`: nothing says whether it is HTML. */
  form: 'html' | 'text' | 'either';
  /** What relative addresses in it are relative to, where that differs from the entry's. */
  base?: string | undefined;
}

/** A picture that a feed names. */
export interface FeedPicture {
  url: string;
  alt?: string | undefined;
  /** Pixels. */
  width?: number | undefined;
}

/** One entry of a feed of any dialect, not yet cleaned. */
export interface FeedEntry {
  /** Its guid or id. */
  id?: string | undefined;
  /** Its addresses, best first, perhaps relative. */
  addresses: (string | undefined)[];
  /** Where its sound or film is, for entries without a page. */
  media?: string | undefined;
  /** What relative addresses in it are relative to. */
  base?: string | undefined;
  /** The first that says something counts; so below. */
  titles: (FeedWords | undefined)[];
  contents: (FeedWords | undefined)[];
  summaries: (FeedWords | undefined)[];
  authors: string[];
  /** Whose story it is, where the feed has it from elsewhere. */
  source?: string | undefined;
  tags: string[];
  section?: string | undefined;
  language?: string | undefined;
  /** The first that can be read counts; so for `updated`. */
  published: (string | undefined)[];
  updated: (string | undefined)[];
  /** Sets of pictures, best first: the first that is not empty counts. */
  pictures: FeedPicture[][];
}

/** What a feed says of itself, in any dialect. */
export interface FeedHead {
  title?: FeedWords | undefined;
  language?: string | undefined;
  /** Its own site. */
  link?: string | undefined;
  /** What relative addresses are relative to. */
  base?: string | undefined;
  /** Who writes where an entry names nobody. */
  authors: string[];
  hub?: { url: string; topic: string } | undefined;
  ttlMs?: number | undefined;
  skip?: { hours: number[]; days: number[] } | undefined;
  warnings: string[];
}

/** An absolute http(s) address; undefined for all others, and for nothing. */
export function webAddress(address: string | undefined, base: string | undefined): string | undefined {
  const text = address?.trim() ?? '';
  const parsed = text === '' ? null : URL.parse(text, base);
  return parsed && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === ''
    ? parsed.href
    : undefined;
}

/** Words that nothing says of whether they are HTML. */
export function either(text: string | undefined, base?: string): FeedWords | undefined {
  return text === undefined ? undefined : { text, form: 'either', base };
}

/** Words as plain text. */
export function plain(text: string | undefined): FeedWords | undefined {
  return text === undefined ? undefined : { text, form: 'text' };
}

/** Words that are HTML. */
export function html(text: string | undefined, base?: string): FeedWords | undefined {
  return text === undefined ? undefined : { text, form: 'html', base };
}

export const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A feed that claims to rest longer does not mean it. */
export const longestTtlMs = 31 * dayMs;
const periodsMs: Record<string, number> = {
  hourly: 60 * minuteMs,
  daily: dayMs,
  weekly: 7 * dayMs,
  monthly: 30 * dayMs,
  yearly: 365 * dayMs,
};

/** How long a feed stays as it is, by its `ttl` (minutes), else by the syndication module's period and frequency. */
export function ttlOf(
  ttl: number | undefined,
  sy: { updatePeriod?: string; updateFrequency?: number } | undefined,
): number | undefined {
  const period = periodsMs[sy?.updatePeriod?.trim().toLowerCase() ?? ''];
  const times = sy?.updateFrequency && sy.updateFrequency > 0 ? sy.updateFrequency : 1;
  const ms = ttl !== undefined && ttl > 0 ? ttl * minuteMs : period === undefined ? undefined : period / times;
  return ms === undefined ? undefined : Math.min(longestTtlMs, Math.max(minuteMs, Math.round(ms)));
}

/** Where to subscribe (WebSub): the hub that a feed names, and what it calls itself there, else its address. */
export function hubOf(
  hub: string | undefined,
  self: string | undefined,
  { url, base }: { url: string | undefined; base: string | undefined },
): FeedHead['hub'] {
  const address = webAddress(hub, url ?? base);
  const topic = webAddress(self, url ?? base) ?? webAddress(url, undefined);
  return address && topic ? { url: address, topic } : undefined;
}
