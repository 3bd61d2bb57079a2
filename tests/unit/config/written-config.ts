import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config/config.ts';
import { type Checked, checkConfig, checkText, type LoadOptions } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';

/** What a text is taken for. Messages call it `munadi.yaml`. */
export interface Result {
  config: Config | undefined;
  /** As an operator reads them. */
  problems: string[];
  warnings: string[];
}

/** Checks the text of a configuration. `env` is the whole environment. */
export function check(text: string, env: Record<string, string> = {}, mode?: LoadOptions['mode']): Result {
  return told(checkText(text, { file: 'munadi.yaml', env, ...(mode ? { mode } : {}) }));
}

/** Checks a real file with this content. */
export function checkFile(content: string | Uint8Array): Result {
  const folder = mkdtempSync(join(tmpdir(), 'munadi-config-'));
  const file = join(folder, 'munadi.yaml');
  try {
    writeFileSync(file, content);
    const { problems, ...checked } = checkConfig(file, { env: {} });
    return told({ ...checked, problems: problems.map((problem) => ({ ...problem, file: 'munadi.yaml' })) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function told({ config, problems, warnings }: Checked): Result {
  return { config, problems: problems.map(formatProblem), warnings: [...warnings] };
}

/** The rest of a file that is right: an account and a channel, both on Telegram, in the sandbox. */
export const rest = `accounts: { main: { platform: telegram } }
channels: [{ id: news, account: main, chat: "@channel" }]
`;

/** A whole file with one channel of a platform. */
export function channelFile(platform: string, keys: string): string {
  return `accounts: { main: { platform: ${platform} } }\nchannels:\n  - { id: news, account: main, ${keys} }\n`;
}
