import type { Schedule } from '../core/schedule.ts';
import type { Action } from '../schedule/action.ts';
import { actions } from '../schedule/actions/index.ts';
import { cronProblems } from '../schedule/cron-fields.ts';
import { nearest } from '../text/nearest.ts';
import { split } from './accounts.ts';
import { nearestName, oneOf } from './issue.ts';
import { describe, kindOf } from './problem.ts';
import type { Report } from './report.ts';
import { commonSchedule } from './schedule-fields.ts';
import { typeVariables } from './typed-variables.ts';

type Values = Record<string, unknown>;
type SchedulePath = readonly ['schedules', number];

/** What happens without being asked for. A schedule of the operator's with the same action takes its place. */
const builtIn = { id: 'prune', cron: '17 4 * * *', action: 'prune' } as const;

/** What schedules stand in: the zone of the file, and the ids of its channels. */
interface Surroundings {
  timezone: string;
  channelIds: readonly string[];
}

/** The schedules as the program uses them, the built-in one among them. */
export function readSchedules(given: unknown[], around: Surroundings, report: Report): Schedule[] {
  const ids = new Map<string, number>();
  const read = given.flatMap((value, index) => {
    const path = ['schedules', index] as const;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const remedy = 'Write { id: …, cron: …, action: … }.';
      report.problem(path, { expected: 'a map of keys', got: kindOf(value), remedy });
      return [];
    }
    checkId(value as Values, { path, ids }, report);
    return readSchedule(value as Values, { path, ...around }, report) ?? [];
  });
  const isReplaced = given.some((value) => (value as Values | null)?.action === builtIn.action);
  if (isReplaced) return read;
  const { grace, ...rest } = commonSchedule.parse(builtIn);
  return [...read, { ...rest, graceMs: grace, timezone: around.timezone, settings: {} }];
}

/** An id of its own, and not that of the built-in schedule. */
function checkId(
  { id, action }: Values,
  { path, ids }: { path: SchedulePath; ids: Map<string, number> },
  report: Report,
): void {
  if (typeof id !== 'string') return;
  const twin = ids.get(id);
  if (twin === undefined) ids.set(id, path[1]);
  const at = [...path, 'id'];
  const expected = 'an id of its own';
  if (twin !== undefined) {
    const got = `${report.show(at, id)}, as in schedules[${twin}]`;
    report.problem(at, { expected, got, remedy: 'Rename one of the two.' });
  } else if (id === builtIn.id && action !== builtIn.action) {
    const got = `${report.show(at, id)}, the schedule that is there by itself`;
    report.problem(at, { expected, got, remedy: `Rename it, or write action: ${builtIn.action}.` });
  }
}

function readSchedule(
  value: Values,
  { path, timezone, channelIds }: Surroundings & { path: SchedulePath },
  report: Report,
): Schedule | undefined {
  const [untyped, untypedOwn] = split(value, Object.keys(commonSchedule.shape));
  const common = typeVariables(untyped, commonSchedule, path, report) as Values;
  const parsed = commonSchedule.safeParse(common);
  if (!parsed.success) report.explain(parsed.error, path, { schema: commonSchedule, input: common });
  const isCron = checkCron(common.cron, path, report);
  const action = readAction(common.action, path, report);
  if (!action) return undefined;

  const own = typeVariables(untypedOwn, action.settings, path, report) as Values;
  const settings = action.settings.safeParse(own);
  if (!settings.success) {
    const moreKeys = Object.keys(commonSchedule.shape);
    const hints = foreignKeys(own, action);
    report.explain(settings.error, path, { schema: action.settings, input: own, moreKeys, hints });
  }
  const areThere = checkChannels(own, { path, keys: action.channelKeys ?? [], channelIds }, report);
  if (!parsed.success || !settings.success || !isCron || !areThere || action.id !== parsed.data.action)
    return undefined;
  const { grace, ...rest } = parsed.data;
  return { ...rest, graceMs: grace, timezone: parsed.data.timezone ?? timezone, settings: settings.data };
}

/** True where all channels that an action's keys name are there. */
function checkChannels(
  own: Values,
  { path, keys, channelIds }: { path: SchedulePath; keys: readonly string[]; channelIds: readonly string[] },
  report: Report,
): boolean {
  const named = keys.flatMap((key) =>
    Array.isArray(own[key])
      ? own[key].map((name, index) => ({ at: [...path, key, index], name: name as unknown }))
      : [{ at: [...path, key], name: own[key] }],
  );
  const missing = named.filter(
    (one): one is { at: (string | number)[]; name: string } =>
      typeof one.name === 'string' && !channelIds.includes(one.name) && !report.isNoted(one.at),
  );
  for (const { at, name } of missing) {
    report.problem(at, {
      expected: `one of the channels (${oneOf(channelIds)})`,
      got: report.show(at, name),
      remedy: nearestName(name, channelIds, 'Add it under "channels".'),
    });
  }
  return missing.length === 0;
}

function checkCron(cron: unknown, path: SchedulePath, report: Report): boolean {
  if (typeof cron !== 'string') return false;
  const at = [...path, 'cron'];
  if (report.isNoted(at)) return false;
  const problems = cronProblems(cron);
  const isHidden = report.referencesAt(at).length > 0;
  for (const { got, expected, remedy } of problems) {
    report.problem(at, { expected, got: isHidden ? report.show(at, cron) : describe(got), remedy });
  }
  return problems.length === 0;
}

/** The action that a schedule names; where there is none of that name, the one it probably means. */
function readAction(given: unknown, path: SchedulePath, report: Report): Action | undefined {
  if (typeof given !== 'string') return undefined;
  const names = Object.keys(actions);
  const named = Object.hasOwn(actions, given) ? actions[given] : undefined;
  if (named) return named;
  const at = [...path, 'action'];
  if (!report.isNoted(at)) {
    report.problem(at, {
      expected: `one of the actions (${oneOf(names)})`,
      got: report.show(at, given),
      remedy: nearestName(given, names, 'There is none.'),
    });
  }
  const near = nearest(given, names);
  return near === undefined ? undefined : actions[near];
}

/** Says of a key of another action which one that is. */
function foreignKeys(own: Values, { id, settings }: Action): Record<string, string> {
  const hints = Object.keys(own)
    .filter((key) => !Object.hasOwn(settings.shape, key))
    .flatMap((key): [string, string][] => {
      const owners = Object.values(actions).filter((action) => Object.hasOwn(action.settings.shape, key));
      const names = oneOf(owners.map((action) => action.id));
      return names === '' ? [] : [[key, `Remove it: it is a setting of ${names}, and this schedule does ${id}.`]];
    });
  return Object.fromEntries(hints);
}
