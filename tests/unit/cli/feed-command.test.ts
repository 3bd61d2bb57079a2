import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configText, createFolder, json, run } from '../../support/command.ts';
import { executeHere } from '../../support/execute.ts';

const feeds = join(import.meta.dirname, '../../fixtures/feeds');
const file = (name: string) => join(feeds, name);

let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;
let server: Server;
let base: string;

beforeAll(async () => {
  folder = await createFolder();
  config = await folder.write('munadi.yaml', configText({ fetch: { allow: ['127.0.0.1/32'] } }));
  server = createServer(({ url = '' }, response) => {
    if (url === '/gone') response.writeHead(410).end();
    else if (url === '/moved') response.writeHead(302, { location: '/agency.xml' }).end();
    else {
      // The header is wrong, as servers' defaults are.
      response.writeHead(200, { 'content-type': 'text/xml; charset=ISO-8859-1' });
      response.end(readFileSync(file('rss-2.0-agency-1256.xml')));
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await folder.remove();
});

describe('feed', () => {
  it('tells people what a feed yields', async () => {
    const { code, stdout } = await executeHere(['feed', file('rss-2.0-wordpress.xml'), '--full']);
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' '));
    for (const line of [
      'صوت الميناء',
      'format rss 2.0',
      'hub https://hub.mina.example/ for https://mina.example/feed/',
      'stays 60 min as it is',
      'items 2',
      'وصول أول سفينة قمح إلى المرفأ بعد التوسعة',
      'key https://mina.example/?p=4121',
      'date 2026-05-04T10:05:00Z',
      'image https://mina.example/wp-content/uploads/2026/05/ship-1024x683.jpg',
      'text full: 2 paragraphs, 173 characters',
      'text teaser: 0 paragraphs, 0 characters',
      'رست في المرفأ فجر اليوم أول سفينة قمح منذ انتهاء أعمال التوسعة، وعلى متنها ثلاثون ألف طن.',
    ]) {
      expect(lines).toContain(line);
    }
    const { stdout: warned } = await executeHere(['feed', file('rss-0.91-userland.xml'), '--limit', '1']);
    expect(warned).toMatch(/items {5}2, of which the newest 1\n/);
    expect(warned).toContain('0:00, 1:00, 2:00 UTC');
    expect(warned).not.toContain('School roof');
  });

  it('tells programs, newest last', async () => {
    const { stdout } = await executeHere(['feed', file('json-1.1.json'), '--json', '--limit', '1']);
    expect(JSON.parse(stdout)).toEqual({
      feed: {
        format: 'json 1.1',
        title: 'منارة',
        language: 'ar',
        hub: { url: 'https://hub.example/', topic: 'https://manara.example/feed.json' },
      },
      items: [
        {
          key: 'https://manara.example/7',
          updatedAt: '2026-05-03T07:00:00Z',
          isTeaser: false,
          article: expect.objectContaining({ title: 'إطلاق مكتبة متنقلة في القرى', language: 'ar' }),
        },
      ],
      warnings: [],
    });
  });

  it('fetches an address within the limits of the configuration', async () => {
    const { code, stdout } = await executeHere(['feed', `${base}/moved`, '--config', config, '--json']);
    expect(code).toBe(0);
    const { feed, items } = JSON.parse(stdout);
    expect([feed.title, items.length]).toEqual(['وكالة الفرات للأنباء', 2]);
    const strict = await folder.write('strict.yaml', configText());
    const refused = await executeHere(['feed', `${base}/x`, '--config', strict]);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('not a public address') });
    const gone = await executeHere(['feed', `${base}/gone`, '--config', config]);
    expect(gone).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('answered HTTP 410') });
  });

  it('refuses what it cannot read, and what it is not told', async () => {
    const page = await folder.write('page.html', '<html><head><title>x</title></head></html>');
    for (const [args, said] of [
      [[page], /page\.html is a web page, not a feed/],
      [[join(folder.path, 'none.xml')], /there is no such file/],
      [[], /Name a file/],
      [[page, '--limit', '0'], /--limit: expected a whole number from 1/],
    ] as const) {
      const { code, stderr } = await executeHere(['feed', ...args]);
      expect(stderr).toMatch(said);
      expect(code).toBe(2);
    }
  });

  it('reads standard input, and ends at once', async () => {
    const input = readFileSync(file('encoding-utf16le-bom.xml'));
    const ended = await run(['feed', '-', '--json'], { input });
    expect(ended.code).toBe(0);
    expect(json<{ items: object[] }>(ended).items).toHaveLength(1);
  });
});
