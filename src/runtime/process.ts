import type { Config } from '../config/config.ts';
import { startApi } from '../desk/server.ts';
import { openRuntime, type Runtime } from './open.ts';
import { startRoles } from './roles.ts';
import { untilStopped } from './shutdown.ts';

/** Runs roles in this process until it is told to stop. Resolves to the exit code. */
export async function runRoles(
  config: Config,
  roles: readonly string[],
  {
    service = false,
    onReady,
  }: { service?: boolean; onReady?: (runtime: Runtime, address: string | undefined) => void } = {},
): Promise<number> {
  const runtime = await openRuntime(config, { service });
  try {
    await startRoles(runtime, roles);
    const address = roles.includes('api') ? await startApi(runtime) : undefined;
    runtime.log.info({ roles, ...(address ? { address } : {}) }, 'running');
    onReady?.(runtime, address);
  } catch (error) {
    await runtime.close();
    throw error;
  }
  return untilStopped(runtime);
}
