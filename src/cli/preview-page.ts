import type { PostPart } from '../core/post.ts';
import { renderParts } from './preview-card.ts';
import { escapeText, isWebAddress } from './preview-html.ts';
import { type ArticlePreview, allForms, type PostPreview } from './preview-posts.ts';
import { previewStyle } from './preview-style.ts';
import {
  beginning,
  companions,
  describeEdits,
  type EditWords,
  morePlaces,
  timeInWords,
  unitNames,
} from './preview-words.ts';

/** No script, and nothing loaded from anywhere. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const names: Record<string, string> = { telegram: 'Telegram', x: 'X', whatsapp: 'WhatsApp', facebook: 'Facebook' };

/** One page, complete in itself, with a card for each post of each article. `timezone` is that of the times shown. */
export function renderPage(previews: readonly ArticlePreview[], { timezone }: { timezone: string }): string {
  const [only] = previews;
  const title = previews.length === 1 && only ? only.article.title : `${previews.length} articles`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${escapeText(title)} · Munadi preview</title><style>${previewStyle}</style></head>
<body><header><h1>Preview</h1><p>What each channel would get. Nothing was sent.</p>${index(previews)}</header>
<main>${previews.map((preview, at) => section(preview, at, timezone)).join('\n')}</main></body></html>
`;
}

function index(previews: readonly ArticlePreview[]): string {
  if (previews.length < 2) return '';
  const items = previews.map(({ article, posts }, at) => {
    const notes = posts.reduce((sum, { warnings }) => sum + warnings.length, 0);
    const count = `${counted(posts.length, 'post')}${notes > 0 ? `, ${counted(notes, 'note')}` : ''}`;
    return `<li><a href="#article-${at + 1}" dir="auto">${escapeText(article.title)}</a> <small>${count}</small></li>`;
  });
  return `<nav aria-label="Articles"><ol>${items.join('')}</ol></nav>`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function section(preview: ArticlePreview, at: number, timezone: string): string {
  const { article, posts } = preview;
  const board =
    posts.length === 0
      ? '<p class="none">No channel takes this article: every one is kept out by its filters.</p>'
      : `<div class="board">${allForms(posts)
          .map((post) => card(post, preview))
          .join('\n')}</div>`;
  return `<section id="article-${at + 1}"><h2 dir="auto" lang="${escapeText(article.language)}">${escapeText(article.title)}</h2>${facts(preview, timezone)}${board}</section>`;
}

function facts({ article, dueMs }: ArticlePreview, timezone: string): string {
  const { id, url, language, priority, because, publishedAt, embargoUntil } = article;
  const all = [
    `<code>${escapeText(id)}</code>`,
    escapeText(language),
    ...(priority === 'normal'
      ? []
      : [`<b>${escapeText(priority)}</b>${because === undefined ? '' : ` by the <bdi>${escapeText(because)}</bdi>`}`]),
    ...(publishedAt === undefined ? [] : [`published ${escapeText(timeInWords(publishedAt, timezone))}`]),
    ...(embargoUntil === undefined ? [] : [`due ${escapeText(timeInWords(dueMs, timezone))}`]),
    ...(url === undefined ? [] : [address(url)]),
  ];
  return `<p class="facts">${all.map((fact) => `<span>${fact}</span>`).join(' · ')}</p>`;
}

function address(url: string): string {
  const shown = escapeText(url);
  return isWebAddress(url) ? `<a href="${shown}" rel="noreferrer noopener" dir="ltr">${shown}</a>` : shown;
}

function card(post: PostPreview, { article }: ArticlePreview): string {
  const { channel, platform, sandbox, form, template, edits, warnings, parts } = post;
  const known = Object.hasOwn(names, platform) ? platform : 'other';
  const approved = template
    ? list('Template', [
        escapeText(`${template.name}, ${template.language}${template.headerImage ? ', picture on top' : ''}`),
        ...template.parameters.map((value, at) => escapeText(`{{${at + 1}}} ${beginning(value, 110)}`)),
      ])
    : '';
  return `<article class="card ${known}" lang="${escapeText(article.language)}">
<h3 lang="en"><span class="mark">${escapeText(names[platform] ?? platform)}</span> ${escapeText(channel)} <span class="badge${sandbox ? '' : ' live'}">${sandbox ? 'SANDBOX' : 'LIVE'}</span>${form === undefined ? '' : ` <small>${escapeText(form)}</small>`}</h3>
<div class="wall">${renderParts(post, article)}</div>
<div class="under" lang="en">${parts.map((part, at) => measure(part, at, parts.length)).join('')}${approved}${list('Changed', describeEdits(edits).map(editHtml))}${list('Notes', warnings.map(escapeText), 'notes')}</div></article>`;
}

function measure(part: PostPart, at: number, count: number): string {
  const { length, limit, unit } = part;
  const share = limit > 0 ? Math.min(100, Math.round((length / limit) * 100)) : 100;
  const state = length > limit ? ' over' : share > 90 ? ' near' : '';
  const number = count > 1 ? `${at + 1}. ` : '';
  const beside = companions(part).map(
    ([name, value]) => `<p class="beside">${name}: <bdi>${escapeText(value)}</bdi></p>`,
  );
  return `<p class="measure${state}">${number}<span class="bar" aria-hidden="true"><i style="width:${share}%"></i></span> ${length} of ${limit} ${unitNames[unit]}</p>${beside.join('')}`;
}

function editHtml(edit: EditWords): string {
  const quoted = (text: string) => `“<bdi>${escapeText(text)}</bdi>”`;
  const rows = edit.changes.map(
    ({ before, after }) => `<br>${before === undefined ? '' : `${quoted(before)} → `}${quoted(after)}`,
  );
  return `${escapeText(edit.what)}:${rows.join('')}${edit.more > 0 ? `<br>${morePlaces(edit)}` : ''}`;
}

/** A list of items, which are HTML. */
function list(name: string, items: readonly string[], kind = ''): string {
  if (items.length === 0) return '';
  const rows = items.map((item) => `<li dir="auto">${item}</li>`);
  return `<div class="list ${kind}"><b>${name}</b><ul>${rows.join('')}</ul></div>`;
}
