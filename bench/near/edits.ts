import { type Chance, type Facts, fill, type Grammar, numberOf, type Told, type Topic, tell } from './story.ts';

/** A story as it was first told. */
export interface Base {
  grammar: Grammar;
  topic: Topic;
  facts: Facts;
  told: Told;
  chance: Chance;
}

const diacritics = ['\u064e', '\u064f', '\u0650', '\u0651'];

/** The same story as somebody else, or the same newsroom later, would have it. */
export const edits: Record<string, (base: Base) => Told> = {
  /** Signs that say nothing: vowel signs, tatweel, digits, quotation marks, spaces. */
  signs({ told, chance }) {
    const change = (text: string) =>
      text
        .replace(/[\u0628-\u064a]{4,}/g, (word) =>
          chance.below(6) === 0 ? word.slice(0, 2) + chance.pick(diacritics) + word.slice(2) : word,
        )
        .replace(/[0-9]/g, (digit) => (/[\u0600-\u06ff]/.test(text) ? '٠١٢٣٤٥٦٧٨٩'[Number(digit)] : digit) as string)
        .replace(/"([^"]*)"/g, '“$1”')
        .replace(/\.$/, chance.below(3) === 0 ? '' : '.');
    return { title: change(told.title), paragraphs: told.paragraphs.map(change) };
  },
  /** Another site's furniture around the same text. */
  boilerplate({ told, grammar, facts, chance }) {
    const [first = '', ...rest] = told.paragraphs;
    const dateline = fill(chance.pick(grammar.datelines), facts);
    return { title: told.title, paragraphs: [dateline + first, ...rest, ...chance.some(grammar.boilerplate, 2)] };
  },
  /** Another headline, and the beginning in other words. */
  lead({ told, topic, facts, chance }) {
    const other = tell(topic, facts, () => 1, 1 + chance.below(topic.titles.length - 1));
    const rewritten = 1 + chance.below(2);
    return {
      title: other.title,
      paragraphs: [...other.paragraphs.slice(0, rewritten), ...told.paragraphs.slice(rewritten)],
    };
  },
  /** A short version of a long story. */
  cut({ told, topic, facts, chance }) {
    const title = chance.below(2) === 0 ? told.title : tell(topic, facts, () => 0, 1).title;
    return { title, paragraphs: told.paragraphs.slice(0, 3) };
  },
  added({ told, topic, facts, chance }) {
    const paragraphs = [...told.paragraphs];
    for (const text of topic.extra) paragraphs.splice(2 + chance.below(paragraphs.length - 1), 0, fill(text, facts));
    return { title: told.title, paragraphs };
  },
  removed({ told, chance }) {
    const gone = new Set(
      chance.some(
        told.paragraphs.map((_, at) => at).filter((at) => at > 0),
        2 + chance.below(2),
      ),
    );
    return { title: told.title, paragraphs: told.paragraphs.filter((_, at) => !gone.has(at)) };
  },
  /** One or two numbers below the headline were wrong. */
  corrected({ told, topic, facts, chance }) {
    const inTitle = (name: string) => told.title.includes(facts[name] as string);
    const names = Object.keys(topic.numbers).filter((name) => !inTitle(name) && name !== 'date');
    const right = { ...facts };
    for (const name of chance.some(names, 1 + chance.below(2))) {
      right[name] = numberOf(topic.numbers, name, chance, facts[name]);
    }
    return { title: told.title, paragraphs: tell(topic, right, () => 0).paragraphs };
  },
  spelling({ told, grammar, chance }) {
    const change = (text: string) => {
      const spelled = grammar.spellings.reduce((line, [one, other]) => line.replaceAll(one, other), text);
      return chance.below(2) === 0 ? spelled.replace(/ة(?=[\s.،])/g, 'ه') : spelled.replace(/أ/g, 'ا');
    };
    return { title: change(told.title), paragraphs: told.paragraphs.map(change) };
  },
  synonyms({ told, grammar }) {
    const words = new Map(grammar.synonyms);
    const change = (text: string) => text.replace(/[\p{L}]+/gu, (word) => words.get(word) ?? word);
    return { title: told.title, paragraphs: told.paragraphs.map(change) };
  },
  order({ told, chance }) {
    const [first = '', second = '', ...rest] = told.paragraphs;
    return { title: told.title, paragraphs: [first, second, ...chance.some(rest, rest.length)] };
  },
  /** Another agency: much in other words, some left out, in another order. */
  agency({ topic, facts, chance }) {
    const other = tell(topic, facts, () => (chance.below(100) < 55 ? 1 : 0), 1);
    const [first = '', ...rest] = other.paragraphs;
    return { title: other.title, paragraphs: [first, ...chance.some(rest, rest.length - 1)] };
  },
  /** The story goes on: more dead, more cases, a new paragraph. */
  update({ topic, facts, told, chance }) {
    const now = { ...facts };
    for (const name of topic.running) {
      now[name] = String(Number(facts[name]) + 1 + chance.below(Number(facts[name])));
    }
    const { title, paragraphs } = tell(topic, now, () => 0);
    return {
      title: topic.running.length > 0 ? title : told.title,
      paragraphs: [...paragraphs, ...topic.extra.slice(0, 1).map((text) => fill(text, now))],
    };
  },
  /** Several at once. */
  together(base) {
    const kinds = base.chance.some(['signs', 'boilerplate', 'added', 'removed', 'spelling', 'synonyms'], 3);
    return kinds.reduce((told, kind) => (edits[kind] as (from: Base) => Told)({ ...base, told }), base.told);
  },
};

/** Another story, however like this one it looks. Undefined where the topic has none. */
export const others: Record<string, (base: Base, unlike: () => Facts) => Told | undefined> = {
  /** The same kind of event elsewhere, in the same words. */
  template: ({ topic }, unlike) => tell(topic, unlike(), () => 0),
  /** The report of another day, of the same place. */
  nextDay({ topic, facts }, unlike) {
    if (topic.running.length > 0 || topic.later.length > 0) return undefined;
    const { place = '', city = '', person = '', team = '' } = facts;
    return tell(topic, { ...unlike(), place, city, person, team }, () => 0);
  },
  /** The same kind of event elsewhere, by another agency. */
  topic: ({ topic }, unlike) => tell(topic, unlike(), () => 1, 1),
  /** What came of it, with the background of before. */
  followUp({ topic, facts, told, chance }) {
    if (topic.later.length === 0) return undefined;
    return {
      title: fill(topic.laterTitles[0] as string, facts),
      paragraphs: [...topic.later, ...chance.some(told.paragraphs.slice(0, -1), 2 + chance.below(2))],
    };
  },
  /** Two entries of one live page. */
  live({ grammar, topic, facts, told, chance }) {
    if (topic.later.length === 0) return undefined;
    const [title, frame] = grammar.live;
    return {
      title: fill(title, facts),
      paragraphs: [frame, ...topic.later.slice(0, 2), told.paragraphs[chance.below(3)] as string],
    };
  },
};
