import type { Article } from '../../core/article.ts';
import type { Channel } from '../../core/channel.ts';
import { RejectedError } from '../../core/errors.ts';
import type { Post } from '../../core/post.ts';
import { markDirection, plainMarks } from '../../text/bidi.ts';
import { templateParameter } from '../../text/escape.ts';
import { fitPost } from '../../text/fit.ts';
import { limits as counted, fillTemplate, measureTemplate } from '../../text/measure.ts';
import type { Medium } from '../../text/medium.ts';
import { composeDigest } from './digest.ts';
import { articleFor, composeStory, linkThatFits } from './story.ts';

export interface WhatsappTemplate {
  name: string;
  language: string;
  text: string;
  header: 'none' | 'image';
}

export interface WhatsappChannel {
  recipients?: string[] | undefined;
  /** It writes to those who have subscribed, instead of `recipients`. */
  subscribers?: true | undefined;
  template: WhatsappTemplate;
  /** For other languages. */
  templates?: WhatsappTemplate[] | undefined;
  mode?: 'template' | 'text' | 'window' | undefined;
  optOut?: string | undefined;
}

/** Cloud API, messages and template components. */
export const limits = {
  text: counted.whatsappText,
  caption: counted.whatsappCaption,
  template: counted.whatsappTemplateBody,
};
/** About five lines show before "Read more". */
const usualSummary = 400;

const text: Medium = {
  name: 'WhatsApp',
  forms: {
    photo: { limit: limits.caption, summary: usualSummary },
    text: { limit: limits.text, summary: usualSummary },
    headline: { limit: limits.text, summary: 0 },
  },
  ladder: ['photo', 'text', 'headline'],
  hashtags: 0,
  measure: (text) => text.length,
  layout: {
    name: 'the built-in template of WhatsApp',
    source: '*{{ headline }}*\n\n{{ summary }}\n\n{{ hashtags }}\n\n{{ link }}',
  },
  escape: (value) => value,
  visible: (markup) => ({ text: withoutMarks(markup) }),
  countsMarkup: true,
  marks: plainMarks,
  joiners: plain,
  paragraphBreak: '\n\n',
  background: true,
};

const notBold = { ...text.layout, source: text.layout.source.replaceAll('*', '') };

/** The built-in template of free text. */
export const layout = text.layout.source;

/** Free text: headline in bold, summary, link; for subscribers, how to stop. */
export function composeText(given: Article, channel: Channel<WhatsappChannel>): Post {
  const ending = endingOf(channel, given);
  return withEnding(composeBody(given, channel, shortened(text, ending.length)), ending);
}

const optOuts: Readonly<Record<string, string>> = { ar: 'للإيقاف أرسل: إلغاء', en: 'To stop, send STOP' };

/** The last line of what subscribers get as free text, with the space before it; empty for others. */
function endingOf({ settings, language }: Channel<WhatsappChannel>, article: Article): string {
  if (!settings.subscribers) return '';
  return `\n\n${settings.optOut ?? optOuts[language ?? article.language] ?? optOuts.en}`;
}

function shortened(medium: Medium, length: number): Medium {
  const forms = Object.entries(medium.forms).map(([name, form]) => [name, { ...form, limit: form.limit - length }]);
  return { ...medium, forms: Object.fromEntries(forms) as Medium['forms'] };
}

function withEnding(post: Post, ending: string): Post {
  if (ending === '') return post;
  const parts = post.parts.map((part) => ({
    ...part,
    text: part.text + ending,
    ...(part.markup === undefined ? {} : { markup: part.markup + ending }),
    length: part.length + ending.length,
    limit: part.limit + ending.length,
  }));
  return { ...post, parts };
}

function composeBody(given: Article, channel: Channel<WhatsappChannel>, medium: Medium): Post {
  const article = articleFor(given, channel);
  if (article.digest) return composeDigest(article, channel, medium, { platform: 'whatsapp', unit: 'utf16' });
  const { limit } = article.images.length > 0 ? medium.forms.photo : medium.forms.text;
  const { link, warnings } = linkThatFits(article, channel, (link) => link.length + 5 <= limit);
  // An address or a star of its own would end what is bold.
  const isPlain = /\*/.test(article.title) || address.test(article.title);
  const fitting = isPlain ? { ...medium, layout: notBold } : medium;
  const post = composeStory(article, channel as unknown as Channel, fitting, {
    platform: 'whatsapp',
    unit: 'utf16',
    link,
    preview: link,
  });
  return { ...post, warnings: [...warnings, ...post.warnings] };
}

