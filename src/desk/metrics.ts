import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { platforms } from '../platforms/index.ts';
import type { Stores } from '../runtime/stores.ts';

/**
 * Numbers for Prometheus, read from the stores when asked, so that every process tells the same. `lists`: accounts that
 * people can write to.
 */
export function createMetrics(
  { deliveries, fanouts, queues, pauses, budgets, alarms, people: subscribers }: Stores,
  lists: () => readonly string[],
): {
  contentType: string;
  read(): Promise<string>;
} {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const byState = gauge('munadi_deliveries', 'Stored deliveries by state', ['state']);
  const known = gauge('munadi_subscribers', 'People that accounts write to, by what they want', ['account', 'state']);
  const people = gauge('munadi_list_people', 'People of lists by the state of their delivery', ['state']);
  const told = gauge('munadi_list_statuses', 'The newest status that was told of messages to lists', ['status']);
  const failed = gauge('munadi_list_failures', 'People of lists whom the platform let nothing through to', ['code']);
  const byQueue = gauge('munadi_queue_jobs', 'Queue jobs by platform and state', ['platform', 'state']);
  const paused = gauge('munadi_paused', 'Paused accounts and channels');
  const held = gauge('munadi_held', 'Deliveries that may be live and wait for a person');
  const asking = gauge('munadi_asking', 'Deliveries that may be live and are being settled with the platform');
  const oldestHeld = gauge(
    'munadi_oldest_held_seconds',
    'For how long the oldest held delivery has waited; 0 where none is held',
  );

  const budgetLabels = ['account', 'period', 'of'];
  const spent = gauge('munadi_budget_spent', 'What an account has spent in this day and month', budgetLabels);
  const most = gauge('munadi_budget_most', 'What an account may spend in this day and month', budgetLabels);

  const raised = new Counter({
    name: 'munadi_alarms_total',
    help: 'Alarms raised, by kind, told or not',
    labelNames: ['kind'],
    registers: [registry],
  });

  async function readAlarms(): Promise<void> {
    raised.reset();
    for (const [kind, count] of Object.entries(await alarms.counts())) raised.inc({ kind }, count);
  }

  async function readBudgets(): Promise<void> {
    spent.reset();
    most.reset();
    for (const { account, period, of, spent: used, most: limit } of await budgets()) {
      spent.set({ account, period, of }, used);
      if (limit !== null) most.set({ account, period, of }, limit);
    }
  }

  async function readLists(): Promise<void> {
    const { states, statuses, failures } = await fanouts.allCounts();
    failed.reset();
    for (const { code, count } of failures) if (code !== null) failed.set({ code }, count);
    for (const [state, count] of Object.entries(states)) people.set({ state }, count);
    for (const [status, count] of Object.entries(statuses)) told.set({ status }, count);
  }

  async function readSubscribers(): Promise<void> {
    known.reset();
    for (const account of lists()) {
      for (const [state, count] of Object.entries(await subscribers.counts(account)))
        known.set({ account, state }, count);
    }
  }

  async function readDoubts(unconfirmed: number): Promise<void> {
    const { held: waiting, sinceMs } = await deliveries.heldCount();
    held.set(waiting);
    asking.set(Math.max(0, unconfirmed - waiting));
    oldestHeld.set(sinceMs === undefined ? 0 : Math.max(0, (Date.now() - sinceMs) / 1_000));
  }

  return {
    contentType: registry.contentType,
    async read() {
      const counts = await deliveries.counts();
      for (const [state, count] of Object.entries(counts)) byState.set({ state }, count);
      for (const platform of Object.keys(platforms)) {
        for (const [state, count] of Object.entries(await queues.counts(platform)))
          byQueue.set({ platform, state }, count);
      }
      paused.set((await pauses.list()).length);
      await readLists();
      await readSubscribers();
      await readBudgets();
      await readAlarms();
      await readDoubts(counts.unconfirmed);
      return registry.metrics();
    },
  };
}
