import type { Platform } from '../core/platform.ts';
import type { Deliveries } from '../store/deliveries.ts';

/** Works on a body that a platform has sent: its statuses move deliveries forward. Resolves to how many it held. */
export async function takeStatuses(
  { platform, deliveries }: { platform: Pick<Platform, 'webhook'>; deliveries: Deliveries },
  body: string,
): Promise<number> {
  const reports = platform.webhook?.statuses(parse(body)) ?? [];
  await deliveries.report(reports);
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
