/** A command of the `munadi` program. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  usage: string;
  /** Resolves to the exit code: 0 done, 1 failed, 2 wrong use or config. */
  run(args: string[]): Promise<number>;
}
