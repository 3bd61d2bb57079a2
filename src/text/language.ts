import type { Direction } from '../core/article.ts';

const rightToLeft = new Set(['ar', 'fa', 'ur', 'he', 'ps', 'ckb', 'sd', 'ug', 'yi', 'dv']);

/** Direction of running text in a language (BCP 47 tag). */
export function directionOf(language: string): Direction {
  return rightToLeft.has(language.split('-')[0]?.toLowerCase() ?? '') ? 'rtl' : 'ltr';
}

/** A language tag in its usual spelling (`en-GB`), so that filters find it; what is no BCP 47 tag stays as it is. */
export function canonicalLanguage(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch {
    return tag;
  }
}

/** A few words that are frequent in one language and rare in the others. */
const stopWords: Record<string, string> = {
  en: 'the of and to in that is was for with on as by from are has said',
  fr: 'le la les des du et est une dans que pour par sur avec au aux qui',
  de: 'der die das und ist von den mit für im auf dem nicht ein eine zu',
  es: 'el los las del y es una que para por con en al se como',
  tr: 've bir bu için ile da de olarak olan daha çok gibi kadar',
};
const profiles = Object.entries(stopWords).map(([language, words]) => [language, new Set(words.split(' '))] as const);

/** Web addresses, handles and the like are in Latin letters whatever the language. */
const addresses = /(?:https?:\/\/|www\.)\S+|\S+@\S+|[@#]\w+/gi;

/** The language of a text by its script and, for Latin script, its most frequent words; `und` where there are no letters. */
export function detectLanguage(text: string): { language: string; direction: Direction } {
  const language = byScript(text.slice(0, 5_000).replace(addresses, ' '));
  return { language, direction: directionOf(language) };
}

function byScript(text: string): string {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const scripts = {
    arabic: count(/\p{Script=Arabic}/gu),
    latin: count(/\p{Script=Latin}/gu),
    hebrew: count(/\p{Script=Hebrew}/gu),
    cyrillic: count(/\p{Script=Cyrillic}/gu),
  };
  const [script, most] = Object.entries(scripts).sort(([, a], [, b]) => b - a)[0] as [keyof typeof scripts, number];
  if (most === 0) return 'und';
  if (script === 'hebrew') return 'he';
  if (script === 'cyrillic') return count(/[іїєґ]/gi) > 0 ? 'uk' : 'ru';
  if (script === 'latin') return latin(text);
  if (count(/[ٹڈڑےں]/g) / most > 0.01) return 'ur';
  if (count(/[ټډړښږڼ]/g) / most > 0.01) return 'ps';
  if (count(/[ەێۆڵڕ]/g) / most > 0.04) return 'ckb';
  // Arabic typed on a Persian keyboard has the letters, but also the article in every third word.
  const articles = count(/(?<!\p{L})[وبفكل]?ال\p{L}/gu) / Math.max(1, count(/\p{L}+/gu));
  if (count(/[پچگژیک]/g) / most > 0.04 && articles < 0.15) return 'fa';
  return 'ar';
}

function latin(text: string): string {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const hits = profiles.map(
    ([language, profile]) => [language, words.filter((word) => profile.has(word)).length] as const,
  );
  const [language, most] = hits.sort(([, a], [, b]) => b - a)[0] ?? ['en', 0];
  // One word proves nothing: "y" is Spanish, and a letter.
  return most > 1 ? language : 'en';
}
