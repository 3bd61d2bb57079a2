import { isLoopback } from './fields.ts';
import type { Report } from './report.ts';
import type { Settings } from './schema.ts';
import { checkSecret } from './secrets.ts';

/** Checks settings that are each right, but perhaps not together. Those that could not be read are absent. */
export function checkTogether({ reliability, http, redis }: Partial<Settings>, report: Report): void {
  if (reliability) checkReliability(reliability, report);
  if (http) checkHttp(http, report);
  if (redis?.url !== undefined) checkRedis(redis.url, report);
}

function checkReliability(
  { lease, requestTimeout, backoff, maxBackoff }: Settings['reliability'],
  report: Report,
): void {
  if (lease < requestTimeout + 5_000) {
    const least = `${Math.ceil((requestTimeout + 5_000) / 1000)}s`;
    report.problem(['reliability', 'lease'], {
      expected: `at least requestTimeout and 5s (${least})`,
      got: `${lease / 1000}s`,
      remedy: `Write lease: ${least}, or shorten requestTimeout: a delivery must not be taken over while it is being sent.`,
    });
  }
  if (maxBackoff < backoff) {
    report.problem(['reliability', 'maxBackoff'], {
      expected: `at least backoff (${backoff / 1000}s)`,
      got: `${maxBackoff / 1000}s`,
      remedy: 'Raise it, or lower backoff.',
    });
  }
}

function checkHttp({ host, token }: Settings['http'], report: Report): void {
  const path = ['http', 'token'];
  const local = isLoopback(host);
  if (token !== undefined) {
    const literal = local ? 'warned' : 'refused';
    checkSecret(token, { path, variable: 'MUNADI_API_TOKEN', literal }, report);
  } else if (!local && !report.isNoted(path)) {
    const [name] = report.unsetAt(path);
    report.problem(path, {
      expected: `a token, since http.host (${report.show(['http', 'host'], host)}) is reachable from other machines`,
      got: name ? `nothing: ${name} is unset` : 'nothing',
      remedy: name
        ? `Set ${name} in the environment, or write host: 127.0.0.1.`
        : 'Add token: "${MUNADI_API_TOKEN}" and set it in the environment, or write host: 127.0.0.1.',
    });
  }
}

function checkRedis(address: string, report: Report): void {
  const path = ['redis', 'url'];
  const url = new URL(address);
  if (!url.password || report.referencesAt(path).length > 0) return;
  if (isLoopback(url.hostname)) {
    report.warn(path, 'a password in the file itself: better move the address to "${REDIS_URL}".');
    return;
  }
  report.problem(path, {
    expected: 'an address with its password from the environment, such as "${REDIS_URL}"',
    got: 'a password in the file itself',
    remedy:
      'Set REDIS_URL in the environment, write "${REDIS_URL}" here, and replace the password where it was published.',
  });
}
