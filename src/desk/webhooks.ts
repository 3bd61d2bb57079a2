import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Platform } from '../core/platform.ts';
import { platforms } from '../platforms/index.ts';
import type { Runtime } from '../runtime/open.ts';
import type { Stores } from '../runtime/stores.ts';

/** Meta sends up to 3 MB at once. */
export const maxWebhookBytes = 4 * 1024 * 1024;

/** Platforms that call us, by id. */
export const webhookPlatforms = Object.values(platforms).filter(({ webhook }) => webhook !== undefined);

/**
 * `GET` (handshake) and `POST /webhooks/PLATFORM` for each platform that calls us. Whoever signs with an account's secret
 * is let in; the body is kept before the answer, and worked on later.
 */
export function registerWebhooks(app: FastifyInstance, runtime: Runtime, stores: Stores): void {
  const complain = createComplaint(runtime);
  for (const platform of webhookPlatforms) {
    const path = `/webhooks/${platform.id}`;
    app.get(path, { config: { signed: true } }, async (request, reply) =>
      shake(runtime, platform, request, reply, complain),
    );
    const options = { bodyLimit: maxWebhookBytes, config: { signed: true, needsStore: true } };
    app.post(path, options, (request, reply) => take(runtime, stores, platform, request, reply, complain));
  }
}

type Complaint = (platform: string, what: string) => void;

/** Strangers may come as often as they like: each complaint is logged once a minute. */
function createComplaint({ log }: Runtime): Complaint {
  const last = new Map<string, number>();
  return (platform, what) => {
    const now = performance.now();
    if (now - (last.get(platform + what) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    last.set(platform + what, now);
    log.warn({ platform }, what);
  };
}

const accountsOf = ({ config }: Runtime, { id }: Platform) =>
  Object.values(config.accounts).filter(({ platform }) => platform === id);

function shake(
  runtime: Runtime,
  platform: Platform,
  { query }: FastifyRequest,
  reply: FastifyReply,
  complain: Complaint,
) {
  const challenge = platform.webhook?.challenge(query as Record<string, unknown>, accountsOf(runtime, platform));
  if (challenge !== undefined) return reply.type('text/plain; charset=utf-8').send(challenge);
  complain(platform.id, 'a webhook handshake did not know the verifyToken of any account');
  return reply.code(403).send({ error: { code: 'forbidden', message: 'This is not the verify token.' } });
}

async function take(
  runtime: Runtime,
  stores: Stores,
  platform: Platform,
  { body, headers }: FastifyRequest,
  reply: FastifyReply,
  complain: Complaint,
) {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  if (!platform.webhook?.isAuthentic(bytes, headers, accountsOf(runtime, platform))) {
    complain(platform.id, 'a webhook was not signed with the appSecret of any account; it was refused');
    return reply.code(401).send({ error: { code: 'unauthorized', message: 'The signature is missing or wrong.' } });
  }
  if (!isJson(bytes)) return reply.code(400).send({ error: { code: 'bad-request', message: 'The body is not JSON.' } });
  await stores.webhooks.add(platform.id, bytes);
  return reply.send({ ok: true });
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
