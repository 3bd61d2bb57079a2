import { normaliseText } from '../text/normalise.ts';
import { countWords, fold } from './fold.ts';

/** What a page calls itself. */
interface PageTitles {
  og: string | undefined;
  /** Of all `h1`: one of them may be the site's logo. */
  headings: string[];
  /** The `title` element: often `Headline - Site name`. */
  page: string | undefined;
  site: string | undefined;
}

const separators = /\s+[-–—|•·:»›]+\s+|\s*[|»›]\s*/gu;

/** The headline, without the site's name: the `h1` that the page's titles begin with, else the title without the name. */
export function pickTitle({ og, headings, page, site }: PageTitles): string | undefined {
  const clean = (text: string | undefined) => normaliseText(text ?? '') || undefined;
  const known = clean(og) ?? clean(page);
  const candidates = headings.map(clean).filter((heading) => heading !== undefined);
  if (known === undefined) return candidates[0];
  const heading = candidates.find((one) => countWords(one) > 1 && isSame(known, one, site));
  if (heading !== undefined) return heading;
  const ogTitle = clean(og);
  const pageTitle = clean(page);
  // The page's title begins with og:title: what follows in it is the site's name, and og:title is without.
  if (ogTitle && pageTitle && ogTitle !== pageTitle && pageTitle.startsWith(ogTitle)) return ogTitle;
  return withoutSite(known, site) ?? known;
}

/** The heading is the title, or what is left of it once a short last part is taken off. */
function isSame(title: string, heading: string, site: string | undefined): boolean {
  const [whole, part] = [fold(title), fold(heading)];
  if (whole === part) return true;
  if (!whole.startsWith(part)) return false;
  const rest = whole.slice(part.length);
  return /^\s*[-–—|•·:»›]/u.test(rest) && (countWords(rest) <= 6 || (site !== undefined && rest.includes(fold(site))));
}

function withoutSite(title: string, site: string | undefined): string | undefined {
  const name = fold(site ?? '');
  if (name === '') return undefined;
  for (const { index, 0: mark } of title.matchAll(separators)) {
    if (fold(title.slice(index + mark.length)) === name && index > 0) return title.slice(0, index);
    if (fold(title.slice(0, index)) === name) return title.slice(index + mark.length);
  }
  return undefined;
}
