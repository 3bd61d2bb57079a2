import { z } from 'zod';
import type { Priority } from '../core/article.ts';
import { InputError } from '../core/errors.ts';
import { toDraft } from './draft.ts';
import { htmlToLine, htmlToParagraphs, looksLikeHtml } from './markup.ts';
import type { SourceDocument } from './source.ts';

/*
 * IPTC ninjs 1.x to 3.x. Fields of newer versions stand beside those of older ones, as documents mix them.
 */

const text = z.string().optional();
const named = z.object({ name: text, literal: text }).loose();
const rendition = z.object({ href: text, contenttype: text, mimetype: text, width: z.number().optional() }).loose();
const valued = z.array(z.object({ value: text, role: text, contenttype: text }).loose()).optional();

const picture = z
  .object({
    type: text,
    renditions: z.union([z.record(z.string(), rendition), z.array(rendition)]).optional(),
    description_text: text,
    headline: text,
    headlines: valued,
    descriptions: valued,
    altids: z.unknown().optional(),
  })
  .loose();

const ninjs = z
  .object({
    uri: text,
    type: text,
    language: text,
    pubstatus: text,
    urgency: z.number().optional(),
    headline: text,
    headlines: valued,
    title: text,
    byline: text,
    by: text,
    body_text: text,
    body_html: text,
    body_xhtml: text,
    bodies: valued,
    description_text: text,
    descriptions: valued,
    versioncreated: text,
    firstcreated: text,
    embargoed: text,
    contentmodified: text,
    copyrightholder: text,
    infosources: z.array(named).optional(),
    providers: z.array(named).optional(),
    subject: z.array(named).optional(),
    subjects: z.array(named).optional(),
    keywords: z.array(z.string()).optional(),
    url: text,
    associations: z.union([z.record(z.string(), picture), z.array(picture)]).optional(),
  })
  .loose();

type Ninjs = z.infer<typeof ninjs>;

/** A JSON document that is ninjs, parsed; undefined where it is another. */
export function isNinjs(bytes: Uint8Array): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const given = value as Record<string, unknown>;
  const isStandard = /ninjs/i.test(JSON.stringify([given.$schema, given.standard] as unknown[]));
  const hasBody = ['body_text', 'body_html', 'body_xhtml', 'bodies', 'headlines', 'pubstatus', 'versioncreated'];
  return isStandard || (typeof given.uri === 'string' && hasBody.some((key) => key in given)) ? given : undefined;
}

/** An article of the IPTC's ninjs. Throws `InputError` (`invalid`, `unsupported`). */
export function readNinjs(given: Record<string, unknown>, name: string): SourceDocument {
  const parsed = ninjs.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${name}: ${path.join('.')}: ${message}.`);
    throw new InputError(`${lines.join('\n')} Expected a document as ninjs describes it.`, {
      code: 'invalid',
      status: 422,
    });
  }
  const item = parsed.data;
  const key = item.uri;
  if (/^cancel/i.test(item.pubstatus ?? '')) {
    if (key === undefined) throw missing(name, 'uri');
    return { event: 'delete', key };
  }
  if (/^withheld$/i.test(item.pubstatus ?? '')) {
    return { event: 'wait', ...(key ? { key } : {}), reason: 'its pubstatus is "withheld"' };
  }
  if (item.type !== undefined && item.type !== 'text' && item.type !== 'composite') {
    throw new InputError(`${name} is a ninjs item of type "${item.type}"; articles have the type "text".`, {
      code: 'unsupported',
      status: 415,
    });
  }
  const updatedAt = timeOf(item.versioncreated) ?? timeOf(item.contentmodified);
  return {
    event: 'publish',
    draft: toDraft(rawOf(item), name),
    ...(key ? { key } : {}),
    ...(updatedAt ? { updatedAt } : {}),
  };
}

function rawOf(item: Ninjs) {
  const agency = item.infosources?.[0]?.name ?? item.providers?.[0]?.name ?? item.copyrightholder;
  const publishedAt = timeOf(item.firstcreated) ?? timeOf(item.versioncreated);
  const images = picturesOf(item);
  const tags = [
    ...[...(item.subject ?? []), ...(item.subjects ?? [])].flatMap((subject) => subject.name ?? []),
    ...(item.keywords ?? []),
  ];
  const teaser = item.description_text ?? valueIn(item.descriptions);
  return definedOnly({
    title: plain(item.headline ?? valueIn(item.headlines, 'main') ?? item.title ?? ''),
    paragraphs: bodyOf(item),
    byline: item.byline ?? item.by,
    agency,
    language: item.language,
    url: webUrl(item.url) ?? webUrl(item.uri),
    publishedAt,
    embargoUntil: timeOf(item.embargoed),
    priority: priorityOf(item.urgency),
    teaser: teaser === undefined ? undefined : plain(teaser),
    images,
    tags,
  });
}

/** IPTC: 1 is the most urgent, a flash; 5 is normal. */
export function priorityOf(urgency: number | undefined): Priority | undefined {
  return urgency === 1 ? 'breaking' : undefined;
}

/** One time in the form that articles have; undefined where it is none. */
export function timeOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const ms = Date.parse(given);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

export function webUrl(given: string | undefined): string | undefined {
  const url = given === undefined ? null : URL.parse(given);
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : undefined;
}

function bodyOf(item: Ninjs): string[] {
  const main = item.bodies?.find(({ role }) => role === undefined || role === 'main') ?? item.bodies?.[0];
  const body = item.body_html ?? item.body_xhtml ?? item.body_text ?? main?.value ?? '';
  if (looksLikeHtml(body)) return htmlToParagraphs(body);
  return /\n\s*\n/.test(body) ? body.split(/\n\s*\n/) : body.split(/\r?\n/);
}

function picturesOf({ associations }: Ninjs): { url: string; alt?: string }[] {
  const all = Array.isArray(associations) ? associations : Object.values(associations ?? {});
  return all
    .filter(({ type }) => type === 'picture')
    .flatMap((one) => {
      const renditions = Array.isArray(one.renditions) ? one.renditions : Object.values(one.renditions ?? {});
      const [best] = [...renditions].sort((a, b) => (b.width ?? 0) - (a.width ?? 0)).filter(({ href }) => webUrl(href));
      const alt = one.description_text ?? valueIn(one.descriptions) ?? one.headline ?? valueIn(one.headlines);
      return best ? [{ url: webUrl(best.href) as string, ...(alt ? { alt: plain(alt) } : {}) }] : [];
    });
}

function valueIn(list: z.infer<typeof valued>, role?: string): string | undefined {
  return (list?.find((one) => one.role === role) ?? list?.[0])?.value;
}

function plain(given: string): string {
  return looksLikeHtml(given) ? htmlToLine(given) : given;
}

function missing(name: string, key: string): InputError {
  return new InputError(`${name}: has no "${key}", so nobody knows which article it means.`, {
    code: 'invalid',
    status: 422,
  });
}

export function definedOnly<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
