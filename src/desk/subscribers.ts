import type { FastifyInstance } from 'fastify';
import type { PersonEvent, ToldPerson } from '../core/subscriber.ts';
import { type ConsentRow, readConsent } from '../pipeline/consent.ts';
import { allOfPerson, forgetPerson } from '../pipeline/forget-person.ts';
import { type ListAccount, listAccount, listAccounts, openList } from '../runtime/lists.ts';
import type { Runtime } from '../runtime/open.ts';
import type { Stores } from '../runtime/stores.ts';
import { readAddress } from '../text/phone.ts';
import { invalid, readJson } from './answers.ts';

const mostRows = 1_000;
const keys = ['number', 'at', 'how', 'topics', 'language', 'state', 'id'];
const expected =
  'Expected {"number": "+963944123456", "at": "2026-05-01T14:30:00+03:00", "how": "form on the site"}, with "topics" and "language" beside, or {"subscribers": [ … ]}.';

interface Asked {
  Querystring: { account?: string };
}
interface AskedOf extends Asked {
  Params: { who: string };
}

/**
 * `GET` and `POST /api/subscribers`, `GET` and `DELETE /api/subscribers/:who`, `POST /api/subscribers/:who/stop`. The
 * account is the only one that people can subscribe to, or `?account=`.
 */
export function registerSubscriberRoutes(app: FastifyInstance, runtime: Runtime, stores: Stores): void {
  const { people, fanouts, clock } = stores;
  const stored = { config: { needsStore: true } };
  const meant = (account: string | undefined) => listAccount(runtime.config, account, 'account');

  app.get('/api/subscribers', stored, async () => ({
    accounts: await Promise.all(
      listAccounts(runtime.config).map(async ({ id, open }) => ({
        ...{ account: id, open: open !== undefined, ...(await people.counts(id)) },
      })),
    ),
  }));

  app.post<Asked>('/api/subscribers', stored, async (request) => {
    const list = meant(request.query.account);
    const subscriptions = openList(list);
    const body = readJson(request.body as Buffer | undefined, request.headers['content-type'], expected);
    const rows = readRows(body);
    const read = rows.map((row) => readConsent(row, { subscriptions, now: clock.now() }));
    const problems = read.flatMap((one, at) =>
      'problems' in one
        ? one.problems.map((problem) => `${rows.length > 1 ? `subscribers[${at}].` : ''}${problem}`)
        : [],
    );
    if (problems.length > 0) throw invalid('invalid', 422, `Nothing was stored. ${problems.slice(0, 20).join(' ')}`);
    const told = await people.tell(list.id, read as PersonEvent[]);
    return { account: list.id, subscribers: told.map(toResult) };
  });

  app.get<AskedOf>('/api/subscribers/:who', stored, async ({ params, query }, reply) => {
    const list = meant(query.account);
    const all = await allOfPerson({ people, fanouts }, list.id, readWho(params.who, list));
    return all ?? reply.code(404).send(unknown);
  });

  app.delete<AskedOf>('/api/subscribers/:who', stored, async ({ params, query }, reply) => {
    const list = meant(query.account);
    const isKnown = await forgetPerson(stores, list.id, readWho(params.who, list));
    return isKnown ? { account: list.id, forgotten: true } : reply.code(404).send(unknown);
  });

  app.post<AskedOf>('/api/subscribers/:who/stop', stored, async ({ params, query }) => {
    const list = meant(query.account);
    const who = readWho(params.who, list);
    const [told] = await people.tell(list.id, [{ who, act: 'stop', how: 'by the newsroom' }]);
    return { account: list.id, ...toResult(told as ToldPerson) };
  });
}

const unknown = { error: { code: 'not-found', message: 'Nothing is kept of that person.' } };

function toResult({ person, wasSubscribed: _, ...rest }: ToldPerson) {
  return { ...person, ...rest };
}

function readWho(given: string, { subscriptions }: ListAccount): string {
  // Digits alone are a number with its country code, as `who` has it.
  const read = readAddress(/^\d{7,15}$/.test(given) ? `+${given}` : given, subscriptions.defaultCountry);
  if ('problem' in read) throw invalid('invalid', 422, `who: ${read.problem}`);
  return read.who;
}

/** All as text: lists of topics too. */
function readRows(body: Record<string, unknown>): ConsentRow[] {
  const given = Array.isArray(body.subscribers) ? body.subscribers : [body];
  if (given.length === 0 || given.length > mostRows) {
    throw invalid('invalid', 422, `subscribers: expected 1 to ${mostRows} people, got ${given.length}.`);
  }
  return given.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) throw invalid('invalid', 422, expected);
    const stray = Object.keys(row).find((key) => !keys.includes(key));
    if (stray !== undefined)
      throw invalid('invalid', 422, `${stray}: not a known key. Valid here: ${keys.join(', ')}.`);
    const { topics, ...rest } = row as Record<string, unknown>;
    const values = {
      ...rest,
      ...(Array.isArray(topics) ? { topics: topics.join(',') } : topics === undefined ? {} : { topics }),
    };
    const wrong = Object.entries(values).find(([, value]) => typeof value !== 'string');
    if (wrong) throw invalid('invalid', 422, `${wrong[0]}: expected text.`);
    return { number: '', at: '', how: '', ...(values as Record<string, string>) };
  });
}