/** The approved template, filled: {{1}} headline, {{2}} summary and link in one line, as parameters take no line break. */
export function composeTemplate(given: Article, channel: Channel<WhatsappChannel>): Post {
  const { name, language, text: body, header } = channel.settings.template;
  const article = articleFor(given, channel);
  if (article.digest) return digestTemplate(article, channel);
  const { link, warnings } = linkThatFits(article, channel, (link) => measureTemplate(body, ['…', link]).valid);
  const form = { limit: limits.template, summary: usualSummary };
  const medium: Medium = {
    ...text,
    forms: { photo: form, text: form, headline: form },
    ladder: ['text'],
    paragraphBreak: ' ',
    render({ headline, link, summary }) {
      const first = templateParameter(headline);
      const joined = templateParameter([summary(), link].filter((block) => block !== '').join(' ')) || first;
      // The link stands in the line of the summary.
      const second = markDirection(joined, article.direction, plainMarks);
      const markup = fillTemplate(body, [first, second]);
      const { length } = measureTemplate(body, [first, second]);
      return { text: withoutMarks(markup), markup, length, parameters: [first, second] };
    },
  };
  const { ladder: _, ...style } = channel.style ?? {};
  const fitted = fitPost({ article, channel: { ...channel, style }, link }, medium);
  const [first = '', second = ''] = fitted.parameters ?? [];
  return {
    platform: 'whatsapp',
    parts: [
      {
        text: fitted.text,
        ...(fitted.text === fitted.markup ? {} : { markup: fitted.markup as string }),
        length: fitted.length,
        limit: limits.template,
        unit: 'utf16',
        media: header === 'image' ? article.images.slice(0, 1) : [],
        ...(link === undefined ? {} : { link }),
      },
    ],
    template: { name, language, parameters: [first, second], headerImage: header === 'image' },
    edits: fitted.edits,
    warnings: [...warnings, ...fitted.warnings, ...(second === first ? [repeated] : [])],
  };
}

/** A digest in the approved template: {{1}} its title, {{2}} the numbered headlines with their links in one line. */
function digestTemplate(article: Article, channel: Channel<WhatsappChannel>): Post {
  const { name, language, text: body, header } = channel.settings.template;
  if (header === 'image' && article.images.length === 0) {
    throw new RejectedError(`The template "${name}" has a picture on top, and a digest has none.`, {
      code: 'no-picture',
    });
  }
  const title = templateParameter(article.title);
  const inLine: Medium = { ...text, paragraphBreak: ' ', forms: { ...text.forms, text: listForm } };
  const list = composeDigest({ ...article, title: '' }, channel, inLine, { platform: 'whatsapp', unit: 'utf16' });
  const parameters = [title, templateParameter(list.parts[0]?.text ?? '')];
  const { length, limit, valid } = measureTemplate(body, parameters);
  if (!valid) {
    throw new RejectedError(`The digest has ${length} characters in the template "${name}", and may have ${limit}.`, {
      code: 'text-too-long',
    });
  }
  const markup = fillTemplate(body, parameters);
  const seen = withoutMarks(markup);
  const media = header === 'image' ? article.images.slice(0, 1) : [];
  return {
    ...list,
    parts: [{ text: seen, ...(seen === markup ? {} : { markup }), length, limit, unit: 'utf16', media }],
    template: { name, language, parameters, headerImage: header === 'image' },
  };
}

const listForm = { limit: limits.template, summary: 0 };

const repeated =
  'The article has neither a sentence that fits nor a link: the template repeats the headline in its second parameter.';

/** A mark where formatting may begin: after nothing, a space or punctuation, and before something. */
const opening = /(?<=^|[\s\p{P}\p{S}])[*_~`](?=\S)/gu;

/** Signs that WhatsApp would read as bold, italic, struck or code get an invisible joiner before them: it has no escape. */
function plain(text: string): string {
  return text.replace(opening, '\u2060$&');
}

const address = /(https?:\/\/[^\s<>"]+)/;
const marked = /(?<=^|[\s\p{P}])([*_~])(?=\S)([^\n]*?\S)\1(?=$|[\s\p{P}])/gmu;

/** What a reader sees of a template whose approved body holds marks, such as `*{{1}}*`. Addresses are never formatted. */
function withoutMarks(text: string): string {
  const bare = (stretch: string): string => stretch.replace(marked, (_, __, inner: string) => bare(inner));
  return text
    .split(address)
    .map((stretch, index) => (index % 2 === 1 ? stretch : bare(stretch)))
    .join('');
}
