import { InputError } from '../core/errors.ts';
import type { CmsEvent } from '../core/source.ts';
import { toDraft } from './draft.ts';
import { eventOf } from './event.ts';
import { readJson } from './json.ts';
import { htmlToLine, htmlToParagraphs, looksLikeHtml } from './markup.ts';
import { definedOnly, timeOf } from './ninjs.ts';
import type { SourceDocument } from './source.ts';

/**
 * An article in the JSON of any CMS: `map` says where each of our keys stands (`data.headline`, `blocks.*.html`), or what
 * it always is (`'ar'`). Throws `InputError` naming the path where what must be there is missing.
 */
export function readMapped(
  document: unknown,
  { map = {}, events }: { map?: Readonly<Record<string, string>>; events?: Readonly<Record<string, CmsEvent>> },
  name: string,
): SourceDocument {
  const found = (key: string) => (map[key] === undefined ? undefined : valueAt(document, map[key]));
  const text = (key: string) => textOf(found(key));
  const event = eventOf(textOf(found('event')), name, events);
  const key = text('id') ?? text('url');
  if (event === 'delete') {
    if (key === undefined) throw missing(name, map, map.id === undefined ? 'url' : 'id');
    return { event, key };
  }
  if (event === 'wait') return { event, ...(key ? { key } : {}), reason: `its event is "${text('event')}"` };
  if (text('title') === undefined) throw missing(name, map, 'title');
  const image = text('image');
  const alt = text('alt');
  const raw = readJson(
    JSON.stringify(
      definedOnly({
        id: text('id'),
        url: text('url'),
        title: lineOf(text('title') ?? ''),
        paragraphs: paragraphsOf(found('body') ?? found('paragraphs')),
        byline: text('byline'),
        agency: text('agency'),
        language: text('language'),
        ...(image === undefined ? {} : { image: { url: image, ...(alt === undefined ? {} : { alt: lineOf(alt) }) } }),
        tags: tagsOf(found('tags')),
        section: text('section'),
        source: text('source'),
        publishedAt: timeAt(text('publishedAt'), 'publishedAt', map, name),
        priority: text('priority'),
        embargoUntil: timeAt(text('embargoUntil'), 'embargoUntil', map, name),
        teaser: text('teaser') === undefined ? undefined : lineOf(text('teaser') ?? ''),
        summary: text('summary'),
      }),
    ),
    name,
  );
  const updatedAt = timeAt(text('updatedAt'), 'updatedAt', map, name);
  return {
    event,
    draft: toDraft(raw, name),
    ...(key === undefined ? {} : { key }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
  };
}

/** What stands at a path: own keys only, so that no document reaches into what objects inherit. */
export function valueAt(document: unknown, path: string): unknown {
  const [, constant] = /^'([^']*)'$/.exec(path) ?? [];
  if (constant !== undefined) return constant;
  let values = [document];
  const steps = path.split('.');
  for (const step of steps) {
    values = values.flatMap((value) => {
      if (typeof value !== 'object' || value === null) return [];
      if (step === '*') return Object.values(value);
      return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
    });
  }
  const given = values.filter((value) => value !== undefined && value !== null && value !== '');
  if (given.length === 0) return undefined;
  return steps.includes('*') ? given : given[0];
}

/** Text, a number, or the text that WordPress and others wrap as `{rendered}` or `{value}`. */
export function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { rendered, value: inner } = value as { rendered?: unknown; value?: unknown };
  return typeof rendered === 'string' ? textOf(rendered) : typeof inner === 'string' ? textOf(inner) : undefined;
}

export function lineOf(text: string): string {
  return looksLikeHtml(text) ? htmlToLine(text) : text;
}

export function paragraphsOf(value: unknown): string[] {
  const parts = (Array.isArray(value) ? value : [value]).map((one) => textOf(one) ?? '');
  return parts.flatMap((part) => {
    if (looksLikeHtml(part)) return htmlToParagraphs(part);
    return /\n\s*\n/.test(part) ? part.split(/\n\s*\n/) : part.split(/\r?\n/);
  });
}

/** Names, objects with a name, or one text with commas. */
export function tagsOf(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value.split(/[,،]/).map((tag) => tag.trim());
  const list = Array.isArray(value) ? value.flat(2) : [value];
  return list.flatMap((one) => {
    if (typeof one === 'string') return [lineOf(one)];
    const named =
      typeof one === 'object' && one !== null && Object.hasOwn(one, 'name')
        ? (one as { name: unknown }).name
        : undefined;
    return typeof named === 'string' ? [lineOf(named)] : [];
  });
}

function timeAt(
  text: string | undefined,
  key: string,
  map: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  if (text === undefined) return undefined;
  // Seconds since 1970 are usual, too.
  const time = /^\d{9,10}$/.test(text) ? new Date(Number(text) * 1_000).toISOString() : timeOf(text);
  if (time !== undefined) return time;
  throw new InputError(
    `${name}: ${map[key]} (${key}): expected a time such as 2026-05-01T14:30:00+03:00, got "${text.slice(0, 60)}".`,
    {
      code: 'invalid',
      status: 422,
    },
  );
}

function missing(name: string, map: Readonly<Record<string, string>>, key: string): InputError {
  return new InputError(`${name}: there is nothing at "${map[key] ?? key}", where the map looks for "${key}".`, {
    code: 'missing',
    status: 422,
  });
}
