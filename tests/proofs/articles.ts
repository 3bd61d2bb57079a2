import { awkwardKinds } from './awkward.ts';
import { arabicSentence, arabicTitle, body, englishSentence, englishTitle } from './news-words.ts';
import { createRandom, type Random } from './random.ts';

/** An article as the API takes it: JSON, with what an editor or feed may add. */
export interface RawStory {
  title: string;
  paragraphs?: string[];
  body?: string;
  [key: string]: unknown;
}

export interface Story {
  /** For people: the kind and number, or file and line. */
  name: string;
  json: RawStory;
}

/** Texts of one kind; the rest of the article is added to them. */
export type Kind = (random: Random) => RawStory;

const usualKinds: Record<string, Kind> = {
  arabic: (random) => ({ title: arabicTitle(random), paragraphs: body(random, arabicSentence) }),
  english: (random) => ({ title: englishTitle(random), paragraphs: body(random, englishSentence) }),
  mixed: (random) => ({
    title: random.chance(0.5) ? arabicTitle(random) : englishTitle(random),
    paragraphs: body(random, (one) => (one.chance(0.6) ? arabicSentence(one) : englishSentence(one))),
  }),
};

const urls: readonly ((random: Random) => string | undefined)[] = [
  () => undefined,
  (random) => `https://news.example.org/${random.whole(2010, 2026)}/story-${random.whole(1, 9_999)}`,
  (random) => `https://news.example.org/local/${random.whole(1, 9_999)}?ref=feed&lang=ar#top`,
  () => 'https://news.example.org/أخبار/عودة-المياه-إلى-المدينة',
  () => 'https://news.example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D9%85%D9%8A%D8%A7%D9%87',
  () => 'https://مثال.إختبار/خبر',
  () => `https://news.example.org/${'long-path/'.repeat(40)}`,
  () => `https://news.example.org/?q=${'عودة'.repeat(60)}`,
  () => `https://news.example.org/${'x'.repeat(5_000)}`,
  () => "https://news.example.org/a_(b)_c/it's|odd~*path*/",
  () => 'http://192.0.2.7:8080/story/1',
  () => 'http://localhost/story/1',
];

const tagLists: readonly string[][] = [
  [],
  ['دمشق', 'مياه'],
  ['الأمم المتحدة', 'إعادة الإعمار', 'كُتُب', 'رياضة', 'اقتصاد'],
  ['Syria', 'human rights', 'COVID-19', 'U.N.', 'C++'],
  ['2024', '🚰', '###', 'a/b', 'ذوي الاحتياجات الخاصة!', 'SY24'],
  ['كلمة_بشرطة', 'مئة%', '<b>', '*نجمة*', 'x'.repeat(120)],
];

const sections = [undefined, 'سياسة', 'Middle East', 'ثقافة وفن', '٪', 'Sport & Fitness'];
const pictures: readonly unknown[][] = [
  [],
  ['https://img.example.org/1.jpg'],
  [{ url: 'https://img.example.org/2.jpg', alt: 'جسر فوق النهر' }, 'https://img.example.org/3.png'],
];

/** `count` articles, half of them as a newsroom writes them and half awkward. The same seed gives the same articles. */
export function generateStories(count: number, seed: number): Story[] {
  const random = createRandom(seed);
  const usual = Object.entries(usualKinds);
  const awkward = Object.entries(awkwardKinds);
  return Array.from({ length: count }, (_, index) => {
    const list = index % 2 === 0 ? usual : awkward;
    const [kind, make] = list[(index >> 1) % list.length] as [string, Kind];
    return { name: `${kind} ${index}`, json: { ...surroundings(random), ...make(random) } };
  });
}

function surroundings(random: Random): Partial<RawStory> {
  const url = random.chance(0.6) ? urls[1]?.(random) : random.pick(urls)(random);
  const section = random.pick(sections);
  return {
    ...(url === undefined ? {} : { url }),
    ...(section === undefined ? {} : { section }),
    tags: random.pick(tagLists),
    images: random.pick(pictures),
    priority: random.pick(['breaking', 'normal', 'low']),
  };
}
