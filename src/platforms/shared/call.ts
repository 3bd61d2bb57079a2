import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call } from '../../core/platform.ts';

/** What travels with one call through an SDK that has no place for it. */
export interface CallState extends Call {
  /** Requests whose first byte may have left. More than one would be a second post. */
  requests: number;
  /** Whether a connection stood for the request: before that, nothing can have been posted. */
  written: boolean;
  /** HTTP status of the answer, once its head is there. */
  status?: number | undefined;
  /** Called where the connection breaks in the middle of the answer, which node-fetch does not always tell. */
  onBroken?: () => void;
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
    call.signal.throwIfAborted();
    call.beforeWrite?.();
  } catch (error) {
    if (!call.signal.aborted) call.refusal = error;
    throw error;
  }
  call.requests += 1;
}

/** Runs `work` as one call. What `beforeWrite` threw comes out as it was. */
export async function asCall<T>(call: Call, work: (state: CallState) => Promise<T>): Promise<T> {
  const state: CallState = { ...call, requests: 0, written: false };
  try {
    return await calls.run(state, () => work(state));
  } catch (error) {
    throw state.refusal ?? error;
  }
}

/** Runs `work`, which publishes nothing and may take several requests: none of them counts as "the" request. */
export function asUpload<T>(signal: AbortSignal, work: (state: CallState) => Promise<T>): Promise<T> {
  const state: CallState = { signal, requests: Number.NEGATIVE_INFINITY, written: false };
  return calls.run(state, () => work(state));
}

/** True for an answer that says yes: a redirect is none, whatever its body holds. */
export function isSuccess({ status }: Pick<CallState, 'status'>): boolean {
  return status !== undefined && status >= 200 && status < 300;
}
