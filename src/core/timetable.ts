/** Hours of some days of the week, by the wall clock. */
export interface Hours {
  /** Days on which they begin; 0 is Sunday. */
  days: readonly number[];
  /** Minutes since midnight. */
  fromMinute: number;
  /** Minutes since the midnight before `fromMinute`: over 1440 where they end on the next day. */
  toMinute: number;
}

/** When a channel may post. */
export interface Timetable {
  /** IANA time zone of all its hours. */
  zone: string;
  /** None: at any hour that is not quiet. */
  windows: readonly Hours[];
  /** Goes before `windows`. */
  quiet: readonly Hours[];
  /** 0 is Sunday. */
  weekend: readonly number[];
  /** `2026-03-20`, or `05-01` for each year. */
  holidays: readonly string[];
  /** Holidays are days like others, have the hours of the weekend, or have none. */
  onHoliday: 'usual' | 'weekend' | 'closed';
}

/** What becomes of a post whose time comes while its channel is closed, or whose channel has posted enough. */
export type LatePolicy = 'next' | 'digest' | 'drop';

/** How many articles a channel posts in an hour and in a day, and what becomes of the rest. */
export interface Caps {
  hour?: number;
  day?: number;
  rest: 'wait' | 'digest' | 'drop';
}

/** When a person has to say yes before a delivery goes. */
export interface Approval {
  /** Only where one article goes to more people than this; 0: always. */
  over: number;
  /** Breaking news too. */
  breaking: boolean;
}

/** A channel's own rhythm, beside the limits of its platform. What is absent does not hold it back. */
export interface Rhythm {
  /** Articles go into the channel's digest, not by themselves. */
  collect: boolean;
  timetable?: Timetable;
  /** Default `next`: it waits for the next opening. */
  late: LatePolicy;
  /** `always`: breaking news goes at any hour, by itself, and no cap holds it. */
  breaking: 'always' | 'windows';
  /** Least time between two articles. */
  gapMs?: number;
  caps?: Caps;
  approve?: Approval;
}
