import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import { openRecord } from '../../../src/sandbox/record.ts';
import { formOf, openSandbox, png } from './asking.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'munadi-record-'));
});
afterAll(() => rm(folder, { recursive: true }));

const post = (id: string, change: Partial<SandboxPost> = {}): SandboxPost => ({
  platform: 'telegram',
  id,
  url: `http://sandbox/p/${id}`,
  at: '2026-01-01T00:00:00.000Z',
  target: '@news',
  text: `خبر ${id}`,
  length: 5,
  limit: 4096,
  unit: 'code points',
  media: [],
  raw: {},
  ...change,
});

describe('a record on disk', () => {
  it('is read back as it was: posts in order, changed ones in their place, pictures', () => {
    const file = join(folder, 'a.jsonl');
    const record = openRecord(file);
    record.add(post('1', { link: 'https://example.org' }));
    record.add(post('2'));
    record.update('1', { text: 'تصحيح', link: undefined, edited: true });
    record.update('9', { text: 'none' });
    record.putMedia('hash', png(), 'image/png');
    const again = openRecord(file);
    expect(again.all()).toEqual(record.all());
    expect(again.all().map(({ id, text, link }) => [id, text, link])).toEqual([
      ['1', 'تصحيح', undefined],
      ['2', 'خبر 2', undefined],
    ]);
    expect(again.media('hash')).toEqual({ bytes: png(), mimeType: 'image/png' });
  });

  it('loses only the line that was torn, and nothing that comes after it', async () => {
    const file = join(folder, 'b.jsonl');
    openRecord(file).add(post('1'));
    await appendFile(file, '{"post":{"id":"torn","te');
    const record = openRecord(file);
    record.add(post('2'));
    expect(
      openRecord(file)
        .all()
        .map(({ id }) => id),
    ).toEqual(['1', '2']);
    await appendFile(file, JSON.stringify({ post: post('3') }));
    openRecord(file).add(post('4'));
    expect(openRecord(file).all()).toHaveLength(4);
    expect((await readFile(file, 'utf8')).endsWith('}\n')).toBe(true);
  });

  it('does not grow by what was replaced, once it is opened again', async () => {
    const file = join(folder, 'c.jsonl');
    const record = openRecord(file);
    record.add(post('1'));
    for (let time = 0; time < 50; time += 1) record.update('1', { text: `خبر ${time}` });
    const before = (await stat(file)).size;
    expect(openRecord(file).get('1')?.text).toBe('خبر 49');
    expect((await stat(file)).size).toBeLessThan(before / 20);
  });

  it('outlives lines that are no entries', async () => {
    const file = join(folder, 'd.jsonl');
    openRecord(file).add(post('1'));
    await appendFile(file, 'null\n5\n{}\n{"post":null}\n[]\n\n');
    expect(openRecord(file).all()).toEqual([post('1')]);
  });

  it('is emptied with the record', () => {
    const file = join(folder, 'e.jsonl');
    const record = openRecord(file);
    record.add(post('1'));
    record.clear();
    expect(openRecord(file).all()).toEqual([]);
  });
});

describe('a sandbox with a record on disk', () => {
  it('goes on after a restart: ids, duplicates, media, pages', async () => {
    const json = { chat_id: '@news', text: 'خبر' };
    const headers = { authorization: 'Bearer 7-secret-token' };
    const first = await openSandbox(folder);
    await first.call('telegram', 'POST', '/bot1:secret-token/sendMessage', { json });
    await first.call('x', 'POST', '/2/tweets', { json: { text: 'خبر' }, headers });
    await first.call('facebook', 'POST', '/v26.0/1/feed?access_token=secret-token', { json: { message: 'خبر' } });
    const form = formOf({ messaging_product: 'whatsapp' }, { file: png() });
    const { id } = (await first.call('whatsapp', 'POST', '/v26.0/1/media', { form, headers })).json;
    await first.sandbox.close();

    const second = await openSandbox(folder);
    const { result } = (await second.call('telegram', 'POST', '/bot1:secret-token/sendMessage', { json })).json;
    expect(result).toMatchObject({ message_id: 2 });
    expect((await second.call('x', 'POST', '/2/tweets', { json: { text: 'خبر' }, headers })).status).toBe(403);
    const again = await second.call('facebook', 'POST', '/v26.0/1/feed', { json: { message: 'خبر' }, headers });
    expect(again.json).toMatchObject({ error: { code: 506 } });
    const image = { messaging_product: 'whatsapp', to: '963900000000', type: 'image', image: { id } };
    expect((await second.call('whatsapp', 'POST', '/v26.0/1/messages', { json: image, headers })).status).toBe(200);
    expect((await fetch(`${second.root('telegram')}/p/@news/1`)).status).toBe(200);
    await second.sandbox.close();
    for (const platform of ['telegram', 'x', 'facebook', 'whatsapp']) {
      expect(await readFile(join(folder, `${platform}.jsonl`), 'utf8'), platform).not.toContain('secret-token');
    }
  });
});

describe('a long run', () => {
  it('of 20,000 posts is recorded and read back without slowing down', () => {
    const record = openRecord();
    const add = (from: number, count: number) => {
      const start = performance.now();
      for (let index = from; index < from + count; index += 1) {
        record.add(post(String(index)));
        record.get(String(index - 1));
      }
      return performance.now() - start;
    };
    add(0, 2_000);
    const early = add(2_000, 2_000);
    add(4_000, 16_000);
    const late = add(20_000, 2_000);
    expect(late).toBeLessThan(20 * early + 50);
    const start = performance.now();
    expect(record.all()).toHaveLength(22_000);
    expect(performance.now() - start).toBeLessThan(200);
  });

  it('forgets the oldest posts and pictures rather than fill the memory', () => {
    const record = openRecord();
    const shared = post('');
    for (let index = 0; index < 200_100; index += 1) record.add({ ...shared, id: String(index) });
    expect(record.all()).toHaveLength(200_000);
    expect(record.get('99')).toBeUndefined();
    expect(record.get('100')).toBeDefined();
    for (let index = 0; index < 9; index += 1)
      record.putMedia(String(index), Buffer.alloc(8 * 1024 * 1024), 'image/png');
    expect(record.pictures()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });
});
