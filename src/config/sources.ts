import { resolve } from 'node:path';
import { z } from 'zod';
import { type CmsEvent, type SourceSetting, standardKey } from '../core/source.ts';
import { nearest } from '../text/nearest.ts';
import { duration, folder, idPattern, idText, language } from './fields.ts';
import { nearestName, oneOf } from './issue.ts';
import { kindOf, plainText } from './problem.ts';
import type { Report } from './report.ts';
import { checkSecret, isGiven, variableFor } from './secrets.ts';
import { typeVariables } from './typed-variables.ts';

const listOf = (what: string) => z.array(z.string().min(1, 'some text'), what).min(1, 'at least one entry');

/** Keys of every source, and of every feed. */
export const sourceTraits = {
  channels: listOf('a list of channels')
    .optional()
    .describe('Channels that its articles go to; without it, all whose filters take them.'),
  language: language.optional().describe('Language of articles that do not say theirs.'),
  section: z.string().min(1, 'some text').optional().describe('Section of articles that have none.'),
  tags: listOf('a list of tags').default([]).describe('Tags that its articles get beside their own.'),
  priority: z.enum(['breaking', 'normal', 'low']).optional().describe('Priority of articles that do not say theirs.'),
  updates: z
    .enum(['follow', 'ignore'])
    .default('follow')
    .describe('Whether what changes at the source changes what is live.'),
};

const onDelete = (least: 'ask' | 'ignore') =>
  z
    .enum(['ask', 'retract', 'ignore'])
    .default(least)
    .describe(
      'What follows when an article is gone at the source: a person is asked, it is retracted (a few an hour, see `deletions`), or nothing.',
    );

const secretText = 'a secret from the environment, such as "${CMS_SECRET}"';
const hook = {
  secret: z
    .union(
      [z.string(secretText), z.array(z.string(secretText), secretText).min(1, secretText).max(5, 'at most five')],
      {
        error: secretText,
      },
    )
    .describe('What its calls are signed with: write "${NAME}". A list while you change it: any of them counts.'),
  tolerance: duration({ least: '10s', most: '1h' }).prefault('5m').describe('How far the time of a call may be off.'),
  ...sourceTraits,
  onDelete: onDelete('ask'),
};

const id = z.string().regex(idPattern, idText).describe('Name of the source.');

/** The kinds of sources, by their `kind`. */
export const sourceKinds = {
  wordpress: z.strictObject({
    id,
    kind: z.literal('wordpress').describe('`wordpress`: a WordPress site that calls `/webhooks/cms/ID`.'),
    ...hook,
  }),
  webhook: z.strictObject({
    id,
    kind: z.literal('webhook').describe('`webhook`: any CMS that calls `/webhooks/cms/ID` with signed JSON.'),
    ...hook,
    map: z
      .record(z.string(), z.string(), 'a map from our keys to paths in the document')
      .optional()
      .describe(
        'Where each key of an article stands in the document; without it, documents are as the API takes them.',
      ),
    events: z
      .strictObject({
        publish: listOf('a list of words').optional().describe('Words for what is published or changed.'),
        delete: listOf('a list of words').optional().describe('Words for what is taken back.'),
        wait: listOf('a list of words').optional().describe('Words for what is not to be published yet.'),
      })
      .optional()
      .describe('Words of the CMS for its events, where they are none of the usual ones.'),
  }),
  folder: z.strictObject({
    id,
    kind: z.literal('folder').describe('`folder`: files that are put into a folder.'),
    path: folder.describe('The folder; from the working directory.'),
    settle: duration({ least: '100ms', most: '10m' })
      .prefault('1s')
      .describe('A file is whole when it has not changed for so long.'),
    ...sourceTraits,
    onDelete: onDelete('ask'),
  }),
};

/** Keys of an article that a document can be mapped to, beside `event` and `updatedAt`. */
export const mappedKeys = [
  ...['event', 'id', 'url', 'title', 'body', 'paragraphs', 'byline', 'agency', 'language', 'image', 'alt', 'tags'],
  ...['section', 'source', 'publishedAt', 'updatedAt', 'priority', 'embargoUntil', 'teaser', 'summary'],
];

