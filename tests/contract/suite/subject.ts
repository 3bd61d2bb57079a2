import type { FailureClass, LimitScope, RejectionEffect } from '../../../src/core/errors.ts';
import type { Platform } from '../../../src/core/platform.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';

/** A running stand-in for the real platform. */
export interface Simulation {
  root: string;
  /** What it truly accepted, oldest first, as readers see it. */
  shown(): { id: string; text: string; pictures: number; replyTo?: string | undefined }[];
  /** From now on, its lists of posts show none younger than this (milliseconds). Absent where there is no such switch. */
  lag?(ms: number): void;
  /** From now on, its posts count as so much older than they are (milliseconds). Absent where there is no such switch. */
  age?(ms: number): void;
  close(): Promise<void>;
}

/** A documented answer of the platform, and what it means. */
export interface AnswerCase {
  status: number;
  headers?: Record<string, string>;
  /** Text as it is; anything else as JSON. */
  body?: unknown;
  is: FailureClass;
  code?: string;
  scope?: LimitScope;
  /** Milliseconds, give or take two seconds. */
  retryAfterMs?: number;
  effect?: RejectionEffect;
}

/** A documented answer to an edit or a removal; `done`: all is as wanted. */
export type ChangeCase = Omit<AnswerCase, 'is'> & { to: 'edit' | 'remove'; is: FailureClass | 'done' };

/** A platform as the suite takes it. Only `platform` and `simulate` are needed. */
export interface Subject {
  platform: Platform;
  simulate(): Promise<Simulation>;
  /** Beside the example's own. */
  channels?: Record<string, unknown>[];
  /** Beside the example's own: other kinds of credentials. */
  accounts?: Record<string, unknown>[];
  /** Whether a later part answers the one before it. */
  replies?: boolean;
  /** A channel whose messages can answer another, where those of the example's cannot. */
  replyChannel?: Record<string, unknown>;
  /** How long a message can be edited and removed (milliseconds); what is absent has no end. */
  changeable?: { edit?: number; remove?: number };
  /** Made anew for each run, as some name a time. */
  answers?: () => AnswerCase[];
  /** The same of edits and removals. */
  changeAnswers?: () => ChangeCase[];
}

/** A platform that the sandbox simulates under the same id. */
export function simulatedBySandbox(platform: Platform): Pick<Subject, 'platform' | 'simulate'> {
  return {
    platform,
    async simulate() {
      const sandbox = await startSandbox();
      const root = sandbox.roots[platform.id];
      if (root === undefined) throw new Error(`The sandbox simulates no ${platform.id}: add it to src/sandbox.`);
      const lag = (readLagMs: number) => sandbox.setFaults(platform.id, { allowDuplicates: true, readLagMs });
      lag(0);
      const age = (ageMs: number) => sandbox.setSettings(platform.id, { ageMs });
      return {
        root,
        lag,
        ...(platform.id === 'telegram' ? { age } : {}),
        shown: () =>
          sandbox
            .posts(platform.id)
            .filter(({ removed }) => !removed)
            .map(({ id, text, media, replyTo }) => ({ id, text, pictures: media.length, replyTo })),
        close: sandbox.close,
      };
    },
  };
}
