import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import { nearest } from '../text/nearest.ts';
import type { RawArticle } from './draft.ts';
import { htmlToLine, htmlToParagraphs, looksLikeHtml } from './markup.ts';

const webUrl = z
  .string()
  .refine((url) => {
    const parsed = URL.parse(url.trim());
    return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
  }, 'expected an absolute http or https address')
  .transform((url) => url.trim());

const time = z.iso.datetime({ offset: true, error: 'expected a time with offset, such as 2026-05-01T14:30:00+03:00' });
const image = z.union([
  webUrl.transform((url) => ({ url })),
  z.strictObject({ url: webUrl, alt: z.string().optional() }),
]);

const articleJson = z.strictObject({
  id: z
    .string()
    .regex(/^(?!\.{1,2}$)[^\s\p{Cc}]{1,200}$/u, 'expected up to 200 characters without spaces')
    .optional(),
  url: webUrl.optional(),
  title: z.string(),
  body: z.string().optional(),
  paragraphs: z.array(z.string()).optional(),
  byline: z.string().optional(),
  agency: z.string().optional(),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'expected a language tag such as ar or en-GB')
    .optional(),
  images: z.array(image).optional(),
  image: image.optional(),
  tags: z.array(z.string()).optional(),
  section: z.string().optional(),
  source: z.string().optional(),
  publishedAt: time.optional(),
  priority: z.enum(['breaking', 'normal', 'low'], { error: 'expected breaking, normal or low' }).optional(),
  embargoUntil: time.optional(),
  teaser: z.string().optional(),
  summary: z.string().optional(),
  texts: z.record(z.string(), z.string(), 'expected an object of texts by channel id').optional(),
});

/** An article as the API takes it. Throws `InputError` (`bad-json`, `unknown-key`, `invalid`) listing every problem. */
export function readJson(text: string, name: string): RawArticle {
  const result = articleJson.safeParse(parse(text, name));
  if (!result.success) throw problems(result.error, name);
  const { body, paragraphs, image, images, byline, agency, ...rest } = result.data;
  if (body !== undefined && paragraphs !== undefined) {
    throw new InputError(`${name}: has both "body" and "paragraphs". Give one of them.`, {
      code: 'invalid',
      status: 422,
    });
  }
  // One picture given twice is one; an alternative text counts wherever it stands.
  const pictures = new Map<string, { url: string; alt?: string | undefined }>();
  for (const one of [...(image ? [image] : []), ...(images ?? [])] as { url: string; alt?: string | undefined }[]) {
    const known = pictures.get(one.url);
    if (!known?.alt) pictures.set(one.url, one);
  }
  return {
    ...(rest as Partial<RawArticle>),
    title: looksLikeHtml(rest.title) ? htmlToLine(rest.title) : rest.title,
    paragraphs: paragraphs?.flatMap((p) => (looksLikeHtml(p) ? htmlToParagraphs(p) : [p])) ?? splitBody(body ?? ''),
    images: [...pictures.values()].map(({ url, alt }) => ({
      url,
      ...(alt ? { alt } : {}),
    })),
    ...(byline ? { byline } : {}),
    ...(agency ? { agency } : {}),
  };
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = (error as Error).message.replace(/ in JSON at position.*$/, '');
    const position = (error as Error).message.match(/position (\d+)/)?.[1];
    const before = position === undefined ? undefined : text.slice(0, Number(position)).split('\n');
    const where = before ? `, line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1}` : '';
    throw new InputError(`${name}${where}: not valid JSON (${reason}).`, {
      code: 'bad-json',
      status: 400,
      cause: error,
    });
  }
}

function splitBody(body: string): string[] {
  if (looksLikeHtml(body)) return htmlToParagraphs(body);
  return /\n\s*\n/.test(body) ? body.split(/\n\s*\n/) : body.split(/\r?\n/);
}

function problems(error: z.ZodError, name: string): InputError {
  const keys = Object.keys(articleJson.shape);
  const unknown = error.issues.some(({ code }) => code === 'unrecognized_keys');
  const lines = error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return `${name}: ${path || 'the document'}: ${wording(issue)}.`;
    return issue.keys.map((key) => {
      const guess = nearest(key, issue.path.length > 0 ? ['url', 'alt'] : keys);
      return `${name}: unknown key "${[...issue.path, key].join('.')}"${guess ? `; did you mean "${guess}"?` : `. Known: ${keys.join(', ')}.`}`;
    });
  });
  return new InputError(lines.join('\n'), { code: unknown ? 'unknown-key' : 'invalid', status: 422 });
}

const kinds: Record<string, string> = { string: 'text', array: 'a list', object: 'an object' };

const received: Record<string, string> = {
  string: 'text',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
};

/** Our own texts say what was expected; zod's are for programmers. */
function wording(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type')
    return issue.message.replace(/^Invalid input$/, 'expected an address, or { url, alt }');
  const given = /received (\w+)$/.exec(issue.message)?.[1] ?? '';
  const got = ['undefined', 'null'].includes(given) ? 'nothing' : (received[given] ?? `a ${given}`);
  return `expected ${kinds[issue.expected] ?? issue.expected}, got ${got}`;
}
