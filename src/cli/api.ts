import { runRoles } from '../runtime/process.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';

export const command: Command = {
  summary: 'Runs the HTTP API and the desk in a process of their own.',
  usage: 'api [--config FILE]',
  run: (args) => runRoles(openConfig(parseOptions(args, {}).values.config), ['api']),
};
