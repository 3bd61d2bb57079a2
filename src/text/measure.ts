import { weighX, xLimit } from './x-weight.ts';

export { xLimit } from './x-weight.ts';

/** Length of a text as a platform counts it, beside the limit. */
export interface Measured<Unit extends string> {
  length: number;
  limit: number;
  unit: Unit;
  /** Within the limit, not blank, and free of what the platform refuses. */
  valid: boolean;
}

/**
 * What the platforms take at most, in UTF-16 units of the text that readers see (Telegram: after entity parsing; WhatsApp
 * template: the body with its parameters filled in). Sources: Bot API sendMessage and sendPhoto; WhatsApp Cloud API
 * messages and template components; Facebook's composer.
 */
export const limits = {
  telegramText: 4096,
  telegramCaption: 1024,
  whatsappText: 4096,
  whatsappCaption: 1024,
  whatsappTemplateBody: 1024,
  facebookMessage: 63_206,
} as const;

/** Length in UTF-16 units. Telegram counts code points or UTF-16 units, by source; this is the stricter reading. */
export function measureUtf16(text: string, limit: number): Measured<'utf16'> {
  const length = text.length;
  return { length, limit, unit: 'utf16', valid: length <= limit && isSendable(text) };
}

/** X's weighted length: most Latin and Arabic letters 1, others 2, links 23, emoji 2 (twitter-text 3, after NFC). */
export function measureX(text: string): Measured<'weighted'> {
  const { weightedLength, valid } = weighX(text);
  return { length: weightedLength, limit: xLimit, unit: 'weighted', valid: valid && isSendable(text) };
}

/**
 * One parameter of a WhatsApp template, in UTF-16 units: Meta refuses line breaks, tabs, more than four spaces in a row
 * and empty values (netflie/whatsapp-cloud-api#201). It has no limit of its own but that of the body.
 */
export function measureParameter(text: string): Measured<'utf16'> {
  const measured = measureUtf16(text, limits.whatsappTemplateBody);
  return { ...measured, valid: measured.valid && !refusedInParameter.test(text) };
}

/**
 * The body of a WhatsApp template with its parameters put in for {{1}}, {{2}} …: valid where the whole is within the limit
 * and Meta takes each parameter that the body names.
 */
export function measureTemplate(body: string, parameters: readonly string[]): Measured<'utf16'> {
  const measured = measureUtf16(fillTemplate(body, parameters), limits.whatsappTemplateBody);
  const named = [...body.matchAll(placeholder)].map(([, number]) => parameters[Number(number) - 1] ?? '');
  return { ...measured, valid: measured.valid && named.every((value) => measureParameter(value).valid) };
}

/** A template's body with its parameters put in. */
export function fillTemplate(body: string, parameters: readonly string[]): string {
  return body.replace(placeholder, (_, number: string) => parameters[Number(number) - 1] ?? '');
}

const placeholder = /\{\{\s*(\d+)\s*\}\}/g;
/** Line and paragraph separators of every kind count as breaks: the stricter reading. */
const refusedInParameter = /[\n\r\t\v\f\u0085\u2028\u2029]| {5}/;

function isSendable(text: string): boolean {
  return text.trim() !== '' && text.isWellFormed();
}
