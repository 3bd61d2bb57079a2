import type { AlarmKind, Severity } from '../core/alarms.ts';
import type { Account, Channel } from '../core/channel.ts';
import type { Budget, CatchUp, Rate } from '../core/limits.ts';
import type { PriorityRules } from '../core/priority.ts';
import type { Schedule } from '../core/schedule.ts';
import type { FeedSetting, SourceSetting } from '../core/source.ts';
import type { DayHours } from '../schedule/day-hours.ts';

/** Where alarms are told. */
export type AlarmTarget =
  | { to: 'log' }
  /** `account` is one of Telegram; `chat` as the platform has it. */
  | { to: 'telegram'; account: string; chat: string }
  /** An address that is posted to; `secret` signs the calls. */
  | { to: 'webhook'; url: string; secret?: string | undefined };

/** The whole configuration, validated, with defaults filled in. Times are milliseconds. */
export interface Config {
  /** Absolute path of the file it came from. */
  file: string;
  /** Absolute path of the folder for embedded Redis and the sandbox's record. Default: `./data`. */
  dataDir: string;
  /** `live`: an account without credentials is an error. `sandbox`: every account posts to the sandbox. */
  mode?: 'live' | 'sandbox';
  /** Without `url` a Redis is started as a child process. */
  redis: { url?: string; prefix: string };
  /** IANA name. */
  timezone: string;
  /** Without `token` only loopback callers are served. */
  http: { host: string; port: number; token?: string; publicUrl?: string };
  accounts: Record<string, Account>;
  channels: Channel[];
  /** For articles that come without a priority. */
  priorities: PriorityRules;
  reliability: {
    /** How long a claim on a delivery holds. Greater than `requestTimeoutMs`. */
    leaseMs: number;
    /** Deadline of one call to a platform. */
    requestTimeoutMs: number;
    /** How long an unconfirmed delivery rests before anybody looks whether it is live. */
    quarantineMs: number;
    /** Attempts before a delivery is discarded. */
    maxAttempts: number;
    /** First wait between attempts; doubles up to `maxBackoffMs`, with full jitter. */
    backoffMs: number;
    maxBackoffMs: number;
    /** Failures in a row after which an account rests, and for how long at first; 0: never. */
    failuresToRest: number;
    restMs: number;
  };
  /** Rates that differ from the platforms' documented ones, by rule; `enabled: false` lifts all. */
  limits: {
    enabled: boolean;
    /** How much longer than it is each window is taken to be. */
    marginMs: number;
    catchUp: CatchUp;
    platforms: Record<string, Record<string, Rate[]>>;
    accounts: Record<string, Record<string, Rate[]>>;
  };
  /** By account; one that is not named here spends without end. */
  budgets: Record<string, Budget>;
  /** What is done at certain times: those of the file, and those that are there without being asked for. */
  schedules: Schedule[];
  /** Feeds that are read by themselves, by name. */
  feeds: Record<string, FeedSetting>;
  /** Where articles come from by themselves, feeds aside; by name. */
  sources: Record<string, SourceSetting>;
  /** Guards on addresses that content leads to. `allow`: CIDR ranges beside public addresses. */
  fetch: { allow: string[]; ports: number[]; timeoutMs: number; maxBytes: number };
  /** Jobs that one worker runs at once, per platform. */
  workers: { concurrency: number };
  /** `wake` and `day`: names of the targets of each severity; `log` is always among the targets. */
  alarms: {
    targets: Record<string, AlarmTarget>;
    wake: string[];
    day: string[];
    /** When alarms that wait for the day are told, in `timezone`. */
    dayHours: DayHours;
    /** The same alarm is told once in this time. */
    dedupeMs: number;
    /** Instead of the kinds' own. */
    severity: Partial<Record<AlarmKind, Severity>>;
    /** Breaking news that is not live after this is an alarm. */
    breakingAfterMs: number;
  };
  /** What becomes of articles that tell what another one has told; from `threshold` (0 to 1) on they are alike. */
  duplicates: { near: 'skip' | 'followUp' | 'post'; threshold: number; windowMs: number };
  /** How many articles may be retracted in an hour because their source deleted them; of more, a person is asked. */
  deletions: { perHour: number };
  /** How long finished articles and deliveries are kept, and how long statuses may come of messages to lists. */
  retention: { days: number; statusDays: number };
  log: { level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' };
}
