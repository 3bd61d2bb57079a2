import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, start } from '../../support/command.ts';

const program = (most: number) => `
  import { endInTime, listenForStop } from ${JSON.stringify(join(root, 'src/runtime/shutdown.ts'))};
  const stop = listenForStop();
  endInTime(stop, () => process.stdout.write('late'), ${most});
  const waiting = setInterval(() => {}, 1000);
  stop.addEventListener('abort', () => { if (${most} > 1000) clearInterval(waiting); });
  process.stdout.write('"up"\\n');
`;

describe('a stop', () => {
  it.each([
    ['ends a process that does not end by itself, whatever that waits for', 50, 1, '"up"\nlate'],
    ['waits for nothing where the process ends by itself', 60_000, 0, '"up"\n'],
  ])('%s', async (_, most, code, stdout) => {
    const running = start([`--eval=${program(most)}`], { file: '--input-type=module' });
    await running.ready();
    expect(await running.stop()).toMatchObject({ code, stdout });
  });
});
