/** How a stretch of text looks. */
export type Look = 'bold' | 'italic' | 'underlined' | 'struck' | 'code' | 'quoted' | 'hidden';

/** A stretch of text that looks the same from end to end. */
export interface Run {
  text: string;
  looks: readonly Look[];
  /** The address that the words lead to, where they are a link of their own. */
  href?: string;
}

const telegramTags: Record<string, Look> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underlined',
  ins: 'underlined',
  s: 'struck',
  strike: 'struck',
  del: 'struck',
  code: 'code',
  pre: 'code',
  blockquote: 'quoted',
  'tg-spoiler': 'hidden',
};

/** Every platform's own way to make words bold; a platform that is not here shows its text as it is. */
const readers: Record<string, (markup: string) => Run[]> = { telegram: telegramRuns, whatsapp: whatsappRuns };

/** What a reader sees of a part: its markup, where it has one that the platform reads, else its text. */
export function runsOf(platform: string, { text, markup }: { text: string; markup?: string }): Run[] {
  const read = readers[platform];
  return markup === undefined || !read ? [{ text, looks: [] }] : read(markup);
}

const token = /<(\/?)([a-z][a-z-]*)((?:\s[^<>]*)?)>|&(#\d+|#x[0-9a-f]+|lt|gt|amp|quot);|[^<&]+|[<&]/gi;
const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/** Telegram's HTML mode (Bot API, formatting options). Tags that it does not know are dropped, their words stay. */
function telegramRuns(markup: string): Run[] {
  const runs: Run[] = [];
  const open: { tag: string; look: Look | undefined; href: string | undefined }[] = [];
  let looks: Look[] = [];
  const reckon = () => {
    looks = [...new Set(open.flatMap(({ look }) => (look === undefined ? [] : [look])))];
  };
  for (const [whole, slash, name, attributes = '', entity] of markup.matchAll(token)) {
    const tag = name?.toLowerCase();
    if (tag !== undefined && slash === '/') {
      const at = open.findLastIndex((one) => one.tag === tag);
      if (at >= 0) open.length = at;
      reckon();
    } else if (tag !== undefined) {
      const href = tag === 'a' ? /\shref\s*=\s*"([^"]*)"/i.exec(attributes)?.[1] : undefined;
      open.push({ tag, look: telegramTags[tag], href: href === undefined ? undefined : decode(href) });
      reckon();
    } else {
      const href = open.findLast((one) => one.href !== undefined)?.href;
      runs.push({ text: entity === undefined ? whole : decode(whole), looks, ...(href === undefined ? {} : { href }) });
    }
  }
  return joined(runs);
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(lt|gt|amp|quot));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : whole;
  });
}

const address = /(https?:\/\/[^\s<>"]+)/;
const marked = /(?<=^|[\s\p{P}\p{S}])([*_~])(?=\S)([^\n]*?\S)\1(?=$|[\s\p{P}\p{S}])/gmu;
const signs: Record<string, Look> = { '*': 'bold', _: 'italic', '~': 'struck' };

/** WhatsApp's signs (Help Center, how to format your messages). Addresses are never formatted. */
function whatsappRuns(markup: string): Run[] {
  return joined(
    markup
      .split(address)
      .flatMap((stretch, index): Run[] => (index % 2 === 1 ? [{ text: stretch, looks: [] }] : signed(stretch, []))),
  );
}

function signed(text: string, looks: readonly Look[]): Run[] {
  const runs: Run[] = [];
  let at = 0;
  for (const { index, 0: whole, 1: sign = '', 2: inner = '' } of text.matchAll(marked)) {
    const look = signs[sign];
    if (look === undefined || looks.includes(look)) continue;
    runs.push({ text: text.slice(at, index), looks }, ...signed(inner, [...looks, look]));
    at = index + whole.length;
  }
  return [...runs, { text: text.slice(at), looks }];
}

/** Without empty runs, and with neighbours of one look made one: an address must not be torn. */
function joined(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const before = result.at(-1);
    if (run.text === '') continue;
    if (before && before.href === run.href && before.looks.join() === run.looks.join()) before.text += run.text;
    else result.push({ ...run });
  }
  return result;
}

/** Cuts runs at line feeds. */
export function linesOf(runs: readonly Run[]): Run[][] {
  const lines: Run[][] = [[]];
  for (const run of runs) {
    for (const [index, text] of run.text.split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (text !== '') lines.at(-1)?.push({ ...run, text });
    }
  }
  return lines;
}

/** Cuts a line in two at an offset (UTF-16 units). */
export function cutRuns(line: readonly Run[], offset: number): [Run[], Run[]] {
  const first: Run[] = [];
  const second: Run[] = [];
  let at = 0;
  for (const run of line) {
    const here = Math.max(0, Math.min(run.text.length, offset - at));
    if (here > 0) first.push({ ...run, text: run.text.slice(0, here) });
    if (here < run.text.length) second.push({ ...run, text: run.text.slice(here) });
    at += run.text.length;
  }
  return [first, second];
}
