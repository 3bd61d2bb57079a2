import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './command.ts';

/** A folder with a copy of the set-up scripts, programs of our own making on its PATH, and a record of their calls. */
export interface SetUp {
  /** The copy of the project. Its name has a space and Arabic letters. */
  project: string;
  /** Makes a program of a few shell lines; each call is recorded first. */
  program(name: string, body?: string): Promise<void>;
  /** Every call so far, such as `apt-get install redis-server`. */
  calls(): Promise<string[]>;
  run(argv: string[], options?: { env?: Record<string, string>; cwd?: string; node?: string }): Promise<Said>;
  remove(): Promise<void>;
}

export interface Said {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function createSetUp(): Promise<SetUp> {
  const folder = await mkdtemp(join(tmpdir(), 'munadi-setup-'));
  const project = join(folder, 'munadi منادي #1');
  const bin = join(folder, 'bin');
  const log = join(folder, 'calls');
  await mkdir(bin);
  for (const path of ['bin', 'scripts/setup', 'scripts/setup.mjs'])
    await cp(join(root, path), join(project, path), { recursive: true });
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
  await writeFile(join(project, 'package-lock.json'), '{"packages":{"":{}}}');
  await writeFile(log, '');
  return {
    project,
    async program(name, body = '') {
      const file = join(bin, name);
      await writeFile(file, `#!/bin/sh\necho "${name} $*" >> "${log}"\nPROGRAMS="${bin}"\n${body}\n`);
      await chmod(file, 0o755);
    },
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
    async run(argv, { env = {}, cwd = project, node = process.execPath } = {}) {
      // No program but those made here is found.
      const child = spawn(node, argv, { cwd, env: { PATH: bin, CI: 'true', ...env } });
      const said = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text) => {
        said.stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said.stderr += text;
      });
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, ...said };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
