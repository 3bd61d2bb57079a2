import type { EditKind } from '../../src/core/post.ts';
import { compare, flatten, fold, isGraphemeBoundary, isWordBoundary } from './folded.ts';
import type { Fail, Judged } from './judge.ts';
import { pairsIn } from './quotation.ts';
import { tagLetters } from './reading.ts';
import { facebookLimit, telegramLimits, weighX, whatsappLimits, xHashtags, xLimit, xLinks } from './reference.ts';

/** Headline, link and hashtags; and the account of changes. */
export function checkHeadline({ article, reading, post, setting }: Judged, fail: Fail): Set<EditKind> {
  const { headline } = reading;
  const owed = new Set<EditKind>();
  const title = fold(article.title);
  const shown = fold(headline).flat;
  if (shown === title.flat) {
    const { kinds, torn } = compare(article.title, headline);
    if (torn !== undefined) fail('headline', `words run together or torn apart: "${torn}"`);
    for (const kind of kinds) owed.add(kind);
    return owed;
  }
  const stem = shown.replace(/…$/, '');
  if (stem === shown || !title.flat.startsWith(stem)) {
    fail('headline', `not the headline: "${headline.slice(0, 80)}"`);
    return owed;
  }
  owed.add('headline-shortened');
  const cut = stem === '' ? 0 : (title.at[stem.length - 1] as number) + 1;
  checkCut(article.title, cut, fail);
  const link = setting.carriesLink(article) ? (reading.links[0] ?? '') : '';
  const { needed, limit } = roomFor(article.title, link, { post, setting });
  if (needed <= limit)
    fail('headline', `shortened, though ${needed} of ${limit} were enough: "${headline.slice(-60)}"`);
  return owed;
}

function checkCut(title: string, cut: number, fail: Fail): void {
  const before = title.slice(0, cut);
  if (!/[\p{L}\p{N}\p{S}]/u.test(before)) fail('headline', `nothing left of "${title.slice(0, 40)}"`);
  if (!isGraphemeBoundary(title, cut)) fail('graphemes', `headline cut inside a character: "${before.slice(-20)}|"`);
  const isOneWord = !/\s/.test(before.trim());
  if (!isWordBoundary(title, cut) && !isOneWord)
    fail('words', `headline cut inside a word: "${before.slice(-20)}|${title.slice(cut, cut + 10)}"`);
  const pairs = pairsIn(title);
  const breaks = (at: number) => pairs.some(([open, close]) => open < at && close >= at);
  if (!breaks(cut)) return;
  const couldDo = [...title.slice(0, cut).matchAll(/\s/g)].some(
    ({ index }) => /[\p{L}\p{N}]/u.test(title.slice(0, index)) && !breaks(index),
  );
  if (couldDo) fail('quotes', `headline cut inside a quotation: "${before.slice(-60)}"`);
}

