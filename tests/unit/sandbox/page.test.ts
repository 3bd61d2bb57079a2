import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderAllPosts, renderSandboxPage, type SandboxPost } from '../../../src/sandbox/index.ts';
import { type Asked, openSandbox, png } from './asking.ts';

const platforms = ['telegram', 'x', 'whatsapp', 'facebook'];

const post = (platform: string, change: Partial<SandboxPost> = {}): SandboxPost => ({
  platform,
  id: '1',
  url: 'http://sandbox/p/1',
  at: '2026-01-01T12:00:00.000Z',
  target: platform === 'telegram' ? '@news' : '1000',
  text: 'خبر',
  length: 3,
  limit: 280,
  unit: 'utf16',
  media: [],
  raw: {},
  ...change,
});

const open = (html: string) => parseHTML(html).document;
const elements = new Set(
  'html head meta title style body header div h1 p span main article section h2 b strong em s u code pre blockquote mark small time bdi a img svg path i'.split(
    ' ',
  ),
);

/** What is wrong with a page: elements and attributes that these pages never have, links that lead elsewhere. */
function dangers(html: string): string[] {
  return [...open(html).querySelectorAll('*')].flatMap((element) => {
    const name = element.localName;
    const own = elements.has(name) ? [] : [`<${name}>`];
    const attributes = [...element.attributes].flatMap(({ name: key, value }) => {
      if (key.startsWith('on')) return [key];
      if (key === 'href' && !/^https?:\/\//i.test(value)) return [value];
      if (key === 'src' && !/^(\/_sandbox\/media\/|data:image\/)/.test(value)) return [value];
      return key === 'style' && !/^width:\d+%$/.test(value) ? [value] : [];
    });
    return [...own, ...attributes];
  });
}

const hostile = fc
  .array(
    fc.constantFrom(
      ...[
        '<script>alert(1)</script>',
        '"',
        "'",
        '>',
        '<',
        '&',
        '&lt;',
        '`',
        '\u202E',
        '\u2067',
        'خبر',
        ' ',
        '\n',
        '*',
        '_',
        '~',
        '#وسم',
        '@x',
      ],
      ...[
        '" onload="x',
        "' onerror='x",
        '<img src=x onerror=x>',
        '<a href="javascript:x">',
        '</style>',
        '</div>',
        '<!--',
        ']]>',
      ],
      ...[
        'javascript:alert(1)',
        'https://example.org/"><b>',
        'https://x.org/<script>',
        'data:text/html,x',
        '<b>',
        '</b>',
        "<a href='https://x.org/?\"'>",
        '</a>',
      ],
    ),
    { maxLength: 12 },
  )
  .map((all) => all.join(''));

describe('a page of the sandbox', () => {
  it('never shows anything of a post but as text and plain links', () => {
    const posts = fc.record({
      text: hostile,
      markup: hostile,
      link: hostile,
      target: hostile,
      id: hostile,
      at: hostile,
      footer: hostile,
      buttons: fc.array(hostile, { maxLength: 3 }),
      replyTo: hostile,
      alt: hostile,
      template: hostile,
    });
    fc.assert(
      fc.property(fc.constantFrom(...platforms), posts, (platform, { alt, template, ...change }) => {
        const kept = { kind: 'photo' as const, mimeType: 'image/png', bytes: 1, width: 1, height: 1, alt };
        const media = [
          { ...kept, sha256: '', url: alt },
          { ...kept, sha256: 'hash' },
        ];
        const one = post(platform, {
          ...change,
          media,
          template: { name: template, language: template, parameters: [] },
        });
        const two = post(platform, { ...change, id: '2' });
        expect(dangers(renderSandboxPage(platform, [one, two], { focus: change.id }))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  }, 60_000);

  it('shows the text of a post, whole and in its direction', () => {
    const arabic = 'افتتحت SY24 مكتبا في “حلب القديمة”.\n\nالتفاصيل: https://example.org/a?b=1&c=2 #حلب';
    for (const platform of platforms) {
      const document = open(
        renderSandboxPage(platform, [
          post(platform, { text: arabic }),
          post(platform, { id: '2', text: 'SY24 opens in Aleppo.' }),
        ]),
      );
      const said = [...document.querySelectorAll('.say')];
      const byDirection = (dir: string) => said.find((element) => element.getAttribute('dir') === dir)?.textContent;
      // X shows addresses without their scheme.
      expect(byDirection('rtl')).toBe(platform === 'x' ? arabic.replace('https://', '') : arabic);
      expect(byDirection('ltr')).toBe('SY24 opens in Aleppo.');
      expect(document.querySelector('.say a')?.getAttribute('href')).toBe('https://example.org/a?b=1&c=2');
      expect(document.querySelector('.say a')?.getAttribute('dir')).toBe('ltr');
      expect(document.querySelector('meta[name=viewport]')?.getAttribute('content')).toContain('width=device-width');
    }
  });

  it('takes the direction of a post that opens with a name or an address from the words after it', () => {
    const directionOf = (text: string) =>
      open(renderSandboxPage('x', [post('x', { text })]))
        .querySelector('.say')
        ?.getAttribute('dir');
    expect(directionOf('@munadi: خبر عاجل')).toBe('rtl');
    expect(directionOf('https://example.org خبر')).toBe('rtl');
    expect(directionOf('2026: خبر')).toBe('rtl');
    expect(directionOf('News from حلب')).toBe('ltr');
    expect(directionOf('https://example.org')).toBe('ltr');
  });

  it('shows Telegram’s and WhatsApp’s formatting, and links by their words', () => {
    const markup =
      '<b>عاجل <i>الآن</i></b> &lt;خبر&gt; <a href="https://example.org/?a=1&amp;b=2">اقرأ SY24</a> <a href="javascript:x">لا</a>';
    const telegram = open(
      renderSandboxPage('telegram', [post('telegram', { text: 'عاجل الآن <خبر> اقرأ SY24 لا', markup })]),
    );
    const said = telegram.querySelector('.say');
    expect(said?.textContent).toBe('عاجل الآن <خبر> اقرأ SY24 لا');
    expect(said?.querySelector('strong em')?.textContent).toBe('الآن');
    expect(
      [...(said?.querySelectorAll('a') ?? [])].map((a) => [a.getAttribute('href'), a.getAttribute('dir')]),
    ).toEqual([['https://example.org/?a=1&b=2', 'auto']]);
    const sent = '*عاجل _الآن_* 2*3 https://example.org/_a_/*b*';
    const whatsapp = open(renderSandboxPage('whatsapp', [post('whatsapp', { markup: sent })])).querySelector('.say');
    expect(whatsapp?.querySelector('strong em')?.textContent).toBe('الآن');
    expect(whatsapp?.textContent).toBe('عاجل الآن 2*3 https://example.org/_a_/*b*');
  });

  it('tells a deleted post, an edited one, and an answer', () => {
    const before = post('telegram', { text: 'الخبر الأول\nبقية', removed: true });
    const after = post('telegram', { id: '2', text: 'تصحيح', edited: true, replyTo: '1' });
    const document = open(renderSandboxPage('telegram', [before, after]));
    expect(document.querySelector('.gone .removed')?.textContent).toContain('Deleted');
    expect(document.querySelector('.quote')?.textContent).toBe('↩ Deleted · حُذف');
    const live = { ...before, removed: false };
    const answered = open(renderSandboxPage('telegram', [live, after]));
    expect(answered.querySelector('.quote')?.textContent).toBe('↩ الخبر الأول');
    expect(document.querySelectorAll('time')[1]?.textContent).toBe(
      `edited ${document.querySelectorAll('time')[0]?.textContent}`,
    );
  });

  it('does not decode an address into one that looks like another', () => {
    const document = open(
      renderSandboxPage('facebook', [post('facebook', { link: 'https://example.org/%E2%80%AEgpj.exe' })]),
    );
    expect(document.querySelector('.card small')?.textContent).toBe('/%E2%80%AEgpj.exe');
    const plain = open(
      renderSandboxPage('facebook', [post('facebook', { link: 'https://example.org/%D8%AD%D9%84%D8%A8' })]),
    );
    expect(plain.querySelector('.card small')?.textContent).toBe('/حلب');
  });

  it('stays light: the newest 200 posts, and the one it was opened for', () => {
    const posts = Array.from({ length: 1_000 }, (_, index) => post('x', { id: String(index), text: `خبر ${index}` }));
    const document = open(renderSandboxPage('x', posts, { focus: '3' }));
    expect(document.querySelectorAll('article')).toHaveLength(201);
    expect(document.querySelector('.focus .say')?.textContent).toBe('خبر 3');
    expect(document.querySelector('.top p')?.textContent).toBe('1000 posts, the newest 201 shown');
  });

  it('of all platforms needs nothing beside it', () => {
    const media = [
      {
        kind: 'photo' as const,
        mimeType: 'image/png',
        bytes: 64,
        sha256: 'hash',
        width: 640,
        height: 360,
        alt: 'حديقة',
      },
    ];
    const html = renderAllPosts(
      platforms.map((platform) => post(platform, { media })),
      () => ({ bytes: png(), mimeType: 'image/png' }),
    );
    const document = open(html);
    expect(
      [...document.querySelectorAll('img')].map((img) => [
        img.getAttribute('src')?.slice(0, 22),
        img.getAttribute('alt'),
      ]),
    ).toEqual(Array(4).fill(['data:image/png;base64,', 'حديقة']));
    expect(document.querySelectorAll('link, script, iframe')).toHaveLength(0);
    expect(html).not.toMatch(/url\(|@import/);
    expect(document.querySelector('meta[http-equiv]')?.getAttribute('content')).toContain("default-src 'none'");
  });
});

describe('a page over HTTP', () => {
  let at: Asked;
  beforeAll(async () => {
    at = await openSandbox();
  });
  afterAll(() => at.sandbox.close());

  it('forbids scripts and frames, and holds no token', async () => {
    await at.call('telegram', 'POST', '/bot1:very-secret/sendMessage', {
      json: { chat_id: '@news', text: '<script>x</script>' },
    });
    const [{ url = '' } = {}] = await at.posts('telegram');
    expect(url).toBe(`${at.root('telegram')}/p/%40news/1`);
    for (const path of ['/', '/p/@news/1', new URL(url).pathname]) {
      const answer = await fetch(at.root('telegram') + path);
      expect(answer.status).toBe(200);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('script-src');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const html = await answer.text();
      expect(dangers(html)).toEqual([]);
      expect(html).not.toContain('very-secret');
    }
    expect((await fetch(`${at.root('telegram')}/p/none`)).status).toBe(404);
    expect((await fetch(`${at.root('telegram')}/p/%E0%A4%A`)).status).toBe(404);
  });
});
