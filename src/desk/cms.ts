import type { FastifyInstance } from 'fastify';
import type { SourceSetting } from '../core/source.ts';
import { handIn } from '../pipeline/hand-in.ts';
import type { Runtime } from '../runtime/open.ts';
import type { Stores } from '../runtime/stores.ts';
import { readHook } from '../sources/hook.ts';
import { judgeSignature, nameOfCall, type Refused } from '../sources/signature.ts';
import { maxDocumentBytes } from '../sources/source.ts';
import { openCallAnswers } from '../store/call-answers.ts';

type Hook = Exclude<SourceSetting, { kind: 'folder' }>;

const refusals: Record<NonNullable<Refused>, string> = {
  unsigned:
    'The call is not signed: expected X-Munadi-Timestamp and X-Munadi-Signature, or the headers of Standard Webhooks.',
  'bad-time': 'The time of the call is too far off. Set the clock, and sign each call anew.',
  'bad-signature': 'The signature does not fit the body and the secret of this source.',
};

/** `POST /webhooks/cms/:source`: a CMS tells of an article. Whoever signs with the source's secret is let in. */
export function registerCmsHooks(app: FastifyInstance, runtime: Runtime, stores: Stores): void {
  const answers = openCallAnswers(stores.redis, runtime.config.redis.prefix);
  const options = { bodyLimit: maxDocumentBytes, config: { signed: true, needsStore: true } };
  app.post<{ Params: { source: string } }>('/webhooks/cms/:source', options, async (request, reply) => {
    const { source } = request.params;
    const setting = hookOf(runtime, source);
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    // A name that is not there is answered as a wrong signature is: nobody learns which names are.
    const refused = setting
      ? judgeSignature(body, request.headers, { ...setting, nowMs: Date.now() })
      : ('bad-signature' as const);
    if (!setting || refused !== undefined) {
      runtime.log.warn({ source: source.slice(0, 64), refused }, 'a call of a CMS was refused');
      return reply.code(401).send({ error: { code: refused, message: refusals[refused ?? 'bad-signature'] } });
    }
    const call = nameOfCall(source, body, request.headers);
    const before = await answers.answer(call);
    if (before !== undefined) return reply.code(202).type('application/json; charset=utf-8').send(before);
    const document = readHook(body, setting, 'the call');
    const handed = await handIn(stores.intake, { source, traits: setting, document });
    if (handed.verdict === 'refused') {
      return reply.code(422).send({ error: { code: 'refused', message: handed.reason } });
    }
    const kept = await answers.keep(call, JSON.stringify(handed));
    return reply.code(202).type('application/json; charset=utf-8').send(kept);
  });
}

function hookOf({ config }: Runtime, id: string): Hook | undefined {
  const setting = Object.hasOwn(config.sources, id) ? config.sources[id] : undefined;
  return setting && setting.kind !== 'folder' ? setting : undefined;
}
