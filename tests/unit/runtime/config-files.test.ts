import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchConfigFiles } from '../../../src/runtime/config-files.ts';

let folder: string;
let file: string;
let stop: () => void;
let count: number;
let next: () => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'munadi-files-'));
  file = join(folder, 'munadi.yaml');
  await writeFile(file, 'a: 1');
  count = 0;
  let told = Promise.withResolvers<void>();
  next = async () => {
    await told.promise;
    told = Promise.withResolvers();
  };
  stop = watchConfigFiles(file, () => {
    count += 1;
    told.resolve();
  });
});
afterEach(async () => {
  stop();
  await rm(folder, { recursive: true });
});

it('tells of a file that is written over, replaced or reached by a link, each time once', async () => {
  await writeFile(file, 'a: 2');
  await writeFile(file, 'a: 22');
  await next();
  await writeFile(join(folder, 'other'), 'a: 333');
  await rename(join(folder, 'other'), file);
  await next();
  await writeFile(join(folder, 'real'), 'a: 4444');
  await symlink('real', join(folder, 'link'));
  await rename(join(folder, 'link'), file);
  await next();
  expect(count).toBe(3);
});

it('tells of a template, also in a folder that comes later', async () => {
  await mkdir(join(folder, 'templates'));
  await writeFile(join(folder, 'templates', 'x.liquid'), '{{ headline }}');
  await next();
  await writeFile(join(folder, 'templates', 'x.liquid'), '{{ headline }} {{ link }}');
  await next();
  expect(count).toBe(2);
});

it('tells nothing of other files', async () => {
  await writeFile(join(folder, 'notes.txt'), 'a');
  await writeFile(file, 'a: 55555');
  await next();
  expect(count).toBe(1);
});
