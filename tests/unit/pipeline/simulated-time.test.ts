import { describe, expect, it } from 'vitest';
import { createSimulatedTime } from '../../../src/pipeline/simulated-time.ts';

const start = 1_000;

function openTime() {
  const seen: string[] = [];
  const moves: number[] = [];
  const time = createSimulatedTime(start, async (nowMs) => void moves.push(nowMs));
  const say = (what: string) => void seen.push(`${time.now()} ${what}`);
  return { time, seen, moves, say };
}

describe('simulated time', () => {
  it('has work begin by its time, then by rank, then in the order given', async () => {
    const { time, seen, moves, say } = openTime();
    time.at(3_000, 10, async () => say('late'));
    time.at(2_000, 10, async () => say('normal'));
    time.at(2_000, 100, async () => say('low'));
    time.at(2_000, 1, async () => say('breaking'));
    time.at(2_000, 10, async () => say('normal too'));
    await time.pass(5_000);
    expect(seen).toEqual(['2000 breaking', '2000 normal', '2000 normal too', '2000 low', '3000 late']);
    expect(moves).toEqual([2_000, 3_000, 5_000]);
  });

  it('does one piece of work at a time, until it waits', async () => {
    const { time, seen, say } = openTime();
    const work = (name: string) => async () => {
      say(`${name} begins`);
      await Promise.resolve();
      say(`${name} waits`);
      await time.wait(500);
      say(`${name} ends`);
    };
    time.at(2_000, 1, work('one'));
    time.at(2_000, 1, work('other'));
    time.at(2_500, 1, async () => say('third'));
    await time.pass(5_000);
    expect(seen).toEqual([
      '2000 one begins',
      '2000 one waits',
      '2000 other begins',
      '2000 other waits',
      '2500 one ends',
      '2500 other ends',
      '2500 third',
    ]);
  });

  it('goes no further than asked, and on from there; what is over begins at once', async () => {
    const { time, seen, say } = openTime();
    time.at(4_000, 1, async () => say('later'));
    await time.pass(3_000);
    expect(seen).toEqual([]);
    expect(time.now()).toBe(3_000);
    time.at(2_000, 1, async () => say('at once'));
    await time.pass(4_000);
    expect(seen).toEqual(['3000 at once', '4000 later']);
  });

  it('ends with what its work throws, also after a wait, and at a stop', async () => {
    const { time, seen, say } = openTime();
    const stop = new AbortController();
    time.at(2_000, 1, async () => {
      say('begins');
      await time.wait(10);
      throw new Error('broken');
    });
    time.at(3_000, 1, async () => {
      say('stops');
      stop.abort();
    });
    time.at(4_000, 1, async () => say('never'));
    await expect(time.pass(5_000)).rejects.toThrow('broken');
    await time.pass(5_000, stop.signal);
    expect(seen).toEqual(['2000 begins', '3000 stops']);
    expect(time.now()).toBe(3_000);
  });
});
