import type { Redis } from 'ioredis';
import type { Sandbox } from '../sandbox/index.ts';

/** Where the sandbox is that the processes on one Redis share. */
export interface SandboxLink {
  /** Base address of one platform's sandbox. */
  root(platform: string): string;
  roots(): Record<string, string>;
  close(): Promise<void>;
}

const ttlMs = 6_000;
const beatMs = 1_500;

/**
 * Joins the sandbox that another process on this Redis runs, or starts one for all platforms. When its host dies, one
 * of the others takes over (the record on disk is kept where they share `recordDir`); `onMove` is told then.
 */
export async function linkSandbox(
  redis: Redis,
  { prefix, recordDir, port, onMove }: { prefix: string; recordDir: string; port: number; onMove: () => void },
): Promise<SandboxLink> {
  const key = `${prefix}:sandbox`;
  let roots: Record<string, string> = {};
  let own: Sandbox | undefined;

  async function refresh(): Promise<void> {
    if (own) {
      await redis.set(key, JSON.stringify(roots), 'PX', ttlMs);
      return;
    }
    const found = await redis.get(key);
    const known = found === null ? undefined : (JSON.parse(found) as Record<string, string>);
    if (known && (await isAlive(known))) {
      if (JSON.stringify(known) !== JSON.stringify(roots)) {
        roots = known;
        onMove();
      }
      return;
    }
    // One of several that notice at once becomes the host; the others find its roots on their next look.
    const lock = await redis.set(`${key}:lock`, process.pid, 'PX', 5_000, 'NX');
    if (lock === null) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return refresh();
    }
    // Another may have become the host, and let go of the lock, since we looked.
    if ((await redis.get(key)) !== found) {
      await redis.del(`${key}:lock`);
      return refresh();
    }
    // Loaded only where it runs: most commands never need it.
    const { startSandbox } = await import('../sandbox/index.ts');
    own = await startSandbox({ port, recordDir }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return startSandbox({ recordDir });
      throw error;
    });
    roots = own.roots;
    await redis.set(key, JSON.stringify(roots), 'PX', ttlMs);
    await redis.del(`${key}:lock`);
    onMove();
  }

  await refresh();
  const timer = setInterval(() => refresh().catch(() => {}), beatMs);
  return {
    root(platform) {
      const root = roots[platform];
      if (!root) throw new Error(`The sandbox has no platform ${platform}.`);
      return root;
    },
    roots: () => roots,
    async close() {
      clearInterval(timer);
      if (!own) return;
      await redis.del(key).catch(() => {});
      await own.close();
    },
  };
}

async function isAlive(roots: Record<string, string>): Promise<boolean> {
  const [root] = Object.values(roots);
  if (!root) return false;
  try {
    const { request } = await import('undici');
    const { statusCode, body } = await request(`${root}/_sandbox/faults`, { signal: AbortSignal.timeout(1_000) });
    await body.dump();
    return statusCode < 500;
  } catch {
    return false;
  }
}
