import { mostHowLength, type Person, type PersonEvent, type Subscriptions } from '../core/subscriber.ts';
import { readTime } from '../core/time.ts';
import { nearest } from '../text/nearest.ts';
import { readAddress } from '../text/phone.ts';
import { wishForm } from '../text/wishes.ts';

/** A person as a list has it: all as text. */
export interface ConsentRow {
  number: string;
  /** When consent was given: ISO 8601, or a day. */
  at: string;
  /** How: the proof. */
  how: string;
  /** Ids or words; empty: all. `breaking`: breaking news alone. */
  topics?: string;
  language?: string;
  /** `subscribed` (also empty), `stopped` or `known`. */
  state?: string;
  /** The platform's id beside the number. */
  id?: string;
}

const aMinuteMs = 60_000;
const example = '2026-05-01T14:30:00+03:00';

/** What a row tells, or what is wrong with it: sentences with their remedies, which hold no whole number. */
export function readConsent(
  row: ConsentRow,
  { subscriptions, now }: { subscriptions: Subscriptions; now: number },
): PersonEvent | { problems: string[] } {
  const problems: string[] = [];
  const address = readAddress(row.number, subscriptions.defaultCountry);
  if ('problem' in address) problems.push(`number: ${address.problem}`);
  const state = row.state?.trim() || 'subscribed';
  const isStart = state === 'subscribed';
  if (!['subscribed', 'stopped', 'known'].includes(state))
    problems.push(`state: expected subscribed, stopped or known, got "${short(state)}".`);
  const atMs = readMoment(row.at, now);
  if (typeof atMs === 'string' && (state !== 'known' || row.at.trim() !== '')) problems.push(`at: ${atMs}`);
  const how = row.how.trim();
  if (isStart && how === '')
    problems.push('how: there is no proof of consent. Write how it was given, such as "form on the site".');
  if (how.length > mostHowLength) problems.push(`how: more than ${mostHowLength} characters. Shorten it.`);
  const topics = readTopics(row.topics ?? '', subscriptions);
  if ('problem' in topics) problems.push(`topics: ${topics.problem}`);
  const language = readLanguage(row.language ?? '', subscriptions);
  if (typeof language === 'object') problems.push(`language: ${language.problem}`);
  const alias = row.id?.trim() ? readAddress(row.id) : undefined;
  if (alias && ('problem' in alias || !alias.who.includes('.')))
    problems.push(
      'id: expected an id of WhatsApp such as SY.13491208655302741918. Leave it empty where there is none.',
    );
  if (problems.length > 0 || 'problem' in address || 'problem' in topics || typeof language === 'object')
    return { problems };
  return {
    who: address.who,
    act: isStart ? 'start' : state === 'stopped' ? 'stop' : 'none',
    ...(alias && 'who' in alias && alias.who !== address.who ? { alias: alias.who } : {}),
    ...(typeof atMs === 'number' ? { atMs } : { atMs: 0 }),
    ...(how === '' ? {} : { how }),
    ...(isStart ? topics : {}),
    ...(language === undefined ? {} : { language }),
    isUs: address.country === 'US',
  };
}

/** A time with offset, or a day, which begins in UTC; not later than now. */
function readMoment(given: string, now: number): number | string {
  const text = given.trim();
  if (text === '') return `there is no time of consent. Write one such as ${example}, or a day such as 2026-05-01.`;
  const ms = readTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (ms === undefined) return `expected a time such as ${example}, or a day such as 2026-05-01, got "${short(text)}".`;
  return ms > now + aMinuteMs ? `"${short(text)}" is still to come. Write when consent was given.` : ms;
}

function readTopics(
  given: string,
  { topics, breaking, all }: Subscriptions,
): Pick<PersonEvent, 'topics' | 'breakingOnly'> | { problem: string } {
  const names = given
    .split(/[,;|،؛]/)
    .map((name) => name.trim())
    .filter(Boolean);
  const means = (words: readonly string[], name: string) => words.some((word) => wishForm(word) === wishForm(name));
  const ids: string[] = [];
  let breakingOnly = false;
  for (const name of names) {
    const topic = topics.find(({ id, words }) => id === name || means(words, name));
    if (topic) ids.push(topic.id);
    else if (name === 'breaking' || means(breaking, name)) breakingOnly = true;
    else if (name !== 'all' && !means(all, name)) {
      const known = topics.map(({ id }) => id);
      const near = nearest(name, known);
      const remedy = near ? `Did you mean "${near}"?` : `Valid here: ${[...known, 'breaking', 'all'].join(', ')}.`;
      return { problem: `there is no topic "${short(name)}". ${remedy}` };
    }
  }
  if (names.length === 0) return {};
  return { topics: ids.length > 0 ? [...new Set(ids)] : 'all', breakingOnly };
}

function readLanguage(given: string, { languages }: Subscriptions): string | undefined | { problem: string } {
  const tag = given.trim();
  if (tag === '') return undefined;
  const found = languages.find((one) => one.toLowerCase() === tag.toLowerCase());
  return found ?? { problem: `"${short(tag)}" is none of subscriptions.languages (${languages.join(', ')}).` };
}

const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Columns of a list of people, as it is written; `id` and `state` may be missing where it is read. */
export const columns = ['number', 'at', 'how', 'topics', 'language', 'state', 'id'] as const;

/** A person as a row that can be read again. */
export function toConsentRow(person: Person, id: string | undefined): Required<ConsentRow> {
  const { who, consent, topics = [], language = '', breakingOnly, changedMs, how = '' } = person;
  return {
    number: who.includes('.') ? who : `+${who}`,
    at: changedMs === undefined ? '' : new Date(changedMs).toISOString(),
    how,
    topics: [...(breakingOnly ? ['breaking'] : []), ...topics].join('; '),
    language,
    state: consent,
    id: id ?? '',
  };
}
