import { placeIn } from '../core/fanout.ts';
import type { InboundMessage, Platform, PlatformEvent, Preference, StatusReport } from '../core/platform.ts';
import type { AccountEvent, TemplateEvent } from '../core/platform-events.ts';
import type { Fanouts } from '../store/fanout/index.ts';

/** A status with what it says beside the message. */
export type StatusEvent = Extract<PlatformEvent, { kind: 'status' }>;

/** Who works on what a platform tells, each on its own kind. What is absent is not looked at. */
export interface ToldDeps {
  platform: Pick<Platform, 'webhook'>;
  deliveries: { report(reports: readonly StatusReport[]): Promise<void> };
  /** Statuses of messages to a list. */
  fanouts?: Pick<Fanouts, 'report'>;
  people?: {
    /** What people wrote, and what they told the platform of us. */
    take(events: readonly (InboundMessage | Preference)[]): Promise<void>;
    /** Whom nothing reaches. */
    refused(statuses: readonly StatusEvent[]): Promise<void>;
  };
  /** What becomes of templates and accounts. */
  templates?: { take(events: readonly (TemplateEvent | AccountEvent)[]): Promise<void> };
}

/**
 * Works on bodies that a platform has sent. Resolves to how many events they held. Rejects where one kind could not be
 * worked on, after the others are; the bodies may then be given again.
 */
export async function takeEvents(deps: ToldDeps, bodies: readonly string[]): Promise<number> {
  const events = bodies.flatMap((body) => deps.platform.webhook?.events(parse(body)) ?? []);
  const statuses = events.filter((event) => event.kind === 'status');
  const ofLists = statuses.flatMap((status) => {
    const place = placeIn(status.delivery);
    return place ? [{ ...toReport(status), ...place }] : [];
  });
  const others = statuses.filter(({ delivery }) => placeIn(delivery) === undefined).map(toReport);
  const work = [
    some(others, (reports) => deps.deliveries.report(reports)),
    some(ofLists, async (reports) => void (await deps.fanouts?.report(reports))),
    some(
      events.filter((event) => event.kind === 'message' || event.kind === 'preference'),
      (all) => deps.people?.take(all),
    ),
    some(
      events.filter((event) => event.kind === 'template' || event.kind === 'account'),
      (all) => deps.templates?.take(all),
    ),
    some(
      statuses.filter(({ suppressForMs }) => suppressForMs !== undefined),
      (all) => deps.people?.refused(all),
    ),
  ];
  for (const outcome of await Promise.allSettled(work)) if (outcome.status === 'rejected') throw outcome.reason;
  return events.length;
}

async function some<T>(all: readonly T[], work: (all: readonly T[]) => Promise<void> | undefined): Promise<void> {
  if (all.length > 0) await work(all);
}

function toReport({ delivery, remoteId, status, at, failure }: StatusEvent): StatusReport {
  return { delivery, remoteId, status, at, ...(failure === undefined ? {} : { failure }) };
}

/** What cannot be read says nothing. It was signed, so it is the platform's own fault, and no repetition mends it. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
