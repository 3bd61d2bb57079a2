import { z } from 'zod';
import type { Style } from '../core/channel.ts';
import { count } from './fields.ts';

const parameter = z
  .string()
  .min(1, 'some text')
  .max(200, 'at most 200 characters')
  .regex(/^[^\p{Cc}]*$/u, 'text on one line');

const standardParameters = ['source', 'medium', 'campaign', 'term', 'content'] as const;

const parameterName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

const utm = z
  .object({
    source: parameter.optional().describe('Added to the link as utm_source.'),
    medium: parameter.optional().describe('Added to the link as utm_medium.'),
    campaign: parameter.optional().describe('Added to the link as utm_campaign.'),
    term: parameter.optional().describe('Added to the link as utm_term.'),
    content: parameter.optional().describe('Added to the link as utm_content; other names are added as they are.'),
  })
  .catchall(parameter)
  .refine(
    (given) => Object.keys(given).every((name) => parameterName.test(name)),
    'names of Latin letters, digits, - and _, a letter first',
  )
  .refine(
    (given) => new Set(Object.keys(given).map(fullName)).size === Object.keys(given).length,
    'each parameter once (source is utm_source)',
  );

/** Keys of every channel that say how its posts look. */
export const styleFields = {
  ladder: z
    .array(z.enum(['photo', 'text', 'headline']))
    .min(1, 'at least one form')
    .refine((forms) => new Set(forms).size === forms.length, 'each form once')
    .optional()
    .describe(
      'Forms that a post may take, best first: photo with caption, text, headline with link. Taken is the first in which the headline stands whole and a sentence fits.',
    ),
  hashtags: count(0, 10).optional().describe('Most hashtags of a post, made of tags and section; 0: none.'),
  digits: z
    .enum(['source', 'latin', 'arabic'])
    .optional()
    .describe('Digits of the post: as the article has them, 0123456789 or ٠١٢٣٤٥٦٧٨٩.'),
  utm: utm.optional().describe('Parameters added to the link.'),
  layout: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'the name of a template, without .liquid')
    .optional()
    .describe(
      'Name of a file NAME.liquid in the folder templates beside this file; without it, PLATFORM.liquid there, or the built-in template.',
    ),
};

type Given = { [Key in keyof typeof styleFields]?: z.infer<(typeof styleFields)[Key]> | undefined };

/** The style that a channel asks for; undefined where it asks for none. */
export function readStyle({ ladder, hashtags, digits, utm: parameters }: Given, layouts: Style['layouts']) {
  const style: Style = {
    ...(ladder === undefined ? {} : { ladder }),
    ...(hashtags === undefined ? {} : { hashtags }),
    ...(digits === undefined ? {} : { digits }),
    ...(parameters === undefined ? {} : { utm: named(parameters) }),
    ...(layouts === undefined ? {} : { layouts }),
  };
  return Object.keys(style).length === 0 ? undefined : style;
}

/** Under the names that stand in the address. */
function named(parameters: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [fullName(name), value]));
}

function fullName(name: string): string {
  return (standardParameters as readonly string[]).includes(name) ? `utm_${name}` : name;
}
