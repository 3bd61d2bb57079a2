import { expect, it } from 'vitest';
import type { ActionPorts, ActionRun } from '../../../src/schedule/action.ts';
import { digest } from '../../../src/schedule/actions/digest.ts';
import { prune } from '../../../src/schedule/actions/prune.ts';
import { report } from '../../../src/schedule/actions/report.ts';
import { reshare } from '../../../src/schedule/actions/reshare.ts';
import { silentPorts } from '../../support/silent-ports.ts';

const at = (iso: string) => Date.parse(iso);

function runOf(settings: Record<string, unknown>, ports: Partial<ActionPorts>): ActionRun {
  return {
    schedule: 'morning',
    timezone: 'Asia/Damascus',
    settings,
    atMs: at('2026-11-28T04:00:00Z'),
    previousMs: at('2026-11-27T04:00:00Z'),
    now: () => at('2026-11-28T04:00:01Z'),
    signal: new AbortController().signal,
    ports: { ...silentPorts, ...ports },
  };
}

it('prune forgets what is older than the retention, or than its own days', async () => {
  const befores: string[] = [];
  const forget = async (beforeMs: number) => {
    befores.push(new Date(beforeMs).toISOString());
    return befores.length;
  };
  expect(await prune.run(runOf({}, { forget }))).toBe('forgot 1 article');
  expect(await prune.run(runOf({ days: 2 }, { forget }))).toBe('forgot 2 articles');
  expect(befores).toEqual(['2026-10-29T04:00:01.000Z', '2026-11-26T04:00:01.000Z']);
});

it('report tells by channel what was published since the tick before, failed, is held and waits', async () => {
  const told: string[] = [];
  const ports = {
    tally: async () => ({
      'telegram-ar': { published: 12, failed: 1, held: 2, waiting: 3 },
      'x-ar': { published: 5, failed: 0, held: 0, waiting: 0 },
      'facebook-ar': { published: 0, failed: 0, held: 0, waiting: 0 },
    }),
    tell: (text: string) => void told.push(text),
  };
  expect(await report.run(runOf({ quiet: false }, ports))).toBe('17 published, 1 failed');
  expect(told[0]?.split('\n')).toEqual([
    '2026-11-27 07:00 to 2026-11-28 07:00 (Asia/Damascus)',
    'telegram-ar: 12 published, 1 failed, 2 held for a person, 3 waiting',
    'x-ar: 5 published',
    'facebook-ar: 0 published',
  ]);
  await report.run(runOf({ quiet: true, channels: ['x-ar', 'facebook-ar'] }, ports));
  expect(told[1]?.split('\n').slice(1)).toEqual(['x-ar: 5 published']);
  await report.run(runOf({ quiet: true, channels: ['facebook-ar'] }, ports));
  expect(told[2]?.split('\n').slice(1)).toEqual(['nothing to report']);
});

it('report fails where it cannot be told, so that it is tried again', async () => {
  const tell = () => Promise.reject(new Error('nobody answers'));
  await expect(report.run(runOf({ quiet: false }, { tell }))).rejects.toThrow('nobody answers');
});

it('digest tells of each channel what it got', async () => {
  const ports = {
    digest: async (channel: string) =>
      ({ a: { entries: 5, left: 2 }, b: { entries: 0, left: 0 } })[channel] ?? never(channel),
  };
  const never = (channel: string): never => {
    throw new Error(`no room for ${channel}`);
  };
  const settings = { channels: ['a', 'b'], top: 5, least: 1 };
  expect(await digest.run(runOf(settings, ports))).toBe('a: 5 entries, 2 left out; b: nothing to tell');
  await expect(digest.run(runOf({ ...settings, channels: ['c', 'a'] }, ports))).rejects.toThrow(
    'c: no room for c; a: 5 entries, 2 left out',
  );
});

it('reshare shares one article on each channel, by the days and times that are set', async () => {
  const wishes: object[] = [];
  const ports = {
    reshare: async (channel: string, wish: object) => {
      wishes.push(wish);
      return channel === 'a' ? 'again-1' : undefined;
    },
  };
  const settings = { channels: ['a', 'b'], tags: ['مختارات'], after: 2, times: 3 };
  expect(await reshare.run(runOf(settings, ports))).toBe('a: shared again-1; b: nothing to share');
  expect(wishes[0]).toEqual({
    ...{ schedule: 'morning', tickMs: at('2026-11-28T04:00:00Z') },
    ...{ tags: ['مختارات'], afterMs: 172_800_000, times: 3 },
  });
});
