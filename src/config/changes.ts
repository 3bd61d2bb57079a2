import { isDeepStrictEqual } from 'node:util';
import { platforms } from '../platforms/index.ts';
import { asWritten, shownPair } from './changed-values.ts';
import type { Config } from './config.ts';
import { formatPath, type Path } from './problem.ts';
import { hideSecrets } from './shared.ts';

type Values = Record<string, unknown>;
type Tell = (path: Path, what: string) => void;

/** What differs between two configurations, a line for each setting: `channels[x-ar].links: "always" -> "never"`. */
export function changesBetween(before: Config, after: Config): string[] {
  const lines: string[] = [];
  const tell: Tell = (path, what) => void lines.push(`${nameOf(path)}: ${what}`);
  compare(visible(before), visible(after), [], tell);
  for (const [id, account] of Object.entries(after.accounts)) {
    const own = before.accounts[id];
    if (!own || own.sandbox || account.sandbox) continue;
    for (const key of platforms[account.platform]?.secrets ?? []) {
      const pair = [own.settings[key], account.settings[key]];
      if (pair.every((one) => one !== undefined) && pair[0] !== pair[1]) tell(['accounts', id, key], 'another secret');
    }
  }
  if (before.http.token !== after.http.token) tell(['http', 'token'], 'another secret');
  return lines;
}

function visible(config: Config): Values {
  const { channels, schedules, ...rest } = hideSecrets(config) as unknown as Config;
  return {
    ...rest,
    channels: channels.map(asWritten),
    schedules: schedules.map(({ timezone, ...own }) => (timezone === config.timezone ? own : { ...own, timezone })),
  };
}

/** Settings that hold until a restart, where the two differ in them; a line each. */
export function needsRestart(before: Config, after: Config): string[] {
  const both = Object.keys(after.accounts).filter((id) => before.accounts[id] !== undefined);
  return [
    ...ownNeedsRestart(before, after),
    ...restartLines([
      [['mode'], before.mode, after.mode],
      // Claims under way reckon with it.
      [['reliability', 'leaseMs'], before.reliability.leaseMs, after.reliability.leaseMs],
      // What was planned for one of them must not go to the other.
      ...both.map((id): Pair => [['accounts', id], placeOf(before, id), placeOf(after, id)]),
    ]),
  ];
}

/** Of those, the settings that are each process's own. */
export function ownNeedsRestart(before: Config, after: Config): string[] {
  return restartLines([
    [['data'], before.dataDir, after.dataDir],
    [['redis', 'url'], before.redis.url, after.redis.url],
    [['redis', 'prefix'], before.redis.prefix, after.redis.prefix],
    [['http', 'host'], before.http.host, after.http.host],
    [['http', 'port'], before.http.port, after.http.port],
  ]);
}

/** A setting, and its value before and after. */
type Pair = [Path, unknown, unknown];

function restartLines(pairs: Pair[]): string[] {
  return pairs
    .filter(([, before, after]) => before !== after)
    .map(([path, before, after]) => `${nameOf(path)}: ${shownPair(path, before, after)} needs a restart`);
}

function placeOf({ accounts }: Config, id: string): string {
  return accounts[id]?.sandbox ? 'sandbox' : 'live';
}

function compare(before: unknown, after: unknown, path: Path, tell: Tell): void {
  if (isDeepStrictEqual(before, after)) return;
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    for (const key of keys) {
      // Which days the weekend is matters where there are hours.
      if (key === 'weekend' && !(key in before && key in after)) continue;
      compare(before[key], after[key], [...path, key], tell);
    }
    return;
  }
  const [own, other] = [byId(before), byId(after)];
  if (!own || !other) {
    tell(path, pairText(path, before, after));
    return;
  }
  compare(own, other, path, tell);
  const kept = Object.keys(own).filter((id) => id in other);
  const order = Object.keys(other).filter((id) => id in own);
  if (!isDeepStrictEqual(kept, order)) tell(path, 'in another order');
}

/** A list of things that have names, as a map; undefined for other lists. */
function byId(list: unknown): Values | undefined {
  if (!Array.isArray(list) || !list.every((item) => isMap(item) && typeof item.id === 'string')) return undefined;
  return Object.fromEntries(list.map((item: Values) => [item.id, item]));
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a named thing is, where only one of the two has it. */
function pairText(path: Path, before: unknown, after: unknown): string {
  if (before === undefined && isNamed(path)) return 'new';
  if (after === undefined && isNamed(path)) return 'removed';
  return shownPair(path, before, after);
}

/** True for the place of a named thing itself: what all its settings are is not told. */
function isNamed(path: Path): boolean {
  return path.length === 2 && (path[0] === 'channels' || path[0] === 'accounts' || path[0] === 'schedules');
}

/** As the file has it: `channels[x-ar].links`, `reliability.lease`. */
function nameOf(path: Path): string {
  const [top, id, ...rest] = path;
  const steps = (top === 'priorities' ? [id ?? '', ...rest] : path)
    .filter((step, index) => !(index === 2 && step === 'settings'))
    .map((step) => String(step).replace(/Ms$/, ''));
  if ((top !== 'channels' && top !== 'schedules') || id === undefined) return formatPath(steps);
  const inside = steps.slice(2);
  return `${steps[0]}[${steps[1]}]${inside.length === 0 ? '' : `.${formatPath(inside)}`}`;
}
