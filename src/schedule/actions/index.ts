import type { Action } from '../action.ts';
import { digest } from './digest.ts';
import { poll } from './poll.ts';
import { prune } from './prune.ts';
import { report } from './report.ts';
import { reshare } from './reshare.ts';

/** Every action that a schedule can name, by its id. */
export const actions: Readonly<Record<string, Action>> = { prune, report, digest, reshare, poll };
