import { join } from 'node:path';
import { simulateFacebook } from './facebook.ts';
import type { FaultPlanInput } from './faults.ts';
import type { LimitsPlan } from './limits.ts';
import type { SandboxPost } from './post.ts';
import { type SandboxServer, serve } from './server.ts';
import { simulateTelegram } from './telegram.ts';
import { simulateWhatsapp } from './whatsapp.ts';
import { simulateX } from './x.ts';

export { renderAllPosts, renderSandboxPage } from './page.ts';
export type { SandboxPost } from './post.ts';

/** In the order of their ports. */
const simulations = {
  telegram: simulateTelegram,
  x: simulateX,
  whatsapp: simulateWhatsapp,
  facebook: simulateFacebook,
};

export interface Sandbox {
  /** Base address of each platform. */
  roots: Record<string, string>;
  /** What a platform accepted, oldest first. */
  posts(platform: string): SandboxPost[];
  /** Pictures that came with posts, by hash. */
  picture(platform: string, sha256: string): { bytes: Buffer; mimeType: string } | undefined;
  setFaults(platform: string, plan: FaultPlanInput): void;
  /** A platform's own switches, as `PUT /_sandbox/settings` takes them; throws where there are no such. */
  setSettings(platform: string, settings: unknown): void;
  /** The platform's limits, as `PUT /_sandbox/limits` takes them; throws where they are none. */
  setLimits(platform: string, limits: LimitsPlan): void;
  /** Forgets everything on every platform: posts, requests, faults, limits, switches. */
  reset(): void;
  close(): Promise<void>;
}

/**
 * Starts the simulated platforms: on `port` to `port + 3` (telegram, x, whatsapp, facebook), or on free ports. With
 * `recordDir`, what they accepted is kept there and read back; with `limits`, they hold the documented limits from the
 * start, until `DELETE /_sandbox`. Throws where a port is taken; then none is left running.
 */
export async function startSandbox({
  host = '127.0.0.1',
  port = 0,
  recordDir,
  limits = false,
}: {
  host?: string;
  port?: number;
  recordDir?: string;
  limits?: boolean;
} = {}): Promise<Sandbox> {
  const servers = new Map<string, SandboxServer>();
  try {
    for (const [index, [platform, simulate]] of Object.entries(simulations).entries()) {
      const file = recordDir === undefined ? undefined : join(recordDir, `${platform}.jsonl`);
      servers.set(platform, await serve(simulate, { host, port: port === 0 ? 0 : port + index, file }));
    }
  } catch (error) {
    await Promise.all([...servers.values()].map((server) => server.close()));
    throw error;
  }
  if (limits) for (const one of servers.values()) one.setLimits({ on: true });
  const server = (platform: string) => {
    const found = servers.get(platform);
    if (!found) throw new Error(`The sandbox has no platform ${platform}.`);
    return found;
  };
  return {
    roots: Object.fromEntries([...servers].map(([platform, { root }]) => [platform, root])),
    posts: (platform) => server(platform).record.all(),
    picture: (platform, sha256) => server(platform).record.media(sha256),
    setFaults: (platform, plan) => server(platform).setFaults(plan),
    setSettings: (platform, settings) => server(platform).setSettings(settings),
    setLimits: (platform, plan) => server(platform).setLimits(plan),
    reset() {
      for (const one of servers.values()) one.reset();
    },
    close: async () => void (await Promise.all([...servers.values()].map((one) => one.close()))),
  };
}
