import { describe, expect, it } from 'vitest';
import { networkFailure, waitFor } from '../../../src/platforms/shared/failures.ts';
import { createScrub, openScrub } from '../../../src/text/scrub.ts';

const failed = (code: string, written: boolean) =>
  networkFailure(Object.assign(new Error(`connect ${code}`), { code }), {
    platform: 'Telegram',
    call: { signal: new AbortController().signal, requests: 1, written },
    scrub: (text) => text,
  });

describe('a network failure', () => {
  it('is judged by whether the connection stood, not by its name', () => {
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'EPROTO', 'ETIMEDOUT']) {
      expect(failed(code, false)).toMatchObject({ failure: 'unavailable', code });
      expect(failed(code, true)).toMatchObject({ failure: 'unconfirmed', code });
    }
  });
});

describe('a wait', () => {
  it('lasts at least a second and at most a day, whatever the server says', () => {
    const wait = (seconds: number | undefined) =>
      waitFor('wait', { seconds, fallbackMs: 5_000, scope: 'chat', code: 429 }).retryAfterMs;
    expect([wait(undefined), wait(Number.NaN), wait(-3), wait(0), wait(7), wait(1e12)]).toEqual([
      5_000, 5_000, 1_000, 1_000, 7_000, 86_400_000,
    ]);
  });
});

describe('scrubbing', () => {
  it('takes out a secret as it is, as an address has it, and as JSON has it', () => {
    const scrub = createScrub(['se"cr et+1', undefined, '']);
    const seen = ['se"cr et+1', encodeURIComponent('se"cr et+1'), JSON.stringify('se"cr et+1')].join(' | ');
    expect(scrub(seen)).toBe('[secret] | [secret] | "[secret]"');
  });

  it('takes out what comes to be a secret later, of which the oldest are forgotten', () => {
    const { scrub, add } = openScrub(['first-secret']);
    expect(scrub('first-secret, later-secret')).toBe('[secret], later-secret');
    add(['later-secret']);
    expect(scrub('first-secret, later-secret')).toBe('[secret], [secret]');
    for (let index = 0; index < 200; index += 1) add([`token-${index}.`]);
    expect(scrub('first-secret, later-secret, token-0., token-199.')).toBe(
      '[secret], later-secret, [secret], [secret]',
    );
  });
});
