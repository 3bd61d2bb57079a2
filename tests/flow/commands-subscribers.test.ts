import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, startApi } from '../../src/desk/server.ts';
import { whatsapp } from '../../src/platforms/whatsapp.ts';
import { configText, createFolder, json } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const account = 'whatsapp-main';
const subscriptions = {
  topics: { sports: { words: ['رياضة'] }, economy: { words: ['اقتصاد'] } },
  defaultCountry: 'SY',
};
let at: Installation;
let api: Api;
let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;

beforeAll(async () => {
  at = await openInstallation((given) => {
    const one = given.accounts[account];
    if (one) one.settings = whatsapp.account.parse({ ...one.settings, subscriptions });
    return given;
  });
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
  folder = await createFolder();
  const accounts = { [account]: { platform: 'whatsapp', subscriptions } };
  const channels = [{ id: 'whatsapp-ar', account, subscribers: true }];
  config = await folder.write('munadi.yaml', configText({ data: at.config.dataDir, accounts, channels }));
});
afterAll(async () => {
  await at.close();
  await folder.remove();
});
afterEach(() => at.runtime.redis.flushall());

const munadi = (...args: string[]) => executeHere(['subscribers', ...args, '--config', config]);
const [phone, other] = ['+963944123456', '+963944123457'];
const proof = ['--how', 'form on the site', '--at', '2026-05-01'];
const person = (number = phone) => at.runtime.people.get(account, number.slice(1));

describe('subscribers', () => {
  it('are added with proof of consent, counted, and stopped', async () => {
    const added = await munadi('add', phone, '0944 123 457', ...proof, '--topics', 'رياضة', '--language', 'en');
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining(`${phone}  subscribed`) });
    expect(await person()).toMatchObject({ topics: ['sports'], language: 'en', how: 'form on the site' });
    expect((await munadi('stop', phone)).code).toBe(0);
    expect(json(await munadi('--json'))).toEqual([{ account, open: true, subscribed: 1, stopped: 1, known: 0 }]);
    expect((await munadi()).stdout).toMatch(/whatsapp-main\s+1\s+1\s+0/);
    // A stop holds against consent from before.
    const again = await munadi('add', phone, ...proof);
    expect(again).toMatchObject({ code: 1, stdout: expect.stringContaining('stopped  told something later') });
  });

  it.each([
    [['add', '+963', ...proof], 'no number of any country'],
    [['add', phone], '--at: there is no time of consent'],
    [['add', phone, '--at', '2026-05-01'], '--how: there is no proof'],
    [['add', phone, ...proof, '--topics', 'sport'], '--topics: there is no topic "sport". Did you mean "sports"?'],
    [['stop'], 'Name a number'],
    [['stop', phone, '--how', 'x'], '--how says nothing to "subscribers stop"'],
    [['invite'], 'Expected one of list, add, import'],
    [['list', '--account', 'x-main'], 'expected one of whatsapp-main'],
    [['import'], 'Name one file'],
    [['import', '/nowhere.csv'], 'there is none of that name'],
  ])('%s is refused: %s', async (args, why) => {
    const refused = await munadi(...args);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
    expect(await at.runtime.people.counts(account)).toMatchObject({ subscribed: 0 });
  });

  it('are forgotten, with their other name, and all that is kept of one is shown before', async () => {
    const events = [
      { who: phone.slice(1), alias: 'SY.1234567', act: 'start' as const, atMs: 1_700_000_000_000, how: 'x' },
    ];
    await at.runtime.people.tell(account, events);
    expect(json(await munadi('export', phone))).toMatchObject([
      { account, who: phone.slice(1), consent: 'subscribed', how: 'x', otherName: 'SY.1234567', lists: [] },
    ]);
    expect(await munadi('forget', 'SY.1234567')).toMatchObject({ code: 0 });
    expect(await munadi('forget', phone)).toMatchObject({ code: 1, stdout: expect.stringContaining('was not known') });
    expect(await munadi('export', phone)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is kept'),
    });
  });
});

describe('the metrics', () => {
  it('tell how many people each account has', async () => {
    await munadi('add', phone, other, ...proof);
    await munadi('stop', other);
    const metrics = await (await fetch(`${api.address}/metrics`)).text();
    expect(metrics).toContain('munadi_subscribers{account="whatsapp-main",state="subscribed"} 1');
    expect(metrics).toContain('munadi_subscribers{account="whatsapp-main",state="stopped"} 1');
  });
});

