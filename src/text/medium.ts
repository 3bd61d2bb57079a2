import type { Article } from '../core/article.ts';
import type { Channel, Form, Layout } from '../core/channel.ts';
import type { MarkCosts } from './bidi.ts';

/** How a platform shows and counts a post: all that fitting a text to it needs to know. */
export interface Medium {
  /** For messages, such as `Telegram`. */
  name: string;
  /** What a post of each form may measure, and what its summary measures at most where the template names no budget. */
  forms: Record<Form, { limit: number; summary: number }>;
  /** Forms of a channel that asks for none in particular, best first. */
  ladder: readonly Form[];
  /** Hashtags of a channel that asks for no number. */
  hashtags: number;
  measure(text: string): number;
  /** The built-in template. */
  layout: Layout;
  /** Makes a value harmless in the template's markup. */
  escape?: (value: string) => string;
  /** What a reader sees of the template's markup, and what is wrong with it; absent: the markup itself. */
  visible?: (markup: string) => { text: string; problem?: string };
  /** True where the platform counts the markup, not what is seen of it. */
  countsMarkup?: boolean;
  /** Instead of the template: WhatsApp's approved templates are filled, not written. */
  render?: (values: PostValues) => Rendered;
  /** In a list: the title set off, and a headline that is a link itself; of finished, escaped text. Absent: plain text. */
  list?: { title?: (text: string) => string; linked?: (text: string, url: string) => string };
  /** Weight of each direction mark. */
  marks: MarkCosts;
  /** Makes signs of the text harmless that the platform would take for formatting, by an invisible joiner. */
  joiners?: (text: string) => string;
  /** Between paragraphs of the summary. */
  paragraphBreak: '\n\n' | ' ';
  /** Whether a background sentence may fill a post that nothing else fits into. */
  background: boolean;
  /** Sentences to leave out. */
  exclude?: (sentence: string) => boolean;
}

/** What a template puts together. All texts are finished, none is escaped. */
export interface PostValues {
  headline: string;
  /** Empty: none. */
  link: string;
  hashtags: string[];
  /** The summary of at most so many units (default: the form's own); paragraphs joined by the medium's break. */
  summary: (budget?: number) => string;
}

export interface Rendered {
  /** What a reader sees. */
  text: string;
  /** What is sent, where that differs. */
  markup?: string;
  /** By the platform's count. */
  length: number;
  /** Values of an approved template. */
  parameters?: string[];
}

/** What of a channel decides how its posts look. */
export type Look = Pick<Channel, 'id' | 'language' | 'style'>;

/** An article and where it is to go. */
export interface Assignment {
  article: Article;
  channel: Look;
  /** The link that the post carries, ready to be posted. */
  link: string | undefined;
}
