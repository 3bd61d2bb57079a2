import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pictureType } from '../core/picture.ts';
import type { Path, Words } from './problem.ts';
import type { Report } from './report.ts';

/** A channel's default picture, as it is given. `file`: the configuration, from whose folder names of files start. */
export function readDefaultImage(
  given: string | undefined,
  { file, path }: { file: string; path: Path },
  report: Report,
): { defaultImage?: string } {
  if (given === undefined) return {};
  const at = [...path, 'defaultImage'];
  const problem = /^[a-z][a-z\d+.-]+:/i.test(given)
    ? problemOfAddress(given, report.show(at, given))
    : problemOfFile(resolve(dirname(file), given));
  if (!problem) return { defaultImage: given };
  report.problem(at, problem);
  return {};
}

function problemOfAddress(given: string, got: string): Words | undefined {
  const url = URL.parse(given);
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return undefined;
  return {
    expected: 'a file, or an address that begins with http:// or https:// and holds no password',
    got,
    remedy: 'Put the picture beside this file, and write its name.',
  };
}

function problemOfFile(path: string): Words | undefined {
  const remedy = "Names of files start from this file's folder.";
  try {
    const handle = openSync(path, 'r');
    try {
      if (!fstatSync(handle).isFile()) return { expected: 'a picture', got: `${path}, which is no file`, remedy };
      const start = Buffer.alloc(64);
      const type = pictureType(start.subarray(0, readSync(handle, start)));
      if (type) return undefined;
      const got = `${path}, which is none`;
      return { expected: 'a JPEG, PNG, WebP, GIF, AVIF or TIFF picture', got, remedy: 'Save it as JPEG or PNG.' };
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'which does not exist' : `which cannot be read (${code})`;
    return { expected: 'a picture', got: `${path}, ${why}`, remedy };
  }
}
