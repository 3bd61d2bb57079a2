import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import type { Post } from '../core/post.ts';
import { hash } from './dedupe.ts';

/** A composed post and the name under which it is kept. */
export interface Composed {
  post: Post;
  hash: string;
}

const maxCached = 2_000;

/**
 * Which picture a post may have: the article's own after so many that cannot be used (0: the first), the channel's default
 * where the article has no more; the default alone; or none.
 */
export type Pictures = number | 'default' | 'none';

/** Composes a post each time anew. */
export function composeWith(platform: Platform, pictures: Pictures): (article: Article, channel: Channel) => Post {
  return (article, channel) => {
    if (pictures === 0) return platform.compose(article, channel);
    if (typeof pictures === 'number') {
      return platform.compose({ ...article, images: article.images.slice(pictures) }, channel);
    }
    const { defaultImage: _, ...without } = channel;
    return platform.compose({ ...article, images: [] }, pictures === 'default' ? channel : without);
  };
}

/**
 * Composes posts, each once: articles do not change under one version, so the result is kept per article version,
 * platform, language, style and settings (without those that only say where to).
 */
export function createComposer(
  platform: Platform,
): (article: Article, channel: Channel, pictures: Pictures) => Composed {
  const cache = new Map<string, Composed>();
  const channelKeys = new WeakMap<Channel, string>();

  const channelKey = (channel: Channel) => {
    let key = channelKeys.get(channel);
    if (key === undefined) {
      const says = Object.entries(channel.settings).filter(([name]) => !platform.targetKeys.includes(name));
      key = JSON.stringify([channel.language ?? '', channel.style ?? {}, channel.defaultImage ?? '', says]);
      channelKeys.set(channel, key);
    }
    return key;
  };

  return (article, channel, pictures) => {
    // An editor's text is for one channel; a template may name the channel.
    const own = article.texts === undefined && channel.style?.layouts === undefined ? '' : channel.id;
    const key = `${article.id}\n${article.version}\n${pictures}\n${own}\n${channelKey(channel)}`;
    const cached = cache.get(key);
    if (cached) return cached;
    const post = composeWith(platform, pictures)(article, channel);
    const composed = { post, hash: hash(JSON.stringify(post)) };
    if (cache.size >= maxCached) cache.delete(cache.keys().next().value as string);
    cache.set(key, composed);
    return composed;
  };
}
