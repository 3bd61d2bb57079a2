import { spelled } from './spelling.ts';

/** What a message asks for. */
export type Wish =
  | { kind: 'start' | 'stop' | 'all' | 'breaking' | 'help' }
  | { kind: 'topics'; topics: string[] }
  | { kind: 'language'; language: string };

/** The words by which things are asked for. */
export interface WishWords {
  start: readonly string[];
  stop: readonly string[];
  all: readonly string[];
  breaking: readonly string[];
  help: readonly string[];
  /** Codes, such as `ar`; their names mean them too. */
  languages: readonly string[];
  /** In the order of the menu: the first is number 1. */
  topics: readonly { id: string; words: readonly string[] }[];
}

const simple = ['start', 'stop', 'all', 'breaking', 'help'] as const;

/** What may stand between topics. */
const joining: ReadonlySet<string> = new Set(['و', 'and']);

/** What buttons of ours are named by, so that their titles may say what they like. */
export const choiceOf = (wish: Wish): string =>
  `munadi:${wish.kind}${wish.kind === 'topics' ? `:${wish.topics.join(',')}` : ''}`;

/**
 * How a word is compared: as readers take spellings for the same, Persian, Urdu and Kurdish keyboards' letters as Arabic
 * ones, and without hamza on its own, the article, signs, punctuation and emoji.
 */
export function wishForm(text: string): string {
  return spelled(text)
    .replaceAll('ؤ', 'و')
    .replaceAll('ئ', 'ي')
    .replaceAll('\u06cc', 'ي')
    .replaceAll('\u06a9', 'ك')
    .replace(/[\u06be\u06c1\u06c3\u06d5]/g, 'ه')
    .replace(/ء|\ufe0f|\u20e3/g, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
    .replace(/(?<!\S)ال(?=\p{L}{3})/gu, '');
}

/** Every word with what it means, in the order of the settings. A word can be there twice. */
export function listWishes(words: WishWords): { word: string; wish: Wish; where: string }[] {
  return [
    ...simple.flatMap((kind) => words[kind].map((word) => ({ word, wish: { kind }, where: kind }))),
    ...words.topics.flatMap(({ id, words: own }) =>
      own.map((word) => ({ word, wish: { kind: 'topics' as const, topics: [id] }, where: `topics.${id}` })),
    ),
    ...words.languages.flatMap((language) =>
      namesOf(language).map((word) => ({ word, wish: { kind: 'language' as const, language }, where: 'languages' })),
    ),
  ];
}

function namesOf(language: string): string[] {
  const inOf = (locale: string) => new Intl.DisplayNames(locale, { type: 'language' }).of(language) ?? language;
  return [...new Set([language, inOf(language), inOf('ar'), inOf('en')].map((name) => name.toLowerCase()))].concat(
    language === 'ar' ? ['عربي'] : [],
  );
}

/**
 * Reads messages as wishes. A message means something only as a whole: a word in a sentence does not, but for a stop in the
 * title of a button. Several topics in one message are taken together, numbers as topics by their place in the menu.
 */
export function createWishReader(words: WishWords): (message: { text?: string; choice?: string }) => Wish | undefined {
  const meanings = new Map<string, Wish>();
  for (const { word, wish } of listWishes(words)) {
    const form = wishForm(word);
    if (form !== '' && !meanings.has(form)) meanings.set(form, wish);
  }
  const topicIds = words.topics.map(({ id }) => id);
  const longest = Math.max(1, ...[...meanings.keys()].map((form) => form.split(' ').length));

  const topicOf = (form: string): string | undefined => {
    const wish = meanings.get(form) ?? (form.startsWith('و') ? meanings.get(wishForm(form.slice(1))) : undefined);
    if (wish?.kind === 'topics') return wish.topics[0];
    return /^[1-9]\d?$/.test(form) ? topicIds[Number(form) - 1] : undefined;
  };

  /** The topics that the words name one after the other; undefined where anything else is among them. */
  function topicsIn(all: readonly string[]): string[] | undefined {
    // Words can be read in many ways: each place is looked at once.
    const hopeless = new Set<number>();
    const from = (start: number): string[] | undefined => {
      if (start === all.length) return [];
      if (hopeless.has(start)) return undefined;
      for (let length = Math.min(longest, all.length - start); length > 0; length -= 1) {
        const topic = topicOf(all.slice(start, start + length).join(' '));
        const rest = topic === undefined ? undefined : from(start + length);
        if (topic !== undefined && rest) return [topic, ...rest];
      }
      const rest = joining.has(all[start] ?? '') ? from(start + 1) : undefined;
      if (!rest) hopeless.add(start);
      return rest;
    };
    return from(0);
  }

  function read(text: string): Wish | undefined {
    const form = wishForm(text);
    if (form === '') return undefined;
    const wish = meanings.get(form);
    if (wish) return wish;
    const parts = form.split(' ');
    if (parts.length > 2 * (longest + 1) * topicIds.length) return undefined;
    const topics = topicsIn(parts);
    return topics && topics.length > 0 ? { kind: 'topics', topics: [...new Set(topics)] } : undefined;
  }

  const stops = words.stop.map(wishForm).filter(Boolean);
  /** Titles of buttons are our own words: Meta's editor offers "Stop promotions". */
  function stopIn(title: string): Wish | undefined {
    const form = ` ${wishForm(title)} `;
    return stops.some((stop) => form.includes(` ${stop} `)) ? { kind: 'stop' } : undefined;
  }

  return ({ text, choice }) => {
    const own = choice === undefined ? undefined : byChoice(choice, topicIds);
    return own ?? read(choice ?? '') ?? read(text ?? '') ?? (choice === undefined ? undefined : stopIn(text ?? ''));
  };
}

function byChoice(choice: string, topicIds: readonly string[]): Wish | undefined {
  const [mark, kind, ids = ''] = choice.split(':');
  if (mark !== 'munadi') return undefined;
  const known = simple.find((one) => one === kind);
  if (known) return { kind: known };
  const topics = ids.split(',').filter((id) => topicIds.includes(id));
  return kind === 'topics' && topics.length > 0 ? { kind, topics } : undefined;
}
