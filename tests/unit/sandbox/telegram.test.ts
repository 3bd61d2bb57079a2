import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, type CallOptions, type Fields, formOf, multipart, openSandbox, png } from './asking.ts';

let at: Asked;
const token = '123456:AAE-secret_Token';

beforeAll(async () => {
  at = await openSandbox();
});
afterAll(() => at.sandbox.close());
beforeEach(() => at.resetAll());

const ask = (method: string, options: CallOptions) => at.call('telegram', 'POST', `/bot${token}/${method}`, options);
const say = (text: string, more: Fields = {}) =>
  ask('sendMessage', { json: { chat_id: '@news', text, parse_mode: 'HTML', ...more } });
const refused = (description: string) => ({
  status: 400,
  json: { ok: false, error_code: 400, description: `Bad Request: ${description}` },
});

describe('the length of a message', () => {
  it('is counted in code points, after entities are parsed', async () => {
    expect((await say('😀'.repeat(4096))).status).toBe(200);
    expect(await say('😀'.repeat(4097))).toMatchObject(refused('message is too long'));
    expect((await say(`<b>${'&amp;'.repeat(4096)}</b>`)).status).toBe(200);
    const [smiles, ampersands] = await at.posts('telegram');
    expect(smiles).toMatchObject({ length: 4096, utf16Length: 8192, limit: 4096, unit: 'code points' });
    expect(ampersands).toMatchObject({ text: '&'.repeat(4096), length: 4096 });
  });

  it('is bounded before parsing by 32768 bytes', async () => {
    const within = `<a href="https://x.org/${'a'.repeat(32_768 - 28 - 4)}">م</a>`;
    expect(Buffer.byteLength(within)).toBeLessThanOrEqual(32_768);
    expect((await say(within)).status).toBe(200);
    expect(await say(`<a href="https://x.org/${'a'.repeat(32_768)}">م</a>`)).toMatchObject(refused('Text is too long'));
  });

  it('is 1024 for a caption', async () => {
    const photo = (caption: string) =>
      ask('sendPhoto', { form: formOf({ chat_id: '@news', caption }, { photo: png() }) });
    expect((await photo('م'.repeat(1024))).status).toBe(200);
    expect(await photo('م'.repeat(1025))).toMatchObject(refused('message caption is too long'));
  });

  it('is at least one visible character', async () => {
    expect(await say('')).toMatchObject(refused('message text is empty'));
    expect(await say('<b> </b>\n')).toMatchObject(refused('text must be non-empty'));
  });
});

describe('a photo', () => {
  it('comes as a file, in an album, or by its address', async () => {
    await ask('sendPhoto', { form: formOf({ chat_id: '@news', caption: 'أ' }, { photo: png(800, 600) }) });
    await ask('sendPhoto', { json: { chat_id: '@news', photo: 'https://example.org/a.jpg' } });
    const media = [
      { type: 'photo', media: 'attach://one', caption: '<b>ب</b>', parse_mode: 'HTML' },
      { type: 'photo', media: 'attach://two' },
    ];
    const album = { chat_id: '@news', media: JSON.stringify(media) };
    const answer = await ask('sendMediaGroup', { form: formOf(album, { one: png(10, 10), two: png(20, 20) }) });
    const [one, two] = answer.json.result as unknown as { message_id: number; caption: string }[];
    expect([one?.caption, two?.caption]).toEqual(['ب', '']);
    expect(two?.message_id).toBe(Number(one?.message_id) + 1);
    const posts = await at.posts('telegram');
    expect(posts.map(({ media }) => media.map(({ width, url }) => url ?? width))).toEqual([
      [800],
      ['https://example.org/a.jpg'],
      [10],
      [20],
    ]);
  });

  it('is refused where it is none, is too large, or too oblong', async () => {
    const photo = (bytes: Buffer) => ask('sendPhoto', { form: formOf({ chat_id: '@news' }, { photo: bytes }) });
    expect(await photo(Buffer.from('<svg/>'.repeat(20)))).toMatchObject(refused('IMAGE_PROCESS_FAILED'));
    expect(await photo(png(6000, 4001))).toMatchObject(refused('PHOTO_INVALID_DIMENSIONS'));
    expect(await photo(png(2100, 100))).toMatchObject(refused('PHOTO_INVALID_DIMENSIONS'));
    const large = multipart({ chat_id: '@news' }, { photo: Buffer.concat([png(), Buffer.alloc(10 * 1024 * 1024)]) });
    expect((await ask('sendPhoto', large)).status).toBe(413);
    expect(await ask('sendPhoto', { json: { chat_id: '@news', photo: 'a.jpg' } })).toMatchObject({ status: 400 });
    expect(await at.posts('telegram')).toEqual([]);
  });

  it('refused in an album refuses the whole album', async () => {
    const media = [
      { type: 'photo', media: 'https://example.org/a.jpg' },
      { type: 'photo', media: 'https://example.org/b.jpg', caption: 'م'.repeat(1025) },
    ];
    const answer = await ask('sendMediaGroup', { json: { chat_id: '@news', media } });
    expect(answer.json.description).toContain('failed to send message #2 with the error message');
    expect((await ask('sendMediaGroup', { json: { chat_id: '@news', media: media.slice(0, 1) } })).status).toBe(400);
    expect(await at.posts('telegram')).toEqual([]);
  });
});

