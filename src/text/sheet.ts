import type { Layout } from '../core/channel.ts';
import type { Edit } from '../core/post.ts';
import { markDirection } from './bidi.ts';
import { finish } from './finish.ts';
import type { Assignment, Medium, PostValues, Rendered } from './medium.ts';
import { compileTemplate, TemplateError } from './template.ts';

/** A summary to choose from: what fits into `most` units. `done` says how far a source that is read in order has got. */
export type SummarySource = (most: number) => { paragraphs: string[]; edits: Edit[]; done?: number };

export interface Draft extends Rendered {
  /** Paragraphs of the summary as they stand in the post. */
  summary: string[];
  edits: Edit[];
  /** From the summary source. */
  done: number;
}

export interface Words {
  headline: string;
  hashtags: readonly string[];
  /** Most that the summary may measure; 0: none. */
  cap: number;
  /** Most where the template names no budget. */
  usual: number;
}

/** Writes drafts of one post: template, finish, count. */
export interface Sheet {
  write(words: Words): Draft;
  /** Gives up the channel's template for the built-in one; false where that is in use already. */
  giveUpLayout(why: string): boolean;
  warnings: string[];
}

export function createSheet(
  { article, channel, link }: Assignment,
  medium: Medium,
  source: SummarySource,
  { asItIs = false } = {},
): Sheet {
  const options = {
    direction: article.direction,
    digits: channel.style?.digits ?? 'source',
    marks: medium.marks,
    joiners: medium.joiners,
  };
  const { layouts } = channel.style ?? {};
  const language = channel.language ?? article.language;
  let layout = layouts?.byLanguage?.[language.split('-')[0] ?? language] ?? layouts?.any ?? medium.layout;
  const warnings: string[] = [];

  function giveUpLayout(why: string): boolean {
    if (layout === medium.layout) return false;
    warnings.push(`The template ${layout.name} could not be used for this article: ${why} The built-in one stands in.`);
    layout = medium.layout;
    return true;
  }

  function render(values: PostValues): Rendered {
    if (medium.render) return medium.render(values);
    for (;;) {
      const rendered = attempt(values, layout);
      if (!('problem' in rendered)) return rendered;
      if (!giveUpLayout(rendered.problem)) throw new Error(`The built-in template is broken: ${rendered.problem}`);
    }
  }

  function attempt(values: PostValues, { name, source }: Layout): Rendered | { problem: string } {
    try {
      const { byline = '', agency = '', section = '', publishedAt = '', tags, priority, direction } = article;
      const markup = compileTemplate({ name, source }).render(
        {
          ...values,
          body: article.paragraphs,
          tags,
          section,
          byline,
          agency,
          language: article.language,
          direction,
          priority,
          breaking: priority === 'breaking',
          publishedAt,
          channel: channel.id,
        },
        medium.escape,
      );
      const { text, problem } = medium.visible?.(markup) ?? { text: markup };
      if (problem !== undefined) return { problem: `${problem}.` };
      if (text.trim() === '') return { problem: 'it leaves the post empty.' };
      return {
        text,
        ...(text === markup && !medium.escape ? {} : { markup }),
        length: medium.measure(medium.countsMarkup ? markup : text),
      };
    } catch (error) {
      if (error instanceof TemplateError) return { problem: error.message };
      throw error;
    }
  }

  function write({ headline, hashtags, cap, usual }: Words): Draft {
    const title = finish(headline, options);
    const edits = [...title.edits];
    let summary: string[] = [];
    let done = 0;
    const rendered = render({
      headline: title.text,
      link: link ?? '',
      hashtags: markDirection(hashtags.join(' '), article.direction, medium.marks)
        .split(' ')
        .filter((tag) => tag !== ''),
      summary: (budget) => {
        const most = Math.min(budget ?? usual, cap);
        if (most <= 0) return '';
        const chosen = source(most);
        const finished = chosen.paragraphs.map((paragraph) => finish(paragraph, { ...options, asItIs }));
        summary = finished.map(({ text }) => text);
        edits.push(...chosen.edits, ...finished.flatMap((one) => one.edits));
        done = chosen.done ?? 0;
        return summary.join(medium.paragraphBreak);
      },
    });
    return { ...rendered, summary, edits, done };
  }

  return { write, giveUpLayout, warnings };
}
