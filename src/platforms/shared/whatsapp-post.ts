import type { Article } from '../../core/article.ts';
import type { Post } from '../../core/post.ts';
import { encodeUrl, templateParameter, whatsappBold } from '../../text/escape.ts';
import { bodySentences, joinBlocks, leadThatFits, shortenHeadline } from '../../text/fit.ts';

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
export function composeText(article: Article): Post {
  const limit = article.images.length > 0 ? limits.caption : limits.text;
  const link = article.url === undefined ? undefined : encodeUrl(article.url);
  const render = (headline: string, lead: string[]) => joinBlocks([headline, ...lead, link]);
  const headline = shortenHeadline(article.title, (text) => render(text, []).length + 2 <= limit);
  const lead = leadThatFits(
    bodySentences(article),
    (lead) => render(headline.text, lead).length + 2 <= Math.min(limit, softLimit),
  );
  const text = render(headline.text, lead);
  const markup = render(whatsappBold(headline.text), lead);
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
    warnings: [],
  };
}

/** The approved template, filled: {{1}} headline, {{2}} lead and link in one line, as parameters take no line break. */
export function composeTemplate(article: Article, { name, language, text: body, header }: WhatsappTemplate): Post {
  const link = article.url === undefined ? undefined : encodeUrl(article.url);
  const second = (lead: string[]) =>
    templateParameter([...lead, link].filter((block) => block !== undefined).join(' '));
  const render = (headline: string, summary: string) =>
    body.replace(/\{\{\s*([12])\s*\}\}/g, (_, index) => (index === '1' ? headline : summary));

  const title = templateParameter(article.title);
  const headline = shortenHeadline(title, (text) => render(text, second([]) || text).length <= limits.template);
  const lead = leadThatFits(
    bodySentences(article),
    (lead) => render(headline.text, second(lead)).length <= Math.min(limits.template, softLimit),
  );
  const filled = second(lead);
  const summary = filled || headline.text;
  const text = render(headline.text, summary);
  return {
    platform: 'whatsapp',
    parts: [
      {
        text,
        length: text.length,
        limit: limits.template,
        unit: 'utf16',
        media: header === 'image' ? article.images.slice(0, 1) : [],
        ...(link === undefined ? {} : { link }),
      },
    ],
    template: { name, language, parameters: [headline.text, summary], headerImage: header === 'image' },
    edits: headline.edits,
    warnings: filled
      ? []
      : [
          'The article has neither a sentence that fits nor a link: the template repeats the headline in its second parameter.',
        ],
  };
}