describe('an answer to a message', () => {
  it('names it in reply_parameters, as an object or as its JSON text in a form', async () => {
    const first = (await say('أول')).json.result as unknown as { message_id: number };
    await say('ثان', { reply_parameters: { message_id: first.message_id } });
    const reply_parameters = JSON.stringify({ message_id: first.message_id });
    await ask('sendPhoto', { form: formOf({ chat_id: '@news', reply_parameters }, { photo: png() }) });
    const id = `@news/${first.message_id}`;
    expect((await at.posts('telegram')).map(({ replyTo }) => replyTo)).toEqual([undefined, id, id]);
  });

  it('is refused where that one is gone, unless it may go without, and where nobody can read it', async () => {
    const gone = { message_id: 999_999 };
    expect(await say('أ', { reply_parameters: gone })).toMatchObject(refused('message to be replied not found'));
    const orWithout = { ...gone, allow_sending_without_reply: true };
    expect((await say('أ', { reply_parameters: orWithout })).status).toBe(200);
    expect((await say('أ', { reply_parameters: '[object Object]' })).status).toBe(400);
    expect(await at.posts('telegram')).toHaveLength(1);
  });
});

describe('a message that was sent', () => {
  it('is edited, text by text and caption by caption, and not where nothing would change', async () => {
    await say('<b>خبر</b> https://example.org/old');
    const [{ id = '' } = {}] = await at.posts('telegram');
    const edit = (name: 'Text' | 'Caption', text: string, more: Fields = { parse_mode: 'HTML' }) =>
      ask(`editMessage${name}`, {
        json: { chat_id: '@news', message_id: Number(id.split('/')[1]), [name.toLowerCase()]: text, ...more },
      });
    const same = { status: 400, json: { description: expect.stringMatching(/message is not modified/) } };
    expect(await edit('Text', '<strong>خبر</strong> https://example.org/old')).toMatchObject(same);
    expect(await edit('Caption', 'خبر')).toMatchObject(refused('there is no caption in the message to edit'));
    const silent = { parse_mode: 'HTML', link_preview_options: { is_disabled: true } };
    expect((await edit('Text', '<b>خبر</b> https://example.org/old', silent)).status).toBe(200);
    expect((await edit('Text', 'تصحيح', {})).status).toBe(200);
    expect(await edit('Text', 'تصحيح', {})).toMatchObject(same);
    const [post] = await at.posts('telegram');
    expect(post).toMatchObject({ id, text: 'تصحيح', length: 5, edited: true });
    expect(post).not.toHaveProperty('link');
  });

  it('is deleted once, and among several is passed over when it is gone', async () => {
    for (const text of ['أ', 'ب', 'ج']) await say(text);
    const ids = (await at.posts('telegram')).map(({ id }) => Number(id.split('/')[1]));
    const remove = (json: Fields, method = 'deleteMessage') => ask(method, { json: { chat_id: '@news', ...json } });
    expect((await remove({ message_id: ids[0] })).json).toEqual({ ok: true, result: true });
    expect(await remove({ message_id: ids[0] })).toMatchObject(refused('message to delete not found'));
    expect((await remove({ message_ids: JSON.stringify(ids) }, 'deleteMessages')).status).toBe(200);
    expect((await remove({ message_ids: [] }, 'deleteMessages')).status).toBe(400);
    expect((await at.posts('telegram')).every(({ removed }) => removed)).toBe(true);
  });

  it('is changed by its own bot only, and not deleted once it counts as old', async () => {
    await say('أ');
    const change = (bot: string, method: string, json: Fields = {}) =>
      at.call('telegram', 'POST', `/bot${bot}/${method}`, { json: { chat_id: '@news', message_id: 1, ...json } });
    const message_id = Number((await at.posts('telegram'))[0]?.id.split('/')[1]);
    const other = '99:other';
    expect(await change(other, 'editMessageText', { message_id, text: 'ب' })).toMatchObject(
      refused("message can't be edited"),
    );
    expect(await change(other, 'deleteMessage', { message_id })).toMatchObject(refused("message can't be deleted"));
    expect((await at.settings('telegram', { ageMs: 49 * 3_600_000 })).status).toBe(200);
    expect(await change(token, 'deleteMessage', { message_id })).toMatchObject(refused("message can't be deleted"));
    expect((await change(token, 'editMessageText', { message_id, text: 'ب' })).status).toBe(200);
    await at.settings('telegram', { ageMs: 47 * 3_600_000 });
    expect((await change(token, 'deleteMessage', { message_id })).status).toBe(200);
    expect(await change(token, 'editMessageText', { message_id, text: 'ج' })).toMatchObject(
      refused('message to edit not found'),
    );
    expect((await at.posts('telegram'))[0]).toMatchObject({ text: 'ب', edited: true, removed: true });
  });

  it('is deleted within 48 hours only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'munadi-sandbox-'));
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const lines = [49, 47].map((hours, index) =>
      JSON.stringify({
        post: {
          platform: 'telegram',
          id: `@news/${index + 1}`,
          target: '@news',
          text: 'أ',
          at: hoursAgo(hours),
          media: [],
        },
      }),
    );
    await writeFile(join(folder, 'telegram.jsonl'), `${lines.join('\n')}\n`);
    const old = await openSandbox(folder);
    const remove = (message_id: number) =>
      old.call('telegram', 'POST', `/bot${token}/deleteMessage`, { json: { chat_id: '@news', message_id } });
    expect(await remove(1)).toMatchObject(refused("message can't be deleted"));
    expect((await remove(2)).status).toBe(200);
    await old.sandbox.close();
    await rm(folder, { recursive: true });
  });
});

