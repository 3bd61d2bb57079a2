import { lazyPackage } from '../core/lazy-package.ts';

type Sharp = typeof import('sharp').default;

const load = lazyPackage<Sharp>('sharp');
let ready = false;

/** libvips by its names of operations: the kinds of pictures that are decoded, and no others. */
const readers = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((kind) => `VipsForeignLoad${kind}`);

/** sharp, set to hold little memory. Loaded with the first picture. Throws where this machine has no build of it. */
export function sharp(): Sharp {
  const found = load();
  if (!ready) {
    found.cache(false);
    found.concurrency(1);
    found.block({ operation: ['VipsForeignLoad'] });
    found.unblock({ operation: readers });
    ready = true;
  }
  return found;
}
