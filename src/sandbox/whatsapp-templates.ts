import { z } from 'zod';
import { graphOk } from './graph.ts';
import type { SandboxAnswer } from './simulation.ts';
import {
  builtInTemplates,
  invalid,
  type Template,
  templateCategories,
  templateQualities,
  templateStatuses,
} from './whatsapp-template.ts';

/** What `PUT /_sandbox/templates` takes: what becomes of a template in all its languages, or in one. */
const change = z.strictObject({
  name: z.string(),
  language: z.string().optional(),
  status: z.enum(templateStatuses).optional(),
  quality: z.enum(templateQualities).optional(),
  category: z.enum(templateCategories).optional(),
  /** Why, as Meta says it beside the status. */
  reason: z.string().default('NONE'),
});

type Change = Partial<z.infer<typeof change>>;

/** A change of a webhook's body. */
export interface Told {
  field: string;
  value: Record<string, unknown>;
}

/** The templates of the simulated business account. */
export interface Templates {
  /** The same list for as long as nothing changes. */
  all(): readonly Template[];
  /** What is wrong with a change, or what the platform tells of it. */
  change(given: unknown): { issues: unknown[] } | { told: Told[] };
  /** `GET /{waba-id}/message_templates`. */
  list(query: URLSearchParams): SandboxAnswer;
  clear(): void;
}

const keyOf = ({ name, language }: Pick<Template, 'name' | 'language'>) => `${name}/${language}`;

export function createTemplates(more: () => readonly Template[] | undefined): Templates {
  const changed = new Map<string, Partial<Template>>();
  let given: readonly Template[] | undefined;
  let known: readonly Template[] = builtInTemplates;

  function renew(): void {
    const byKey = new Map([...builtInTemplates, ...(given ?? [])].map((one) => [keyOf(one), one]));
    known = [...byKey.values()].map((one) => ({ ...one, ...changed.get(keyOf(one)) }));
  }

  function all(): readonly Template[] {
    const now = more();
    if (now !== given) {
      given = now;
      renew();
    }
    return known;
  }

  return {
    all,
    change(input) {
      const result = change.safeParse(input);
      if (!result.success) return { issues: result.error.issues };
      const { name, language, reason, ...next } = result.data;
      const found = all().filter((one) => one.name === name && (language === undefined || one.language === language));
      if (found.length === 0) return { issues: [{ message: `there is no template ${name} ${language ?? ''}`.trim() }] };
      const told = found.flatMap((one) => tell(one, next, reason));
      for (const one of found) changed.set(keyOf(one), { ...changed.get(keyOf(one)), ...next } as Partial<Template>);
      renew();
      return { told };
    },
    list(query) {
      const limit = Number(query.get('limit') ?? 25);
      if (!(Number.isInteger(limit) && limit > 0)) return invalid('limit must be a number above 0');
      const cursorText = query.get('after');
      const after = cursorText === null ? '-1' : Buffer.from(cursorText, 'base64url').toString();
      if (!/^-?\d{1,6}$/.test(after)) return invalid('after is not a cursor of this list');
      const start = Number(after) + 1;
      const fields = query.get('fields')?.split(',') ?? usualFields;
      const named = query.get('name');
      const listed = all().filter(({ name }) => named === null || name.includes(named));
      const page = listed.slice(start, start + Math.min(limit, 100));
      const cursor = (index: number) => Buffer.from(String(index)).toString('base64url');
      const isLast = start + page.length >= listed.length;
      const cursors = { before: cursor(start), after: cursor(start + page.length - 1) };
      return graphOk({
        data: page.map((one, index) => described(one, start + index, fields)),
        ...(page.length === 0
          ? {}
          : { paging: { cursors, ...(isLast ? {} : { next: 'https://graph.facebook.com/next' }) } }),
      });
    },
    clear() {
      changed.clear();
      renew();
    },
  };
}

const usualFields = ['name', 'language', 'status', 'category', 'parameter_format', 'components'];
const idOf = (index: number) => String(900_000_000_000_000 + index);

/** A template as it is listed; `quality_score` only where it is asked for, as with Meta. */
function described(
  { name, language, body, header, footer, status, quality, category }: Template,
  index: number,
  fields: string[],
) {
  const facts: Record<string, unknown> = {
    ...{ name, language, status, category, parameter_format: 'POSITIONAL', quality_score: { score: quality } },
    components: [
      ...(header ? [{ type: 'HEADER', format: 'IMAGE' }] : []),
      { type: 'BODY', text: body },
      ...(footer ? [{ type: 'FOOTER', text: footer }] : []),
    ],
  };
  return {
    ...Object.fromEntries(fields.filter((name) => name in facts).map((name) => [name, facts[name]])),
    id: idOf(index),
  };
}

/** Webhooks `message_template_status_update` and `message_template_quality_update`. */
function tell(before: Template, { status, quality }: Change, reason: string): Told[] {
  const about = {
    message_template_id: 900_000_000_000_000,
    message_template_name: before.name,
    message_template_language: before.language,
  };
  const isStatus = status !== undefined && status !== before.status;
  const isQuality = quality !== undefined && quality !== before.quality;
  return [
    ...(isStatus ? [{ field: 'message_template_status_update', value: { event: status, ...about, reason } }] : []),
    ...(isQuality
      ? [
          {
            field: 'message_template_quality_update',
            value: { previous_quality_score: before.quality, new_quality_score: quality, ...about },
          },
        ]
      : []),
  ];
}
