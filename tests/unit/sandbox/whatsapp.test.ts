import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, type CallOptions, type Fields, formOf, openSandbox, png } from './asking.ts';

let at: Asked;
beforeAll(async () => {
  at = await openSandbox();
});
afterAll(() => at.sandbox.close());
beforeEach(() => at.resetAll());

const authorization = 'Bearer token';
const ask = (method: string, path: string, options: CallOptions = {}) =>
  at.call('whatsapp', method, `/v26.0/${path}`, { ...options, headers: { authorization, ...options.headers } });
const send = (json: Fields) =>
  ask('POST', '100200/messages', { json: { messaging_product: 'whatsapp', to: '+963 900-000000', ...json } });
const text = (body: unknown, more: Fields = {}) => send({ type: 'text', text: { body, ...more } });
const body = (...parameters: unknown[]) => ({
  type: 'body',
  parameters: parameters.map((text) => ({ type: 'text', text })),
});
const template = (components: unknown[], name = 'news', code = 'ar') =>
  send({ type: 'template', template: { name, language: { code }, components } });
const refused = (code: number, status = 400) => ({
  status,
  json: { error: { code, error_data: { messaging_product: 'whatsapp' } } },
});
const upload = async (bytes: Buffer) =>
  ask('POST', '100200/media', { form: formOf({ messaging_product: 'whatsapp', type: 'image/png' }, { file: bytes }) });

describe('an answer to a message', () => {
  it('shows which one, unless it is a template, or the message is not there or was another person’s', async () => {
    const answered = async (json: Fields, message_id: unknown) => {
      const { status } = await send({ ...json, context: { message_id } });
      return status === 200 ? (await at.posts('whatsapp')).at(-1)?.replyTo : status;
    };
    await text('خبر');
    const [{ id = '' } = {}] = await at.posts('whatsapp');
    const correction = { type: 'text', text: { body: 'تصحيح' } };
    expect(await answered(correction, id)).toBe(id);
    expect(await answered({ ...correction, to: '+963900000009' }, id)).toBeUndefined();
    expect(await answered(correction, 'wamid.unknown')).toBeUndefined();
    const filled = { name: 'news', language: { code: 'ar' }, components: [body('أ', 'ب')] };
    expect(await answered({ type: 'template', template: filled }, id)).toBeUndefined();
    for (const wrong of ['12', 7, undefined]) expect(await answered(correction, wrong)).toBe(400);
    expect((await send({ ...correction, context: null })).status).toBe(400);
  });
});

describe('a template message', () => {
  it('is filled, and answered as accepted', async () => {
    const answer = await template([body('عنوان', 'خبر https://example.org/a')]);
    expect(answer).toMatchObject({
      status: 200,
      json: {
        messaging_product: 'whatsapp',
        contacts: [{ input: '+963 900-000000', wa_id: '963900000000' }],
        messages: [{ message_status: 'accepted', id: expect.stringMatching(/^wamid\.[\w-]+$/) }],
      },
    });
    expect((await at.posts('whatsapp'))[0]).toMatchObject({
      target: '963900000000',
      text: 'عنوان\n\nخبر https://example.org/a',
      limit: 1024,
      footer: 'للإيقاف أرسل: إلغاء',
      template: { name: 'news', language: 'ar', parameters: ['عنوان', 'خبر https://example.org/a'] },
    });
  });

  it.each([
    ['too few parameters', [body('أ')], 132000],
    ['too many parameters', [body('أ', 'ب', 'ج')], 132000],
    ['no component', [], 132000],
    ['a line break', [body('أ', 'ب\nج')], 100],
    ['a tab', [body('أ', 'ب\tج')], 100],
    ['five spaces', [body('أ', 'ب     ج')], 100],
    ['an empty parameter', [body('أ', '')], 100],
    [
      'a parameter that is no text',
      [{ type: 'body', parameters: [{ type: 'currency' }, { type: 'text', text: 'أ' }] }],
      100,
    ],
    ['a body over 1024', [body('أ', 'م'.repeat(1022))], 132005],
    [
      'a header that it has not',
      [{ type: 'header', parameters: [{ type: 'image', image: { id: '1' } }] }, body('أ', 'ب')],
      132012,
    ],
    [
      'a button that it has not',
      [body('أ', 'ب'), { type: 'button', sub_type: 'url', index: '0', parameters: [] }],
      132012,
    ],
  ])('is refused with %s', async (_, components, code) => {
    expect(await template(components as unknown[])).toMatchObject(refused(code as number));
    expect(await at.posts('whatsapp')).toEqual([]);
  });

  it('may hold 1024 characters in all, and four spaces in a row', async () => {
    expect((await template([body('أ', 'م'.repeat(1021))])).status).toBe(200);
    expect((await template([body('أ', 'ب    ج')])).status).toBe(200);
  });

  it('must be approved, in that language', async () => {
    expect(await template([body('أ', 'ب')], 'other')).toMatchObject(refused(132001, 404));
    expect(await template([body('أ', 'ب')], 'news', 'fr')).toMatchObject(refused(132001, 404));
    const added = { name: 'other', language: 'fr', body: 'Info : {{1}}.' };
    expect((await at.settings('whatsapp', { templates: [{ ...added, body: '{{2}}' }] })).status).toBe(422);
    expect((await at.settings('whatsapp', { templates: [added] })).status).toBe(200);
    expect((await template([body('a')], 'other', 'fr')).status).toBe(200);
    const listed = (await ask('GET', '300/message_templates')).json.data as unknown as { name: string }[];
    expect(listed.map(({ name }) => name)).toContain('other');
  });

  it('carries an uploaded picture where it has a header for it', async () => {
    const { json } = await upload(png(800, 400));
    const header = (image: unknown) => ({ type: 'header', parameters: [{ type: 'image', image }] });
    const components = (image: unknown) => [header(image), body('أ', 'ب')];
    expect((await template(components({ id: json.id }), 'news_image')).status).toBe(200);
    expect((await template(components({ link: 'https://example.org/a.jpg' }), 'news_image')).status).toBe(200);
    expect(await template(components({ id: '12345' }), 'news_image')).toMatchObject(refused(131053));
    expect(await template([body('أ', 'ب')], 'news_image')).toMatchObject(refused(132012));
    const posts = await at.posts('whatsapp');
    expect(posts.map(({ media }) => media[0]?.url ?? media[0]?.width)).toEqual([800, 'https://example.org/a.jpg']);
  });
});

