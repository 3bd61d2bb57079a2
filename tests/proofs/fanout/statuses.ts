import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookFigures } from '../../../src/sandbox/whatsapp-webhook.ts';
import { credentials } from '../faults/processes.ts';
import type { Site } from './site.ts';

/** Statuses come after seconds, some twice, in any order, and many in one request, as Meta sends them. */
export async function setWebhook(site: Pick<Site, 'ask' | 'sandbox'>, url: string, more: object = {}): Promise<void> {
  const webhook = {
    ...{ url, appSecret: credentials.WS, statuses: ['sent', 'delivered'], tries: 1_000, seed: 7 },
    ...{ delayMs: [1_000, 3_000], shuffleMs: 2_000, twice: 0.2, batch: 20, gatherMs: 50, connections: 16 },
    ...more,
  };
  await site.ask(`${site.sandbox.root}/_sandbox/settings`, { method: 'PUT', body: JSON.stringify({ webhook }) });
}

export const webhookFigures = (site: Pick<Site, 'ask' | 'sandbox'>) =>
  site.ask<WebhookFigures>(`${site.sandbox.root}/_sandbox/webhooks`);

/** Resolves once every status that is to be sent is acknowledged or given up. */
export async function untilTold(site: Pick<Site, 'ask' | 'sandbox'>): Promise<WebhookFigures> {
  for (;;) {
    const figures = await webhookFigures(site);
    if (figures.waiting === 0) return figures;
    await delay(200);
  }
}