/** What headline and link need at least, with some room for invisible marks, and how much there is in the widest form. */
function roomFor(
  title: string,
  link: string,
  { post, setting }: Pick<Judged, 'post' | 'setting'>,
): { needed: number; limit: number } {
  const bare = link === '' ? title : `${title}\n\n${link}`;
  const marks = 20 + 4 * (title.match(/[A-Za-z0-9]+/g)?.length ?? 0);
  switch (post.platform) {
    case 'x':
      return { needed: weighX(bare).length + marks, limit: xLimit };
    case 'telegram':
      // Signs that HTML escapes count in bytes.
      return {
        needed: Math.max(bare.length + marks, title.length * 5 > telegramLimits.bytes ? Number.POSITIVE_INFINITY : 0),
        limit: telegramLimits.text,
      };
    case 'whatsapp': {
      const joiners = title.match(/[*_~`]/g)?.length ?? 0;
      const { template } = setting.channel.settings as { template: { text: string } };
      const [first = '', second] = post.template?.parameters ?? [];
      // Where there is nothing to say below the headline, the template has it twice.
      const again = flatten(first) === flatten(second ?? '') ? title.length + joiners : 0;
      const around = post.template ? template.text.length + again : 0;
      return {
        needed: bare.length + marks + joiners + around,
        limit: post.template ? whatsappLimits.template : whatsappLimits.text,
      };
    }
    default:
      return { needed: bare.length + marks, limit: facebookLimit };
  }
}

/** The link, once, where the channel carries it, and nowhere else. */
export function checkLink({ article, post, reading, setting }: Judged, fail: Fail): void {
  const text = post.parts.map((part) => part.text).join('\n');
  if (article.url === undefined) return;
  if (!setting.carriesLink(article)) {
    if (reading.links.length > 0) fail('link', `carried against the channel's wish: ${reading.links[0]}`);
    const stray = xLinks(text).filter((one) => !post.warnings.some((warning) => warning.includes(one)));
    if (stray.length > 0) fail('link', `X makes a link of ${stray[0]}, and no warning says so`);
    return;
  }
  const [link] = reading.links;
  if (link === undefined) {
    const length = post.platform === 'x' ? weighX(new URL(article.url).href).length : new URL(article.url).href.length;
    const limits: Record<string, number> = {
      x: xLimit,
      telegram: telegramLimits.caption,
      whatsapp: whatsappLimits.template,
      facebook: facebookLimit,
    };
    const around = 60;
    if (length + around <= (limits[post.platform] ?? 0)) fail('link', `missing: ${article.url.slice(0, 80)}`);
    else if (post.warnings.length === 0) fail('link', 'left out as too long, and no warning says so');
    return;
  }
  if (!/^[!-~]+$/.test(link)) fail('link', `not encoded: ${link.slice(0, 80)}`);
  if (post.platform !== 'x') return;
  const seen = xLinks(text);
  const couldSee = xLinks(link).length > 0;
  if (couldSee && !seen.includes(link))
    fail('link', `X sees ${seen.join(' ') || 'none'} in place of ${link.slice(0, 120)}`);
}

export function checkHashtags({ post, reading, setting }: Judged, fail: Fail): void {
  const most = setting.channel.style?.hashtags;
  if (most !== undefined && reading.hashtags.length > most) fail('hashtags', `${reading.hashtags.length} of ${most}`);
  const letters = reading.hashtags.map(tagLetters);
  if (new Set(letters).size < letters.length) fail('hashtags', `one of them twice: ${reading.hashtags.join(' ')}`);
  for (const tag of reading.hashtags) {
    if (/[\u064B-\u0652\u0670\u0640]/.test(tag)) fail('hashtags', `with diacritics: ${tag}`);
    if (post.platform === 'x' && !xHashtags(post.parts.map(({ text }) => text).join('\n')).includes(tag.slice(1))) {
      fail('hashtags', `X does not see ${tag} whole`);
    }
  }
}

/** Each kind of change that was made is listed, and what is listed was made. */
export function checkEdits({ post, reading }: Judged, owed: ReadonlySet<EditKind>, fail: Fail): void {
  const listed = new Set(post.edits.map(({ kind }) => kind));
  for (const kind of owed) if (!listed.has(kind)) fail('edits-listed', `${kind} was done and is not listed`);
  const text = flatten(
    [
      ...post.parts.map((part) => part.text),
      reading.headline,
      ...reading.summary,
      ...(post.template?.parameters ?? []),
    ].join('\n'),
  );
  for (const edit of post.edits) {
    const { kind, before, after } = edit;
    // One change may begin where another ended.
    const isFound =
      text.includes(flatten(after)) ||
      post.edits.some((other) => other !== edit && flatten(other.before) === flatten(after));
    if (before === after) fail('edits-true', `${kind} that changes nothing: "${after.slice(0, 60)}"`);
    else if (!isFound) fail('edits-true', `${kind} of what is not in the post: "${after.slice(0, 60)}"`);
  }
}
