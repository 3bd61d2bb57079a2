import { watch } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../core/errors.ts';
import type { SourceSetting } from '../core/source.ts';
import { handIn } from '../pipeline/hand-in.ts';
import { readDocument } from '../sources/document.ts';
import { type DroppedFile, type FileOutcome, openDropFolder } from '../sources/folder.ts';
import type { Runtime } from './open.ts';

type Folder = Extract<SourceSetting, { kind: 'folder' }>;

/** A change in the folder wakes it; this is the net below. */
const lookMs = 2_000;
const leaseMs = 60_000;

/** Works on the folders of the configuration that holds, until the runtime closes. */
export function startFolders(runtime: Runtime): void {
  const running = new Map<string, { setting: Folder; stop(): Promise<void> }>();
  const changing: Promise<void>[] = [];

  const follow = () => {
    const wanted = foldersOf(runtime);
    for (const [id, { setting, stop }] of running) {
      if (isDeepStrictEqual(wanted.get(id), setting)) continue;
      running.delete(id);
      changing.push(stop());
    }
    for (const [id, setting] of wanted) {
      if (!running.has(id)) running.set(id, { setting, stop: startFolder(runtime, id, setting) });
    }
  };
  follow();
  runtime.onConfig(follow);
  runtime.onClose(async () => {
    await Promise.all([...changing, ...[...running.values()].map(({ stop }) => stop())]);
  });
}

function foldersOf({ config }: Runtime): Map<string, Folder> {
  const all = Object.entries(config.sources);
  return new Map(all.flatMap(([id, setting]) => (setting.kind === 'folder' ? [[id, setting] as const] : [])));
}

function startFolder(runtime: Runtime, id: string, setting: Folder): () => Promise<void> {
  const { log, alarms } = runtime;
  const folder = openDropFolder({
    path: setting.path,
    settleMs: setting.settleMs,
    leaseMs,
    owner: runtime.id,
    take: (file) => takeFile(runtime, id, setting, file),
    isOver: () => stopped,
  });
  let stopped = false;
  let isFailing = false;
  let nudge = () => {};
  let watcher: ReturnType<typeof watching>;

  const fails = async (error: Error) => {
    log.error({ source: id, error: error.message }, 'a folder cannot be used now; nothing in it is lost');
    if (isFailing) return;
    isFailing = true;
    await alarms.raise({ kind: 'source', subject: id, detail: { source: id, reason: error.message } }).catch(() => {});
  };
  const works = async () => {
    // Only now it is sure to be there.
    watcher ??= watching(setting.path, () => nudge());
    if (isFailing) await alarms.over({ kind: 'source', subject: id }).catch(() => {});
    isFailing = false;
  };

  async function run(): Promise<void> {
    while (!stopped) {
      const taken = await folder.round().then(
        async (count) => {
          await works();
          return count;
        },
        async (error: Error) => {
          await fails(error);
          return 0;
        },
      );
      if (taken > 0 || stopped) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(lookMs, Math.max(setting.settleMs, 100)));
        nudge = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = run();
  return async () => {
    stopped = true;
    nudge();
    await running;
    watcher?.close();
  };
}

/** Undefined where this machine cannot watch: then it looks by itself. */
function watching(path: string, onChange: () => void) {
  try {
    const watcher = watch(path, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Hands in what a file holds. Rejects where Redis is away. */
export async function takeFile(
  runtime: Pick<Runtime, 'intake' | 'log'>,
  source: string,
  traits: Folder,
  file: DroppedFile,
): Promise<FileOutcome> {
  const outcome = await judgeFile(runtime, source, traits, file);
  if (!outcome.done) runtime.log.warn({ source, file: file.name, reason: outcome.reason }, 'a file cannot be used');
  return outcome;
}

async function judgeFile(
  { intake, log }: Pick<Runtime, 'intake' | 'log'>,
  source: string,
  traits: Folder,
  { name, bytes }: DroppedFile,
): Promise<FileOutcome> {
  try {
    const document = readDocument(bytes, name);
    const stem = name.replace(/\.[^.]+$/, '');
    const handed = await handIn(intake, { source, traits, document, fallbackKey: stem });
    log.info({ source, file: name, ...handed }, 'a file was taken');
    if (handed.verdict === 'refused') return { done: false, reason: handed.reason };
    if (handed.verdict === 'waiting') return { done: false, reason: `It is not to be published: ${handed.reason}.` };
    if (handed.verdict === 'unknown')
      return { done: false, reason: 'It is about an article that did not come from here.' };
    if (handed.verdict === 'ignored' && traits.onDelete === 'ignore') {
      const reason = `It withdraws the article ${handed.article}, which was left as it is: the source has "onDelete: ignore".`;
      return { done: false, reason: `${reason} Set ask or retract, or retract it yourself.` };
    }
    return { done: true };
  } catch (error) {
    if (error instanceof InputError && error.status < 500) return { done: false, reason: error.message };
    throw error;
  }
}
