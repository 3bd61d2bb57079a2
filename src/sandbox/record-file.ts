import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SandboxPost } from './post.ts';

/** A line of a record: a post as it now stands, or a picture. */
export type RecordEntry = { post: SandboxPost } | { media: string; mimeType: string; base64: string };

/** A record on disk, a JSON line an entry. A later line about a post stands for the earlier ones. */
export interface RecordFile {
  append(entry: RecordEntry): void;
  clear(): void;
  close(): void;
}

/**
 * Opens a record's file: hands what it holds to `read`, and writes it anew with `entries` where lines are torn (the
 * process died while writing) or replaced by later ones, so that it does not grow with every restart. Writing is
 * synchronous: a post is on disk before its sender hears of it, as with the platforms.
 */
export function openRecordFile(
  file: string,
  read: (entry: RecordEntry) => void,
  entries: () => Iterable<RecordEntry>,
): RecordFile {
  mkdirSync(dirname(file), { recursive: true });
  let lines = 0;
  for (const line of linesOf(file)) {
    lines += 1;
    const entry = parsed(line);
    if (entry) read(entry);
  }
  const needed = [...entries()].length;
  if (lines > needed) rewrite(file, entries());
  let to: number | undefined = openSync(file, 'a');
  return {
    append(entry) {
      if (to !== undefined) writeSync(to, `${JSON.stringify(entry)}\n`);
    },
    clear() {
      if (to !== undefined) ftruncateSync(to);
    },
    close() {
      if (to !== undefined) closeSync(to);
      to = undefined;
    },
  };
}

function rewrite(file: string, entries: Iterable<RecordEntry>): void {
  const next = `${file}.new`;
  const to = openSync(next, 'w');
  for (const entry of entries) writeSync(to, `${JSON.stringify(entry)}\n`);
  closeSync(to);
  renameSync(next, file);
}

function parsed(line: string): RecordEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<{ post: SandboxPost; media: string; base64: string }> | null;
    const isOne = typeof entry?.post?.id === 'string' || (entry?.media !== undefined && entry.base64 !== undefined);
    return isOne ? (entry as RecordEntry) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Piece by piece: a long record would not fit into one string. A last line without its end is followed by an empty one,
 * so that the file counts as torn even where that line can be read.
 */
function* linesOf(file: string): Iterable<string> {
  const from = openSync(file, 'a+');
  const chunk = Buffer.alloc(1024 * 1024);
  let rest: Buffer[] = [];
  try {
    for (;;) {
      const size = readSync(from, chunk);
      if (size === 0) break;
      let start = 0;
      for (let at = chunk.indexOf(10); at >= 0 && at < size; at = chunk.indexOf(10, at + 1)) {
        yield Buffer.concat([...rest, chunk.subarray(start, at)]).toString('utf8');
        rest = [];
        start = at + 1;
      }
      rest.push(Buffer.from(chunk.subarray(start, size)));
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) yield* [last.toString('utf8'), ''];
  } finally {
    closeSync(from);
  }
}
