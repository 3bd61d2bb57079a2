import { lazyPackage } from '../core/lazy-package.ts';

/** X's own counting and link finding, needed for few words only. */
export const twitterText = lazyPackage<typeof import('twitter-text')>('twitter-text');
