import type { ActionPorts } from '../../src/schedule/action.ts';

/** Ports of an action that do nothing. */
export const silentPorts: ActionPorts = {
  poll: async () => {},
  forget: async () => 0,
  digest: async () => ({ entries: 0, left: 0 }),
  reshare: async () => undefined,
  tally: async () => ({}),
  tell: () => {},
  retentionDays: 30,
};
