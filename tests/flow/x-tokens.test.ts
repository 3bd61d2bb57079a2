import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Publisher } from '../../src/core/platform.ts';
import type { TokenStore, TokenTurn } from '../../src/core/tokens.ts';
import { x } from '../../src/platforms/x.ts';
import type { FaultPlanInput } from '../../src/sandbox/faults.ts';
import { openTokens } from '../../src/store/tokens.ts';
import { type Installation, openInstallation } from '../support/installation.ts';
import { call, openXLoginStage, type XLoginStage } from '../support/x-login.ts';

let at: Installation;
let stage: XLoginStage;
let store: TokenStore;
const open: Publisher[] = [];

beforeAll(async () => {
  at = await openInstallation();
  stage = openXLoginStage(at);
  const { runtime, config } = at;
  store = openTokens(runtime.connect(), config.redis.prefix, { now: runtime.clock.now, onSecrets() {} });
  await runtime.clock.sync();
});
beforeEach(() => {
  at.sandbox.reset();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((publisher) => publisher.close()));
});
afterAll(() => at.close());

const login = () => stage.login();
const send = (publisher: Publisher, timeoutMs?: number) => stage.send(publisher, timeoutMs);
const counts = () => stage.counts();

function publisherOf(settings: Record<string, string>, tokens = store): Publisher {
  const publisher = x.open(stage.accountOf(settings), { tokens });
  open.push(publisher);
  return publisher;
}

const strike = (fault: NonNullable<FaultPlanInput['rules']>[number]['fault'], times?: number, skip = 0) =>
  at.sandbox.setFaults('x', {
    rules: [{ on: 'any', path: '/oauth2/token', skip, ...(times === undefined ? {} : { times }), fault }],
  });
const settle = (settings: object) => at.sandbox.setSettings('x', settings);

/** A store whose turns go wrong in one way. */
const storeWith = (change: (turn: TokenTurn) => Partial<TokenTurn>): TokenStore => ({
  ...store,
  exclusively: (chain, work, signal) => store.exclusively(chain, (turn) => work({ ...turn, ...change(turn) }), signal),
});

describe('an access token', () => {
  it('that is not there yet is fetched once, however many want it, and is stored before it is used', async () => {
    const refreshToken = login();
    const order: string[] = [];
    const noted = storeWith((turn) => ({
      async save(pair, spent) {
        order.push(`before: ${(await counts()).posted}`);
        const stored = await turn.save(pair, spent);
        order.push('stored');
        return stored;
      },
    }));
    const publishers = Array.from({ length: 6 }, () => publisherOf({ refreshToken }, noted));
    await Promise.all(publishers.flatMap((one) => [send(one), send(one)]));
    expect(await counts()).toEqual({ renewals: 1, posted: 12, refused: 0 });
    expect(order).toEqual(['before: 0', 'stored']);
  });

  it('that has ended is renewed once by all publishers, and no request goes out with the old one', async () => {
    const refreshToken = login();
    settle({ tokenSeconds: 1 });
    const publishers = Array.from({ length: 6 }, () => publisherOf({ refreshToken }));
    await Promise.all(publishers.map((one) => send(one)));
    settle({ tokenSeconds: 7_200 });
    const ended = store.now() + 1_000;
    await expect.poll(() => store.now(), { timeout: 5_000 }).toBeGreaterThan(ended);
    await Promise.all(publishers.flatMap((one) => [send(one), send(one)]));
    expect(await counts()).toEqual({ renewals: 2, posted: 18, refused: 0 });
  });

  it('is renewed ahead of its end, and used on where X cannot renew it just then', async () => {
    const refreshToken = login();
    settle({ tokenSeconds: 6 });
    const publisher = publisherOf({ refreshToken });
    await send(publisher);
    const due = store.now() + 4_600;
    strike({ kind: 'error-before', status: 503 }, 1);
    await expect.poll(() => store.now(), { timeout: 9_000 }).toBeGreaterThan(due);
    await send(publisher);
    expect(await counts()).toEqual({ renewals: 2, posted: 2, refused: 0 });
  }, 20_000);

  it('that X refuses is renewed once for all, and no post is sent twice by itself', async () => {
    settle({ givenTokensOnly: true });
    const settings = { refreshToken: login(), accessToken: '77-taken-back' };
    const publishers = Array.from({ length: 4 }, () => publisherOf(settings));
    const results = await Promise.allSettled(publishers.flatMap((one) => [send(one), send(one)]));
    for (const one of results.filter(({ status }) => status === 'rejected')) {
      expect(one).toMatchObject({ reason: { failure: 'unavailable', code: 'renewed' } });
    }
    const { renewals, posted, refused } = await counts();
    expect([renewals, posted + refused]).toEqual([1, 8]);
    expect(refused).toBe(results.filter(({ status }) => status === 'rejected').length);
    await Promise.all(publishers.map((one) => send(one)));
    expect(await counts()).toMatchObject({ renewals: 1, posted: posted + 4 });
  });

  it('that is refused though it was renewed for that reason is not renewed again', async () => {
    const settings = { refreshToken: login(), accessToken: '77-any' };
    at.sandbox.setFaults('x', { rules: [{ on: 'publish', fault: { kind: 'expired-token' } }] });
    const [one, other] = [publisherOf(settings), publisherOf(settings)];
    await expect(send(one)).rejects.toMatchObject({ failure: 'unavailable', code: 'renewed' });
    for (const publisher of [one, other]) {
      await expect(send(publisher)).rejects.toMatchObject({
        failure: 'unauthorized',
        message: expect.stringContaining('renewed only because the one before was refused'),
      });
    }
    expect((await counts()).renewals).toBe(1);
  });

  it('is renewed for a question that publishes nothing, which is asked again', async () => {
    settle({ givenTokensOnly: true });
    const publisher = publisherOf({ refreshToken: login(), accessToken: '77-taken-back' });
    expect(await publisher.identify(call())).toBe('@munadi_sandbox');
  });
});

