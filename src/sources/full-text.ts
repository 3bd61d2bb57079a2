import { InputError } from '../core/errors.ts';
import { lazyPackage } from '../core/lazy-package.ts';
import { shownAddress } from '../text/shown-address.ts';
import type { ArticleDraft } from './draft.ts';
import { FetchError, type GuardedFetch } from './guarded-fetch.ts';
import { readUrl } from './page.ts';
import { createPolite, type Polite } from './polite.ts';

/** What the package gives; its own types describe another form of module. */
interface Robots {
  isAllowed(url: string, agent: string): boolean | undefined;
  getCrawlDelay(agent: string): number | undefined;
}
const robotsParser = lazyPackage<(url: string, text: string) => Robots>('robots-parser');

/** What stands on the page of a story, or why it was not read. */
export type FullText = { draft: ArticleDraft } | { reason: string };

/** Reads pages as a guest does: by their site's robots.txt, one after the other, and each once for a while. */
export interface FullTexts {
  /** `fresh`: also where it was read a moment ago. */
  read(url: string, options?: { fresh?: boolean }): Promise<FullText>;
  /** `gone` where the page is not there any more (404, 410), `there` where it is, `unknown` where nobody can tell. */
  look(url: string): Promise<'gone' | 'there' | 'unknown'>;
}

const agent = 'Munadi';
const dayMs = 86_400_000;
const keptMs = 600_000;
const keptPages = 100;
const keptSites = 500;
const pauseMs = 1_000;
const longestPauseMs = 10_000;
const maxRobotsBytes = 512 * 1024;

interface Site {
  untilMs: number;
  isAllowed(url: string): boolean;
  pauseMs: number;
}

export function createFullTexts(
  fetch: GuardedFetch,
  {
    polite = createPolite(),
    now = Date.now,
    politeMs = pauseMs,
  }: { polite?: Polite; now?: () => number; politeMs?: number } = {},
): FullTexts {
  const sites = new Map<string, Promise<Site>>();
  const pages = new Map<string, { untilMs: number; text: Promise<FullText> }>();

  async function siteOf(url: string): Promise<Site> {
    const { origin } = new URL(url);
    const known = await sites.get(origin);
    if (known && known.untilMs > now()) return known;
    const asked = polite.at(url, () => readRobots(fetch, origin, now, politeMs));
    if (sites.size >= keptSites) sites.delete(sites.keys().next().value as string);
    sites.set(origin, asked);
    return asked;
  }

  async function readPage(url: string): Promise<FullText> {
    try {
      const site = await siteOf(url);
      if (!site.isAllowed(url)) return { reason: `robots.txt does not let ${agent} read ${shownAddress(url)}.` };
      return { draft: await polite.at(url, () => readUrl(url, fetch), site.pauseMs) };
    } catch (error) {
      if (error instanceof InputError || error instanceof FetchError) return { reason: error.message };
      throw error;
    }
  }

  return {
    read(url, { fresh = false } = {}) {
      const kept = pages.get(url);
      if (!fresh && kept && kept.untilMs > now()) return kept.text;
      const text = readPage(url);
      if (pages.size >= keptPages) pages.delete(pages.keys().next().value as string);
      pages.set(url, { untilMs: now() + keptMs, text });
      text.catch(() => pages.delete(url));
      return text;
    },
    async look(url) {
      try {
        const site = await siteOf(url);
        if (!site.isAllowed(url)) return 'unknown';
        await polite.at(url, () => fetch.get(url, { maxBytes: 4 * 1024 * 1024 }), site.pauseMs);
        return 'there';
      } catch (error) {
        const status = error instanceof FetchError ? error.status : undefined;
        return status === 404 || status === 410 ? 'gone' : 'unknown';
      }
    },
  };
}

/** RFC 9309: where there is no robots.txt (4xx) all is allowed, where it cannot be read (5xx, no answer) nothing. */
async function readRobots(fetch: GuardedFetch, origin: string, now: () => number, politeMs: number): Promise<Site> {
  const address = `${origin}/robots.txt`;
  try {
    const { bytes } = await fetch.get(address, { accept: 'text/plain', maxBytes: maxRobotsBytes });
    const robots = robotsParser()(address, bytes.toString('utf8'));
    const wantedMs = (robots.getCrawlDelay(agent) ?? 0) * 1_000;
    return {
      untilMs: now() + dayMs,
      isAllowed: (url) => robots.isAllowed(url, agent) ?? true,
      pauseMs: Math.min(longestPauseMs, Math.max(politeMs, wantedMs)),
    };
  } catch (error) {
    const status = error instanceof FetchError ? error.status : undefined;
    const isNone = status !== undefined && status >= 400 && status < 500 && status !== 429;
    return { untilMs: now() + (isNone ? dayMs : keptMs), isAllowed: () => isNone, pauseMs: politeMs };
  }
}
