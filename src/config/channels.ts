import type { Account, Channel, CorrectionWay } from '../core/channel.ts';
import { readFilters } from '../core/filters.ts';
import type { Platform } from '../core/platform.ts';
import type { Timetable } from '../core/timetable.ts';
import { platforms } from '../platforms/index.ts';
import { opensAt } from '../schedule/timetable.ts';
import { nearest } from '../text/nearest.ts';
import { split } from './accounts.ts';
import { readDefaultImage } from './default-image.ts';
import { nearestName, oneOf } from './issue.ts';
import { readCatchUp } from './limits.ts';
import { kindOf } from './problem.ts';
import type { Report } from './report.ts';
import { type Calendar, readRhythm } from './rhythm.ts';
import { commonChannel } from './schema.ts';
import { readStyle, styleFields } from './style.ts';
import type { Templates } from './templates.ts';
import { typeVariables } from './typed-variables.ts';

type Values = Record<string, unknown>;
type ChannelPath = readonly ['channels', number];

interface Given {
  /** The configuration, as messages call it. */
  file: string;
  accounts: Record<string, Account>;
  /** Those too whose own settings could not be read. */
  accountIds: readonly string[];
  templates: Templates;
  calendar: Calendar;
}

/** Checks all channels, and the templates that they use. */
export function readChannels(
  given: unknown[],
  { file, accounts, accountIds, templates, calendar }: Given,
  report: Report,
): Channel[] {
  const channels: Channel[] = [];
  const ids = new Map<string, number>();
  const used = new Set<string | undefined>();
  for (const [index, value] of given.entries()) {
    const path = ['channels', index] as const;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const remedy = 'Write { id: …, account: … }.';
      report.problem(path, { expected: 'a map of keys', got: kindOf(value), remedy });
      continue;
    }
    const { id, account } = value as Values;
    checkTwin(id, { path, ids }, report);
    const name = readAccountName(account, { path, accountIds }, report);
    used.add(name);
    const own = { file, path, account: ownOf(accounts, name), templates, calendar };
    const channel = readChannel(value as Values, own, report);
    if (channel) channels.push(channel);
  }
  warnOfNeighbours(channels, report);
  // Settings of accounts that could not be read are as they were written.
  if (report.problems.length === 0) warnOfClosedLists(channels, accounts, report);
  templates.warnOfOthers();
  for (const id of Object.keys(accounts)) {
    if (!used.has(id)) report.warn(['accounts', id], 'no channel posts with this account.');
  }
  return channels;
}

function ownOf<T>(values: Record<string, T>, key: string | undefined): T | undefined {
  return key !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
}

function checkTwin(id: unknown, { path, ids }: { path: ChannelPath; ids: Map<string, number> }, report: Report): void {
  if (typeof id !== 'string') return;
  const twin = ids.get(id);
  if (twin === undefined) {
    ids.set(id, path[1]);
    return;
  }
  const at = [...path, 'id'];
  const got = `${report.show(at, id)}, as in channels[${twin}]`;
  report.problem(at, { expected: 'an id of its own', got, remedy: 'Rename one of the two.' });
}

/** The account a channel names; where there is none of that name, the one it probably means. */
function readAccountName(
  given: unknown,
  { path, accountIds }: { path: ChannelPath; accountIds: readonly string[] },
  report: Report,
): string | undefined {
  if (typeof given !== 'string') return undefined;
  if (accountIds.includes(given)) return given;
  const at = [...path, 'account'];
  if (!report.isNoted(at)) {
    report.problem(at, {
      expected:
        accountIds.length === 0 ? 'an account, and there is none' : `one of the accounts (${oneOf(accountIds)})`,
      got: report.show(at, given),
      remedy: nearestName(given, accountIds, 'Add it under "accounts".'),
    });
  }
  return nearest(given, accountIds);
}

/** Channels for subscribers, of an account that takes nobody in. */
function warnOfClosedLists(channels: readonly Channel[], accounts: Given['accounts'], report: Report): void {
  for (const [index, channel] of channels.entries()) {
    const platform = platforms[channel.platform];
    const account = ownOf(accounts, channel.account);
    if (!account || platform?.audience?.(channel) !== 'subscribers' || platform.subscriptions?.(account)) continue;
    const message = `nobody can subscribe to ${account.id}, so it writes to nobody new: add "subscriptions: {}" to the account.`;
    report.warn(['channels', index], message);
  }
}

/** Channels whose posts appear in one place. */
function warnOfNeighbours(channels: readonly Channel[], report: Report): void {
  const places = new Map<string, string>();
  for (const [index, channel] of channels.entries()) {
    const place = placeOf(channel);
    const neighbour = places.get(place);
    if (neighbour !== undefined && neighbour !== channel.id) {
      const message = `${neighbour} and ${channel.id} post to the same place: what both take appears there twice.`;
      report.warn(['channels', index], message);
    }
    places.set(place, channel.id);
  }
}

/** Where a channel's posts appear. */
function placeOf({ platform, account, settings }: Channel): string {
  const target = platforms[platform]?.targetKeys.map((key) => settings[key]);
  return JSON.stringify([
    platform,
    target && target.length > 0 && platform !== 'whatsapp' ? target : [account, target],
  ]);
}

