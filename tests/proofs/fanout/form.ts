import { UsageError } from '../proof.ts';

/** How much is sent, and what is judged. */
export interface Form {
  people: number;
  kills: number;
  processes: number;
  /** Messages of the bare workers. */
  bare: number;
  /** Pace and memory: figures that tell nothing where other work runs beside. */
  judgesPace: boolean;
}

export const usage = '[--short] [--people N] [--kills N]';
export const longForm: Form = { people: 100_000, kills: 20, processes: 4, bare: 20_000, judgesPace: true };
const shortForm: Form = { people: 2_000, kills: 3, processes: 3, bare: 0, judgesPace: false };

export function readForm(args: readonly string[]): Form {
  const form = { ...(args.includes('--short') ? shortForm : longForm) };
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at];
    if (arg === '--short') continue;
    const name = arg === '--people' ? 'people' : arg === '--kills' ? 'kills' : undefined;
    const value = Number(args[at + 1]);
    if (name === undefined || !Number.isInteger(value) || value < (name === 'people' ? 100 : 0)) {
      throw new UsageError(`fanout does not know "${args.join(' ')}". Its options: ${usage}`);
    }
    form[name] = value;
    at += 1;
  }
  return form;
}
