import { icons } from './page-icons.ts';
import { directionOf, escapeHtml, hostOf, linkify, telegramHtml, whatsappHtml } from './page-text.ts';
import type { SandboxMedia, SandboxPost } from './post.ts';

/** Where a page takes its pictures from, and which post it was opened for. */
export interface PageContext {
  /** Address of a picture by its hash; undefined where it is not held any more. */
  pictureAddress(sha256: string): string | undefined;
  /** The post that an answer is an answer to. */
  find(id: string): SandboxPost | undefined;
  focus?: string | undefined;
}

/** One post as a subscriber of its platform sees it, and under it what the sandbox measured. */
export function renderPost(post: SandboxPost, context: PageContext): string {
  const body = (bodies[post.platform] ?? bodies.telegram)?.(post, context) ?? '';
  const focus = context.focus === post.id;
  const classes = `post${focus ? ' focus' : ''}${post.removed ? ' gone' : ''}`;
  // A focused element is scrolled to without a script, which the page's policy forbids.
  const opened = focus ? ' tabindex="-1" autofocus' : '';
  return `<article class="${classes}" id="${escapeHtml(`post-${post.id}`)}"${opened}>${body}${facts(post)}</article>`;
}

const bodies: Record<string, (post: SandboxPost, context: PageContext) => string> = {
  telegram: (post, context) =>
    frame(
      post,
      photos(post, context) +
        quote(post, context) +
        say(post, post.markup === undefined ? linkify(post.text) : telegramHtml(post.markup)) +
        card(post) +
        clock(post),
    ),

  x: (post, context) =>
    frame(
      post,
      `<div class="avatar">${initial(post.platform)}</div><div>
<div class="who"><b>Munadi sandbox</b> <span><bdi dir="ltr">@munadi_sandbox</bdi> · <bdi dir="ltr">${when(post)}${edited(post)}</bdi></span></div>
${quote(post, context)}${say(post, linkify(post.text, { shorten: true }))}${photos(post, context)}${card(post, '<span class="blank">', '</span>')}
<div class="acts">${icons.reply}${icons.repost}${icons.like}${icons.share}</div></div>`,
    ),

  whatsapp: (post, context) =>
    frame(
      post,
      photos(post, context) +
        card(post) +
        quote(post, context) +
        say(post, post.markup === undefined ? linkify(post.text) : whatsappHtml(post.markup)) +
        (post.footer ? `<div class="foot" dir="${directionOf(post.footer)}">${escapeHtml(post.footer)}</div>` : '') +
        clock(post) +
        replies(post),
    ),

  facebook: (post, context) =>
    frame(
      post,
      `<div class="who"><div class="avatar">${initial(post.platform)}</div><div><b>Munadi sandbox</b><small><bdi dir="ltr">${when(post)}${edited(post)}</bdi> · ${icons.world}</small></div></div>
${say(post, linkify(post.text))}${photos(post, context)}${card(post)}
<div class="acts"><span>${icons.thumb} Like</span><span>${icons.reply} Comment</span><span>${icons.share} Share</span></div>`,
    ),
};

/** The letter on the newsroom's picture: the first of منادي. */
function initial(platform: string): string {
  return platform === 'x' || platform === 'facebook' ? 'م' : '';
}

const deleted = 'Deleted · حُذف';

function frame(post: SandboxPost, inner: string): string {
  const gone = post.removed ? `<p class="removed">${deleted}</p>` : '';
  return `<div class="frame" dir="${directionOf(post.text)}">${gone}${inner}</div>`;
}

/** Buttons that a reader can touch to answer. */
function replies({ buttons = [] }: SandboxPost): string {
  return buttons.map((title) => `<div class="reply" dir="${directionOf(title)}">${escapeHtml(title)}</div>`).join('');
}

function say({ text }: SandboxPost, html: string): string {
  return text === '' ? '' : `<div class="say" dir="${directionOf(text)}">${html}</div>`;
}

function photos({ media }: SandboxPost, context: PageContext): string {
  return media.map((one) => photo(one, context)).join('');
}

function photo({ alt = '', sha256, url, width, height }: SandboxMedia, context: PageContext): string {
  const address = sha256 === '' ? undefined : context.pictureAddress(sha256);
  if (address !== undefined) {
    const size = width > 1 && height > 1 ? ` width="${width}" height="${height}"` : '';
    return `<img class="photo" src="${escapeHtml(address)}" alt="${escapeHtml(alt)}"${alt ? ` title="${escapeHtml(alt)}"` : ''}${size}>`;
  }
  const note = url === undefined ? alt || 'Picture' : `${alt ? `${alt}\n` : ''}${url}`;
  return `<div class="photo absent">${icons.picture}<span>${escapeHtml(note)}</span></div>`;
}

/** A preview of the link, from the address alone. */
function card({ link, media }: SandboxPost, open = '', close = ''): string {
  const host = link === undefined || media.length > 0 ? undefined : hostOf(link);
  if (link === undefined || host === undefined || !/^https?:/i.test(link)) return '';
  const path = readable(link);
  const blank = open === '' ? '' : `${open}${icons.picture}${close}`;
  return `<a class="card" dir="ltr" href="${escapeHtml(link)}" rel="noreferrer noopener">${blank}<b>${escapeHtml(host)}</b><small>${escapeHtml(open === '' ? path : host)}</small></a>`;
}

/** Path and query in letters, unless marks among them would make the address look like another. */
function readable(link: string): string {
  const { pathname, search } = new URL(link);
  const encoded = pathname + search;
  try {
    const decoded = decodeURI(encoded);
    return /[\p{Cc}\p{Cf}\p{Z}]/u.test(decoded) ? encoded : decoded;
  } catch {
    return encoded;
  }
}

function quote({ replyTo, text }: SandboxPost, { find }: PageContext): string {
  if (replyTo === undefined) return '';
  const answered = find(replyTo);
  const before = answered?.removed ? deleted : (answered?.text.split('\n')[0] ?? replyTo);
  return `<span class="quote" dir="${directionOf(before || text)}">↩ ${escapeHtml(before.slice(0, 120))}</span>`;
}

function edited(post: SandboxPost): string {
  return post.edited ? ' · edited' : '';
}

function clock(post: SandboxPost): string {
  return `<time datetime="${escapeHtml(post.at)}">${post.edited ? 'edited ' : ''}${escapeHtml(timeOf(post.at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }))}</time>`;
}

function when(post: SandboxPost): string {
  const shown = timeOf(post.at, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return `<time datetime="${escapeHtml(post.at)}">${escapeHtml(shown)}</time>`;
}

function timeOf(at: string, format: Intl.DateTimeFormatOptions): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : new Intl.DateTimeFormat('en-GB', format).format(date);
}

/** What no subscriber sees: that this is play, how long the text is by the platform's own count, and its id. */
function facts({ length, limit, unit, at, id, template, failed }: SandboxPost): string {
  const share = limit > 0 ? Math.min(100, Math.round((length / limit) * 100)) : 0;
  const kind = template ? `<span>template ${escapeHtml(template.name)}/${escapeHtml(template.language)}</span>` : '';
  const fate = failed === undefined ? '' : `<span>not delivered: ${failed}</span>`;
  const shownId = id.length > 34 ? `${id.slice(0, 33)}…` : id;
  return `<div class="facts"><span class="badge">SANDBOX</span><span class="meter" aria-hidden="true"><i style="width:${share}%"></i></span><span>${length} / ${limit} ${escapeHtml(unit)}</span>${kind}${fate}<span>${escapeHtml(at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</span><code title="${escapeHtml(id)}">${escapeHtml(shownId)}</code></div>`;
}
