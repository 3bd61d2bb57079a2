import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { RequestBody } from './body.ts';
import type { FaultPlan, RequestKind } from './faults.ts';
import type { Counted, Documented, Limits, TooEarly } from './limits.ts';
import type { SandboxPost } from './post.ts';
import type { SandboxRecord } from './record.ts';

/** A request to a simulated platform, parsed. */
export interface SandboxRequest extends RequestBody {
  method: string;
  /** Without query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

export interface SandboxAnswer {
  status: number;
  headers?: Record<string, string>;
  json: unknown;
}

/** What a request is about, before it is handled. */
export interface RequestClass {
  kind: RequestKind;
  /** Chat, person or page. */
  target: string | undefined;
  /** For the list of requests; holds no token and no id. */
  endpoint: string;
}

/** How a refusal is asked for: by status, and a code or a wait (seconds) where given. */
export interface Refusal {
  status: number;
  code?: number | string | undefined;
  retryAfter?: number | undefined;
}

/** What one platform brings: its rules, and how it says no. */
export interface Simulation {
  platform: string;
  classify(request: SandboxRequest): RequestClass;
  handle(request: SandboxRequest): SandboxAnswer;
  /** The documented limits, held while `PUT /_sandbox/limits` says so. */
  limits: Documented;
  /** Whose limits a request counts against that publishes or changes something. */
  counted(request: SandboxRequest): Counted;
  /** The platform's own answer to a request that comes too early. */
  tooEarly(early: TooEarly): SandboxAnswer;
  /** Headers that tell of the limits, on every answer but that of `tooEarly`; none while limits are off. */
  usage?(request: SandboxRequest, limits: Limits): Record<string, string>;
  /** What `PUT /_sandbox/settings` takes; nothing where absent. */
  settings?: z.ZodType;
  /** The platform's own form of a refusal. */
  refusal(refusal: Refusal): SandboxAnswer;
  expiredToken(): SandboxAnswer;
  /** Addresses under `/_sandbox` that only this platform has; undefined where this is none of them. */
  door?(request: Pick<SandboxRequest, 'method' | 'path' | 'fields'>): SandboxAnswer | undefined;
  /** Forgets what it remembers beside the record, and sends nothing more of what went before. */
  reset?(): void;
  close?(): void;
}

/** What a simulation works with. */
export interface SandboxSite {
  record: SandboxRecord;
  /** Base address. */
  root(): string;
  plan(): FaultPlan;
  /** Whether the platform's lists show the post by now: `readLagMs` of the plan. */
  isListed(post: Pick<SandboxPost, 'at'>): boolean;
  /** Puts a post on record. */
  accept(post: Omit<SandboxPost, 'at' | 'url' | 'platform'>): SandboxPost;
  /** Extra switches of the platform: `PUT /_sandbox/settings`. */
  settings: Record<string, unknown>;
}
