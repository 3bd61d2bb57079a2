import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configText, createFolder } from '../../support/command.ts';
import { executeHere } from '../../support/execute.ts';

let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;
let dated: string;
let plain: string;

const story = (change: object) =>
  JSON.stringify({
    title: 'افتتاح سوق المدينة القديم بعد ترميمه',
    url: 'https://example.org/souq',
    paragraphs: ['افتتحت البلدية أمس الأحد سوق المدينة القديم بعد ترميم استمر ثلاثة أعوام.'],
    publishedAt: '2026-05-04T09:00:00+03:00',
    ...change,
  });

beforeAll(async () => {
  folder = await createFolder();
  config = await folder.write('munadi.yaml', configText({ data: `${folder.path}/data` }));
  dated = await folder.write('dated.json', story({}));
  plain = await folder.write(
    'plain.json',
    story({ title: 'Second story', language: 'en', paragraphs: ['It rained.'] }),
  );
});
afterAll(() => folder.remove());

const preview = (...args: string[]) => executeHere(['preview', ...args, '--config', config]);
const rows = async (...args: string[]) =>
  JSON.parse((await preview(...args, '--json')).stdout) as { channel: string; warnings: string[] }[];

describe('preview', () => {
  it('warns of days that are relative to the day of writing, where the post is due over a day later', async () => {
    const warnings = async (...args: string[]) => {
      const all = await rows(dated, ...args);
      expect(all).toHaveLength(4);
      return all.flatMap((row) => row.warnings.filter((warning) => warning.includes('أمس')));
    };
    expect(await warnings('--at', '2026-05-05T08:59:00+03:00')).toEqual([]);
    expect((await warnings('--at', '2026-05-05T10:00:00+03:00'))[0]).toContain('Written a day before it is due');
    const late = await warnings('--at', '2026-05-07T10:00:00+03:00');
    expect(late.length).toBeGreaterThan(0);
    expect(late[0]).toContain('Written 3 days before it is due');
    // Without --at it would go out now.
    expect((await warnings()).length).toBeGreaterThan(0);
  });

  it('reckons with an embargo, which no --at undercuts', async () => {
    const held = await folder.write('held.json', story({ embargoUntil: '2026-05-09T09:00:00+03:00' }));
    const { stdout } = await preview(held, '--at', '2026-05-04T10:00:00+03:00', '--channel', 'facebook-ar');
    expect(stdout.replace(/\s+/g, ' ')).toContain('due 9 May 2026, 06:00 (UTC)');
    expect(stdout.replace(/\s+/g, ' ')).toContain('Written 5 days before it is due');
  });

  it('shows every form of a list: the template, that of each language, and free text', async () => {
    const accounts = { list: { platform: 'whatsapp', subscriptions: {} } };
    const channels = [
      {
        ...{ id: 'list-ar', account: 'list', subscribers: true },
        template: { name: 'news', language: 'ar', text: 'خبر: {{1}}\n\n{{2}}\n\nأنت مشترك في أخبارنا.' },
        templates: [{ name: 'news', language: 'en', text: 'News: {{1}}\n\n{{2}}\n\nYou have subscribed.' }],
      },
    ];
    const file = await folder.write('list.yaml', configText({ data: `${folder.path}/data`, accounts, channels }));
    const page = join(folder.path, 'list.html');
    const args = ['preview', dated, '--config', file];
    const [row] = JSON.parse((await executeHere([...args, '--json', '--html', page])).stdout) as Row[];
    const { stdout } = await executeHere(args);
    interface Said {
      form?: string;
      parts: { text: string }[];
      template?: { language: string };
    }
    type Row = Said & { also: Said[] };
    expect(row?.template?.language).toBe('ar');
    expect(row?.also.map(({ form, template }) => [form, template?.language])).toEqual([
      ['to readers of en', 'en'],
      ['to whoever wrote within 24 hours', undefined],
    ]);
    const texts = [row, ...(row?.also ?? [])].map((one) => one?.parts[0]?.text ?? '');
    for (const [at, beginning] of ['خبر: ', 'News: ', 'افتتاح سوق'].entries()) {
      expect(texts[at]?.startsWith(beginning)).toBe(true);
    }
    expect(texts[2]).toMatch(/إلغاء/);
    for (const shown of [stdout, await readFile(page, 'utf8')]) {
      for (const form of ['to readers of en', 'to whoever wrote within 24 hours']) expect(shown).toContain(form);
    }
  });

  it('has the same keys for programs, whatever is written beside', async () => {
    const file = join(folder.path, 'both.html');
    const all = await rows(dated, '--html', file);
    for (const row of all)
      expect(Object.keys(row).filter((key) => key !== 'template')).toEqual([
        'article',
        'channel',
        'platform',
        'sandbox',
        'parts',
        'edits',
        'warnings',
      ]);
    expect(await readFile(file, 'utf8')).toContain('<!doctype html>');
  });

  it('writes one page for all articles, and says so', async () => {
    const file = join(folder.path, 'page.html');
    const { code, stdout } = await preview(dated, plain, '--html', file);
    expect([code, stdout]).toEqual([0, `${file}: 8 posts of 2 articles.\n`]);
    const html = await readFile(file, 'utf8');
    expect(html.match(/class="card /g)).toHaveLength(8);
    expect(html).toContain('Second story');
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('refuses a page that cannot be written, and a time that is none', async () => {
    const file = join(folder.path, 'none', 'page.html');
    expect(await preview(dated, '--html', file)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `${file} cannot be written: there is no such folder.\n`,
    });
    expect(await preview(dated, '--at', 'tomorrow')).toMatchObject({ code: 2, stdout: '' });
  });

  it('shows an article that no channel takes', async () => {
    const filtered = configText({
      data: `${folder.path}/data`,
      accounts: { 'x-main': { platform: 'x' } },
      channels: [{ id: 'x-sport', account: 'x-main', filters: { section: ['sport'] } }],
    });
    const file = await folder.write('filtered.yaml', filtered);
    const { code, stdout } = await executeHere(['preview', dated, '--config', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('No channel takes this');
    const forced = await executeHere(['preview', dated, '--config', file, '--channel', 'x-sport']);
    expect(forced.stdout).toContain('── x-sport (x, SANDBOX)');
  });
});
