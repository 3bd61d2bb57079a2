import type { Channel } from '../core/channel.ts';
import type { LatePolicy, Timetable } from '../core/timetable.ts';
import { priorities } from '../queue/queues.ts';
import { openingAt } from '../schedule/timetable.ts';
import type { DeliveryJob } from '../store/articles.ts';
import { encodeHours } from '../store/claims.ts';

/** A channel's own rhythm, as the claim takes it. */
export interface Rhythms {
  /** When the channel is open to a delivery of this priority; empty: always. */
  hours(channel: Channel, job: Pick<DeliveryJob, 'priority'>): string;
  /** It goes into the channel's digest, unless it is one. */
  collects(channel: Channel, job: Pick<DeliveryJob, 'priority'>): boolean;
  /** A person has to say yes first. */
  needsApproval(channel: Channel, job: Pick<DeliveryJob, 'priority'>): boolean;
}

export interface RhythmsDeps {
  /** The clock of all processes (epoch ms). */
  now: () => number;
  /** How many people a channel writes to; 0 where it is a wall, without end where nobody knows ahead. */
  peopleIn: (channel: Channel) => number;
}

interface Known {
  from: number;
  /** It holds until then. */
  to: number;
  text: string;
}

export function createRhythms({ now, peopleIn }: RhythmsDeps): Rhythms {
  // A timetable is asked at every claim, and changes twice a day.
  const known = new WeakMap<Timetable, Known>();

  function read(timetable: Timetable, late: LatePolicy): string {
    const at = now();
    const before = known.get(timetable);
    if (before && before.from <= at && at < before.to) return before.text;
    const { isOpen, changesAt, because } = openingAt(timetable, at);
    const opensAt = isOpen && changesAt !== undefined ? openingAt(timetable, changesAt).changesAt : changesAt;
    const text = encodeHours({
      late,
      ...(isOpen ? {} : { closed: because ?? '' }),
      ...(isOpen && changesAt !== undefined ? { until: changesAt } : {}),
      ...(opensAt === undefined ? {} : { opensAt }),
    });
    known.set(timetable, { from: at, to: changesAt ?? Number.POSITIVE_INFINITY, text });
    return text;
  }

  return {
    collects: ({ rhythm }, { priority }) =>
      rhythm?.collect === true && !(priority === priorities.breaking && rhythm.breaking === 'always'),
    hours({ rhythm }, { priority }) {
      if (!rhythm?.timetable || (priority === priorities.breaking && rhythm.breaking === 'always')) return '';
      return read(rhythm.timetable, rhythm.late);
    },
    needsApproval(channel, { priority }) {
      const approve = channel.rhythm?.approve;
      if (!approve || (priority === priorities.breaking && !approve.breaking)) return false;
      return approve.over === 0 || peopleIn(channel) > approve.over;
    },
  };
}
