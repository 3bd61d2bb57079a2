import { accountOf } from '../runtime/open.ts';
import { runRoles } from '../runtime/process.ts';
import { roles } from '../runtime/roles.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { placeOf, printError, table } from './print.ts';

export const command: Command = {
  summary: 'Runs the service: API, desk, clock and all workers in one process.',
  usage: 'start [--config FILE]',

  async run(args) {
    const config = openConfig(parseOptions(args, {}).values.config);
    return runRoles(config, roles, {
      service: true,
      async onReady(runtime, address) {
        const sandbox = await runtime.sandbox();
        const rows = config.channels.map(({ id, platform, account }) => {
          const isSandbox = accountOf(config, account).sandbox;
          return [`  ${id}`, platform, placeOf(isSandbox), isSandbox ? (sandbox?.root(platform) ?? '') : ''];
        });
        printError(`Munadi is running: ${address ?? ''}\n${table(rows)}\nCtrl-C stops it.`);
      },
    });
  },
};
