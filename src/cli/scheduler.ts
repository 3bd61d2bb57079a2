import { runRoles } from '../runtime/process.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';

export const command: Command = {
  summary: 'Runs the clock in a process of its own: housekeeping by cron.',
  usage: 'scheduler [--config FILE]',
  run: (args) => runRoles(openConfig(parseOptions(args, {}).values.config), ['scheduler']),
};
