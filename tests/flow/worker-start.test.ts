import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/channel.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { startDeliveryWorker } from '../../src/queue/worker.ts';
import { openRuntime } from '../../src/runtime/open.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import type { DeliveryJob } from '../../src/store/articles.ts';
import { listPresences } from '../../src/store/presence.ts';
import { connectRedis } from '../../src/store/redis.ts';
import { startRedisProxy } from '../proofs/faults/redis-proxy.ts';
import { readScripts } from '../proofs/faults/scripts.ts';
import { root } from '../support/command.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

/** Redis of this installation, by way of another port. */
const by = (port: number) => `redis://:${at.runtime.redis.options.password}@127.0.0.1:${port}`;

/** A delivery of `channel` that has its job. */
async function queue(channel: string): Promise<string> {
  const { articles, queues, ingest: deps } = at.runtime;
  const { deliveries } = await ingest(deps, draftArticle(), { channels: [channel] });
  const entries = await articles.outbox(10);
  await queues.enqueue(entries.map((entry) => JSON.parse(entry) as DeliveryJob));
  await articles.outboxDone(entries);
  return deliveries[0]?.id ?? '';
}

/** A way to Redis that breaks the connections of these numbers, from 1 on, as soon as they are made. */
async function openBreakingWay(broken: readonly number[]) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    count += 1;
    const redis = connect(at.runtime.redis.options.port as number, '127.0.0.1');
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.once('close', () => other.destroy());
      one.pipe(other);
    }
    if (broken.includes(count)) client.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('a worker that starts', () => {
  it.each([
    ['takes its jobs', [1]],
    ['is told of new ones', [2]],
    ['does either', [1, 2]],
  ])('works all the same where the first connection broke by which it %s', async (_, broken) => {
    const way = await openBreakingWay(broken);
    const redis = connectRedis(by(way.port), { name: 'breaks' });
    let heard: (delivery: string) => void = () => {};
    const worker = startDeliveryWorker(redis, {
      prefix: 'munadi',
      platform: 'x',
      concurrency: 2,
      queued: () => at.runtime.queues.queued('x'),
      handle: async ({ delivery }) => void heard(delivery),
      onFault: () => {},
    });
    // The second one comes when there is nothing left to take.
    for (let round = 1; round <= 2; round += 1) {
      const hears = new Promise<string>((resolve) => {
        heard = resolve;
      });
      const delivery = await queue('x-ar');
      expect(await hears).toBe(delivery);
      await expect.poll(() => at.runtime.queues.missing('x', [delivery])).toEqual(new Set([delivery]));
    }
    await worker.stop(1_000);
    redis.disconnect();
    way.close();
  });

  it('has told the others of itself before it claims anything', async () => {
    let holds = true;
    const proxy = await startRedisProxy(at.runtime.redis.options.port as number, {
      scripts: readScripts(root),
      // From its first claim on, nothing passes on that connection.
      watch: { command: ({ script }) => holds && script === 'claim', reply: () => false },
    });
    await queue('telegram-ar');
    // So many accounts of the second platform take longer to look at than the first one's worker needs to claim.
    const facebook = at.config.accounts['facebook-main'] as Account;
    const many = Array.from({ length: 500 }, (_, n) => [`facebook-${n}`, { ...facebook, id: `facebook-${n}` }]);
    const config = {
      ...at.config,
      redis: { ...at.config.redis, url: by(proxy.port) },
      accounts: { ...at.config.accounts, ...Object.fromEntries(many) },
    };
    const runtime = await openRuntime(config, { logLevel: 'silent' });
    await startRoles(runtime, ['telegram', 'facebook']);
    expect((await listPresences(at.runtime.redis, 'munadi')).map(({ roles }) => roles)).toEqual([
      ['telegram', 'facebook'],
    ]);
    await expect.poll(proxy.held).toEqual([expect.stringContaining('claim')]);
    holds = false;
    proxy.release();
    await runtime.close();
    await proxy.close();
  });
});
