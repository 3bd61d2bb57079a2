import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../core/errors.ts';

/**
 * Writes a file whole or not at all: readers never see half of it, and what was there stays where writing fails. A link
 * is followed; devices and pipes are written to directly. Throws `InputError` where the file cannot be written.
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  try {
    const target = await realpath(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return file;
      throw error;
    });
    const present = await stat(target).catch(() => undefined);
    if (present && !present.isFile()) await writeFile(target, text);
    else await replace(target, text);
  } catch (error) {
    throw new InputError(`${file} cannot be written: ${reason(error as NodeJS.ErrnoException)}.`, {
      code: 'not-writable',
      cause: error,
    });
  }
}

async function replace(target: string, text: string): Promise<void> {
  const draft = join(dirname(target), `.${basename(target).slice(0, 60)}.${process.pid}.part`);
  try {
    await writeFile(draft, text);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such folder';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'writing there is not allowed';
  if (code === 'ENOSPC') return 'the disk is full';
  return message;
}
