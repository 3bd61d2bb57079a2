import { platformIcons } from './page-icons.ts';
import { type PageContext, renderPost } from './page-post.ts';
import { pageStyle } from './page-style.ts';
import { escapeHtml } from './page-text.ts';
import type { SandboxPost } from './post.ts';

/** Finds a picture that came with a post, by its platform and hash. */
export type PictureSource = (platform: string, sha256: string) => { bytes: Buffer; mimeType: string } | undefined;

const names: Record<string, string> = { telegram: 'Telegram', x: 'X', whatsapp: 'WhatsApp', facebook: 'Facebook' };
/** How many posts a page shows, the newest; more would make it too heavy for a browser. */
const maxShown = 200;

/**
 * One platform's page: its posts as a subscriber sees them, scrolled to `focus` (a post's id) where given. With
 * `standalone`, pictures are part of the page; without, they are loaded from `/_sandbox/media/HASH` beside it.
 */
export function renderSandboxPage(
  platform: string,
  posts: readonly SandboxPost[],
  { focus, standalone }: { focus?: string; standalone?: PictureSource } = {},
): string {
  const name = names[platform] ?? platform;
  const shown = newest(posts, focus);
  const feed = shown.length === 0 ? '' : walls(platform, shown, contextOf(platform, posts, standalone, focus));
  const missing = focus !== undefined && !shown.some(({ id }) => id === focus);
  return page(
    `${name} · Munadi sandbox`,
    `<header class="top ${escapeHtml(platform)}"><div><h1 class="named">${icon(platform)}<span class="name">${escapeHtml(name)}</span> <span>· sandbox</span></h1><p>${counted(shown.length, posts.length)}</p></div><span class="badge">SANDBOX</span></header>
<main class="single ${escapeHtml(platform)}">${missing ? `<p class="empty">There is no post ${escapeHtml(focus ?? '')} here.</p>` : ''}${feed || missing ? feed : empty()}</main>`,
  );
}

/**
 * All platforms side by side in one page that needs nothing beside it. Pictures come from `picture`; without it, and
 * for those that are held no longer, a frame stands in their place.
 */
export function renderAllPosts(posts: readonly SandboxPost[], picture?: PictureSource): string {
  const present = [...new Set(posts.map(({ platform }) => platform))].filter((platform) => !(platform in names));
  const columns = [...Object.keys(names), ...present].map((platform) => {
    const own = posts.filter((post) => post.platform === platform);
    const shown = newest(own);
    const body =
      shown.length === 0 ? empty() : walls(platform, shown, contextOf(platform, own, picture ?? (() => undefined)));
    return `<section class="column ${escapeHtml(platform)}" aria-label="${escapeHtml(names[platform] ?? platform)}"><h2>${icon(platform)}${escapeHtml(names[platform] ?? platform)} <b>${counted(shown.length, own.length)}</b></h2>${body}</section>`;
  });
  return page(
    'Munadi · منادي',
    `<header class="top"><div><h1>Munadi <span>— every post, as its readers see it</span></h1><p>Accepted by the sandbox, under each platform's own rules. Nothing left this machine. <span class="badge">SANDBOX</span></p></div>
<div lang="ar" dir="rtl"><h1>منادي <span>— كل منشور كما يراه قارئه</span></h1><p>قبلتها المنصّات التجريبية بقواعد كل منصّة، ولم يخرج شيء من هذا الجهاز.</p></div></header>
<main class="board">${columns.join('\n')}</main>`,
  );
}

/** Also for a page that lies on a disk: no script, and nothing loaded but its own pictures. */
const csp = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer"><meta http-equiv="Content-Security-Policy" content="${csp}"><title>${escapeHtml(title)}</title><style>${pageStyle}</style></head>
<body>${body}</body></html>
`;
}

/** A feed, or on the platforms of conversations one wall for each chat or person. */
function walls(platform: string, posts: readonly SandboxPost[], context: PageContext): string {
  const byTarget = new Map<string, SandboxPost[]>();
  for (const post of posts) byTarget.set(post.target, [...(byTarget.get(post.target) ?? []), post]);
  return [...byTarget].map(([target, own]) => wall(platform, target, own, context)).join('\n');
}

function wall(platform: string, target: string, posts: readonly SandboxPost[], context: PageContext): string {
  const conversation = platform === 'telegram' || platform === 'whatsapp';
  // Conversations run downwards; X and Facebook put the newest on top.
  const inOrder = conversation ? posts : [...posts].reverse();
  const rendered = inOrder.map((post) => renderPost(post, context)).join('\n');
  const head = heads[platform]?.(target) ?? heading(target, platform, target.slice(0, 1));
  return `<div class="wall">${head}<div class="feed">${rendered}</div></div>`;
}

const heads: Record<string, (target: string) => string> = {
  telegram: (target) => heading(target, 'channel', 'م'),
  x: (target) => heading('Munadi sandbox', `@munadi_sandbox · user ${target}`, 'م'),
  whatsapp: (target) => heading('Munadi sandbox', `on the phone of +${target}`, 'م'),
  facebook: (target) => heading('Munadi sandbox', `Page ${target}`, 'م'),
};

function heading(title: string, detail: string, letter: string): string {
  return `<div class="head"><div class="avatar">${escapeHtml(letter)}</div><div><strong dir="auto">${escapeHtml(title)}</strong><small>${escapeHtml(detail)}</small></div></div>`;
}

function icon(platform: string): string {
  return `<span class="mark">${platformIcons[platform] ?? ''}</span>`;
}

function counted(shown: number, all: number): string {
  const posts = `${all} ${all === 1 ? 'post' : 'posts'}`;
  return shown < all ? `${posts}, the newest ${shown} shown` : posts;
}

function empty(): string {
  return '<p class="empty">No posts yet · <span lang="ar" dir="rtl">لا منشورات بعد</span></p>';
}

function newest(posts: readonly SandboxPost[], focus?: string): SandboxPost[] {
  const tail = posts.slice(-maxShown);
  const wanted =
    focus === undefined || tail.some(({ id }) => id === focus) ? undefined : posts.find(({ id }) => id === focus);
  return wanted ? [wanted, ...tail] : tail;
}

function contextOf(
  platform: string,
  posts: readonly SandboxPost[],
  standalone: PictureSource | undefined,
  focus?: string,
): PageContext {
  const byId = new Map(posts.map((post) => [post.id, post]));
  return {
    find: (id) => byId.get(id),
    focus,
    pictureAddress(sha256) {
      if (!standalone) return `/_sandbox/media/${sha256}`;
      const found = standalone(platform, sha256);
      return found && `data:${found.mimeType};base64,${found.bytes.toString('base64')}`;
    },
  };
}
