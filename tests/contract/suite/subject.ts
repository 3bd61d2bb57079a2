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
  /** Made anew for each run, as some name a time. */
  answers?: () => AnswerCase[];
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
      return {
        root,
        lag,
        shown: () =>
          sandbox
            .posts(platform.id)
            .map(({ id, text, media, replyTo }) => ({ id, text, pictures: media.length, replyTo })),
        close: sandbox.close,
      };
    },
  };
}
