import { describe, expect, it } from 'vitest';
import { createLimits } from '../../../src/sandbox/limits.ts';

const open = () =>
  createLimits({
    chat: { rates: ['1/1s', '3/10s'] },
    bot: { rates: ['30/1s'] },
    people: { rates: ['2/24h'], unique: true },
  });
const of = (chat: string) => ({ chat: { scope: chat }, bot: { scope: 'one' } });

describe('limits of a platform', () => {
  it('are off until they are switched on, and name the one that takes longest to be free', () => {
    const own = open();
    expect(own.check(of('a'), 1)).toBeUndefined();
    own.grant(of('a'), 1);
    expect(own.figures()).toEqual({ on: false, crowd: 0, requests: 0, refused: 0, scopes: [] });
    expect(own.put({ on: true })).toBeUndefined();
    for (const now of [1_000, 2_000, 3_000]) {
      expect(own.check(of('a'), now)).toBeUndefined();
      own.grant(of('a'), now);
    }
    expect(own.check(of('a'), 3_500)).toEqual({ rate: 'chat', scope: 'a', count: 3, waitMs: 7_500 });
    expect(own.check(of('b'), 3_500)).toBeUndefined();
    expect(own.figures()).toMatchObject({
      ...{ on: true, requests: 5, refused: 1 },
      scopes: [
        { rate: 'chat', count: 1, perMs: 1_000, granted: 3, refused: 1, firstAt: 1_000, lastAt: 3_000, most: 1 },
        { rate: 'chat', count: 3, perMs: 10_000, granted: 3, refused: 1, most: 3 },
        { rate: 'bot', count: 30, granted: 3, refused: 0 },
      ],
    });
  });

  it('tell what share of the permitted was used: count × span / perMs, to one interval after the last', () => {
    const own = open();
    own.put({ on: true, rates: { chat: ['2/1s'], bot: [] } });
    for (const now of [1_000, 1_500, 2_500, 3_500]) own.grant(of('a'), now);
    // Six are permitted in 2,500 ms and the interval of 500.
    expect(own.figures().scopes).toMatchObject([{ granted: 4, used: 4 / 6 }]);
    own.put({ on: true, rates: { chat: ['4/1s'], bot: [] } });
    for (const now of [1_000, 1_000, 1_000]) own.grant(of('a'), now);
    expect(own.figures().scopes).toMatchObject([{ granted: 3, used: 3 }]);
  });

  it('hold other rates, several of one name, or none; the shortest is what headers tell of', () => {
    const own = open();
    own.put({ on: true, rates: { chat: ['5/1m', '2/1s'], bot: [] } });
    own.grant(of('a'), 1_000);
    expect(own.left('chat', 'a', 1_000)).toEqual({ left: 1, count: 2, renewedMs: 1_000 });
    expect(own.left('chat', 'new', 1_000)).toEqual({ left: 2, count: 2, renewedMs: 1_000 });
    expect(own.left('bot', 'one', 1_000)).toBeUndefined();
    expect(own.figures().scopes.map(({ rate }) => rate)).toEqual(['chat', 'chat']);
  });

  it('keep no scope of which nothing was accepted', () => {
    const own = open();
    own.put({ on: true });
    for (let n = 0; n < 100; n += 1) own.check(of(`chat-${n}`), 1_000);
    expect(own.figures()).toMatchObject({ requests: 100, refused: 0, scopes: [] });
  });

  it('keep their figures when switched off, begin anew when switched on, and forget all when reset', () => {
    const own = open();
    own.put({ on: true, crowd: 0.5 });
    own.grant(of('a'), 1_000);
    own.put({ on: false });
    expect(own.check(of('a'), 1_001)).toBeUndefined();
    own.grant(of('a'), 1_001);
    expect(own.left('chat', 'a', 1_001)).toBeUndefined();
    expect(own.figures()).toMatchObject({ on: false, crowd: 0.5, requests: 0, scopes: [{ granted: 1 }, {}, {}] });
    own.put({ on: true });
    expect(own.figures()).toMatchObject({ on: true, crowd: 0, scopes: [] });
    own.grant(of('a'), 2_000);
    own.reset();
    expect(own.figures()).toEqual({ on: false, crowd: 0, requests: 0, refused: 0, scopes: [] });
  });

  it('count people by their own name, and show neither them nor the scope', () => {
    const own = open();
    own.put({ on: true, rates: { chat: [], bot: [] } });
    const to = (member: string) => ({ people: { scope: '1000000001', member } });
    for (const person of ['963900000001', '963900000002']) own.grant(to(person), 1_000);
    expect(own.check(to('963900000001'), 2_000)).toBeUndefined();
    expect(own.check(to('963900000003'), 2_000)).toMatchObject({ rate: 'people', waitMs: 86_399_000 });
    expect(JSON.stringify(own.figures())).not.toMatch(/9639000|1000000001/);
    expect(own.figures().scopes[0]?.scope).toMatch(/^[0-9a-f]{10}$/);
  });

  it('say what is wrong with a plan, and leave what holds as it was', () => {
    const own = open();
    own.put({ on: true, crowd: 0.2 });
    const wrong: [unknown, RegExp][] = [
      [undefined, /object/],
      [{}, /boolean/],
      [{ on: 1 }, /boolean/],
      [{ on: true, crowd: 1 }, /0\.95/],
      [{ on: true, limit: {} }, /limit/],
      [{ on: true, rates: { chat: ['2 a second'] } }, /expected COUNT\/DURATION such as "20\/1m"/],
      [{ on: true, rates: { chat: ['0/1s'] } }, /expected COUNT/],
      [{ on: true, rates: { chat: '1/1s' } }, /array/],
      [{ on: false, rates: { group: ['1/1s'] } }, /no limit group here; there are chat, bot, people/],
    ];
    for (const [given, message] of wrong)
      expect(JSON.stringify(own.put(given)).replaceAll('\\"', '"')).toMatch(message);
    expect(own.figures()).toMatchObject({ on: true, crowd: 0.2 });
  });
});
