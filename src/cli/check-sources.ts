import { access, constants, stat } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { readFeedGuarded } from '../sources/feed-guarded.ts';
import { feedAccept, maxFeedBytes } from '../sources/feed-request.ts';
import { createGuardedFetch } from '../sources/index.ts';
import { shownAddress } from '../text/shown-address.ts';

/** What `check` says of one thing. */
export interface Finding {
  name: string;
  result: 'ok' | 'warning' | 'failed';
  detail: string;
}

/** Whether feeds answer and can be read, and folders are there. */
export async function checkSources(config: Config): Promise<Finding[]> {
  return [...(await checkFeeds(config)), ...(await checkFolders(config))];
}

async function checkFeeds({ feeds, fetch: guards }: Config): Promise<Finding[]> {
  if (Object.keys(feeds).length === 0) return [];
  const fetch = createGuardedFetch(guards);
  try {
    return await Promise.all(
      Object.entries(feeds).map(async ([id, { url }]): Promise<Finding> => {
        const name = `feed ${id}`;
        try {
          const answer = await fetch.get(url, { accept: feedAccept, maxBytes: maxFeedBytes });
          const feed = await readFeedGuarded(answer.bytes, { name: shownAddress(answer.url), ...answer });
          const moved =
            answer.movedTo === undefined ? '' : `; it has moved for good to ${shownAddress(answer.movedTo)}`;
          const detail = `${feed.format}, ${feed.items.length} items${moved}`;
          return { name, result: moved === '' ? 'ok' : 'warning', detail };
        } catch (error) {
          return { name, result: 'failed', detail: (error as Error).message };
        }
      }),
    );
  } finally {
    await fetch.close();
  }
}

async function checkFolders({ sources }: Config): Promise<Finding[]> {
  const folders = Object.entries(sources).flatMap(([id, source]) =>
    source.kind === 'folder' ? [{ id, path: source.path }] : [],
  );
  return Promise.all(
    folders.map(async ({ id, path }): Promise<Finding> => {
      const name = `source ${id}`;
      try {
        if (!(await stat(path)).isDirectory()) return { name, result: 'failed', detail: `${path} is no folder.` };
        await access(path, constants.R_OK | constants.W_OK);
        return { name, result: 'ok', detail: path };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return { name, result: 'ok', detail: `${path} is made when the service starts` };
        return { name, result: 'failed', detail: `${path} cannot be read and written (${code}).` };
      }
    }),
  );
}
