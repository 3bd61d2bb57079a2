import { lazyPackage } from '../core/lazy-package.ts';

/** A document from HTML; most articles are none. */
export const linkedom = lazyPackage<typeof import('linkedom')>('linkedom');
