import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliveryState, deliveryStates, transitions } from '../../src/core/delivery.ts';
import { loadScript } from '../../src/store/scripts.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

describe('states', () => {
  const pairs = deliveryStates.flatMap((from) => deliveryStates.map((to) => [from, to] as const));

  it.each(pairs)('%s -> %s is possible exactly where the table says so', async (from, to) => {
    const script = `pair${from}${to}`;
    await expect(runMove(script, from, to)).resolves.toBe(transitions[from].includes(to));
  });
});

/** Runs the ledger's own move between two states. */
async function runMove(id: string, from: DeliveryState, to: DeliveryState): Promise<boolean> {
  const run = loadScript(at.runtime.redis, new URL('./move.lua', import.meta.url), ['state-lists']);
  try {
    await run(['test', id, from, to]);
    return true;
  } catch (error) {
    if (!String(error).includes('no way from')) throw error;
    return false;
  }
}
