import { z } from 'zod';
import { platforms } from '../platforms/index.ts';
import type { Action } from '../schedule/action.ts';
import { actions } from '../schedule/actions/index.ts';
import { alarmTargets } from './alarms.ts';
import { feed } from './feeds.ts';
import { idPattern } from './fields.ts';
import { unwrap } from './remedy.ts';
import { commonSchedule } from './schedule-fields.ts';
import { commonAccount, commonChannel, settings } from './schema.ts';
import { sourceKinds } from './sources.ts';

type Json = Record<string, unknown>;

/** A JSON Schema (draft 2020-12) of the configuration file, with which editors complete and check it. */
export function configSchema(): Json {
  const top = convert(settings);
  const { accounts, channels, alarms, schedules, feeds, sources, ...properties } = top.properties as Record<
    string,
    Json
  >;
  const all = Object.values(platforms);
  return {
    ...top,
    title: 'Munadi configuration',
    properties: {
      ...properties,
      accounts: {
        ...accounts,
        propertyNames: { pattern: idPattern.source },
        additionalProperties: { oneOf: all.map(({ id, account }) => accountSchema(id, account)) },
      },
      alarms: withTargets(alarms ?? {}),
      channels: { ...channels, items: { anyOf: all.map(({ name, channel }) => channelSchema(name, channel)) } },
      feeds: { ...feeds, items: convert(feed) },
      sources: { ...sources, items: { oneOf: Object.values(sourceKinds).map(convert) } },
      schedules: { ...schedules, items: { oneOf: Object.values(actions).map(scheduleSchema) } },
    },
  };
}

function withTargets(alarms: Json): Json {
  const { targets, ...others } = alarms.properties as Record<string, Json>;
  const additionalProperties = { oneOf: Object.values(alarmTargets).map(convert) };
  const named = { ...targets, propertyNames: { pattern: idPattern.source }, additionalProperties };
  return { ...alarms, properties: { targets: named, ...others } };
}

function accountSchema(id: string, account: z.ZodType): Json {
  const { platform, ...common } = convert(commonAccount).properties as Record<string, Json>;
  const own = convert(account);
  return {
    ...own,
    properties: { platform: { ...platform, const: id }, ...common, ...(own.properties as Json) },
    required: ['platform', ...((own.required as string[] | undefined) ?? [])],
  };
}

function channelSchema(name: string, channel: z.ZodType): Json {
  const common = convert(commonChannel);
  const own = convert(channel);
  return {
    ...common,
    title: `Channel on ${name}`,
    properties: { ...(common.properties as Json), ...(own.properties as Json) },
    required: [...((common.required as string[] | undefined) ?? []), ...((own.required as string[] | undefined) ?? [])],
  };
}

function scheduleSchema({ id, about, settings: own }: Action): Json {
  const common = convert(commonSchedule);
  const { action, ...properties } = common.properties as Record<string, Json>;
  return {
    ...common,
    title: `Schedule: ${id}`,
    description: about,
    properties: { ...properties, action: { ...action, const: id }, ...(convert(own).properties as Json) },
    required: [...(common.required as string[]), ...((convert(own).required as string[] | undefined) ?? [])],
  };
}

/** What a person writes (`input`), where a reference to the environment may stand for every value. */
function convert(schema: z.ZodType): Json {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const reference = referenceTo(zodSchema);
      if (reference === undefined || (jsonSchema.type === 'string' && !jsonSchema.pattern && !jsonSchema.enum)) return;
      const value = { ...jsonSchema };
      for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Json)[key];
      Object.assign(jsonSchema, { anyOf: [value, { type: 'string', pattern: reference }] });
    },
  }) as Json;
  delete json.$schema;
  return json;
}

/** What a reference to a variable looks like in place of a value: the whole of a number, any part of a text. */
function referenceTo(schema: unknown): string | undefined {
  if (schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean) return '^\\$\\{\\w+(:\\?)?\\}$';
  return schema instanceof z.ZodString || schema instanceof z.ZodEnum ? '\\$\\{\\w+(:\\?)?\\}' : undefined;
}

/** Every setting as Markdown tables: of the top, of accounts, of channels and of schedules. */
export function settingsTables(): string {
  const all = Object.values(platforms);
  const {
    accounts: _accounts,
    channels: _channels,
    schedules: _schedules,
    feeds: _feeds,
    sources: _sources,
    ...top
  } = settings.shape;
  return [
    '### Top level',
    table(rows(z.object(top))),
    '### Accounts',
    table(rows(commonAccount)),
    ...all.flatMap(({ name, account }) => [`${name}:`, table(rows(account))]),
    '### Alarm targets',
    ...Object.values(alarmTargets).map((target) => table(rows(target))),
    '### Channels',
    table(rows(commonChannel)),
    ...all.flatMap(({ name, channel }) => {
      const own = rows(channel);
      return own.length === 0 ? [] : [`${name}:`, table(own)];
    }),
    '### Feeds',
    table(rows(feed)),
    '### Sources',
    ...Object.values(sourceKinds).map((kind) => table(rows(kind))),
    '### Schedules',
    table(rows(commonSchedule)),
    ...Object.values(actions).flatMap(({ id, about, settings: own }) => {
      const list = rows(own);
      return [`\`action: ${id}\`: ${about}`, ...(list.length === 0 ? [] : [table(list)])];
    }),
  ].join('\n\n');
}

interface Row {
  key: string;
  value: string;
  text: string;
}

function rows(schema: z.ZodType, prefix = ''): Row[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const key = `${prefix}${name}`;
    const below = rows(field, `${key}.`);
    if (below.length > 0) return below;
    return [{ key, value: defaultOf(field), text: field.description ?? '' }];
  });
}

function defaultOf(field: z.ZodType): string {
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault) {
    const value = field.def.defaultValue;
    return `\`${typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : JSON.stringify(value)}\``;
  }
  return field instanceof z.ZodOptional ? '' : 'required';
}

function table(list: Row[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return [
    '| setting | default | |',
    '|---|---|---|',
    ...list.map(({ key, value, text }) => `| \`${key}\` | ${cell(value)} | ${cell(text)} |`),
  ].join('\n');
}
