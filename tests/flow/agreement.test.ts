import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Config } from '../../src/config/config.ts';
import { configForm, share } from '../../src/config/shared.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { joinConfig } from '../../src/runtime/live-config.ts';
import { openRuntime, type Runtime } from '../../src/runtime/open.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import type { Presence } from '../../src/store/presence.ts';
import { openPublishedConfigs } from '../../src/store/published-config.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
const open: Runtime[] = [];

beforeAll(async () => {
  at = await openInstallation();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await at.runtime.redis.del('munadi:config', 'munadi:processes');
});
afterAll(() => at.close());

/** A process with this configuration. */
async function processOf(change: Partial<Config> = {}): Promise<Runtime> {
  const runtime = await openRuntime({ ...at.config, ...change }, { logLevel: 'silent' });
  open.push(runtime);
  return runtime;
}
/** A process on another machine, as it shows itself. */
const lives = (roles: string[], version?: string) => {
  const config = version === undefined ? {} : { config: { version, file: '/there.yaml' } };
  const self: Presence = { id: 'other', pid: 1, host: 'elsewhere', roles, startedAt: '', ...config };
  return at.runtime.redis.hset('munadi:processes', 'other', JSON.stringify({ ...self, beatAt: Date.now() }));
};
const published = () => openPublishedConfigs(at.runtime.redis, 'munadi');
const publish = (config: Config, form = configForm()) =>
  published().publish({ ...share(config), form, by: 'process 1 on elsewhere', at: new Date().toISOString() });
const theirs = (change: Partial<Config> = {}): Config => ({
  ...at.config,
  retention: { days: 7, statusDays: 7 },
  ...change,
});
const versionOf = (config: Config) => share(config).version;

describe('a process that is no scheduler', () => {
  it('starts by what is published while a scheduler lives', async () => {
    await publish(theirs());
    await lives(['scheduler']);
    const runtime = await processOf();
    const live = await joinConfig(runtime, { scheduler: false });
    expect(runtime.config).toEqual({ ...at.config, retention: { days: 7, statusDays: 7 } });
    expect(live.report.read()).toMatchObject({
      version: versionOf(theirs()),
      differs: ['retention.days: 7 -> 30'],
    });
  });

  it('starts by its own file where no scheduler lives, and none has ever', async () => {
    const runtime = await processOf();
    await joinConfig(runtime, { scheduler: false });
    expect(runtime.config).toEqual(at.config);
    await publish(theirs());
    await joinConfig(runtime, { scheduler: false });
    expect(runtime.config).toEqual(at.config);
  });

  it('takes up what is published while it runs, and stays with it when the scheduler is away', async () => {
    const runtime = await processOf();
    const live = await joinConfig(runtime, { scheduler: false });
    await live.begin();
    await lives(['scheduler']);
    await publish(theirs());
    while (runtime.config.retention.days !== 7) await live.isBehind();
    await at.runtime.redis.del('munadi:processes');
    expect(await live.isBehind()).toBe(false);
    expect(runtime.config.retention.days).toBe(7);
  });

  it.each([
    ['of another form', () => publish(theirs(), 'other'), /of another version of Munadi/],
    [
      'that needs a restart',
      () => publish(theirs({ reliability: { ...at.config.reliability, leaseMs: 90_000 } })),
      /reliability\.lease: 1m -> 90s needs a restart/,
    ],
    [
      'with an account of which it has no secrets',
      () => {
        const account = at.config.accounts['x-main'] as Config['accounts'][string];
        return publish(theirs({ accounts: { ...at.config.accounts, two: { ...account, id: 'two' } } }));
      },
      /accounts\.two\.accessToken: a secret that this process does not have/,
    ],
  ])('goes on by what it had where one comes %s, and says so', async (_what, come, said) => {
    const runtime = await processOf();
    const live = await joinConfig(runtime, { scheduler: false });
    await live.begin();
    await lives(['scheduler']);
    await come();
    expect(await live.isBehind()).toBe(true);
    expect(runtime.config).toEqual(at.config);
    expect(live.report.read().behind?.join()).toMatch(said);
    await publish(theirs());
    expect(await live.isBehind()).toBe(false);
    expect([runtime.config.retention.days, live.report.read().behind]).toEqual([7, undefined]);
  });

  it('does not start where it would play with what the others post', async () => {
    await publish(theirs());
    await lives(['scheduler']);
    const accounts = Object.values(at.config.accounts).map((one) => [one.id, { ...one, sandbox: true }]);
    const runtime = await processOf({ accounts: Object.fromEntries(accounts) });
    await expect(joinConfig(runtime, { scheduler: false })).rejects.toThrow(/x-main: its credentials are set for the/);
  });

  it('lets a delivery wait whose channel it does not know yet', async () => {
    const runtime = await processOf();
    let isBehind = true;
    let asked = () => {};
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    await startRoles(runtime, ['telegram', 'articles'], {
      isBehind: async () => {
        asked();
        return isBehind;
      },
    });
    const [first] = at.config.channels;
    const channels = [...at.config.channels, { ...first, id: 'new-one' } as NonNullable<typeof first>];
    const { deliveries } = await ingest({ ...runtime.ingest, channels }, draftArticle(), { channels: ['new-one'] });
    await wasAsked;
    expect(await runtime.deliveries.get([deliveries[0]?.id ?? ''])).toMatchObject([{ state: 'scheduled' }]);
    isBehind = false;
    runtime.adopt({ ...runtime.config, channels });
    const followed = await follow(runtime, [deliveries[0]?.id ?? ''], { timeoutMs: 20_000 });
    expect(followed).toMatchObject([{ state: 'published', attempts: 1 }]);
  });
});

describe('a scheduler', () => {
  it('publishes its configuration once it works, where it is the only one', async () => {
    await publish(theirs());
    const runtime = await processOf();
    const live = await joinConfig(runtime, { scheduler: true });
    expect((await published().about())?.version).toBe(versionOf(theirs()));
    await live.begin();
    expect((await published().about())?.version).toBe(versionOf(at.config));
  });

  it('follows the one that runs, and says how its file differs', async () => {
    await publish(theirs());
    await lives(['scheduler']);
    const runtime = await processOf();
    const live = await joinConfig(runtime, { scheduler: true });
    expect(live.report.read().differs).toEqual(['retention.days: 7 -> 30']);
    await live.begin();
    expect([runtime.config.retention.days, (await published().about())?.version]).toEqual([7, versionOf(theirs())]);
  });

  it('has what waits judged anew at once, and again when the last process works by the version', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['x-ar'] });
    const id = deliveries[0]?.id ?? '';
    const wait = async () => {
      const due = Math.floor(at.runtime.clock.now()) + 3_600_000;
      await at.runtime.redis.hset(`munadi:delivery:${id}`, { due, planned: due, waits: 'timetable:window' });
      await at.runtime.redis.zadd('munadi:state:scheduled', due, id);
    };
    const waits = async () => Number(await at.runtime.redis.hget(`munadi:delivery:${id}`, 'due')) > Date.now() + 60_000;
    const runtime = await processOf();
    const live = await joinConfig(runtime, { scheduler: true });
    await lives(['x'], 'an older one');
    await wait();
    await live.begin();
    expect([await waits(), (await published().about())?.settled]).toEqual([false, false]);
    // The other one has judged by the older one meanwhile.
    await wait();
    await live.isBehind();
    expect(await waits()).toBe(true);
    await lives(['x'], versionOf(at.config));
    await live.isBehind();
    expect([await waits(), (await published().about())?.settled]).toEqual([false, true]);
    await wait();
    await live.isBehind();
    expect(await waits()).toBe(true);
  });
});
