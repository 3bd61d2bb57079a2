import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { articleText, configText, createFolder, json, run, start } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';

interface Row {
  title: string;
  channel: string;
  outcome: string;
  at?: string;
  dueAt?: string;
  reason: string | null;
  waits: { from: string; until: string; reason: string }[];
  parts: { text: string }[];
}

interface Simulated {
  from: string;
  to: string;
  articles: { title: string; arrivedAt: string; duplicate?: true }[];
  deliveries: Row[];
}

let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

let serial = 0;
/** A configuration with a data folder of its own. */
async function writeConfig(change: Record<string, unknown> = {}): Promise<string> {
  serial += 1;
  const data = `${folder.path}/data-${serial}`;
  return folder.write(`config-${serial}.yaml`, configText({ data, timezone: 'Asia/Damascus', ...change }));
}

async function writeArticle(change: Record<string, unknown> = {}): Promise<string> {
  serial += 1;
  const [title = '', ...paragraphs] = articleText().split('\n\n');
  return folder.write(`article-${serial}.json`, JSON.stringify({ title, paragraphs, language: 'ar', ...change }));
}

const from = ['--from', '2026-11-28T06:00:00+03:00'];
const iso = (time: string) => new Date(`2026-11-28T${time}+03:00`).toISOString();

describe('schedule --simulate', () => {
  it('tells what would go where, when, and why then', async () => {
    const config = await writeConfig({
      limits: { telegram: { chat: '1/10m' } },
      budgets: { 'x-main': { day: { requests: 2 }, whenSpent: 'stop' } },
    });
    const files = [
      await writeArticle({ publishedAt: '2026-05-01T07:00:00+03:00' }),
      await writeArticle({ publishedAt: '2026-05-01T07:01:00+03:00' }),
      await writeArticle({ publishedAt: '2026-05-01T08:00:00+03:00', embargoUntil: '2026-05-01T09:30:00+03:00' }),
    ];
    const { code, stdout, stderr } = await run(
      ['schedule', '--simulate', ...files, ...from, '--config', config, '--json'],
      { cwd: folder.path },
    );
    expect(code, stderr).toBe(0);
    const { deliveries, articles } = json<Simulated>({ stdout, stderr });
    expect(articles.map(({ arrivedAt }) => arrivedAt)).toEqual([iso('07:00:00'), iso('07:01:00'), iso('08:00:00')]);
    const on = (channel: string) => deliveries.filter((one) => one.channel === channel);
    const telegram = on('telegram-ar');
    expect(telegram.map(({ outcome, at }) => [outcome, at?.slice(0, 19)])).toEqual([
      ['published', iso('07:00:00').slice(0, 19)],
      ['published', iso('07:10:00').slice(0, 19)],
      ['published', iso('09:30:00').slice(0, 19)],
    ]);
    expect(telegram.map(({ waits }) => waits.map(({ reason }) => reason))).toEqual([
      [],
      ['the limit "chat" of telegram'],
      ['the end of its embargo'],
    ]);
    expect(telegram[0]?.parts[0]?.text).toContain('البلدية');
    expect(on('x-ar').map(({ outcome }) => outcome)).toEqual(['published', 'published', 'discarded']);
    expect(on('x-ar').at(-1)).toMatchObject({ reason: expect.stringMatching(/budget of the day/), parts: [] });
    // Nothing of it is in the newsroom's own store.
    expect((await readdir(folder.path)).filter((name) => name.startsWith('data-'))).toEqual([]);
  });

  it('shows people a list by time, with what is left at the end', async () => {
    const config = await writeConfig({
      limits: { telegram: { chat: '1/6h' } },
      channels: [{ id: 'telegram-ar', account: 'telegram-main', chat: '@channel' }],
    });
    const file = await writeArticle();
    const files = [file, await writeArticle(), file, await writeArticle({ publishedAt: '2026-05-01T05:00:00+03:00' })];
    const spread = ['--spread', '1h', '--hours', '3'];
    const { code, stdout } = await executeHere([
      'schedule',
      '--simulate',
      ...files,
      ...from,
      ...spread,
      '--config',
      config,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Simulated from Saturday, 28 November 2026, 06:00:00 to .*09:00:00 \(Asia\/Damascus\)/);
    expect(stdout).toMatch(/06:00:00 {2}telegram-ar {2}published {2}البلدية/);
    expect(stdout).toMatch(/12:00:0\d {2}telegram-ar {2}waiting .*\n +waits for the limit "chat" of telegram/);
    expect(stdout).toMatch(/Known already, nothing new was planned: البلدية/);
  });

  it('plays nothing where one file cannot be used, or the command is wrong', async () => {
    const config = await writeConfig();
    const file = await writeArticle();
    const wrong = [
      [['--simulate', file, `${folder.path}/none.txt`], /none\.txt: there is no such file/],
      [['--simulate'], /Name at least one file/],
      [['--simulate', file, '--from', 'tomorrow'], /--from: expected a time with offset/],
      [['--simulate', file, '--spread', '10 minutes'], /--spread: expected a duration/],
      [['--simulate', file, '--hours', '0'], /--hours: expected a whole number from 1/],
      [[file], /goes with --simulate only/],
      [['--spread', '10m'], /"--spread" goes with --simulate only/],
    ] as const;
    for (const [args, said] of wrong) {
      const { code, stdout, stderr } = await executeHere(['schedule', ...args, '--config', config]);
      expect([code, stdout], stderr).toEqual([2, '']);
      expect(stderr).toMatch(said);
    }
  });

  it('leaves nothing behind when it is stopped', async () => {
    const config = await writeConfig();
    const files: string[] = [];
    for (let n = 0; n < 150; n += 1) files.push(await writeArticle());
    const temporary = await createFolder();
    const running = start(['schedule', '--simulate', ...files, '--config', config], {
      cwd: folder.path,
      env: { TMPDIR: temporary.path },
    });
    await running.says('Playing 150 articles');
    const { code, stdout, stderr } = await running.stop('SIGINT');
    expect(code, stdout).toBe(1);
    expect(stderr).toContain('Stopped before the end');
    expect(await readdir(temporary.path)).toEqual([]);
    await temporary.remove();
  });
});

describe('schedule', () => {
  it('shows what waits in the next hours, by due time, with the reason', async () => {
    const config = await writeConfig();
    const soon = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const [later, first, far] = [soon(5), soon(2), soon(30)];
    const articles = [await writeArticle({ embargoUntil: later }), await writeArticle(), await writeArticle()];
    const publish = (file: string, more: string[]) => executeHere(['publish', file, ...more, '--config', config]);
    const codes = [
      await publish(articles[0] ?? '', ['--channel', 'x-ar']),
      await publish(articles[1] ?? '', ['--channel', 'x-ar,telegram-ar', '--at', first]),
      await publish(articles[2] ?? '', ['--channel', 'x-ar', '--at', far]),
    ].map(({ code }) => code);
    expect(codes).toEqual([0, 0, 0]);
    const { code, stdout, stderr } = await executeHere(['schedule', '--config', config, '--json']);
    expect(code, stderr).toBe(0);
    const { waiting } = json<{ waiting: { dueAt: string; channel: string; reason: string; title: string }[] }>({
      stdout,
      stderr,
    });
    expect(waiting.map(({ dueAt, reason }) => [dueAt, reason])).toEqual([
      [first, 'the time that was asked for'],
      [first, 'the time that was asked for'],
      [later, 'the end of its embargo'],
    ]);
    expect(waiting[0]?.title).toContain('البلدية');
    const { stdout: text } = await executeHere(['schedule', '--hours', '3', '--config', config]);
    expect(text).toContain('Waiting deliveries: 2');
    expect(text).toMatch(/x-ar {9}scheduled {2}البلدية.*\n +waits for the time that was asked for/);
    const { stdout: all } = await executeHere(['schedule', '--hours', '48', '--config', config]);
    expect(all).toContain('Waiting deliveries: 4');
  });

  it('shows when schedules tick, and when channels open and close', async () => {
    const windows = [{ from: '07:00', to: '23:00' }];
    const channels = [
      { id: 'telegram-ar', account: 'telegram-main', chat: '@channel', windows },
      { id: 'x-ar', account: 'x-main' },
    ];
    const schedules = [{ id: 'numbers', cron: '30 */6 * * *', action: 'report' }];
    const config = await writeConfig({ channels, schedules });
    const { code, stdout, stderr } = await executeHere(['schedule', '--config', config, '--json']);
    expect(code, stderr).toBe(0);
    const { hours, schedules: ticking } = json<{
      hours: { channel: string; changes: { at: string; opens: boolean }[] }[];
      schedules: { schedule: string; action: string; ticks: string[]; more: boolean }[];
    }>({ stdout, stderr });
    const times = Object.fromEntries(
      ticking.map(({ schedule, ticks }) => [schedule, ticks.map((at) => at.slice(11, 16))]),
    );
    expect(times.numbers?.sort()).toEqual(['03:30', '09:30', '15:30', '21:30']);
    expect(times.prune).toEqual(['01:17']);
    expect(hours.map(({ channel }) => channel)).toEqual(['telegram-ar']);
    const changes = hours[0]?.changes.map(({ at, opens }) => `${opens} ${at.slice(11, 16)}`).sort();
    // In Damascus clocks are three hours ahead.
    expect(changes).toEqual(['false 20:00', 'true 04:00']);
    const { stdout: text } = await executeHere(['schedule', '--config', config]);
    expect(text).toMatch(
      /Hours of channels\n {2}telegram-ar {2}(open|closed \(outside its windows\)), .*opens \w+ 07:00/,
    );
  });
});
