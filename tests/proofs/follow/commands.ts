import type { Installation } from '../faults/installation.ts';
import { startRedisProxy } from '../faults/redis-proxy.ts';
import { readScripts } from '../faults/scripts.ts';
import type { Commands } from './lives.ts';
import { followConfig } from './topology.ts';
import { type Draft, editionsIn } from './words.ts';

/** `munadi correct` and `munadi retract`, each in a process of its own on the Redis of an installation. */
export function createCommands({ household, root, roots }: Installation, onKill: () => void): Commands {
  let count = 0;

  async function run(args: readonly string[], url = household.redis().url) {
    count += 1;
    const config = await household.write(
      `command-${count}.yaml`,
      followConfig({ roots, redisUrl: url, concurrency: 1 }),
    );
    return household.run([...args, '--json', '--config', config]);
  }

  /** Held where Redis has just taken it: then the process dies. */
  async function retractAndDie(id: string): Promise<boolean> {
    const url = new URL(household.redis().url);
    let taken: () => void = () => {};
    const isTaken = new Promise<boolean>((resolve) => {
      taken = () => resolve(true);
    });
    const proxy = await startRedisProxy(Number(url.port), {
      scripts: readScripts(root),
      watch: {
        command: () => false,
        reply(call) {
          if (call.script !== 'retract') return false;
          taken();
          return true;
        },
      },
    });
    try {
      url.port = String(proxy.port);
      const running = await run(['retract', id], url.href);
      const done = await Promise.race([isTaken, running.ended.then(() => false)]);
      await running.stop('SIGKILL');
      if (done) onKill();
      return done;
    } finally {
      await proxy.close();
    }
  }

  async function correctNow(draft: Draft): ReturnType<Commands['correct']> {
    const file = await household.write(`${draft.id}.json`, JSON.stringify(draft));
    const { code, stdout } = await (await run(['correct', file, '--id', draft.id])).ended;
    if (code !== 0) return undefined;
    const [said] = JSON.parse(stdout) as { corrected: boolean; article: { version: number; title: string } }[];
    const edition = editionsIn(draft.title)[0]?.edition;
    return said?.corrected && edition !== undefined ? { version: said.article.version, edition } : undefined;
  }

  const retractNow = async (id: string) => (await (await run(['retract', id])).ended).code === 0;

  // One at a time: each costs the machine a second.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const mine = last.then(act);
    last = mine.catch(() => {});
    return mine;
  }

  return {
    correct: (draft) => inTurn(() => correctNow(draft)),
    retract: (id, { killed }) => inTurn(() => (killed ? retractAndDie(id) : retractNow(id))),
  };
}