function readChannel(
  value: Values,
  {
    file,
    path,
    account,
    templates,
    calendar,
  }: Pick<Given, 'file' | 'templates' | 'calendar'> & { path: ChannelPath; account: Account | undefined },
  report: Report,
): Channel | undefined {
  const [common, untyped] = split(value, Object.keys(commonChannel.shape));
  const parsed = commonChannel.safeParse(common);
  if (!parsed.success) report.explain(parsed.error, path, { schema: commonChannel, input: common });
  const platform = account && platforms[account.platform];
  if (!platform) return undefined;

  const own = typeVariables(untyped, platform.channel, path, report) as Values;
  const settings = platform.channel.safeParse(own);
  if (!settings.success) {
    const moreKeys = Object.keys(commonChannel.shape);
    const hints = foreignKeys(own, platform);
    report.explain(settings.error, path, { schema: platform.channel, input: own, moreKeys, hints });
  }
  const layout = styleFields.layout.safeParse(common.layout);
  const request = { platform, settings: settings.success ? settings.data : own, layout: layout.data, path, templates };
  const layouts = layout.success ? readLayouts(request, report) : undefined;
  if (!parsed.success || !settings.success) return undefined;
  const {
    id,
    account: name,
    unconfirmed,
    corrections,
    retractionNotice,
    defaultImage,
    staleAfter,
    catchUp,
    language,
    filters,
    layout: _layout,
    ...look
  } = parsed.data;
  const style = readStyle(look, layouts);
  const rhythm = readRhythm(parsed.data, calendar);
  if (rhythm?.timetable) checkOpens(rhythm.timetable, path, report);
  return {
    id,
    account: name,
    unconfirmed,
    ...readCorrections(corrections, { platform, path }, report),
    ...readNotice(retractionNotice, { platform, path }, report),
    platform: platform.id,
    ...readDefaultImage(defaultImage, { file, path }, report),
    ...(language === undefined ? {} : { language }),
    ...(staleAfter === undefined ? {} : { staleAfterMs: staleAfter }),
    ...(catchUp === undefined ? {} : { catchUp: readCatchUp(catchUp) }),
    ...(rhythm === undefined ? {} : { rhythm }),
    filters: readFilters(filters),
    ...(style === undefined ? {} : { style }),
    settings: settings.data,
  };
}

function readCorrections(
  given: CorrectionWay | undefined,
  { platform, path }: { platform: Platform; path: ChannelPath },
  report: Report,
): { corrections?: CorrectionWay } {
  if (given === undefined) return {};
  if (platform.corrections.includes(given)) return { corrections: given };
  report.problem([...path, 'corrections'], {
    expected: `a way that ${platform.name} has (${oneOf(platform.corrections)})`,
    got: given,
    remedy: `Leave it out for "${platform.corrections[0]}".`,
  });
  return {};
}

/** It stands alone in a post. */
function readNotice(
  given: string | undefined,
  { platform, path }: { platform: Platform; path: ChannelPath },
  report: Report,
): { retractionNotice?: string } {
  if (given === undefined) return {};
  const retractionNotice = given.trim();
  const { length, limit, valid } = platform.measure(retractionNotice);
  if (valid) return { retractionNotice };
  const isLong = length > limit;
  report.problem([...path, 'retractionNotice'], {
    expected: isLong
      ? `a text of at most ${limit} characters by ${platform.name}'s count`
      : `a text that ${platform.name} takes`,
    got: isLong ? String(length) : 'one with characters that it refuses',
    remedy: isLong ? 'Shorten it.' : 'Write it anew, without invisible characters.',
  });
  return {};
}

function checkOpens(timetable: Timetable, path: ChannelPath, report: Report): void {
  if (opensAt(timetable, Date.now()) !== undefined) return;
  const key = timetable.quiet.length > 0 ? 'quiet' : 'windows';
  report.problem([...path, key], {
    expected: 'hours that leave some time to post',
    got: 'none that do',
    remedy: 'Shorten quiet, or widen windows. To stop a channel for a while, pause it.',
  });
}

interface LayoutRequest {
  platform: Platform;
  settings: Values;
  layout: string | undefined;
  path: ChannelPath;
  templates: Templates;
}

/** An approved form is filled, not written: files have no say there. */
function readLayouts({ platform, settings, layout, path, templates }: LayoutRequest, report: Report) {
  if (platform.usesLayout?.(settings) ?? true) return templates.layoutsOf({ platform, layout, path });
  if (layout !== undefined) {
    report.warn(
      [...path, 'layout'],
      'without effect: the approved template says how these posts look (mode: template).',
    );
  }
  return undefined;
}

/** Says of a key of another platform, or of an account, where it belongs. */
function foreignKeys(own: Values, here: Platform): Record<string, string> {
  const hints = Object.keys(own)
    .filter((key) => !Object.hasOwn(here.channel.shape, key))
    .map((key): [string, string | undefined] => {
      if (key === 'platform') return [key, 'Remove it: the platform comes from the account.'];
      if (key === 'template') return [key, 'Write "layout": templates of WhatsApp channels alone are named so.'];
      const owners = Object.values(platforms).filter(({ channel }) => Object.hasOwn(channel.shape, key));
      const names = oneOf(owners.map(({ name }) => name));
      if (names) return [key, `Remove it: it is a setting of ${names} channels, and this account is on ${here.name}.`];
      const ofAccount = key === 'apiRoot' || Object.hasOwn(here.account.shape, key);
      return [key, ofAccount ? 'Move it to the account: channels hold no credentials.' : undefined];
    })
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(hints);
}
