import type { Account, Channel } from '../core/channel.ts';
import { platforms } from '../platforms/index.ts';
import { split } from './accounts.ts';
import { unknownName } from './issue.ts';
import { describe } from './problem.ts';
import type { Report } from './report.ts';
import { commonChannel } from './schema.ts';

type Values = Record<string, unknown>;

/** Checks all channels. `accountIds` holds those too whose own settings could not be read. */
export function readChannels(
  given: unknown[],
  { accounts, accountIds }: { accounts: Record<string, Account>; accountIds: string[] },
  report: Report,
): Channel[] {
  const channels: Channel[] = [];
  const places = new Map<string, string>();
  for (const [index, value] of given.entries()) {
    const path = ['channels', index] as const;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const remedy = 'Write { id: …, account: … }.';
      report.problem(path, { expected: 'a map of keys', got: describe(value), remedy });
      continue;
    }
    const channel = readChannel(value as Values, { path, accounts, accountIds }, report);
    if (!channel) continue;
    const twin = channels.findIndex(({ id }) => id === channel.id);
    if (twin >= 0) {
      report.problem([...path, 'id'], {
        expected: 'an id of its own',
        got: `"${channel.id}", as in channels[${twin}]`,
        remedy: 'Rename one of the two.',
      });
    }
    const place = placeOf(channel);
    const neighbour = places.get(place);
    if (neighbour !== undefined && neighbour !== channel.id) {
      report.warn(path, `${neighbour} and ${channel.id} post to the same place: what both take appears there twice.`);
    }
    places.set(place, channel.id);
    channels.push(channel);
  }
  for (const id of Object.keys(accounts)) {
    if (!channels.some(({ account }) => account === id))
      report.warn(['accounts', id], 'no channel posts with this account.');
  }
  return channels;
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
  context: { path: readonly ['channels', number]; accounts: Record<string, Account>; accountIds: string[] },
  report: Report,
): Channel | undefined {
  const { path, accounts, accountIds } = context;
  const [common, own] = split(value, Object.keys(commonChannel.shape));
  const parsed = commonChannel.safeParse(common);
  if (!parsed.success) report.explain(parsed.error, path, { schema: commonChannel, input: common });

  const account = typeof value.account === 'string' ? accounts[value.account] : undefined;
  if (!account) {
    if (typeof value.account === 'string' && !accountIds.includes(value.account)) {
      const { got, remedy } = unknownName(value.account, accountIds, '');
      const expected = `one of the accounts (${accountIds.join(', ') || 'there is none'})`;
      report.problem([...path, 'account'], { expected, got, remedy });
    }
    return undefined;
  }
  const platform = platforms[account.platform];
  if (!platform) return undefined;
  const settings = platform.channel.safeParse(own);
  if (!settings.success) {
    const moreKeys = Object.keys(commonChannel.shape);
    const hints = foreignKeys(own, platform.id);
    report.explain(settings.error, path, { schema: platform.channel, input: own, moreKeys, hints });
  }
  if (!parsed.success || !settings.success) return undefined;
  const { staleAfter, language, filters, ...rest } = parsed.data;
  return {
    ...rest,
    platform: platform.id,
    ...(language === undefined ? {} : { language }),
    ...(staleAfter === undefined ? {} : { staleAfterMs: staleAfter }),
    filters: Object.fromEntries(Object.entries(filters).filter(([, list]) => list !== undefined)),
    settings: settings.data,
  };
}

/** Says of a key of another platform where it belongs. */
function foreignKeys(own: Values, id: string): Record<string, string> {
  const hints: Record<string, string> = { platform: 'Remove it: the platform comes from the account.' };
  const here = Object.keys(platforms[id]?.channel.shape ?? {});
  for (const key of Object.keys(own).filter((key) => !here.includes(key))) {
    const owner = Object.values(platforms).find(({ channel }) => Object.hasOwn(channel.shape, key));
    if (owner)
      hints[key] =
        `Remove it: it is a setting of ${owner.name} channels, and this account is on ${platforms[id]?.name}.`;
  }
  return hints;
}
