import type { Config } from '../config/config.ts';
import type { Account, Channel } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import { platforms } from '../platforms/index.ts';

/** An account of the config, which has been checked: a name without one is a fault of ours. */
export function accountOf(config: Pick<Config, 'accounts'>, id: string): Account {
  const account = config.accounts[id];
  if (!account) throw new Error(`There is no account ${id}.`);
  return account;
}

/** The platform that a channel or account belongs to. */
export function platformOf({ platform: id }: Pick<Channel, 'platform'>): Platform {
  const platform = platforms[id];
  if (!platform) throw new Error(`There is no platform ${id}.`);
  return platform;
}

/** Whether a post of the channel cannot be sent without a picture. */
export function needsPicture(channel: Channel): boolean {
  return platformOf(channel).needsPicture?.(channel) ?? false;
}