/** The setting `sources`: each is checked by its kind. */
export const sources = z
  .array(z.unknown(), 'a list of sources')
  .default([])
  .describe('Where articles come from by themselves: a CMS that calls, a folder.');

const kinds = Object.keys(sourceKinds);

/** The sources as the program uses them, by id. `taken`: ids that others have. */
export function readSources(
  given: readonly unknown[],
  { channelIds, taken = [] }: { channelIds: readonly string[]; taken?: readonly string[] },
  report: Report,
): Record<string, SourceSetting> {
  const ids = new Map<unknown, string>(taken.map((one) => [one, 'a feed']));
  const folders = new Map<string, string>();
  const read: Record<string, SourceSetting> = {};
  for (const [index, value] of given.entries()) {
    const path = ['sources', index] as const;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const remedy = 'Write { id: …, kind: …, … }.';
      report.problem(path, { expected: 'a map of keys', got: kindOf(value), remedy });
      continue;
    }
    const own = (value as { id?: unknown }).id;
    const twin = ids.get(own);
    if (twin !== undefined) {
      const got = `${report.show([...path, 'id'], own)}, as ${twin}`;
      report.problem([...path, 'id'], { expected: 'an id of its own', got, remedy: 'Rename one of the two.' });
    }
    if (typeof own === 'string') ids.set(own, `sources[${index}]`);
    const setting = readSource(value as Record<string, unknown>, { path, channelIds }, report);
    if (setting?.kind === 'folder') {
      const other = folders.get(setting.path);
      const got = `${report.show([...path, 'path'], setting.path)}, as in ${other}`;
      const remedy = 'Give each source its folder, or remove one.';
      if (other !== undefined) report.problem([...path, 'path'], { expected: 'a folder of its own', got, remedy });
      folders.set(setting.path, `sources[${index}]`);
    }
    if (setting && typeof own === 'string') read[own] = setting;
  }
  return read;
}

function readSource(
  value: Record<string, unknown>,
  { path, channelIds }: { path: readonly ['sources', number]; channelIds: readonly string[] },
  report: Report,
): SourceSetting | undefined {
  const { kind } = value;
  const schema =
    typeof kind === 'string' && Object.hasOwn(sourceKinds, kind)
      ? sourceKinds[kind as keyof typeof sourceKinds]
      : undefined;
  if (!schema) {
    const at = [...path, 'kind'];
    const remedy = isGiven(kind) ? nearestName(plainText(kind), kinds, 'There is none.') : 'Add "kind".';
    if (!report.isNoted(at)) report.problem(at, { expected: oneOf(kinds), got: report.show(at, kind), remedy });
    return undefined;
  }
  const typed = typeVariables(value, schema, path, report) as Record<string, unknown>;
  const parsed = (schema as z.ZodType).safeParse(typed);
  if (!parsed.success) {
    const secret = 'Put the secret into an environment variable, and write "${CMS_SECRET}" in quotes here.';
    report.explain(parsed.error, path, { schema, input: typed, secrets: { secret } });
    checkChannels(typed.channels, { path, channelIds }, report);
    return undefined;
  }
  const areThere = checkChannels(typed.channels, { path, channelIds }, report);
  const setting = parsed.data as z.infer<(typeof sourceKinds)[keyof typeof sourceKinds]>;
  if (setting.kind === 'folder') {
    const { id: _id, settle, path: where, ...rest } = setting;
    return areThere ? { ...traitsOf(rest), kind: 'folder', path: resolve(where), settleMs: settle } : undefined;
  }
  const secrets = checkHookSecrets(setting.id, setting.secret, path, report);
  const { map, events } = setting.kind === 'webhook' ? setting : {};
  if (map) checkMap(map, path, report);
  if (!areThere) return undefined;
  const { id: _id, kind: hookKind, secret: _secret, tolerance, ...rest } = setting;
  return {
    ...traitsOf(rest),
    kind: hookKind,
    secrets,
    toleranceMs: tolerance,
    ...(map === undefined ? {} : { map }),
    ...(events === undefined ? {} : { events: wordsOf(events) }),
  };
}

