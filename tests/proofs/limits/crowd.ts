import { setTimeout as delay } from 'node:timers/promises';
import { project } from '../faults/plan.ts';
import { createSay } from '../faults/report.ts';
import type { Check, Verdict } from '../proof.ts';
import { openSite } from './installation.ts';

/** Rates of the platforms, their windows a thirtieth and a hundredth as long, so that many of them pass. */
const rates = { telegram: { group: '20/2s', chat: 'none' }, x: { user: '100/9s' } } as const;
const articles = { groups: 900, user: 600 };

/** Another client eats half of the same limits: everything arrives, and seldom is anything refused. */
export async function proveCrowd(seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const config = (roots: Record<string, string>) => ({
    accounts: {
      groups: { platform: 'telegram', token: '1000001:proofproofproofproofproofproofproof', apiRoot: roots.telegram },
      user: {
        ...{ platform: 'x', appKey: 'proof-key', appSecret: 'proof-secret', apiRoot: roots.x },
        ...{ accessToken: '71-proof-token', accessSecret: 'proof-secret' },
      },
    },
    channels: [
      { id: 'groups', account: 'groups', chat: '@proof_one', filters: { tag: ['groups'] } },
      { id: 'user', account: 'user', links: 'never', filters: { tag: ['user'] } },
    ],
    limits: { enabled: true, ...rates },
  });
  const site = await openSite(project, { workers: 2, config });
  try {
    await site.hold('telegram', { crowd: 0.5, rates: { group: ['20/2s'], chat: ['1000/1s'] } });
    await site.hold('x', { crowd: 0.5, rates: { user: ['100/9s'] } });
    await Promise.all([site.post('groups', articles.groups), site.post('user', articles.user)]);
    const all = articles.groups + articles.user;
    const end = performance.now() + 600_000;
    let published = 0;
    while (published < all && performance.now() < end) {
      await delay(2_000);
      published = (await site.counts()).published ?? 0;
      say(`${published} of ${all} are published`);
    }
    const checks: Check[] = [
      { name: 'not published', value: all - published, aim: 0, ok: published === all, samples: [] },
    ];
    for (const platform of ['telegram', 'x']) {
      const { refused, requests } = await site.figures(platform);
      const value = Math.round((refused / requests) * 10_000) / 100;
      const what = `${refused} of ${requests} requests`;
      checks.push({
        name: `refused on ${platform}, %`,
        value,
        aim: 1,
        ok: value < 1,
        samples: [{ article: '-', what }],
      });
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return { name: 'limits', seed, ok: checks.every(({ ok }) => ok), checks, facts: { deliveries: all, seconds } };
  } finally {
    await site.close();
  }
}
