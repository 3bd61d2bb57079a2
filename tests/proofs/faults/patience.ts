/** Waits that end: one that takes too long fails, and says what it was for and how things stand. */
export interface Patience {
  <T>(what: string, work: Promise<T>, mostMs?: number): Promise<T>;
  /** What is waited for at this moment, and how things stand. */
  open(): string;
}

/** Longer than anything that is waited for may take on a busy machine; a stop may take half of it. */
const patienceMs = 60_000;

/** `state`: how things stand, a line each. */
export function createPatience(state: () => string[]): Patience {
  const waits = new Map<symbol, { what: string; since: number }>();
  const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
  const open = () =>
    [...[...waits.values()].map(({ what, since }) => `waiting for ${what}, since ${seconds(since)}`), ...state()].join(
      '\n',
    );

  async function wait<T>(what: string, work: Promise<T>, mostMs = patienceMs): Promise<T> {
    const id = Symbol(what);
    waits.set(id, { what, since: performance.now() });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new Error(`waited ${mostMs / 1000} s in vain for ${what}.\n${open()}`)), mostMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      waits.delete(id);
    }
  }
  return Object.assign(wait, { open });
}
