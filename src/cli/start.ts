import { runRoles } from '../runtime/process.ts';
import { roles } from '../runtime/roles.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { printRunning } from './running.ts';

export const command: Command = {
  summary: 'Runs the service: API, desk, clock and all workers in one process.',
  usage: 'start [--config FILE] [--json]',

  run(args) {
    const { values } = parseOptions(args, {});
    return runRoles(openConfig(values.config), roles, { service: true, onReady: printRunning(values.json) });
  },
};
