/** Things to do at certain times. One timer for all of them, and none while there is nothing to do. */
export interface Timetable<Thing> {
  /** Due in so many milliseconds; never earlier, and a few later at most. */
  add(thing: Thing, inMs: number): void;
  /** How many wait. */
  size(): number;
  clear(): void;
}

const slotMs = 5;

/** Calls `due` with what is due together, in the order in which it was added. */
export function createTimetable<Thing>(due: (things: Thing[]) => void): Timetable<Thing> {
  const slots = new Map<number, Thing[]>();
  let size = 0;
  let next = 0;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const now = Math.floor(performance.now() / slotMs);
    const things: Thing[] = [];
    for (; next <= now && size > 0; next += 1) {
      const slot = slots.get(next);
      if (!slot) continue;
      slots.delete(next);
      size -= slot.length;
      for (const thing of slot) things.push(thing);
    }
    if (size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    if (things.length > 0) due(things);
  }

  return {
    add(thing, inMs) {
      const at = Math.ceil((performance.now() + inMs) / slotMs);
      if (size === 0 || at < next) next = at;
      const slot = slots.get(at);
      if (slot) slot.push(thing);
      else slots.set(at, [thing]);
      size += 1;
      timer ??= setInterval(look, slotMs);
    },
    size: () => size,
    clear() {
      clearInterval(timer);
      timer = undefined;
      slots.clear();
      size = 0;
    },
  };
}
