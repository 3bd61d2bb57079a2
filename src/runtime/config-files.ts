import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Editors write several times: so long nothing may have changed any more. */
const quietMs = 300;
/** What a file system does not tell of is found by looking. */
const lookMs = 2_000;

/**
 * Watches a configuration file, its folder `templates`, and the file `.env` of the working directory. `onChange` is
 * called once for all that is saved together, when it has come to rest. Returns how to stop.
 */
export function watchConfigFiles(file: string, onChange: () => void): () => void {
  const folder = dirname(resolve(file));
  const names = new Set([basename(file), '.env', 'templates']);
  const look = () => lookAt(resolve(file));
  let known = look();
  let last = known;
  let timer: NodeJS.Timeout | undefined;

  const settle = () => {
    timer = undefined;
    const now = look();
    if (now !== last) return notice(now);
    if (now === known) return;
    known = now;
    onChange();
  };
  const notice = (now: string) => {
    last = now;
    clearTimeout(timer);
    timer = setTimeout(settle, quietMs);
    timer.unref();
  };
  const check = () => {
    const now = look();
    if (now !== last || (now !== known && timer === undefined)) notice(now);
  };

  const places = [folder, join(folder, 'templates'), resolve('.')];
  const watchers = [...new Set(places)].flatMap((place) => {
    const own = place === places[1] ? undefined : names;
    return watchFolder(place, (name) => (own === undefined || name === null || own.has(name)) && check());
  });
  const timerOfLooks = setInterval(check, lookMs);
  timerOfLooks.unref();
  return () => {
    clearInterval(timerOfLooks);
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

/** Folders, not files: what is replaced by another file of the same name is still seen. */
function watchFolder(folder: string, onEvent: (name: string | null) => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => onEvent(name));
    // The looks go on.
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** What would be another after a save. */
function lookAt(file: string): string {
  const templates = join(dirname(file), 'templates');
  const files = [file, resolve('.env'), ...namesIn(templates).map((name) => join(templates, name))];
  return files
    .map((path) => {
      const info = statSync(path, { throwIfNoEntry: false });
      return `${path} ${info ? `${info.mtimeMs} ${info.size} ${info.ino}` : 'none'}`;
    })
    .join('\n');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.liquid'))
      .sort();
  } catch {
    return [];
  }
}
