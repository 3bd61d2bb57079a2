import { z } from 'zod';
import { graphFail } from './graph.ts';
import type { SandboxAnswer } from './simulation.ts';

/** Of a filled body (Cloud API, template components). */
export const maxTemplateBody = 1024;

export const templateStatuses = ['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED'] as const;
export const templateQualities = ['GREEN', 'YELLOW', 'RED', 'UNKNOWN'] as const;
export const templateCategories = ['MARKETING', 'UTILITY', 'AUTHENTICATION'] as const;

/** A template, as `PUT /_sandbox/settings` takes more of them. */
export const template = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/),
  language: z.string().min(2),
  /** With {{1}}, {{2}} … */
  body: z
    .string()
    .min(1)
    .max(maxTemplateBody)
    .refine((body) => variablesOf(body).every((one, index) => one === index + 1), 'variables count from {{1}} up'),
  header: z.literal('image').optional(),
  /** Small print under the body: the way out. */
  footer: z.string().max(60).optional(),
  status: z.enum(templateStatuses).default('APPROVED'),
  quality: z.enum(templateQualities).default('UNKNOWN'),
  category: z.enum(templateCategories).default('MARKETING'),
});

export type Template = z.infer<typeof template>;

const optOut: Record<string, string> = { ar: 'للإيقاف أرسل: إلغاء', en: 'To stop, send STOP' };

/** `news` and `news_image`, in Arabic and English: a headline, a summary, and the way out as small print. */
export const builtInTemplates: readonly Template[] = Object.entries(optOut).flatMap(([language, footer]) => [
  template.parse({ name: 'news', language, body: '{{1}}\n\n{{2}}', footer }),
  template.parse({ name: 'news_image', language, body: '{{1}}\n\n{{2}}', header: 'image', footer }),
]);

/** What a filled template comes to. */
export interface FilledTemplate {
  text: string;
  footer: string | undefined;
  category: string;
  template: { name: string; language: string; parameters: string[] };
  /** Of the header, where there is one. */
  image: { id?: unknown; link?: unknown } | undefined;
}

type Parameter = { type?: unknown; text?: unknown; image?: { id?: unknown; link?: unknown } } | null;

interface Component {
  type?: unknown;
  parameters?: unknown;
}

/** Numbers of a body's variables, each once, in order. */
function variablesOf(body: string): number[] {
  const numbers = [...body.matchAll(/\{\{(\d+)\}\}/g)].map(([, number]) => Number(number));
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Fills a template by Meta's rules, or says why it can't be (codes of Meta's error page). */
export function fillTemplate(given: unknown, known: readonly Template[]): FilledTemplate | SandboxAnswer {
  const {
    name,
    language,
    components = [],
  } = (given ?? {}) as {
    name?: unknown;
    language?: { code?: unknown };
    components?: unknown;
  };
  const found = known.find((one) => one.name === name && one.language === language?.code);
  const isApproved = found?.status !== 'PENDING' && found?.status !== 'REJECTED';
  if (!found || !isApproved) {
    const details = `template name (${String(name)}) does not exist in ${String(language?.code)}`;
    return graphFail(404, 132001, '(#132001) Template name does not exist in the translation', details);
  }
  if (found.status !== 'APPROVED') return stopped(found.status);
  if (!Array.isArray(components)) return invalid('components must be a list');
  const parts = new Map<string, Parameter[]>();
  for (const component of components as (Component | null)[]) {
    const { type, parameters = [] } = component ?? {};
    const kind = String(type).toLowerCase();
    if (!/^(header|body)$/.test(kind)) return mismatch(`this template has no ${kind}`);
    if (!Array.isArray(parameters)) return invalid('parameters must be a list');
    parts.set(kind, parameters as Parameter[]);
  }
  const typed = (kind: string) => parts.get(kind) ?? [];
  const values = bodyParameters(typed('body'), found);
  if ('status' in values) return values;
  const text = found.body.replace(/\{\{(\d+)\}\}/g, (_, index) => values[Number(index) - 1] ?? '');
  if (text.length > maxTemplateBody) {
    const details = `body is ${text.length} characters, at most ${maxTemplateBody}`;
    return graphFail(400, 132005, '(#132005) Translated text too long', details);
  }
  const [header, ...more] = typed('header');
  if (found.header === undefined && header !== undefined) return mismatch('this template has no header');
  const image = header?.type === 'image' && typeof header.image === 'object' ? header.image : undefined;
  if (found.header === 'image' && (!image || more.length > 0)) return mismatch('header: this template needs an image');
  const { footer, category } = found;
  return {
    text,
    footer,
    category,
    template: { name: found.name, language: found.language, parameters: values },
    image: image ?? undefined,
  };
}

/** Codes 132015 and 132016 (Cloud API, error codes). */
function stopped(status: string): SandboxAnswer {
  return status === 'PAUSED'
    ? graphFail(400, 132015, '(#132015) Template is paused', 'Template is paused due to low quality.')
    : graphFail(400, 132016, '(#132016) Template is disabled', 'Template was paused too often, and is disabled.');
}

/** Code 132012 (Cloud API, error codes). */
function mismatch(details: string): SandboxAnswer {
  return graphFail(400, 132012, '(#132012) Parameter format does not match format in the created template', details);
}

function bodyParameters(given: readonly Parameter[], { body }: Template): string[] | SandboxAnswer {
  const wanted = variablesOf(body).length;
  if (given.length !== wanted) {
    const details = `body: number of localizable_params (${given.length}) does not match the expected number of params (${wanted})`;
    return graphFail(
      400,
      132000,
      '(#132000) Number of parameters does not match the expected number of params',
      details,
    );
  }
  const values: string[] = [];
  for (const parameter of given) {
    const { type, text } = parameter ?? {};
    if (type !== 'text' || typeof text !== 'string' || text.trim() === '') {
      return invalid('body parameters must be of type text, and not empty');
    }
    if (/[\n\r\t]| {5,}/.test(text)) {
      return invalid('Param text cannot have new-line/tab characters or more than 4 consecutive spaces');
    }
    values.push(text);
  }
  return values;
}

/** Code 100 with the details that Meta puts beside it. */
export function invalid(details: string): SandboxAnswer {
  return graphFail(400, 100, '(#100) Invalid parameter', details);
}
