import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'munadi-default-'));
afterAll(() => rmSync(folder, { recursive: true }));

function given(value: string) {
  const file = join(folder, 'munadi.yaml');
  writeFileSync(
    file,
    `accounts: { main: { platform: telegram } }\nchannels: [{ id: a, account: main, chat: "@channel", defaultImage: "${value}" }]\n`,
  );
  const { config, problems } = checkConfig(file, { env: {} });
  return { kept: config?.channels[0]?.defaultImage, problems: problems.map(formatProblem).join('\n') };
}

describe('the default picture of a channel', () => {
  it('is a picture beside the configuration, or an address', () => {
    writeFileSync(join(folder, 'logo.png'), '\x89PNG\r\n\x1a\nand more', 'latin1');
    for (const value of ['logo.png', 'https://news.example.org/logo.png']) {
      expect(given(value)).toEqual({ kept: value, problems: '' });
    }
  });

  it.each([
    ['gone.png', /channels\[0\]\.defaultImage: expected a picture, got .*gone\.png, which does not exist/],
    ['munadi.yaml', /expected a JPEG.* got .*munadi\.yaml, which is none/],
    ['.', /which is no file/],
    ['ftp://example.org/logo.png', /expected a file, or an address/],
    ['https://user:word@example.org/logo.png', /holds no password/],
  ])('is refused otherwise: %s', (value, problem) => {
    expect(given(value).problems).toMatch(problem);
  });
});
