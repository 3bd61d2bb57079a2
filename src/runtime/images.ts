import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import { createGuardedFetch } from '../sources/guarded-fetch.ts';
import { createImageLoader, type ImageLoader } from '../sources/image.ts';
import { platformOf } from './lookup.ts';
import type { Runtime } from './open.ts';

const cacheBytes = 64 * 1024 * 1024;

/** The loader of pictures by the configuration that holds when it is asked for. */
export function createImages(runtime: Runtime): () => ImageLoader {
  const open = ({ allow, ports, timeoutMs, maxBytes }: Config['fetch']) => {
    const fetch = createGuardedFetch({ allow, ports, timeoutMs, maxBytes });
    // Not before: what is under way may still need it.
    runtime.onClose(async () => void (await fetch.close()));
    return createImageLoader(fetch, { maxBytes, cacheBytes, folder: dirname(runtime.config.file) });
  };
  let images = open(runtime.config.fetch);
  runtime.onConfig((config, before) => {
    if (!isDeepStrictEqual(config.fetch, before.fetch)) images = open(config.fetch);
  });
  return () => images;
}

/** What became of a channel's default picture; `problem` where it cannot be used. */
export interface DefaultImageCheck {
  channel: string;
  problem?: string;
}

/** Fetches the default pictures of these channels, and makes each fit its platform. */
export function checkDefaultImages(channels: Config['channels'], images: ImageLoader): Promise<DefaultImageCheck[]> {
  return Promise.all(
    channels.flatMap((channel) => {
      const { id, defaultImage } = channel;
      if (defaultImage === undefined) return [];
      return images.loadDefault(defaultImage, platformOf(channel).media).then(
        () => ({ channel: id }),
        (error: Error) => ({ channel: id, problem: error.message }),
      );
    }),
  );
}
