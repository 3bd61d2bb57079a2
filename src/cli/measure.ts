import { InputError } from '../core/errors.ts';
import { platforms } from '../platforms/index.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';

export const command: Command = {
  summary: "Measures texts by a platform's own rule: JSON strings in, lengths out, a line each.",
  usage: `measure --platform ${Object.keys(platforms).join('|')} < lines of JSON strings`,

  async run(args) {
    const { values } = parseOptions(args, { platform: { type: 'string' } });
    const id = values.platform ?? '';
    const platform = Object.hasOwn(platforms, id) ? platforms[id] : undefined;
    if (!platform) {
      throw new InputError(
        `--platform: expected one of ${Object.keys(platforms).join(', ')}, got ${id === '' ? 'nothing' : `"${id}"`}.`,
        {
          code: 'unknown-platform',
        },
      );
    }
    let failed = false;
    for await (const line of lines(process.stdin)) {
      const answer = measureLine(line, platform.measure);
      failed ||= 'error' in answer;
      if (process.stdout.destroyed) break;
      await new Promise<void>((done) => process.stdout.write(`${JSON.stringify(answer)}\n`, () => done()));
    }
    return failed ? 1 : 0;
  },
};

/** Ends lines at line feeds alone: `readline` would also cut at U+2028, which JSON strings may hold as it is. */
async function* lines(stream: NodeJS.ReadStream): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function measureLine(line: string, measure: (text: string) => object): object {
  try {
    const text: unknown = JSON.parse(line);
    return typeof text === 'string' ? measure(text) : { error: 'expected a JSON string' };
  } catch {
    return { error: 'not valid JSON' };
  }
}
