import { expect, it } from 'vitest';
import type { ActionPorts, ActionRun } from '../../../src/schedule/action.ts';
import { prune } from '../../../src/schedule/actions/prune.ts';
import { report } from '../../../src/schedule/actions/report.ts';

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
    ports: { forget: async () => 0, tally: async () => ({}), tell: () => {}, retentionDays: 30, ...ports },
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
