import { createInterface } from 'node:readline';
import { InputError } from '../core/errors.ts';
import { platforms } from '../platforms/index.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';

export const command: Command = {
  summary: "Measures texts by a platform's own rule: JSON strings in, lengths out, a line each.",
  usage: `measure --platform ${Object.keys(platforms).join('|')} < lines of JSON strings`,

  async run(args) {
    const { values } = parseOptions(args, { platform: { type: 'string' } });
    const platform = platforms[values.platform ?? ''];
    if (!platform) {
      throw new InputError(
        `--platform: expected one of ${Object.keys(platforms).join(', ')}, got "${values.platform ?? ''}".`,
        {
          code: 'unknown-platform',
        },
      );
    }
    let failed = false;
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue;
      const answer = measureLine(line, platform.measure);
      failed ||= 'error' in answer;
      if (!process.stdout.write(`${JSON.stringify(answer)}\n`))
        await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
    return failed ? 1 : 0;
  },
};

function measureLine(line: string, measure: (text: string) => object): object {
  try {
    const text: unknown = JSON.parse(line);
    return typeof text === 'string' ? measure(text) : { error: 'expected a JSON string' };
  } catch {
    return { error: 'not valid JSON' };
  }
}
