import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, openSandbox, sendRaw } from './asking.ts';

let at: Asked;
beforeAll(async () => {
  at = await openSandbox();
});
afterAll(() => at.sandbox.close());

const platforms = ['telegram', 'x', 'whatsapp', 'facebook'] as const;
const publishing = {
  telegram: '/bot1:a/sendMessage',
  x: '/2/tweets',
  whatsapp: '/v26.0/1/messages',
  facebook: '/v26.0/1/feed',
};
const oauth = 'Bearer 1-token';

function raw(line: string, body: Buffer | string = '', type = 'application/json'): Buffer {
  const head = `${line} HTTP/1.1\r\nhost: sandbox\r\nauthorization: ${oauth}\r\nconnection: close\r\ncontent-type: ${type}`;
  return Buffer.concat([
    Buffer.from(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ]);
}

describe.each(platforms)('%s', (platform) => {
  it.each([
    '//',
    'http://[',
    '/%',
    '/p/%E0%A4%A',
    '*',
    '/bot1:a/%00',
    '/__proto__',
    '/_sandbox/media/..',
    '/_sandboxes',
  ])('answers the address %s with a refusal', async (target) => {
    expect(await sendRaw(at.root(platform), raw(`POST ${target}`))).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await sendRaw(at.root(platform), raw(`GET ${target}`))).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('answers what is no HTTP, or a method of its own, with a refusal', async () => {
    expect(await sendRaw(at.root(platform), 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sendRaw(at.root(platform), raw(`PATCH ${publishing[platform]}`, '{}'))).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('outlives a sender that goes away in the middle', async () => {
    const whole = raw(`POST ${publishing[platform]}`, '{"text":"...........');
    const gone = new AbortController();
    const sending = at.call(platform, 'POST', publishing[platform], {
      json: { text: 'x'.repeat(5e6) },
      signal: gone.signal,
    });
    gone.abort();
    await expect(sending).rejects.toThrow();
    expect(await sendRaw(at.root(platform), whole)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await at.call(platform, 'GET', '/_sandbox/faults')).status).toBe(200);
  });

  it('always answers a body that makes no sense with a refusal, and records nothing', async () => {
    const odd = fc.oneof(
      fc.constantFrom(null, true, [], {}, 0, '', '\u0000', [null], { length: 3 }),
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('template', 'image', 'text', 'html', 'whatsapp', '{"a":', '[object Object]'),
    );
    const names =
      'text parse_mode media reply message link attached_media to type template image biz_opaque_callback_data components'.split(
        ' ',
      );
    const fields = fc.dictionary(fc.constantFrom(...names), odd);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fields.map((all) => JSON.stringify(all)),
          fc.string(),
        ),
        async (body) => {
          // Only a plain text makes a post that could be accepted.
          const isPost = /"(text|message|link)":"[^"]/.test(body);
          const answer = await sendRaw(at.root(platform), raw(`POST ${publishing[platform]}`, body));
          expect(answer).toMatch(isPost ? /^HTTP\/1\.1 [24]\d\d / : /^HTTP\/1\.1 4\d\d /);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    { components: [null] },
    { components: [{ type: 'body', parameters: 5 }] },
    { components: [{ type: 'header', parameters: {} }] },
    { components: [{ type: 'header', parameters: [null] }] },
    { components: { type: 'body' } },
    'news',
    null,
  ])('refuses a template like %j', async (template) => {
    const whole = typeof template === 'object' ? { name: 'news', language: { code: 'ar' }, ...template } : template;
    const json = { messaging_product: 'whatsapp', to: '963900000000', type: 'template', template: whole };
    const { status } = await at.call(platform, 'POST', publishing[platform], {
      json,
      headers: { authorization: oauth },
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});
