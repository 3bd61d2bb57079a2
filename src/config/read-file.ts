import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { ConfigProblem } from './problem.ts';

const mostBytes = 1024 * 1024;

/** Text of the configuration file, or why there is none. Without the byte order mark that some editors put in front. */
export function readConfigFile(file: string): string | ConfigProblem {
  const named = 'Name the file with --config; config/munadi.yaml is the one that comes with Munadi.';
  return readText(file, { expected: 'a YAML file', missing: named });
}

/** Variables of a file `.env`; none where it does not exist. */
export function readEnvFile(file: string): Record<string, string | undefined> | ConfigProblem {
  if (!existsSync(file)) return {};
  const text = readText(file, { expected: 'lines such as NAME=value', missing: 'Remove it, or write it anew.' });
  return typeof text === 'string' ? parseEnv(text) : text;
}

function readText(file: string, { expected, missing }: { expected: string; missing: string }): string | ConfigProblem {
  const problem = (got: string, remedy: string) => ({ file, line: 1, key: '(file)', expected, got, remedy });
  try {
    const bytes = readFileSync(file);
    if (bytes.length > mostBytes) return problem('more than 1 MB', 'Check that this is the right file.');
    if (!isUtf8(bytes)) return problem('bytes that are not UTF-8', 'Save the file as UTF-8.');
    return bytes.toString('utf8').replace(/^\ufeff/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return problem('no such file', missing);
    if (code === 'EISDIR') return problem('a folder', missing);
    if (code === 'EACCES') return problem('a file that must not be read', 'Let the user that runs Munadi read it.');
    return problem(`an error (${code})`, missing);
  }
}
