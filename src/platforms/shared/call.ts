import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call } from '../../core/platform.ts';

/** What travels with one call through an SDK that has no place for it. */
export interface CallState extends Call {
  /** Requests whose first byte may have left. More than one would be a second post. */
  requests: number;
  /** What `beforeWrite` threw: then nothing was sent. */
  refusal?: unknown;
}

export const calls = new AsyncLocalStorage<CallState>();

/**
 * To be called by the last hook that a client gives before it writes. Throws what `beforeWrite` throws, and refuses a
 * second request within one call (a redirect or a client's own retry).
 */
export function aboutToWrite(call: CallState): void {
  if (call.requests > 0) throw new Error('the server redirected the request; it was not repeated');
  try {
    call.beforeWrite?.();
  } catch (error) {
    call.refusal = error;
    throw error;
  }
  call.requests += 1;
}

/** Runs `work` as one call. What `beforeWrite` threw comes out as it was. */
export async function asCall<T>(call: Call, work: (state: CallState) => Promise<T>): Promise<T> {
  const state: CallState = { ...call, requests: 0 };
  try {
    return await calls.run(state, () => work(state));
  } catch (error) {
    throw state.refusal ?? error;
  }
}
