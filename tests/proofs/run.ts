// npm run prove -- NAME [--json] [--seed N] …: one long proof of a promise.
// Exit codes: 0 it holds, 1 it does not, 2 used wrongly.
import { describeVerdict, type Proof, UsageError } from './proof.ts';

/** Each is loaded when it is named. */
const proofs: Record<string, () => Promise<Proof>> = {
  breaking: async () => (await import('./breaking.ts')).proveBreaking,
  compose: async () => (await import('./compose.ts')).proveCompose,
  cron: async () => (await import('./cron.ts')).proveCron,
  fanout: async () => (await import('./fanout.ts')).proveFanout,
  faults: async () => (await import('./faults.ts')).proveFaults,
  follow: async () => (await import('./follow.ts')).proveFollow,
  limits: async () => (await import('./limits.ts')).proveLimits,
};

interface Command {
  name: string;
  proof: Proof;
  seed: number;
  json: boolean;
  rest: string[];
}

/** Takes out what all proofs understand; the rest is the proof's own. */
async function readCommand(args: readonly string[]): Promise<Command> {
  const rest = [...args];
  const json = rest.includes('--json');
  if (json) rest.splice(rest.indexOf('--json'), 1);
  const seed = takeSeed(rest);
  const name = rest.shift();
  const load = name === undefined || !Object.hasOwn(proofs, name) ? undefined : proofs[name];
  if (name === undefined || !load) {
    const all = await Promise.all(
      Object.entries(proofs).map(async ([one, loadOne]) => [one, await loadOne()] as const),
    );
    const known = all.map(([one, { about, usage }]) => `  ${one} ${usage}\n      ${about}`);
    throw new UsageError(
      `${name === undefined ? 'Name a proof' : `There is no proof "${name}"`}. There are:\n${known.join('\n')}`,
    );
  }
  return { name, proof: await load(), seed, json, rest };
}

function takeSeed(args: string[]): number {
  const at = args.findIndex((arg) => arg === '--seed' || arg.startsWith('--seed='));
  if (at < 0) return 1;
  const given = args[at] as string;
  const value = given.includes('=') ? given.slice('--seed='.length) : args[at + 1];
  args.splice(at, given.includes('=') ? 1 : 2);
  if (value === undefined || !/^\d{1,9}$/.test(value)) {
    throw new UsageError(
      `--seed takes a number of up to nine digits, got ${value === undefined ? 'nothing' : `"${value}"`}.`,
    );
  }
  return Number(value);
}

try {
  const { proof, seed, json, rest } = await readCommand(process.argv.slice(2));
  const verdict = await proof.run(rest, seed);
  process.stdout.write(`${json ? JSON.stringify(verdict) : describeVerdict(verdict)}\n`);
  process.exitCode = verdict.ok ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`prove: ${error.message}\n`);
  process.exitCode = 2;
}
