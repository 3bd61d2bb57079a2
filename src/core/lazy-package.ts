import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * A package that is loaded when it is first asked for. Loading the large ones makes most of a start, and most processes
 * never need them. `T` is the type of what it exports.
 */
export function lazyPackage<T>(name: string): () => T {
  let found: T | undefined;
  return () => {
    found ??= load(name) as T;
    return found;
  };
}
