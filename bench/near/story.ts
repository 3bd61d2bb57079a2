import { readFileSync } from 'node:fs';

/** A kind of news story: `facts` are paragraphs in the order of importance, each in two wordings. */
export interface Topic {
  name: string;
  /** Numbers that go up while the story runs, such as the dead. */
  running: string[];
  /** Range of each number. */
  numbers: Record<string, [number, number]>;
  titles: string[];
  facts: [string, string][];
  extra: string[];
  /** What happens next: another story, with headlines of its own. */
  laterTitles: string[];
  later: string[];
}

export interface Grammar {
  slots: Record<string, string[]>;
  topics: Topic[];
  synonyms: [string, string][];
  spellings: [string, string][];
  boilerplate: string[];
  datelines: string[];
  live: [string, string];
}

export const grammars = ['ar', 'en'].map(
  (language) => JSON.parse(readFileSync(new URL(`./topics-${language}.json`, import.meta.url), 'utf8')) as Grammar,
);

export interface Told {
  title: string;
  paragraphs: string[];
}

/** What is true in one story. */
export type Facts = Record<string, string>;

/** Even numbers from a seed, the same everywhere. */
export interface Chance {
  below(count: number): number;
  pick<Item>(items: readonly Item[]): Item;
  some<Item>(items: readonly Item[], count: number): Item[];
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  return {
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    some(items, count) {
      const left = [...items];
      return Array.from(
        { length: Math.min(count, left.length) },
        () => left.splice(below(left.length), 1)[0] as (typeof items)[number],
      );
    },
  };
}

/** A story's facts; `unlike` differs in each of them. */
export function factsOf({ slots }: Grammar, { numbers }: Topic, chance: Chance, unlike: Facts = {}): Facts {
  const facts: Facts = {};
  for (const [name, values] of Object.entries(slots)) {
    facts[name] = chance.pick(values.filter((value) => value !== unlike[name]));
  }
  for (const name of Object.keys(numbers)) facts[name] = numberOf(numbers, name, chance, unlike[name]);
  return facts;
}

/** Another number of that name. */
export function numberOf(numbers: Topic['numbers'], name: string, chance: Chance, unlike?: string): string {
  const [least, most] = numbers[name] as [number, number];
  for (;;) {
    const value = least + chance.below(most - least + 1);
    const text = name === 'magnitude' ? (value / 10).toFixed(1) : String(value);
    if (text !== unlike) return text;
  }
}

export function fill(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? name);
}

/** `wording` of each fact: 0 or 1. */
export function tell(topic: Topic, facts: Facts, wording: (at: number) => 0 | 1, title = 0): Told {
  return {
    title: fill(topic.titles[title % topic.titles.length] as string, facts),
    paragraphs: topic.facts.map((fact, at) => fill(fact[wording(at)], facts)),
  };
}
