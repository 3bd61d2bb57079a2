import { vi } from 'vitest';
import { execute } from '../../src/cli/run.ts';

/** What a command came to. */
export interface Executed {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command inside this process, for what needs no process of its own. One at a time. */
export async function executeHere(args: string[]): Promise<Executed> {
  const said = { stdout: '', stderr: '' };
  const listen = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text: string | Uint8Array) => {
      said[name] += text;
      return true;
    });
  const spies = [listen('stdout'), listen('stderr')];
  try {
    return { code: await execute(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
