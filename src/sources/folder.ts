import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import {
  access,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { maxDocumentBytes } from './source.ts';

/** A file that was put into the folder. */
export interface DroppedFile {
  name: string;
  bytes: Uint8Array;
}

/** What came of a file: it is done with, or it cannot be used, for a reason that stands in a file beside it. */
export type FileOutcome = { done: true } | { done: false; reason: string };

export interface FolderDeps {
  path: string;
  settleMs: number;
  /** A file that a process took up and did not finish is taken up again after this. */
  leaseMs: number;
  /** Of this process, among those that look into the folder. */
  owner: string;
  /** Rejects where nothing can be taken now: then the file goes back. */
  take(file: DroppedFile): Promise<FileOutcome>;
  /** True when the round has to end: what has not been taken up stays. */
  isOver?(): boolean;
}

/** Names that get something before or after them still have to be names (255 bytes on most systems). */
const longestName = 180;
/** Files a round, the oldest first. */
const mostFiles = 200;
const unfinished = /^[.~]|~$|\.(tmp|part|partial|crdownload|swp)$/i;

/**
 * A folder into which articles are dropped. A file is taken up by renaming it into `.working`, which only one process
 * can do, and ends in `done` or, with a reason beside it, in `failed`. What is no plain file is never opened.
 */
export interface DropFolder {
  /** Looks once, and works on what is whole. Resolves to how many files were taken up. Rejects where the folder cannot be used. */
  round(): Promise<number>;
}

export function openDropFolder(deps: FolderDeps): DropFolder {
  const seen = new Map<string, { size: number; mtimeMs: number; sinceMs: number }>();
  let serial = 0;
  const at = (...names: string[]) => join(deps.path, ...names);

  async function prepare(): Promise<void> {
    for (const name of ['', '.working', 'done', 'failed']) await mkdir(at(name), { recursive: true });
    // The folder itself may be a link, what lies in it may not.
    for (const name of ['.working', 'done', 'failed']) {
      const real = await realpath(at(name));
      if (real !== join(await realpath(deps.path), name)) throw new Error(`${at(name)} leads out of the folder.`);
    }
  }

  /** What a process left that died goes back; what it had handed in is known when it comes again. */
  async function recover(): Promise<void> {
    for (const name of await readdir(at('.working'))) {
      const file = await lstat(at('.working', name)).catch(() => undefined);
      if (!file || Date.now() - file.mtimeMs < deps.leaseMs) continue;
      await moveTo(at('.working', name), deps.path, name.replace(/^[\w-]+~\d+~/, '')).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    }
  }

  /** Plain files that are whole, the oldest first. */
  async function ready(): Promise<string[]> {
    const now = Date.now();
    const whole: { name: string; mtimeMs: number }[] = [];
    const entries = (await readdir(deps.path, { withFileTypes: true })).filter(({ name }) => !unfinished.test(name));
    for (const { name } of entries.filter((entry) => !isFolder(entry))) {
      const file = await lstat(at(name)).catch(() => undefined);
      if (!file) continue;
      const before = seen.get(name);
      const isSame = before?.size === file.size && before.mtimeMs === file.mtimeMs;
      const sinceMs = isSame ? before.sinceMs : now;
      seen.set(name, { size: file.size, mtimeMs: file.mtimeMs, sinceMs });
      // One that came by renaming has been whole for long.
      const quietMs = Math.max(now - sinceMs, isSame || before === undefined ? now - file.mtimeMs : 0);
      if (!file.isFile() || quietMs >= deps.settleMs) whole.push({ name, mtimeMs: file.mtimeMs });
    }
    const there = new Set(entries.map(({ name }) => name));
    for (const name of seen.keys()) if (!there.has(name)) seen.delete(name);
    whole.sort((one, other) => one.mtimeMs - other.mtimeMs || (one.name < other.name ? -1 : 1));
    return whole.slice(0, mostFiles).map(({ name }) => name);
  }

  /** False where another process has it. */
  async function work(given: string): Promise<boolean> {
    serial += 1;
    const name = shortened(given);
    const mine = at('.working', `${deps.owner}~${serial}~${name}`);
    try {
      await rename(at(given), mine);
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
    seen.delete(given);
    const file = await lstat(mine);
    if (file.isFile()) {
      const now = new Date();
      await utimes(mine, now, now);
    }
    let outcome: FileOutcome;
    try {
      outcome = file.isFile() ? await deps.take({ name, bytes: await readPlain(mine) }) : noFile;
    } catch (error) {
      if (error instanceof UnfitFile) outcome = { done: false, reason: error.message };
      else {
        await moveTo(mine, deps.path, name);
        throw error;
      }
    }
    try {
      if (outcome.done) await moveTo(mine, at('done'), name);
      else {
        const kept = await moveTo(mine, at('failed'), name);
        await writeFile(at('failed', `${kept}.reason.txt`), `${outcome.reason}\n`, { flag: 'w' });
      }
    } catch (error) {
      // It took longer than the lease: another process has it, and ends it.
      if (!isGone(error)) throw error;
    }
    return true;
  }

  return {
    async round() {
      await prepare();
      await recover();
      let taken = 0;
      for (const name of await ready()) {
        if (deps.isOver?.()) break;
        if (await work(name)) taken += 1;
      }
      return taken;
    },
  };
}

const noFile: FileOutcome = {
  done: false,
  reason: 'It is no plain file (a link, a device or the like), and was not opened.',
};

class UnfitFile extends Error {}

/** Codes that tell of one file, not of the folder. */
const ownTroubles = ['EACCES', 'EPERM', 'ELOOP'];

function isFolder(entry: Dirent): boolean {
  return entry.isDirectory();
}

/** Never through a link, and never what blocks. */
async function readPlain(path: string): Promise<Uint8Array> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (!ownTroubles.includes(error.code ?? '')) throw error;
    throw new UnfitFile(`It cannot be opened (${error.code}). Let the user that Munadi runs as read it.`);
  });
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new UnfitFile('It is no plain file.');
    if (about.size > maxDocumentBytes) {
      throw new UnfitFile(`It has ${about.size} bytes; a document may have 4 MB (${maxDocumentBytes}).`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Moves a file under a name that is free there, which it resolves to. */
async function moveTo(from: string, folder: string, name: string): Promise<string> {
  const ending = extname(name);
  const stem = basename(name, ending);
  for (let number = 0; ; number += 1) {
    const free = number === 0 ? name : `${stem}.${number}${ending}`;
    try {
      await place(from, join(folder, free));
      return free;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Not every file system has hard links, and what is no plain file has none. */
async function place(from: string, to: string): Promise<void> {
  if (!(await lstat(from)).isFile()) {
    const isThere = await access(to).then(
      () => true,
      () => false,
    );
    if (isThere) throw Object.assign(new Error('there already'), { code: 'EEXIST' });
    return rename(from, to);
  }
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT' || code === 'ENOSPC') throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
  await unlink(from);
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** A name with room for what is put around it: the same for the same name, another for others. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longestName) return name;
  const ending = extname(name).slice(0, 12);
  const short = Buffer.from(name)
    .subarray(0, 120)
    .toString()
    .replace(/\uFFFD+$/, '');
  return `${short}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}${ending}`;
}
