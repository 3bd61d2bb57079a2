import type { Article } from '../../core/article.ts';
import type { Post } from '../../core/post.ts';
import { templateParameter, whatsappBold } from '../../text/escape.ts';
import { bodySentences, joinBlocks, leadThatFits, shortenHeadline } from '../../text/fit.ts';
import { linkThatFits, tidyArticle } from './story.ts';

export interface WhatsappTemplate {
  name: string;
  language: string;
  text: string;
  header: 'none' | 'image';
}

export interface WhatsappChannel {
  recipients: string[];
  template: WhatsappTemplate;
  mode: 'template' | 'text';
}

/** Text 4096 and caption 1024 (Cloud API, messages), template body 1024 with parameters filled in (templates, components). */
export const limits = { text: 4096, caption: 1024, template: 1024 };
/** About what a phone shows before a reader loses patience. */
const softLimit = 700;

/** Free text: headline in bold, lead, link. */
export function composeText(given: Article): Post {
  const article = tidyArticle(given);
  const limit = article.images.length > 0 ? limits.caption : limits.text;
  const { link, warnings } = linkThatFits(article, (link) => joinBlocks(['…', link]).length + 2 <= limit);
  const render = (headline: string, lead: string[]) => joinBlocks([headline, ...lead, link]);
  const headline = shortenHeadline(plain(article.title), (text) => render(text, []).length + 2 <= limit);
  const lead = leadThatFits(
    plainSentences(article),
    (lead) => render(headline.text, lead).length + 2 <= Math.min(limit, softLimit),
  );
  const text = render(headline.text, lead);
  // An address ends what is bold.
  const bold = address.test(headline.text) ? headline.text : whatsappBold(headline.text);
  const markup = render(bold, lead);
  return {
    platform: 'whatsapp',
    parts: [
      {
        text,
        markup,
        length: markup.length,
        limit,
        unit: 'utf16',
        media: article.images.slice(0, 1),
        ...(link === undefined ? {} : { link }),
      },
    ],
    edits: headline.edits,
    warnings,
  };
}

/** The approved template, filled: {{1}} headline, {{2}} lead and link in one line, as parameters take no line break. */
export function composeTemplate(given: Article, { name, language, text: body, header }: WhatsappTemplate): Post {
  const article = tidyArticle(given);
  const render = (headline: string, summary: string) =>
    body.replace(/\{\{\s*([12])\s*\}\}/g, (_, index) => (index === '1' ? headline : summary));
  const { link, warnings } = linkThatFits(article, (link) => render('…', link).length <= limits.template);
  const second = (lead: string[]) =>
    templateParameter([...lead, link].filter((block) => block !== undefined).join(' '));

  const title = templateParameter(plain(article.title));
  const headline = shortenHeadline(title, (text) => render(text, second([]) || text).length <= limits.template);
  const lead = leadThatFits(
    plainSentences(article),
    (lead) => render(headline.text, second(lead)).length <= Math.min(limits.template, softLimit),
  );
  const filled = second(lead);
  const summary = filled || headline.text;
  const markup = render(headline.text, summary);
  const text = withoutMarks(markup);
  return {
    platform: 'whatsapp',
    parts: [
      {
        text,
        ...(text === markup ? {} : { markup }),
        length: markup.length,
        limit: limits.template,
        unit: 'utf16',
        media: header === 'image' ? article.images.slice(0, 1) : [],
        ...(link === undefined ? {} : { link }),
      },
    ],
    template: { name, language, parameters: [headline.text, summary], headerImage: header === 'image' },
    edits: headline.edits,
    warnings: filled
      ? warnings
      : [
          ...warnings,
          'The article has neither a sentence that fits nor a link: the template repeats the headline in its second parameter.',
        ],
  };
}

/** A mark where formatting may begin: after nothing, a space or punctuation, and before something. */
const opening = /(?<=^|[\s\p{P}\p{S}])[*_~`](?=\S)/gu;

/** Signs that WhatsApp would read as bold, italic, struck or code get an invisible joiner before them: it has no escape. */
function plain(text: string): string {
  return text.replace(opening, '\u2060$&');
}

/** The body's sentences; marks are made harmless only now, as a joiner would end a sentence. */
function plainSentences(article: Article): string[][] {
  return bodySentences(article).map((sentences) => sentences.map(plain));
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
