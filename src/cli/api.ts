import { runRoles } from '../runtime/process.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { printRunning } from './running.ts';

export const command: Command = {
  summary: 'Runs the HTTP API and the desk in a process of their own.',
  usage: 'api [--config FILE] [--json]',
  run(args) {
    const { values } = parseOptions(args, {});
    return runRoles(openConfig(values.config), ['api'], { onReady: printRunning(values.json) });
  },
};