describe('a free message', () => {
  it('is bounded by 4096, or 1024 as a caption', async () => {
    expect((await text('م'.repeat(4096))).status).toBe(200);
    expect(await text('م'.repeat(4097))).toMatchObject(refused(100));
    expect(await text(' ')).toMatchObject(refused(131008));
    const { id } = (await upload(png())).json;
    expect((await send({ type: 'image', image: { id, caption: 'م'.repeat(1024) } })).status).toBe(200);
    expect(await send({ type: 'image', image: { id, caption: 'م'.repeat(1025) } })).toMatchObject(refused(100));
  });

  it('shows its signs of style as style, but leaves addresses alone', async () => {
    const markup = '*عنوان* _مائل_ ~مشطوب~ 2*3*4 https://example.org/_a_/*b*/c';
    await text(markup, { preview_url: true });
    expect((await at.posts('whatsapp'))[0]).toMatchObject({
      markup,
      text: 'عنوان مائل مشطوب 2*3*4 https://example.org/_a_/*b*/c',
      length: markup.length,
      link: 'https://example.org/_a_/*b*/c',
    });
  });

  it('needs an open window; a template does not', async () => {
    await at.settings('whatsapp', { windows: 'closed', openWindows: ['963911111111'] });
    expect(await text('أ')).toMatchObject(refused(131047));
    expect((await send({ type: 'text', text: { body: 'أ' }, to: '963911111111' })).status).toBe(200);
    expect((await template([body('أ', 'ب')])).status).toBe(200);
  });
});

describe('a request to WhatsApp', () => {
  it('is refused without token, product, number or a known kind', async () => {
    expect(await ask('POST', '1/messages', { json: {}, headers: { authorization: '' } })).toMatchObject({
      status: 401,
      json: { error: { code: 190, type: 'OAuthException' } },
    });
    expect(await send({ messaging_product: 'sms' })).toMatchObject(refused(100));
    expect(await send({ to: undefined, type: 'text', text: { body: 'أ' } })).toMatchObject(refused(131008));
    expect(await send({ to: 'me', type: 'text', text: { body: 'أ' } })).toMatchObject(refused(131009));
    expect(await send({ type: 'sticker' })).toMatchObject(refused(131051));
    expect(await send({ recipient_type: 'group' })).toMatchObject(refused(100));
    expect(await send({ biz_opaque_callback_data: 'x'.repeat(513), type: 'text', text: { body: 'أ' } })).toMatchObject(
      refused(100),
    );
  });

  it('uploads JPEG and PNG pictures of up to 5 MB', async () => {
    const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([10, 0, 10, 0]), Buffer.alloc(40)]);
    expect(await upload(gif)).toMatchObject(refused(131053));
    expect(await upload(Buffer.concat([png(), Buffer.alloc(5 * 1024 * 1024)]))).toMatchObject(refused(131053));
    const { id } = (await upload(png())).json;
    expect((await ask('GET', String(id))).json).toMatchObject({ mime_type: 'image/png', file_size: 64, id });
    expect(await ask('POST', '1/media', { form: formOf({ type: 'image/png' }, { file: png() }) })).toMatchObject(
      refused(100),
    );
  });

  it('refused for speed has code 130429 and status 400', async () => {
    await at.faults('whatsapp', { rules: [{ target: '+963900000000', fault: { kind: 'refuse', retryAfter: 3 } }] });
    const answer = await text('أ');
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 130429 } } });
    expect(answer.headers.get('retry-after')).toBe('3');
    await at.faults('whatsapp', { rules: [{ fault: { kind: 'refuse', status: 400, code: 131056 } }] });
    expect(await text('أ')).toMatchObject({ status: 400, json: { error: { code: 131056 } } });
  });
});
