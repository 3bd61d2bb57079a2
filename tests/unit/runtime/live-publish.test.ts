import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { Account } from '../../../src/core/channel.ts';
import type { Publisher } from '../../../src/core/platform.ts';
import type { Publish } from '../../../src/pipeline/publish.ts';
import { createLivePublish } from '../../../src/runtime/live-publish.ts';
import { openPublishers } from '../../../src/runtime/publishers.ts';
import type { DeliveryJob } from '../../../src/store/articles.ts';
import { testConfig } from '../../support/installation.ts';

const withToken = (token: string): Config => {
  const config = testConfig('/tmp', {});
  const account = config.accounts['telegram-main'] as Account;
  return { ...config, accounts: { ...config.accounts, 'telegram-main': { ...account, settings: { token } } } };
};

function open() {
  const log: string[] = [];
  const name = ({ id, settings }: Account) => `${id} ${settings.token ?? ''}`.trim();
  const publishers = openPublishers({
    open(account) {
      log.push(`open ${name(account)}`);
      return { close: async () => void log.push(`close ${name(account)}`) } as Publisher;
    },
    rootOf: () => undefined,
    onFault: () => log.push('fault'),
  });
  return { log, publishers };
}

describe('open accounts', () => {
  it('are open once, for as long as one configuration with them is held', () => {
    const { log, publishers } = open();
    const [one, two] = [withToken('a'), withToken('b')];
    const first = publishers.hold(one);
    const x = first.publisher('x-main');
    first.publisher('telegram-main');
    const second = publishers.hold(two);
    expect(second.publisher('x-main')).toBe(x);
    second.publisher('telegram-main');
    first.release();
    expect(log).toEqual(['open x-main', 'open telegram-main a', 'open telegram-main b', 'close telegram-main a']);
    second.release();
    expect(log.slice(4)).toEqual(['close x-main', 'close telegram-main b']);
  });

  it('stay open where the next configuration has them too, though it has not asked yet', () => {
    const { log, publishers } = open();
    const first = publishers.hold(withToken('a'));
    first.publisher('x-main');
    publishers.hold(withToken('b'));
    first.release();
    expect(log).toEqual(['open x-main']);
  });
});

describe('a delivery under way', () => {
  it('finishes with the accounts it began with, which are closed after the last of them', async () => {
    const { log, publishers } = open();
    let config = withToken('a');
    const listeners: (() => void)[] = [];
    const ends: (() => void)[] = [];
    let renewed = 0;
    const publish = createLivePublish(
      { hold: () => publishers.hold(config), onConfig: (listener) => void listeners.push(listener as () => void) },
      ({ publisher }): Publish => ({
        async deliver() {
          publisher('telegram-main');
          await new Promise<void>((resolve) => ends.push(resolve));
          publisher('telegram-main');
          return undefined;
        },
        settled: async () => {},
      }),
      () => {
        renewed += 1;
      },
    );
    const job = {} as DeliveryJob;
    const old = [publish.deliver(job, { again: false }), publish.deliver(job, { again: false })];
    config = withToken('b');
    for (const listener of listeners) listener();
    const young = publish.deliver(job, { again: false });
    expect([log, renewed]).toEqual([['open telegram-main a', 'open telegram-main b'], 1]);
    ends[0]?.();
    await old[0];
    expect(log).toHaveLength(2);
    ends[1]?.();
    await old[1];
    await publish.settled();
    expect([log.slice(2), renewed]).toEqual([['close telegram-main a'], 2]);
    ends[2]?.();
    await young;
    expect(log).toHaveLength(3);
  });
});