describe('a list in CSV', () => {
  const rows = `number,at,how,topics,language
${phone},2026-05-01T14:30:00+03:00,form,sports,ar
${other},2026-05-01,fair,,
`;

  it('names the topics for which the account has no room', async () => {
    const topics = Array.from({ length: 30 }, (_, n) => `once-${n}`);
    await at.runtime.people.tell(account, [{ who: '963944999999', act: 'start', topics }]);
    const file = await folder.write('full.csv', rows);
    const full = await munadi('import', file);
    expect(full).toMatchObject({ code: 1, stdout: expect.stringContaining('2 people are subscribed') });
    expect(full.stderr).toContain('There is no room for sports');
    expect(json(await munadi('import', file, '--json'))).toMatchObject({ noRoomFor: ['sports'] });
  });

  it('is imported, again without harm, and leaves those alone who have stopped since', async () => {
    const file = await folder.write('list.csv', rows);
    expect((await munadi('import', file)).stdout).toContain('2 people are subscribed to whatsapp-main');
    expect((await munadi('import', file)).stdout).toContain('2 are as they were.');
    await munadi('stop', phone);
    expect(json(await munadi('import', file, '--json'))).toMatchObject({
      rows: 2,
      stayStopped: 1,
      unchanged: 1,
      bad: 0,
    });
    expect(await person()).toMatchObject({ consent: 'stopped' });
  });

  it('with bad rows is refused whole, each named, or without them by --skip-bad', async () => {
    const file = await folder.write('bad.csv', `${rows}+96394,2026-05-01,form,,\n${phone},2026-05-01,form,,\n`);
    const refused = await munadi('import', file);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /bad\.csv:4: number: …394 is no number[\s\S]*bad\.csv:5: number: the same person as in line 2[\s\S]*Nothing was imported: 2 of 4 rows/,
    );
    expect(refused.stderr).not.toContain('963944123456');
    expect(await person()).toBeUndefined();
    const skipped = await munadi('import', file, '--skip-bad');
    expect(skipped).toMatchObject({ code: 0, stdout: expect.stringContaining('2 bad rows were left out.') });
    expect(await at.runtime.people.counts(account)).toMatchObject({ subscribed: 2 });
  });

  it('in another encoding, or without column names, says how to write it', async () => {
    const bytes = await folder.write('x.csv', '');
    await writeFile(bytes, Buffer.from([0x6e, 0xc7, 0x0a]));
    expect((await munadi('import', bytes)).stderr).toContain('CSV UTF-8');
    const file = await folder.write('y.csv', `${phone},2026-05-01,form\n`);
    expect((await munadi('import', file)).stderr).toContain('The first line names no column');
  });

  it('that was exported is imported again as it was, stops and all', async () => {
    const file = await folder.write('list.csv', rows);
    await munadi('import', file);
    await at.runtime.people.tell(account, [{ who: '963944123458', act: 'none', isInbound: true, atMs: Date.now() }]);
    await munadi('add', '+963944123459', ...proof, '--topics', 'عاجل');
    await munadi('stop', other);
    const before = await Promise.all([person(), person(other), person('+963944123459')]);
    const out = join(folder.path, 'out.csv');
    expect(await munadi('export', '--to', out)).toMatchObject({ code: 0, stderr: expect.stringContaining('4 people') });
    expect((await munadi('export', '--to', out)).stderr).toContain('it is there already');
    const text = await readFile(out, 'utf8');
    expect(text.split('\n')[0]).toBe('number,at,how,topics,language,state,id');
    expect((await munadi('export')).stdout).toBe(text);
    await at.runtime.redis.flushall();
    expect((await munadi('import', out)).stdout).toContain('1 are stopped, as the list says.');
    expect(await Promise.all([person(), person(other), person('+963944123459')])).toEqual(before);
    expect(await at.runtime.people.counts(account)).toEqual({ subscribed: 2, stopped: 1, known: 1 });
  });
});

describe('the API', () => {
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${api.address}/api/subscribers${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return {
      status: answer.status,
      allow: answer.headers.get('allow'),
      body: (await answer.json()) as Record<string, unknown>,
    };
  };
  const row = { number: phone, at: '2026-05-01', how: 'form', topics: ['sports'], language: 'ar' };

  it('takes one or many, tells of one, stops and forgets', async () => {
    expect(await ask('POST', '', row)).toMatchObject({
      status: 200,
      body: {
        account,
        subscribers: [{ who: phone.slice(1), consent: 'subscribed', topics: ['sports'], verdict: 'changed' }],
      },
    });
    const many = { subscribers: [row, { ...row, number: other }] };
    expect((await ask('POST', '', many)).body.subscribers).toMatchObject([{ verdict: 'same' }, { verdict: 'changed' }]);
    expect(await ask('GET', '')).toMatchObject({ status: 200, body: { accounts: [{ account, subscribed: 2 }] } });
    expect(await ask('POST', `/${encodeURIComponent(phone)}/stop`)).toMatchObject({ body: { consent: 'stopped' } });
    expect(await ask('GET', `/${phone.slice(1)}`)).toMatchObject({
      status: 200,
      body: { consent: 'stopped', how: 'by the newsroom' },
    });
    expect((await ask('POST', '', row)).body.subscribers).toMatchObject([{ verdict: 'late', consent: 'stopped' }]);
    expect(await ask('DELETE', `/${phone.slice(1)}`)).toMatchObject({ status: 200, body: { forgotten: true } });
    expect((await ask('DELETE', `/${phone.slice(1)}`)).status).toBe(404);
    expect((await ask('GET', `/${phone.slice(1)}`)).status).toBe(404);
  });

  it.each<[string, unknown, number, string]>([
    ['without proof', { ...row, how: '' }, 422, 'how: there is no proof'],
    ['without a time', { ...row, at: undefined }, 422, 'at: there is no time'],
    ['with a bad row among good ones', { subscribers: [row, { ...row, number: '12' }] }, 422, 'subscribers[1].number'],
    ['with a stray key', { ...row, phone: 1 }, 422, 'phone: not a known key'],
    ['with a number that is none', { ...row, number: 963944123456 }, 422, 'number: expected text'],
    ['of nobody', { subscribers: [] }, 422, 'expected 1 to 1000'],
  ])('refuses a body %s', async (_, body, status, why) => {
    const answer = await ask('POST', '', body);
    expect(answer).toMatchObject({ status, body: { error: { message: expect.stringContaining(why) } } });
    expect(await at.runtime.people.counts(account)).toMatchObject({ subscribed: 0 });
  });

  it('says which methods there are', async () => {
    expect((await ask('PUT', '')).allow).toBe('GET, HEAD, POST');
    expect((await ask('PUT', '/963944123456')).allow).toBe('GET, HEAD, DELETE');
    expect((await ask('PUT', '/963944123456/stop')).allow).toBe('POST');
    expect((await ask('GET', '/12')).status).toBe(422);
    expect((await ask('GET', '/963944123456?account=x-main')).status).toBe(404);
  });
});
