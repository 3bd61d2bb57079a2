import type { Running } from '../runtime/process.ts';
import { placeOf, printError, printLine, table } from './print.ts';

/** Says that a process works now: one line of JSON on standard output, or a few for people on standard error. */
export function printRunning(json = false): (running: Running) => void {
  return (running) => {
    if (json) return printLine(running);
    const { address, roles, channels } = running;
    const rows = channels.map(({ id, platform, sandbox, apiRoot }) => [
      `  ${id}`,
      platform,
      placeOf(sandbox),
      apiRoot ?? '',
    ]);
    printError(
      `Munadi is running: ${roles.join(', ')}${address === null ? '' : `, at ${address}`}\n${table(rows)}\nCtrl-C stops it.`,
    );
  };
}