describe('a renewal that fails', () => {
  it('because the refresh token is used up says what to do, and asks X once', async () => {
    const refreshToken = login();
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: 'another',
    });
    await fetch(`${at.sandbox.roots.x}/2/oauth2/token`, { method: 'POST', body });
    const publisher = publisherOf({ refreshToken });
    const errors = await Promise.allSettled([send(publisher), send(publisher)]);
    await expect(send(publisher)).rejects.toMatchObject({ failure: 'unauthorized', code: '400' });
    const { reason } = errors[0] as PromiseRejectedResult;
    expect(reason.message).toMatch(/x-main is not taken\. Log in again: .*refreshToken \(docs\/platforms\.md\)/);
    expect(`${reason.stack}${JSON.stringify(reason)}`).not.toContain(refreshToken);
    expect(await counts()).toEqual({ renewals: 2, posted: 0, refused: 0 });
  });

  it.each([
    ['cannot be reached', { kind: 'reset-before' } as const],
    ['has trouble', { kind: 'error-before', status: 503 } as const],
    ['answers no JSON', { kind: 'garbage' } as const],
    ['asks to wait', { kind: 'refuse', status: 429, retryAfter: 1 } as const],
  ])('because X %s sends nothing, and is tried again later', async (_what, fault) => {
    const publisher = publisherOf({ refreshToken: login() });
    strike(fault, 1);
    await expect(send(publisher)).rejects.toMatchObject({
      failure: fault.kind === 'refuse' ? 'rate-limited' : 'unavailable',
    });
    await expect
      .poll(
        () =>
          send(publisher).then(
            () => true,
            () => false,
          ),
        { timeout: 5_000, interval: 200 },
      )
      .toBe(true);
    expect(await counts()).toEqual({ renewals: 2, posted: 1, refused: 0 });
  });

  it('because the app is not the one of the login says so', async () => {
    strike({
      kind: 'refuse',
      status: 401,
      body: { error: 'unauthorized_client', error_description: 'Missing header' },
    });
    await expect(send(publisherOf({ refreshToken: login() }))).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringMatching(/^X: Missing header\. Look whether clientId and clientSecret/),
    });
  });

  it('because its answer is lost says so, once it is known that the tokens are lost with it', async () => {
    const publisher = publisherOf({ refreshToken: login() });
    strike({ kind: 'reset-after' }, 1);
    await expect(send(publisher)).rejects.toMatchObject({ failure: 'unavailable' });
    const again = () => send(publisher).catch((error: { failure: string; message: string }) => error);
    await expect.poll(again, { timeout: 5_000, interval: 200 }).toMatchObject({
      failure: 'unauthorized',
      message: expect.stringContaining('was never stored'),
    });
    expect(await counts()).toEqual({ renewals: 2, posted: 0, refused: 0 });
  });

  it('to be answered in time does not lose the answer', async () => {
    const publisher = publisherOf({ refreshToken: login() });
    strike({ kind: 'delay', ms: 800 }, 1);
    await expect(send(publisher, 200)).rejects.toMatchObject({ failure: 'unavailable', code: 'timeout' });
    await send(publisher);
    expect(await counts()).toEqual({ renewals: 1, posted: 1, refused: 0 });
  });

  it('to be stored is stored later, and nothing is sent before', async () => {
    const settings = { refreshToken: login() };
    let fails = 3;
    const flaky = storeWith((turn) => ({
      save: (pair, spent) => (fails-- > 0 ? Promise.reject(new Error('away')) : turn.save(pair, spent)),
    }));
    const publisher = publisherOf(settings, flaky);
    await expect(send(publisher, 300)).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('renewed, but cannot be stored yet'),
    });
    expect((await counts()).posted).toBe(0);
    await send(publisher);
    await send(publisherOf(settings));
    expect(await counts()).toEqual({ renewals: 1, posted: 2, refused: 0 });
  });

  it('between the answer and the store loses the login, and the error says so; a new one in the configuration heals it', async () => {
    const refreshToken = login();
    const broken = storeWith(() => ({ save: () => Promise.reject(new Error('away')) }));
    const dying = x.open(stage.accountOf({ refreshToken }), { tokens: broken });
    await expect(send(dying, 300)).rejects.toMatchObject({ failure: 'unavailable' });
    await dying.close();
    const next = publisherOf({ refreshToken });
    await expect(send(next)).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringMatching(
        /The renewal begun at 20\S+Z was never stored, and the tokens it brought are lost/,
      ),
    });
    await send(publisherOf({ refreshToken: login() }));
    expect((await counts()).posted).toBe(1);
  }, 15_000);
});

