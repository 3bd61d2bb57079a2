import type { Config } from '../config/config.ts';
import { InputError } from '../core/errors.ts';
import type { Subscriptions } from '../core/subscriber.ts';
import { platforms } from '../platforms/index.ts';

/** An account that people can write to. */
export interface ListAccount {
  id: string;
  /** Absent: nobody can subscribe. */
  open: Subscriptions | undefined;
  /** `open`, or what is understood where nobody can subscribe. */
  subscriptions: Subscriptions;
}

/** Accounts with people, of a configuration. */
export function listAccounts({ accounts }: Pick<Config, 'accounts'>): ListAccount[] {
  return Object.values(accounts).flatMap((account) => {
    const platform = platforms[account.platform];
    const open = platform?.subscriptions?.(account);
    const subscriptions = open ?? platform?.unsubscribing;
    return subscriptions ? [{ id: account.id, open, subscriptions }] : [];
  });
}

/** The account that is meant: the one of that name, or the only one. Throws `InputError` where there is none, or several. */
export function listAccount(config: Pick<Config, 'accounts'>, id: string | undefined, option: string): ListAccount {
  const all = listAccounts(config);
  const open = all.filter((one) => one.open);
  const names = all.map((one) => one.id).join(', ');
  if (all.length === 0) {
    throw new InputError('No account has subscribers: there is none of WhatsApp.', { code: 'no-list', status: 404 });
  }
  if (id !== undefined) {
    const found = all.find((one) => one.id === id);
    if (found) return found;
    throw new InputError(`${option}: expected one of ${names}, got "${id}".`, { code: 'no-list', status: 404 });
  }
  const [only, another] = open.length > 0 ? open : all;
  if (!only || another) {
    throw new InputError(`${option}: say which account is meant: ${names}.`, { code: 'which-list', status: 422 });
  }
  return only;
}

/** What people can subscribe to. Throws `InputError` where nobody can. */
export function openList({ id, open }: ListAccount): Subscriptions {
  if (open) return open;
  throw new InputError(
    `Nobody can subscribe to the account ${id}: add "subscriptions: {}" to it, or topics and words of your own.`,
    { code: 'closed-list', status: 409 },
  );
}
