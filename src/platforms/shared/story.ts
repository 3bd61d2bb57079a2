import type { Article } from '../../core/article.ts';
import type { Channel } from '../../core/channel.ts';
import type { LengthUnit, Post, PostPart } from '../../core/post.ts';
import { type Fitted, fitPost } from '../../text/fit.ts';
import { postLink } from '../../text/link.ts';
import type { Medium, Rendered } from '../../text/medium.ts';
import { fitThread } from '../../text/thread.ts';

const tidied = new WeakMap<readonly string[], string[]>();

/**
 * An article's words, fit to be sent anywhere: well-formed, each text in one line, without control characters and those
 * that make X refuse a whole post (twitter-text: U+FFFE, U+FEFF, U+FFFF).
 */
function tidyArticle(article: Article): Article {
  const { title, teaser, summary, texts, byline, agency, section, digest } = article;
  // The same list for the same article: what is known of its sentences is kept by it.
  let paragraphs = tidied.get(article.paragraphs);
  if (!paragraphs) {
    paragraphs = article.paragraphs.map(tidy).filter((paragraph) => paragraph !== '');
    tidied.set(article.paragraphs, paragraphs);
  }
  return {
    ...article,
    title: tidy(title),
    paragraphs,
    tags: article.tags.map(tidy),
    ...(teaser === undefined ? {} : { teaser: tidy(teaser) }),
    ...(byline === undefined ? {} : { byline: tidy(byline) }),
    ...(agency === undefined ? {} : { agency: tidy(agency) }),
    ...(section === undefined ? {} : { section: tidy(section) }),
    ...(digest === undefined ? {} : { digest: digest.map((item) => ({ ...item, title: tidy(item.title) })) }),
    ...(summary === undefined ? {} : { summary: tidyLines(summary) }),
    ...(texts === undefined
      ? {}
      : { texts: Object.fromEntries(Object.entries(texts).map(([channel, text]) => [channel, tidyLines(text)])) }),
  };
}

/** What `tidy` would change, found at one look, as most texts are tidy. */
const untidy = /[^\P{Cc}]|[\uFFFE\uFEFF\uFFFF]|\p{Cs}|[^\S ]|^ | $| {2}/u;

function tidy(text: string): string {
  if (!untidy.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/[\uFFFE\uFEFF\uFFFF]/g, '')
    .replace(/[^\P{Cc}\t-\r\u0085]/gu, '')
    .replace(/[\s\u0085]+/gu, ' ')
    .trim();
}

function tidyLines(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(tidy)
    .join('\n')
    .trim();
}

/** An article as a channel shows it: its words fit to be sent, with the channel's default picture where it has none. */
export function articleFor(article: Article, { defaultImage }: Pick<Channel, 'defaultImage'>): Article {
  const tidy = tidyArticle(article);
  if (defaultImage === undefined || tidy.images.length > 0) return tidy;
  return { ...tidy, images: [{ url: defaultImage }] };
}

/** The article's address as a post carries it; left out, with a warning, where not even a bare "…" fits beside it. */
export function linkThatFits(
  { url }: Pick<Article, 'url'>,
  { style }: Pick<Channel, 'style'>,
  fits: (link: string) => boolean,
): { link: string | undefined; warnings: string[] } {
  const link = url === undefined ? undefined : postLink(url, style?.utm);
  if (link === undefined || fits(link)) return { link, warnings: [] };
  return { link: undefined, warnings: ['The address of the article is too long for this post: it goes without.'] };
}

export interface StoryOptions {
  platform: string;
  unit: LengthUnit;
  /** Carried in the text. */
  link: string | undefined;
  /** The address whose preview is shown; undefined: none. */
  preview: string | undefined;
  /** Most parts that the article is told in; 1: a summary in one post. */
  parts?: number;
  /** Whether the parts of a thread are numbered. */
  numbered?: boolean;
}

/** The post of an article on a channel of a platform that shows it as `medium` says. */
export function composeStory(
  article: Article,
  channel: Channel,
  medium: Medium,
  { platform, unit, link, preview, parts = 1, numbered = false }: StoryOptions,
): Post {
  const assignment = { article, channel, link };
  const thread =
    parts > 1 && article.texts?.[channel.id] === undefined && article.summary === undefined
      ? fitThread(assignment, medium, { most: parts, numbered })
      : undefined;
  const first = thread?.first ?? fitPost(assignment, medium);
  const part = ({ text, markup, length }: Rendered, limit: number): PostPart => ({
    text,
    ...(markup === undefined ? {} : { markup }),
    length,
    limit,
    unit,
    media: [],
  });
  const { limit } = medium.forms[first.form];
  return {
    platform,
    parts: [
      {
        ...part(first, limit),
        media: pictures(article, first),
        ...(preview === undefined ? {} : { link: preview }),
      },
      ...(thread?.rest ?? []).map((rest) => part(rest, medium.forms.text.limit)),
    ],
    edits: [...first.edits, ...(thread?.rest ?? []).flatMap(({ edits }) => edits)],
    warnings: first.warnings,
  };
}

function pictures({ images }: Article, { form }: Fitted) {
  return form === 'photo' ? images.slice(0, 1) : [];
}
