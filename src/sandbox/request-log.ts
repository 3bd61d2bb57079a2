/** A request that reached a simulated platform. `status` null: the connection was reset, or is left without answer. */
export interface LoggedRequest {
  at: string;
  method: string;
  endpoint: string;
  status: number | null;
  /** True where it put a post on record. */
  accepted: boolean;
}

/** How many of the newest requests are kept; counts go on. */
const kept = 1_000;
/** Addresses that a platform does not know are counted together once so many different ones have come. */
const maxEndpoints = 200;

/** Counts requests by endpoint, and keeps the newest. */
export interface RequestLog {
  add(request: Omit<LoggedRequest, 'at'>): void;
  read(): { counts: Record<string, number>; requests: LoggedRequest[] };
  clear(): void;
}

export function createRequestLog(): RequestLog {
  const counts = new Map<string, number>();
  let requests: LoggedRequest[] = [];
  return {
    add(request) {
      const key = counts.has(request.endpoint) || counts.size < maxEndpoints ? request.endpoint : 'other';
      counts.set(key, (counts.get(key) ?? 0) + 1);
      requests.push({ at: new Date().toISOString(), ...request });
      if (requests.length > 2 * kept) requests = requests.slice(-kept);
    },
    read: () => ({ counts: Object.fromEntries(counts), requests: requests.slice(-kept) }),
    clear() {
      counts.clear();
      requests = [];
    },
  };
}
