import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openRuntime, type Runtime } from '../../src/runtime/open.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { configText, createFolder, json, run, start } from '../support/command.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';
import { app, call, openXLoginStage, type XLoginStage } from '../support/x-login.ts';

// Each process costs a second or several on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let at: Installation;
let stage: XLoginStage;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  at = await openInstallation();
  stage = openXLoginStage(at);
  folder = await createFolder();
});
beforeEach(() => at.sandbox.reset());
afterAll(async () => {
  await at.close();
  await folder.remove();
});

describe('in workers', () => {
  it('a refused token costs an attempt, and the post goes out once; no log or history shows a token', async () => {
    at.sandbox.setSettings('x', { givenTokensOnly: true });
    const settings = { refreshToken: stage.login(), accessToken: '77-taken-back' };
    const config = { ...at.config, accounts: { ...at.config.accounts, 'x-main': stage.accountOf(settings) } };
    const said: string[] = [];
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
    const runtimes = await Promise.all([1, 2].map(() => openRuntime(config, { logLevel: 'debug' })));
    try {
      for (const runtime of runtimes) await startRoles(runtime, ['x', 'articles']);
      const [runtime] = runtimes as [Runtime];
      const { deliveries } = await ingest(runtime.ingest, draftArticle(), { channels: ['x-ar'] });
      const ids = deliveries.map(({ id }) => id);
      expect(await follow(runtime, ids, { timeoutMs: 20_000 })).toMatchObject([{ state: 'published', attempts: 2 }]);
      expect(await stage.counts()).toEqual({ renewals: 1, posted: 1, refused: 1 });
      const [key = ''] = await runtime.redis.keys('munadi:tokens:*');
      const stored = await runtime.redis.hmget(key, 'accessToken', 'refreshToken');
      const tokens = [...Object.values(settings), ...stored].map(String);
      for (const one of runtimes) {
        // It may not have had them yet.
        await one.publisher('x-main').identify(call());
        one.log.warn({ tokens }, `a careless line with ${tokens.join(' ')}`);
      }
      const history = JSON.stringify(await runtime.deliveries.history(ids[0] ?? ''));
      expect(history).toContain('it is renewed');
      const log = said.join('');
      expect(log).toContain('a careless line');
      for (const token of tokens) expect(log + history).not.toContain(token);
    } finally {
      await Promise.all(runtimes.map((runtime) => runtime.close()));
      spy.mockRestore();
    }
  });
});

describe('in processes', () => {
  interface Report {
    ok: boolean;
    checks: { name: string; result: string; detail: string }[];
  }

  const configFile = (name: string, settings: Record<string, string>) =>
    folder.write(
      name,
      configText({
        data: at.config.dataDir,
        accounts: { 'x-main': { platform: 'x', apiRoot: at.sandbox.roots.x, ...app, ...settings } },
        channels: [{ id: 'x-ar', account: 'x-main' }],
      }),
    );
  const check = (file: string) => run(['check', '--config', file, '--json'], { cwd: folder.path });
  const findings = async (file: string) => {
    const ended = await check(file);
    const found = (name: string) => json<Report>(ended).checks.find((one) => one.name === name);
    return { ...ended, account: found('account x-main'), tokens: found('tokens x-main') };
  };

  it('that come together, one fetches tokens for all, and the check says that they are renewed', async () => {
    const refreshToken = stage.login();
    const file = await configFile('renewed.yaml', { refreshToken });
    for (const { code, account, tokens, stdout, stderr } of await Promise.all([1, 2, 3].map(() => findings(file)))) {
      expect(account).toMatchObject({ result: 'ok', detail: 'x, LIVE as @munadi_sandbox' });
      expect(tokens).toMatchObject({ result: 'ok', detail: expect.stringContaining('renewed by Munadi') });
      expect(code).toBe(0);
      expect(stdout + stderr).not.toContain('77-sandbox-');
    }
    expect((await stage.counts()).renewals).toBe(1);
  });

  it('the check warns of an account whose token nothing renews', async () => {
    const file = await configFile('ending.yaml', { accessToken: '77-ends-soon' });
    expect(await findings(file)).toMatchObject({
      code: 0,
      account: { result: 'ok' },
      tokens: { result: 'warning', detail: expect.stringContaining('ends two hours after the login') },
    });
  });

  it('one that is killed while X answers has lost the tokens, and the next says so', async () => {
    const refreshToken = stage.login();
    const file = await configFile('killed.yaml', { refreshToken });
    at.sandbox.setFaults('x', {
      rules: [{ on: 'any', path: '/oauth2/token', times: 1, fault: { kind: 'hang', accept: true } }],
    });
    const killed = start(['check', '--config', file], { cwd: folder.path });
    await expect.poll(async () => (await stage.counts()).renewals, { timeout: 60_000 }).toBe(1);
    await killed.stop('SIGKILL');
    expect((await findings(file)).account).toMatchObject({
      result: 'failed',
      detail: expect.stringContaining('was not renewed in time'),
    });
    // As a minute does.
    await at.runtime.redis.del(await at.runtime.redis.keys('munadi:tokens:*:lock'));
    expect((await findings(file)).account).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(/was never stored, and the tokens it brought are lost\. Log in again/),
    });
  });
});
