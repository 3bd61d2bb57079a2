import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWhole } from '../../../src/cli/preview-file.ts';
import { createFolder } from '../../support/command.ts';

let folder: Awaited<ReturnType<typeof createFolder>>;
const at = (...names: string[]) => join(folder.path, ...names);

beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

describe('a file written whole', () => {
  it('is new, or takes the place of the one before, and leaves nothing beside it', async () => {
    await writeWhole(at('page.html'), 'one');
    await writeWhole(at('page.html'), 'two');
    expect(await readFile(at('page.html'), 'utf8')).toBe('two');
    expect(await readdir(folder.path)).toEqual(['page.html']);
  });

  it('is written where a link points', async () => {
    await mkdir(at('other'));
    await writeFile(at('other', 'real.html'), 'before');
    await symlink(at('other', 'real.html'), at('link.html'));
    await writeWhole(at('link.html'), 'after');
    expect(await readFile(at('other', 'real.html'), 'utf8')).toBe('after');
  });

  it('goes to a device as it is', async () => {
    await writeWhole('/dev/null', 'gone');
    expect(await readFile('/dev/null', 'utf8')).toBe('');
  });

  it.each([
    ['a folder', () => at('other'), 'it is a folder'],
    ['a folder that is not there', () => at('none', 'page.html'), 'there is no such folder'],
    ['a file as folder', () => at('page.html', 'x.html'), 'there is no such folder'],
  ])('is refused for %s', async (_, file, why) => {
    await expect(writeWhole(file(), 'x')).rejects.toMatchObject({
      name: 'InputError',
      exitCode: 2,
      message: `${file()} cannot be written: ${why}.`,
    });
  });
});
