import type { Article } from '../core/article.ts';
import type { Style } from '../core/channel.ts';
import type { Edit, EditKind } from '../core/post.ts';
import { type MarkCosts, markDirection } from './bidi.ts';
import { convertDigits } from './digits.ts';
import { arabicPunctuation, tidySpacing } from './punctuation.ts';

export interface Finished {
  text: string;
  /** One a kind of change, with the text before and after it. */
  edits: Edit[];
}

export interface FinishOptions {
  direction: Article['direction'];
  digits: NonNullable<Style['digits']>;
  marks: MarkCosts;
  /** Makes signs harmless that the platform would take for formatting. */
  joiners?: ((text: string) => string) | undefined;
  /** The editor's own words get direction marks and joiners only. */
  asItIs?: boolean;
}

/** A headline or paragraph as it goes into a post: Arabic punctuation and digits as wanted, direction marks last. */
export function finish(text: string, { direction, digits, marks, joiners, asItIs = false }: FinishOptions): Finished {
  const edits: Edit[] = [];
  let current = text;
  const step = (kind: EditKind, change: (text: string) => string) => {
    const after = change(current);
    if (after !== current) edits.push({ kind, before: current, after });
    current = after;
  };
  if (!asItIs) {
    step('spacing', tidySpacing);
    if (direction === 'rtl') step('punctuation', arabicPunctuation);
    // Arabic-Indic digits belong into Arabic text; a foreign article on the channel keeps its own.
    if (digits === 'latin' || direction === 'rtl') step('digits', (given) => convertDigits(given, digits));
  }
  if (joiners) step('joiner', joiners);
  step('direction', (given) => markDirection(given, direction, marks));
  return { text: current, edits };
}
