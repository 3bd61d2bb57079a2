import { z } from 'zod';
import { filters, language, readFilters } from '../../core/filters.ts';
import { mostLanguageLength, mostTopics, type Subscriptions } from '../../core/subscriber.ts';
import { isCountry } from '../../text/phone.ts';
import { listWishes, wishForm } from '../../text/wishes.ts';
import { defaultReplies } from './whatsapp-replies.ts';

const wordText = 'a word with a letter or a digit, of up to 60 characters';
const word = z
  .string(wordText)
  .max(60, wordText)
  .refine(
    (text) => wishForm(text) !== '' && !/^\d+$/.test(wishForm(text)),
    'a word; numbers choose topics from the menu',
  );
const words = z.array(word, 'a list of words').min(1, 'at least one word');

const topicIdText = 'a name of up to 40 Latin letters, digits, - and _';
const languageText = `a language tag of up to ${mostLanguageLength} characters, such as "ar"`;
const personLanguage = language.refine((tag) => tag.length <= mostLanguageLength, languageText);

const placeholders = ['topics', 'menu', 'start', 'stop', 'help'];
const replyText = `some text of up to 1000 characters; in it {{${placeholders.join('}}, {{')}}} alone`;
const reply = z
  .string(replyText)
  .min(1, replyText)
  .max(1_000, replyText)
  .refine(
    (text) => [...text.matchAll(/\{\{(.*?)\}\}/g)].every(([, name = '']) => placeholders.includes(name.trim())),
    replyText,
  );

const topic = z.strictObject({
  words: words.describe('Words by which people ask for the topic.'),
  names: z
    .record(z.string(), z.string().min(1).max(24, 'at most 24 characters'), 'a map from languages to names')
    .default({})
    .describe('Its name in menus, by language; without one, the first of its words.'),
  filters: filters.prefault({}).describe('The articles that belong to it.'),
});

const replies = z.strictObject({
  subscribed: reply.optional().describe('To whoever has subscribed.'),
  stopped: reply.optional().describe('To whoever has stopped.'),
  help: reply.optional().describe('To whoever asks, or writes what is not understood.'),
  topics: reply.optional().describe('To whoever has changed topics or language.'),
});

/** Words that stop, wherever people can write to us: nobody has to be subscribed to say them. */
const stopWords = ['إلغاء', 'إلغاء الاشتراك', 'توقف', 'إيقاف', 'أوقف', 'STOP', 'UNSUBSCRIBE', 'CANCEL'];

const fields = z.strictObject({
  topics: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, topicIdText), topic, 'a map from names to topics')
    .refine((all) => Object.keys(all).length <= mostTopics, `at most ${mostTopics} topics`)
    .default({})
    .describe('What people can choose among, by a name of your own. Without topics everybody gets everything.'),
  start: words.default(['اشتراك', 'اشترك', 'ابدأ', 'START', 'SUBSCRIBE']).describe('Words that subscribe.'),
  stop: words.default(stopWords).describe('Words that stop.'),
  all: words.default(['الكل', 'ALL']).describe('Words that ask for every topic again.'),
  breaking: words.default(['عاجل فقط', 'عاجل', 'BREAKING']).describe('Words that ask for breaking news alone.'),
  help: words.default(['مساعدة', 'HELP']).describe('Words that ask how all this works.'),
  languages: z
    .array(personLanguage)
    .min(1, 'at least one language')
    .default(['ar', 'en'])
    .describe('Languages that people can choose by code or name; the first is that of all others.'),
  replies: z
    .record(z.string(), replies, 'a map from languages to texts')
    .default({})
    .describe('Your own texts of answers, by language.'),
  defaultCountry: z
    .string()
    .refine(isCountry, 'an ISO 3166 code such as "SY"')
    .optional()
    .describe('Country of numbers that are imported without a country code, such as SY.'),
});

/** `subscriptions` of an account: who can subscribe to what, by which words. */
export const subscriptions = fields.superRefine((given, context) => {
  // What is wrong by itself, such as a language that is none, cannot be compared.
  if (context.issues.length > 0) return;
  const seen = new Map<string, string>();
  for (const { word: one, where } of listWishes(toSubscriptions(given))) {
    const form = wishForm(one);
    const other = seen.get(form);
    if (other !== undefined && other !== where) {
      const path = where.split('.');
      context.addIssue({
        code: 'custom',
        path: path[0] === 'topics' ? [...path, 'words'] : path,
        message: `words of one meaning: "${one}" is in ${other} and in ${where}`,
      });
    }
    seen.set(form, where);
  }
});

type Given = z.output<typeof fields>;

export function toSubscriptions(given: Given): Subscriptions {
  const { topics, replies: own, defaultCountry, ...rest } = given;
  return {
    ...rest,
    topics: Object.entries(topics).map(([id, one]) => ({ id, ...one, filters: readFilters(one.filters) })),
    replies: { ...defaultReplies, ...mergeReplies(own) },
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
  };
}

/** A language of one's own has the texts that are not given in English. */
function mergeReplies(own: Given['replies']): Subscriptions['replies'] {
  const given = (texts: object) => Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
  return Object.fromEntries(
    Object.entries(own).map(([tag, texts]) => [
      tag,
      { ...(defaultReplies[tag] ?? defaultReplies.en), ...given(texts) },
    ]),
  );
}

/** What is understood at accounts without `subscriptions`. */
export const unsubscribing: Subscriptions = {
  ...{ topics: [], start: [], stop: stopWords, all: [], breaking: [], help: [] },
  languages: ['ar', 'en'],
  replies: defaultReplies,
};
