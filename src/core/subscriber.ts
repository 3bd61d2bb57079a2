import type { ChannelFilters } from './channel.ts';

/**
 * - `subscribed`: asked for news.
 * - `stopped`: asked for no more; nothing is sent.
 * - `known`: wrote, or was written to, and never said either.
 */
export type Consent = 'subscribed' | 'stopped' | 'known';

/** What is known of a person that an account writes to. */
export interface Person {
  /** Digits of the phone number with its country code and without `+`, or the id that the platform gave instead of one. */
  who: string;
  consent: Consent;
  /** Topics of the account, by id; absent: all. */
  topics?: string[];
  language?: string;
  /** Breaking news only. */
  breakingOnly: boolean;
  /** When the person's will was told (epoch ms), and how it is known: the proof of consent. */
  changedMs?: number;
  how?: string;
  /** When the person last wrote (epoch ms). */
  inboundMs?: number;
  /** The platform lets nothing through, by its code, until then (epoch ms); without a time: for good. */
  blocked?: { code: string; untilMs?: number };
  /** A phone number of the United States, where no marketing template is delivered. */
  isUs: boolean;
}

/** What a person has told. It counts by the time at which it was told, however late, often and in whatever order it comes. */
export interface PersonEvent {
  who: string;
  /** The id that came beside the phone number `who`: both are one person. */
  alias?: string;
  /** Epoch ms; kept in whole seconds. At the same second a stop wins. Absent: now, and after all that is known. */
  atMs?: number;
  /**
   * `start`: wants news, or other topics. `stop`: wants none. `resume`: wants it again, where it was wanted before.
   * `language`: wants another language, and says nothing of consent. `none`: only that the person wrote.
   */
  act: 'start' | 'stop' | 'resume' | 'language' | 'none';
  /** How that is known, in words; up to 200 characters. */
  how?: string;
  /** Of a start: these topics from now on, or all; absent: as before. */
  topics?: readonly string[] | 'all';
  /** Likewise. */
  breakingOnly?: boolean;
  language?: string;
  /** The person wrote to us: the window for free text is open from here. */
  isInbound?: boolean;
  /** A phone number of the United States. */
  isUs?: boolean;
}

/** How topics and languages are limited, by the form in which people are kept. */
export const mostTopics = 30;
export const mostLanguageLength = 8;
export const mostHowLength = 200;

/** For how long free text may be sent to whoever wrote (Meta, customer service windows). */
export const windowMs = 24 * 60 * 60 * 1000;

/** The name of a person without what tells who it is, for logs: `…567`. */
export function maskPerson(who: string): string {
  return `…${who.slice(-3)}`;
}

/** What became of an event: `late` where a later will is known, which stays. */
export interface ToldPerson {
  verdict: 'changed' | 'same' | 'late';
  wasSubscribed: boolean;
  /** As it stands now. */
  person: Person;
  /** Topics, by id, that could not be noted: the account has had `mostTopics` others. */
  noRoomFor?: string[];
}

/** All topics that could not be noted, each once. */
export const topicsWithoutRoom = (told: readonly ToldPerson[]): string[] => [
  ...new Set(told.flatMap(({ noRoomFor = [] }) => noRoomFor)),
];

/** How consent is known that a person gave or took back in a message. */
export const byMessage = 'message';
/** By the platform's own settings (Meta, webhook `user_preferences`). */
export const byPreference = 'user_preferences';
/** By the platform's refusal. */
export const byRefusal = 'marketing stopped';

/** What people can subscribe to at an account, and by which words. */
export interface Subscriptions {
  /** In the order of the menu. */
  topics: readonly Topic[];
  start: readonly string[];
  stop: readonly string[];
  all: readonly string[];
  breaking: readonly string[];
  help: readonly string[];
  /** Languages that people can choose; the first is that of people who have not. */
  languages: readonly string[];
  /** Texts of answers, by language. */
  replies: Readonly<Record<string, Partial<Replies>>>;
  /** ISO 3166 code of numbers that are written without a country code. */
  defaultCountry?: string;
}

export interface Topic {
  id: string;
  /** For people, by language. */
  names: Readonly<Record<string, string>>;
  words: readonly string[];
  /** The articles that belong to it. */
  filters: ChannelFilters;
}

/** Answers to what people write. */
export interface Replies {
  subscribed: string;
  stopped: string;
  help: string;
  /** Topics or language were changed. */
  topics: string;
}