/** Each word with what it means. */
function wordsOf(events: Partial<Record<CmsEvent, string[] | undefined>>): Record<string, CmsEvent> {
  const all = Object.entries(events) as [CmsEvent, string[] | undefined][];
  return Object.fromEntries(all.flatMap(([event, words]) => (words ?? []).map((word) => [word, event])));
}

type Traits = Pick<SourceSetting, 'tags' | 'updates' | 'onDelete'> & {
  channels?: string[] | undefined;
  language?: string | undefined;
  section?: string | undefined;
  priority?: SourceSetting['priority'] | undefined;
};

/** What a source's own keys say beside those of its kind. */
export function traitsOf({ tags, updates, onDelete: gone, channels, language: spoken, section, priority }: Traits) {
  return {
    ...{ tags, updates, onDelete: gone },
    ...(channels === undefined ? {} : { channels }),
    ...(spoken === undefined ? {} : { language: spoken }),
    ...(section === undefined ? {} : { section }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** True where all channels that it names are there. */
export function checkChannels(
  given: unknown,
  { path, channelIds }: { path: readonly (string | number)[]; channelIds: readonly string[] },
  report: Report,
): boolean {
  const missing = (Array.isArray(given) ? given : [])
    .map((name, index) => ({ at: [...path, 'channels', index], name: name as unknown }))
    .filter(({ at, name }) => typeof name === 'string' && !channelIds.includes(name) && !report.isNoted(at));
  for (const { at, name } of missing) {
    report.problem(at, {
      expected: `one of the channels (${oneOf(channelIds)})`,
      got: report.show(at, name),
      remedy: nearestName(String(name), channelIds, 'Add it under "channels".'),
    });
  }
  return missing.length === 0;
}

function checkHookSecrets(
  name: string,
  secret: string | string[],
  path: readonly (string | number)[],
  report: Report,
): string[] {
  const list = Array.isArray(secret) ? secret : [secret];
  for (const [index, one] of list.entries()) {
    const at = Array.isArray(secret) ? [...path, 'secret', index] : [...path, 'secret'];
    checkSecret(one, { path: at, variable: variableFor(name, 'secret'), literal: 'warned' }, report);
    if (one.startsWith('whsec_') && standardKey(one) === undefined) {
      report.problem(at, {
        expected: 'base64 of at least 16 bytes after "whsec_"',
        got: 'another secret',
        remedy: 'Copy it once more from where it was made.',
      });
    } else if (one !== '' && one.length < 16) {
      report.problem(at, {
        expected: 'a secret of at least 16 characters',
        got: 'a shorter one',
        remedy: 'Make one, for example with: openssl rand -hex 32',
      });
    }
  }
  return list;
}

const pathPattern = /^(?:'[^']*'|[^.\s]+(?:\.[^.\s]+)*)$/;

function checkMap(map: Record<string, string>, path: readonly (string | number)[], report: Report): void {
  for (const [key, where] of Object.entries(map)) {
    const at = [...path, 'map', key];
    if (!mappedKeys.includes(key)) {
      const near = nearest(key, mappedKeys);
      report.problem(at, {
        expected: `a key of an article (${oneOf(mappedKeys)})`,
        got: key,
        remedy: near ? `Did you mean "${near}"?` : 'Remove it.',
      });
    } else if (!pathPattern.test(where)) {
      report.problem(at, {
        expected: `a path such as "data.headline" or "items.0.html", or a constant such as "'ar'"`,
        got: report.show(at, where),
        remedy: 'Name the keys from the outside in, with dots between them; numbers count in lists, * means all.',
      });
    }
  }
  if (map.title === undefined) {
    report.problem([...path, 'map'], {
      expected: 'at least where the headline stands ("title")',
      got: 'a map without it',
      remedy: 'Add title: data.headline, or whatever it is called.',
    });
  }
}

/** What of the sources must not be seen in a log. */
export function sourceSecrets(given: Readonly<Record<string, SourceSetting>>): string[] {
  return Object.values(given).flatMap((setting) => (setting.kind === 'folder' ? [] : setting.secrets));
}
