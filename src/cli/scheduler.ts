import { runRoles } from '../runtime/process.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { printRunning } from './running.ts';

export const command: Command = {
  summary: 'Runs the clock in a process of its own: housekeeping by cron.',
  usage: 'scheduler [--config FILE] [--json]',
  run(args) {
    const { values } = parseOptions(args, {});
    return runRoles(openConfig(values.config), ['scheduler'], { onReady: printRunning(values.json) });
  },
};
