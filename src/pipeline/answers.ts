import type { Answer } from '../core/platform.ts';
import type { Person, Replies, Subscriptions, Topic } from '../core/subscriber.ts';
import { directionOf } from '../text/language.ts';
import { choiceOf, type Wish } from '../text/wishes.ts';

export type AnswerKind = keyof Replies;

const conjunctions: Record<string, string> = { ar: '، ', en: ', ' };
const everything: Record<string, string> = { ar: 'كل الأخبار', en: 'all news' };
/** Whoever chose topics that are there no more. */
const nothing: Record<string, string> = { ar: 'لا شيء من المواضيع الحالية', en: 'none of the present topics' };
const breaking: Record<string, string> = { ar: 'الأخبار العاجلة فقط', en: 'breaking news only' };

/** What a person is answered, in the person's language, or else in that of what was written. */
export function answerTo(
  person: Pick<Person, 'language' | 'topics' | 'breakingOnly' | 'consent'>,
  kind: AnswerKind,
  { subscriptions, text = '' }: { subscriptions: Subscriptions; text?: string | undefined },
): Answer {
  const language = person.language ?? languageOf(text, subscriptions);
  const { replies } = subscriptions;
  const template = (replies[language] ?? replies.en)?.[kind] ?? replies.en?.[kind] ?? '';
  const word = (words: readonly string[]) => wordIn(words, language);
  const values: Record<string, string> = {
    topics: wantedBy(person, subscriptions.topics, language),
    menu: subscriptions.topics.map((topic, at) => `${at + 1}. ${nameOf(topic, language)}`).join('\n'),
    start: word(subscriptions.start),
    stop: word(subscriptions.stop),
    help: word(subscriptions.help),
  };
  const choices = choicesFor(person, kind, subscriptions).map((wish) => ({
    id: choiceOf(wish),
    title: titleOf(wish, subscriptions, language),
  }));
  return {
    text: filled(template, values, subscriptions.topics.length > 0),
    ...(choices.length > 0 ? { choices } : {}),
  };
}

/** A line that asks for the menu goes with it where there is none. */
function filled(template: string, values: Record<string, string>, hasMenu: boolean): string {
  const lines = template.split('\n');
  const kept = lines.filter((line, at) => {
    const names = [...line.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name = '']) => name);
    const leadsToMenu = !hasMenu && /\{\{\s*menu\s*\}\}/.test(lines[at + 1] ?? '') && line.trim().endsWith(':');
    return !leadsToMenu && (names.length === 0 || names.some((name) => values[name] !== ''));
  });
  return kept.join('\n').replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => values[name] ?? '');
}

function wantedBy(
  { topics, breakingOnly }: Pick<Person, 'topics' | 'breakingOnly'>,
  all: readonly Topic[],
  language: string,
) {
  const named = all.filter(({ id }) => topics?.includes(id)).map((topic) => nameOf(topic, language));
  const whole = topics ? nothing : everything;
  const wanted = named.length > 0 ? named.join(conjunctions[language] ?? ', ') : (whole[language] ?? whole.en ?? '');
  if (!breakingOnly) return wanted;
  const only = breaking[language] ?? breaking.en ?? '';
  return named.length > 0 ? `${only} (${wanted})` : only;
}

/** What a person may say next, at most three things. */
function choicesFor({ consent }: Pick<Person, 'consent'>, kind: AnswerKind, { topics }: Subscriptions): Wish[] {
  if (kind === 'stopped') return [];
  if (consent !== 'subscribed') return [{ kind: 'start' }];
  if (kind === 'topics') return [];
  if (topics.length === 0 || topics.length > 3) return [{ kind: 'breaking' }, { kind: 'stop' }];
  return topics.map(({ id }) => ({ kind: 'topics', topics: [id] }));
}

function titleOf(wish: Wish, subscriptions: Subscriptions, language: string): string {
  if (wish.kind === 'language') return wish.language;
  if (wish.kind !== 'topics') return wordIn(subscriptions[wish.kind], language);
  const topic = subscriptions.topics.find(({ id }) => id === wish.topics[0]);
  return topic ? nameOf(topic, language) : '';
}

const nameOf = ({ names, words }: Topic, language: string) => names[language] ?? wordIn(words, language);

/** The first of the words that is written in the script of the language. */
function wordIn(words: readonly string[], language: string): string {
  const isRtl = directionOf(language) === 'rtl';
  const fits = (word: string) => /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(word) === isRtl;
  return words.find(fits) ?? words[0] ?? '';
}

/** By script: a word is too little to tell more. */
function languageOf(text: string, { languages }: Subscriptions): string {
  const isArabic = /\p{Script=Arabic}/u.test(text);
  const isLatin = !isArabic && /\p{Script=Latin}/u.test(text);
  const found = languages.find((one) => (directionOf(one) === 'rtl' ? isArabic : isLatin));
  return found ?? languages[0] ?? 'ar';
}
