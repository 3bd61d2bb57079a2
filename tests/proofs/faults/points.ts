/** Places between two instructions where a process is killed. */
export const points = [
  'before-claim',
  'after-claim',
  'half-written',
  'accepted-unanswered',
  'answered-unrecorded',
  'recorded-unfinished',
] as const;

export type Point = (typeof points)[number];

export const platformIds = ['telegram', 'x', 'whatsapp', 'facebook'] as const;

/** Platforms with a channel that tells an article in several parts. */
const threaded = ['telegram', 'x'];

/** A failpoint on one platform; `later`: at a part after the first, or between two parts. */
export interface Hit {
  point: Point;
  later: boolean;
  platform: string;
}

/** How often each failpoint struck each platform. */
export interface Hits {
  add(hit: Hit): void;
  count(hit: Hit): number;
  /** Those hit less often than `least`, the rarest first. */
  missing(least: number): Hit[];
  /** `point`, or `point/thread`, to a count for each platform. */
  table(): Record<string, Record<string, number>>;
}

/** Every failpoint that there is. */
const all: readonly Hit[] = points.flatMap((point) => [
  ...platformIds.map((platform) => ({ point, later: false, platform })),
  ...threaded.map((platform) => ({ point, later: true, platform })),
]);

/** Without the platform. */
export const nameOf = ({ point, later }: Hit) => (later ? `${point}/thread` : point);

export function createHits(): Hits {
  const counts = new Map<string, number>();
  const key = (hit: Hit) => `${nameOf(hit)} ${hit.platform}`;
  const count = (hit: Hit) => counts.get(key(hit)) ?? 0;
  return {
    add: (hit) => void counts.set(key(hit), count(hit) + 1),
    count,
    missing: (least) => all.filter((hit) => count(hit) < least).sort((a, b) => count(a) - count(b)),
    table: () =>
      Object.fromEntries(
        [...Map.groupBy(all, nameOf)].map(([name, hits]) => [
          name,
          Object.fromEntries(hits.map((hit) => [hit.platform, count(hit)])),
        ]),
      ),
  };
}
