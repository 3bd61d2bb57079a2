import type { Article, Image } from '../core/article.ts';
import type { PostPart } from '../core/post.ts';
import { isDirectedByLine, lineDirection } from './preview-direction.ts';
import { foldPlace } from './preview-fold.ts';
import { escapeText, readableAddress, renderRuns } from './preview-html.ts';
import type { PostPreview } from './preview-posts.ts';
import { cutRuns, linesOf, type Run, runsOf } from './preview-runs.ts';

/** The frame that a platform draws round the parts of a post. */
interface Frame {
  /** Picture above or below the text. */
  picture: 'above' | 'below';
  /** Whether a link gets a card: WhatsApp gives none to approved templates. */
  card(post: PostPreview): boolean;
  /** The link's card stands above the text. */
  cardAbove?: boolean;
  /** Lines above the text: who posts. */
  who(post: PostPreview, html: string): string;
  /** What stands under a part. */
  foot: string;
}

const clock = '<span class="clock" dir="ltr">12:00</span>';
const initial = '<span class="avatar" aria-hidden="true">م</span>';
const placeOf = ({ place, channel }: PostPreview) => escapeText(place ?? channel);

const frames: Record<string, Frame> = {
  telegram: {
    picture: 'above',
    card: () => true,
    who: (post, html) => `<div class="bubble"><b class="name"><bdi>${placeOf(post)}</bdi></b>${html}</div>`,
    foot: clock,
  },
  x: {
    picture: 'below',
    card: () => true,
    who: (post, html) =>
      `<div class="tweet">${initial}<div class="body"><div class="name"><b><bdi>${placeOf(post)}</bdi></b></div>${html}</div></div>`,
    foot: '<div class="acts" dir="ltr" aria-hidden="true"><span>↩</span><span>⇄</span><span>♡</span><span>↗</span></div>',
  },
  whatsapp: {
    picture: 'above',
    card: ({ template }) => template === undefined,
    cardAbove: true,
    who: (_, html) => `<div class="bubble">${html}</div>`,
    foot: clock,
  },
  facebook: {
    picture: 'below',
    card: () => true,
    who: (post, html) =>
      `<div class="page-post"><div class="name">${initial}<span><b><bdi>${placeOf(post)}</bdi></b><small><bdi>now</bdi></small></span></div>${html}</div>`,
    foot: '<div class="acts" aria-hidden="true"><span>Like</span><span>Comment</span><span>Share</span></div>',
  },
};

const plain: Frame = {
  picture: 'below',
  card: () => true,
  who: (_, html) => `<div class="bubble">${html}</div>`,
  foot: '',
};

/** The parts of a post as the platform's readers see them. */
export function renderParts(post: PostPreview, article: Article): string {
  return post.parts.map((part, index) => renderPart(part, index, post, article)).join('');
}

function renderPart(part: PostPart, index: number, post: PostPreview, article: Article): string {
  const frame = frames[post.platform] ?? plain;
  const { length } = post.parts;
  const number = length > 1 ? `<span class="number" dir="ltr">${index + 1} of ${length}</span>` : '';
  const pictures = part.media.map(renderPicture).join('');
  const card =
    part.media.length === 0 && part.link !== undefined && frame.card(post) ? renderCard(part.link, article) : '';
  const text = renderSaid(part, post.platform);
  const above = `${frame.picture === 'above' ? pictures : ''}${frame.cardAbove ? card : ''}`;
  const below = `${frame.picture === 'below' ? pictures : ''}${frame.cardAbove ? '' : card}`;
  const framed = frame.who(post, `${above}${text}${below}${frame.foot}`);
  return `<div class="part" dir="${lineDirection(part.text)}">${framed}${number}</div>`;
}

/** The text: a paragraph a line, each with its own direction where the platform gives it one. */
function renderSaid(part: PostPart, platform: string): string {
  const byLine = isDirectedByLine(platform);
  const lines = linesOf(runsOf(platform, part));
  const fold = foldPlace(
    platform,
    lines.map((line) => line.map(({ text }) => text).join('')),
  );
  const paragraphs = lines.map((line, index) => {
    const content = fold?.line === index ? folded(line, fold.offset) : render(line, platform);
    return content === '' ? '<p class="gap"></p>' : `<p${byLine ? ' dir="auto"' : ''}>${content}</p>`;
  });
  return `<div class="said"${byLine ? '' : ` dir="${lineDirection(part.text)}"`}>${paragraphs.join('')}</div>`;
}

const render = (line: readonly Run[], platform: string) => renderRuns(line, { shorten: platform === 'x' });

/** The sign that readers see where the rest is hidden; here the rest stays in sight. */
function folded(line: readonly Run[], offset: number): string {
  const [before, after] = cutRuns(line, offset);
  return `${renderRuns(before)}<span class="fold" dir="ltr">Read more</span>${renderRuns(after)}`;
}

/** Pictures are not loaded: a page that is sent round must not tell their host who reads it. */
function renderPicture({ url, alt }: Image): string {
  const address = readableAddress(url);
  const file = address === undefined ? url : `${address.host}${address.path}`;
  const text = alt === undefined || alt === '' ? '' : `<span dir="auto">${escapeText(alt)}</span>`;
  return `<div class="picture"><span class="frame" aria-hidden="true"></span>${text}<small dir="ltr">${escapeText(file)}</small></div>`;
}

function renderCard(link: string, { title }: Article): string {
  const address = readableAddress(link);
  if (!address) return '';
  return `<div class="link-card"><small dir="ltr">${escapeText(address.host)}</small><b dir="auto">${escapeText(title)}</b></div>`;
}
