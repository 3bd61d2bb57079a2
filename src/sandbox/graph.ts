import type { Refusal, SandboxAnswer, SandboxRequest } from './simulation.ts';

/** A refusal in the form of Meta's Graph API. */
export function graphFail(status: number, code: number, message: string, details?: string): SandboxAnswer {
  return {
    status,
    json: {
      error: {
        message,
        type: 'OAuthException',
        code,
        ...(details === undefined ? {} : { error_data: { messaging_product: 'whatsapp', details } }),
        fbtrace_id: 'SandboxTrace0',
      },
    },
  };
}

/** An answer of the Graph API, with the usage header it carries. */
export function graphOk(json: unknown): SandboxAnswer {
  return { status: 200, headers: { 'x-app-usage': '{"call_count":1,"total_cputime":1,"total_time":1}' }, json };
}

/** A refusal that a fault asks for: by its code, or as a throttled call in the platform's own words. */
export function graphRefusal(
  { status, code, retryAfter }: Refusal,
  throttleCode: number,
  throttleMessage: string,
): SandboxAnswer {
  const throttled = status === 429 && code === undefined;
  const answer = throttled
    ? graphFail(400, throttleCode, throttleMessage)
    : graphFail(status === 429 ? 400 : status, Number(code ?? 100), `(#${code ?? 100}) Refused`);
  return retryAfter === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfter) } };
}

/** The answer to a token that was good once (subcode 463: expired). */
export function graphExpired(): SandboxAnswer {
  const message = 'Error validating access token: Session has expired';
  const error = { message, type: 'OAuthException', code: 190, error_subcode: 463, fbtrace_id: 'SandboxTrace0' };
  return { status: 401, json: { error } };
}

/** True where an access token is given, as a header or a parameter. */
export function hasToken({ headers, query, fields }: SandboxRequest): boolean {
  const given =
    headers.authorization?.match(/^(?:Bearer|OAuth) (\S+)$/i)?.[1] ?? query.get('access_token') ?? fields.access_token;
  return typeof given === 'string' && given !== '';
}

const credentials = new Set(['access_token', 'appsecret_proof']);

/** A request's fields, fit for the record. */
export function withoutCredentials(fields: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !credentials.has(name)));
}