describe('the stored tokens', () => {
  it('count before the configured ones, until another refresh token is configured', async () => {
    const first = { refreshToken: login(), accessToken: '77-first' };
    const second = { refreshToken: login(), accessToken: '78-second' };
    await send(publisherOf({ refreshToken: first.refreshToken }));
    const used = async () => at.sandbox.posts('x').map(({ target }) => target);
    settle({ givenTokensOnly: true });
    await send(publisherOf(first));
    expect(await counts()).toEqual({ renewals: 1, posted: 2, refused: 0 });
    settle({ givenTokensOnly: false });
    await send(publisherOf(second));
    expect(await used()).toEqual(['77', '77', '78']);
    // A process that still has the old configuration goes on with its own.
    await send(publisherOf(first));
    expect(await used()).toEqual(['77', '77', '78', '77']);
    expect((await counts()).renewals).toBe(1);
  });

  it('are stored again by a process that has them, where Redis lost them', async () => {
    const refreshToken = login();
    settle({ tokenSeconds: 1 });
    const publisher = publisherOf({ refreshToken });
    await send(publisher);
    const { redis } = at.runtime;
    const chain = createHash('sha256').update(refreshToken).digest('hex').slice(0, 32);
    const key = `${at.config.redis.prefix}:tokens:${chain}`;
    expect(await redis.del(key)).toBe(1);
    settle({ tokenSeconds: 7_200 });
    const ended = store.now() + 1_000;
    await expect.poll(() => store.now(), { timeout: 5_000 }).toBeGreaterThan(ended);
    await send(publisher);
    await send(publisherOf({ refreshToken }));
    expect(await counts()).toEqual({ renewals: 2, posted: 3, refused: 0 });
    expect(await redis.hget(key, 'number')).toBe('2');
    expect(await redis.pttl(key)).toBeGreaterThan(180 * 86_400_000);
  });
});
