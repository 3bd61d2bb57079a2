import type { Config } from '../config/config.ts';
import type { Account } from '../core/channel.ts';
import type { Publisher } from '../core/platform.ts';
import { accountOf } from './lookup.ts';

/** The accounts of one configuration, opened when they are first asked for, and open until `release`. */
export interface OpenAccounts {
  /** The same object each time until the sandbox moves. */
  publisher(account: string): Publisher;
  /** Closes those that nobody else holds. */
  release(): void;
}

/** Open accounts: one that is the same in several configurations is open once. */
export interface Publishers {
  hold(config: Config): OpenAccounts;
  /** Closes all; those that are asked for again are opened anew. */
  close(): Promise<void>;
}

/** `rootOf`: base address of an account's platform, where it is not the platform's own. */
export function openPublishers({
  open,
  rootOf,
  onFault,
}: {
  open(account: Account): Publisher;
  rootOf(account: Account): string | undefined;
  onFault(error: unknown): void;
}): Publishers {
  const pool = new Map<string, { publisher: Publisher; holders: Set<OpenAccounts> }>();

  return {
    hold(config) {
      const known = new Map<string, string>();
      const keyOf = (account: Account) => {
        const key = known.get(account.id) ?? JSON.stringify(account);
        known.set(account.id, key);
        return key;
      };
      const held: OpenAccounts = {
        publisher(id) {
          const account = accountOf(config, id);
          const key = keyOf(account);
          let entry = pool.get(key);
          if (!entry) {
            const root = rootOf(account);
            const publisher = open({ ...account, ...(root === undefined ? {} : { apiRoot: root }) });
            entry = { publisher, holders: new Set() };
            pool.set(key, entry);
          }
          entry.holders.add(held);
          return entry.publisher;
        },
        release() {
          for (const [key, { publisher, holders }] of pool) {
            if (!holders.delete(held) || holders.size > 0) continue;
            pool.delete(key);
            publisher.close().catch(onFault);
          }
        },
      };
      for (const account of Object.values(config.accounts)) pool.get(keyOf(account))?.holders.add(held);
      return held;
    },
    async close() {
      const all = [...pool.values()];
      pool.clear();
      await Promise.all(all.map(({ publisher }) => publisher.close()));
    },
  };
}
