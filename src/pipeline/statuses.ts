import { placeIn } from '../core/fanout.ts';
import type { Platform } from '../core/platform.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { Fanouts } from '../store/fanout/index.ts';

/** Works on bodies that a platform has sent: their statuses move deliveries forward. Resolves to how many they held. */
export async function takeStatuses(
  { platform, deliveries, fanouts }: { platform: Pick<Platform, 'webhook'>; deliveries: Deliveries; fanouts: Fanouts },
  bodies: readonly string[],
): Promise<number> {
  const reports = bodies.flatMap((body) => platform.webhook?.statuses(parse(body)) ?? []);
  const ofLists = reports.flatMap((report) => {
    const place = placeIn(report.delivery);
    return place ? [{ ...report, ...place }] : [];
  });
  await Promise.all([
    deliveries.report(reports.filter(({ delivery }) => placeIn(delivery) === undefined)),
    fanouts.report(ofLists),
  ]);
  return reports.length;
}

/** What cannot be read says nothing. It was signed, so it is the platform's own fault, and no repetition mends it. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
