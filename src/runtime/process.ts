import type { Config } from '../config/config.ts';
import type { Api } from '../desk/server.ts';
import { keepHeapSmall } from './heap.ts';
import { joinConfig, type LiveConfig } from './live-config.ts';
import { accountOf } from './lookup.ts';
import { nameOf, openRuntime, type Runtime } from './open.ts';
import { startRoles } from './roles.ts';
import { endInTime, listenForStop, untilStopped } from './shutdown.ts';

/** What a process has become, once it works. */
export interface Running {
  pid: number;
  /** What it does: `telegram`, `articles`, `api`, `scheduler` … */
  roles: string[];
  /** Of the HTTP API, where this process has it. */
  address: string | null;
  /** Address of Redis without password; null for the embedded one. */
  redis: string | null;
  /** `apiRoot`: null for the platform's own. */
  channels: { id: string; platform: string; account: string; sandbox: boolean; apiRoot: string | null }[];
}

/** Runs roles in this process until it is told to stop; a SIGHUP has it read its files again. Resolves to the exit code. */
export async function runRoles(
  config: Config,
  roles: readonly string[],
  { service = false, onReady }: { service?: boolean; onReady?: (running: Running) => void } = {},
): Promise<number> {
  keepHeapSmall();
  let live: LiveConfig | undefined;
  // From the first moment: a stop during the start must leave no Redis behind.
  const stop = listenForStop({ onHangUp: () => live?.reload() });
  let opened: Runtime | undefined;
  const late = 'not everything stopped in time; what was under way will be found by the next start';
  endInTime(stop, () => opened?.log.error(late));
  const runtime = await openRuntime(config, { service });
  opened = runtime;
  let api: Api | undefined;
  try {
    live = await joinConfig(runtime, { scheduler: roles.includes('scheduler') });
    const { isBehind, report } = live;
    // First, so that a taken port is found before anything is sent. Loaded only here: it makes half of a worker's start.
    if (roles.includes('api') && !stop.aborted) api = await (await import('../desk/server.ts')).startApi(runtime);
    if (!stop.aborted) await startRoles(runtime, roles, { isBehind, report });
    // Not waited for: what works need not wait for what may change.
    if (!stop.aborted)
      live.begin().catch((error) => runtime.log.error({ error: String(error) }, 'no live configuration'));
    if (api) runtime.onClose(api.close);
    if (!stop.aborted) {
      const running = await describe(runtime, roles, api?.address);
      runtime.log.info({ roles, ...(api ? { address: api.address } : {}) }, 'running');
      onReady?.(running);
    }
  } catch (error) {
    await api?.close();
    await runtime.close();
    throw error;
  }
  return untilStopped(runtime, stop);
}

async function describe(runtime: Runtime, roles: readonly string[], address: string | undefined): Promise<Running> {
  const { config } = runtime;
  const sandbox = await runtime.sandbox();
  return {
    pid: process.pid,
    roles: [...roles],
    address: address ?? null,
    redis: config.redis.url === undefined ? null : nameOf(config),
    channels: config.channels.map(({ id, platform, account: accountId }) => {
      const account = accountOf(config, accountId);
      const apiRoot = account.sandbox ? sandbox?.root(platform) : account.apiRoot;
      return { id, platform, account: accountId, sandbox: account.sandbox, apiRoot: apiRoot ?? null };
    }),
  };
}
