import { appendFile, readFile, stat, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Installation } from './installation.ts';

/** Cuts the power of the Redis under test, now and then. */
export interface PowerCuts {
  /** Kills Redis and takes from its file what a disk would not have; resolves when it is back, to the bytes that went. */
  cut(): Promise<number>;
  stop(): void;
}

const sampleMs = 20;
/** What is kept of the past sizes of the file. */
const rememberMs = 3_000;

/**
 * Watches how the append-only file grows. With `appendfsync always` nothing acknowledged is missing after a cut, and half
 * a transaction stands at the end, in which a delivery that waits is called published: at its next start Redis leaves it
 * in the file, and after that it believes it. With `everysec` the last second goes, with `no` up to two.
 */
export function watchPower(
  { household, redis, service }: Pick<Installation, 'household' | 'redis' | 'service'>,
  fsync: string,
): PowerCuts {
  // A Redis that comes back has its own setting again.
  async function keepSetting(): Promise<void> {
    await redis.config('SET', 'appendfsync', fsync);
    // The processes look at the setting when they connect.
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
  const dir = join(household.folder, 'data/redis/appendonlydir');
  let sizes: { at: number; file: string; bytes: number }[] = [];
  let stopped = false;

  void (async () => {
    while (!stopped) {
      const file = await newest(dir).catch(() => undefined);
      const bytes =
        file === undefined
          ? undefined
          : await stat(file).then(
              (one) => one.size,
              () => undefined,
            );
      const at = performance.now();
      if (file !== undefined && bytes !== undefined) sizes.push({ at, file, bytes });
      sizes = sizes.filter((one) => at - one.at < rememberMs);
      await delay(sampleMs);
    }
  })();

  return {
    async cut() {
      // What the server itself says, not what its settings should be.
      const truth = ((await redis.config('GET', 'appendfsync')) as string[])[1] ?? 'always';
      const { url } = household.redis();
      const [waiting = 'none'] = await redis.zrange('munadi:state:scheduled', '0', '0');
      // Its file names the last one for a moment after another has started.
      const pid = Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1]);
      // The service would start it again before the file is cut.
      const reviver = service();
      reviver.child.kill('SIGSTOP');
      try {
        process.kill(pid, 'SIGKILL');
        // Its parent is stopped, so that its process id stays for a while.
        await household.wait('Redis to be dead', untilSilent(Number(new URL(url).port)));
        const file = await newest(dir);
        const { size } = await stat(file);
        if (truth === 'always') {
          const settled = command('HSET', `munadi:delivery:${waiting}`, 'state', 'published');
          await appendFile(file, `${command('MULTI')}${settled}*4\r\n$4\r\nZADD\r\n$21\r\nmunadi:st`);
          return 0;
        }
        const lost = truth === 'everysec' ? 1_000 : 2_000;
        const since = performance.now() - lost;
        const before = sizes.find((one) => one.at >= since && one.file === file)?.bytes ?? size;
        await truncate(file, before);
        return size - before;
      } finally {
        sizes = [];
        reviver.child.kill('SIGCONT');
        const back = fsync === 'always' ? redis.ping() : keepSetting();
        await household.wait<unknown>('Redis to be back after a cut of its power', back);
      }
    },
    stop() {
      stopped = true;
    },
  };
}

const command = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** The file that Redis appends to, by its manifest. */
async function newest(dir: string): Promise<string> {
  const manifest = await readFile(join(dir, 'appendonly.aof.manifest'), 'utf8');
  const files = [...manifest.matchAll(/^file (\S+) seq (\d+) type i/gm)];
  const last = files.sort((a, b) => Number(a[2]) - Number(b[2])).at(-1)?.[1];
  if (last === undefined) throw new Error(`no file of increments in ${manifest}`);
  return join(dir, last);
}

async function untilSilent(port: number): Promise<void> {
  while (await listens(port)) await delay(2);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
