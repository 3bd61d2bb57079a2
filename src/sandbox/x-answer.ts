import type { SandboxAnswer } from './simulation.ts';

const problems = 'https://api.x.com/2/problems';

/** A refusal in X's form (X API, response codes). */
export function problem(status: number, title: string, detail: string, type = 'about:blank'): SandboxAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    json: { title, detail, type, status },
  };
}

export function invalid(detail: string): SandboxAnswer {
  return problem(400, 'Invalid Request', detail, `${problems}/invalid-request`);
}

export function forbidden(detail = 'You are not permitted to perform this action.'): SandboxAnswer {
  return problem(403, 'Forbidden', detail);
}

export function missing(detail: string): SandboxAnswer {
  return problem(404, 'Not Found Error', detail, `${problems}/resource-not-found`);
}

/** A success, with the headers of a limit that is never reached. */
export function found(json: unknown, status = 200): SandboxAnswer {
  return { status, headers: limitHeaders(99, 900), json };
}

/** Headers of the current window: what remains in it of how many, and seconds to its end. */
export function limitHeaders(remaining: number, seconds: number, limit = 100): Record<string, string> {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(Math.ceil(Date.now() / 1000 + seconds)),
  };
}
