import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { platforms } from '../platforms/index.ts';
import type { Stores } from '../runtime/stores.ts';

/** Numbers for Prometheus, read from the stores when asked, so that every process tells the same. */
export function createMetrics({ deliveries, queues, pauses }: Stores): {
  contentType: string;
  read(): Promise<string>;
} {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const byState = new Gauge({
    name: 'munadi_deliveries',
    help: 'Stored deliveries by state',
    labelNames: ['state'],
    registers: [registry],
  });
  const byQueue = new Gauge({
    name: 'munadi_queue_jobs',
    help: 'Queue jobs by platform and state',
    labelNames: ['platform', 'state'],
    registers: [registry],
  });
  const paused = new Gauge({ name: 'munadi_paused', help: 'Paused accounts and channels', registers: [registry] });

  return {
    contentType: registry.contentType,
    async read() {
      for (const [state, count] of Object.entries(await deliveries.counts())) byState.set({ state }, count);
      for (const platform of Object.keys(platforms)) {
        for (const [state, count] of Object.entries(await queues.counts(platform)))
          byQueue.set({ platform, state }, count);
      }
      paused.set((await pauses.list()).length);
      return registry.metrics();
    },
  };
}