describe('a request', () => {
  it('needs a token of the right shape, a known method and a chat that is there', async () => {
    const path = (path: string) => at.call('telegram', 'POST', path, { json: { chat_id: '@news', text: 'أ' } });
    for (const bad of ['/botabc/sendMessage', '/bot1/sendMessage', `/bot${token}/constructor`, `/bot${token}/sendX`]) {
      expect((await path(bad)).json, bad).toMatchObject({ ok: false, error_code: 404 });
    }
    expect(await say('أ', { chat_id: '@missing_one' })).toMatchObject(refused('chat not found'));
    expect(await say('أ', { chat_id: 'news' })).toMatchObject(refused('chat not found'));
    expect(await say('أ', { chat_id: undefined })).toMatchObject(refused('chat_id is empty'));
  });

  it('may name its method in any case, and its parameters in the address', async () => {
    const answer = await at.call(
      'telegram',
      'GET',
      `/bot${token}/sendmessage?chat_id=@news&text=${encodeURIComponent('خبر')}`,
    );
    expect(answer.json).toMatchObject({ ok: true, result: { text: 'خبر', chat: { username: 'news' } } });
  });

  it('is refused by a chat that the bot was kicked from', async () => {
    expect((await at.settings('telegram', { closedChats: ['@news'] })).status).toBe(200);
    expect((await say('أ')).json).toMatchObject({ error_code: 403, description: expect.stringContaining('kicked') });
  });

  it('reaches a named chat by its number too', async () => {
    const { id } = ((await say('أ')).json.result as unknown as { chat: { id: number } }).chat;
    await say('ب', { chat_id: id });
    expect((await at.posts('telegram')).map(({ target }) => target)).toEqual(['@news', '@news']);
  });

  it('refused for speed is told when to come again', async () => {
    await at.faults('telegram', { rules: [{ fault: { kind: 'refuse', retryAfter: 7 } }] });
    expect(await say('أ')).toMatchObject({
      status: 429,
      json: {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests: retry after 7',
        parameters: { retry_after: 7 },
      },
    });
  });
});
