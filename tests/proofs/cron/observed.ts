/** What can be seen of ticks without asking their records. Ticks are named as in `nameOf`. */
export interface Observed {
  /** How often BullMQ says that a job was added. */
  added: ReadonlyMap<string, number>;
  /** How often a run has spoken in the log. */
  told: ReadonlyMap<string, number>;
}

/** A tick as BullMQ's jobs are named: schedule and instant (epoch ms). */
export const nameOf = (schedule: string, at: number) => `${schedule}.${at}`;

/** Counts the reports in what schedulers have logged. The last line of a killed one may be torn. */
export function readLog(text: string): Map<string, number> {
  const told = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, schedule = '', tick = ''] = /"schedule":"([^"]+)","tick":"([^"]+)","report":\[/.exec(line) ?? [];
    if (schedule === '') continue;
    const name = nameOf(schedule, Date.parse(tick));
    told.set(name, (told.get(name) ?? 0) + 1);
  }
  return told;
}
