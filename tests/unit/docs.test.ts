import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { TelegramError } from 'telegraf';
import { describe, expect, it } from 'vitest';
import * as errors from '../../src/core/errors.ts';
import { platforms } from '../../src/platforms/index.ts';
import { facebookFailure } from '../../src/platforms/shared/facebook-errors.ts';
import { telegramFailure } from '../../src/platforms/shared/telegram-errors.ts';
import { whatsappFailure } from '../../src/platforms/shared/whatsapp-errors.ts';

/** What the pages say is what the code does, and what they point to is there. */

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.split(sep).join('/')}`),
].map((path) => ({ path, text: read(path), prose: read(path).replace(/^\s*```[\s\S]*?^\s*```/gm, '') }));

const commands = [...read('src/cli/run.ts').matchAll(/^ {2}(\w+): \(\) => import\('\.\//gm)].map(
  ([, name]) => name ?? '',
);
const errorsPage = read('docs/errors.md');

/** As GitHub makes them of headings. */
function anchors(prose: string): string[] {
  return [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Rows of the tables below a heading, as cells. */
function rowsBelow(page: string, heading: string): string[][] {
  const section = page.split(new RegExp(`^${heading}$`, 'm'))[1]?.split(/^#{1,3} /m)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| code |'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

describe('links', () => {
  it('lead to files and headings that are there', () => {
    const broken = pages.flatMap(({ path, prose }) =>
      [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^(https?|mailto):/.test(target))
        .filter((target) => {
          const [file = '', anchor] = target.split('#');
          const full = file === '' ? path : relative(root, resolve(root, dirname(path), file));
          if (!existsSync(join(root, full))) return true;
          return anchor !== undefined && !anchors(read(full).replace(/^\s*```[\s\S]*?^\s*```/gm, '')).includes(anchor);
        })
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
    const linked = pages.find(({ path }) => path === 'README.md')?.prose ?? '';
    expect([...linked.matchAll(/\]\(docs\//g)].length).toBeGreaterThan(8);
  });

  it('reach every page of the docs from the README, or from the list of decisions', () => {
    const readme = read('README.md');
    const decisions = read('docs/decisions/README.md');
    const lost = pages
      .map(({ path }) => path)
      .filter((path) => path.startsWith('docs/'))
      .filter((path) => !readme.includes(`](${path}`) && !decisions.includes(`](${path.split('/').at(-1)})`));
    expect(lost).toEqual([]);
  });

  it('have words for those who do not see the pictures', () => {
    const pictures = pages.flatMap(({ prose }) => [...prose.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)]);
    expect(pictures.length).toBeGreaterThan(1);
    for (const [, words = '', file] of pictures) expect(words.length, file).toBeGreaterThan(20);
    for (const name of readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.svg'))) {
      expect(read(`docs/${name}`), name).toMatch(/role="img"[\s\S]*<title id="title">.+<\/title>\s*<desc id="desc">/);
      expect(read(`docs/${name}`), name).toContain('prefers-color-scheme: dark');
    }
  });
});

describe('the README', () => {
  const readme = read('README.md');

  it('is short', () => {
    expect(readme.split(/\s+/).length).toBeLessThanOrEqual(650);
  });

  it("shows the reader's own article on its first screen, and Telegram as the first real post", () => {
    const first = readme.split('\n').slice(0, 16).join('\n');
    expect(first).toMatch(/^npm run -s munadi -- preview https:/m);
    expect(first).toMatch(/^npm run demo/m);
    expect(first).toMatch(/^npm start/m);
    const posts = readme.indexOf('## The first real post: Telegram');
    expect(posts).toBeGreaterThan(0);
    for (const { id, name } of Object.values(platforms).filter(({ id }) => id !== 'telegram')) {
      expect(readme.slice(posts)).toContain(`[${name}](docs/platforms.md#${id})`);
    }
  });
});

describe('commands', () => {
  it('have a section each, and no other has one', () => {
    const sections = anchors(read('docs/commands.md')).filter((name) => !/^(commands|scripts-beside-it)$/.test(name));
    expect(commands.length).toBeGreaterThan(10);
    expect(sections.sort()).toEqual([...commands].sort());
  });

  it('exist, wherever a page names one', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:-s )?munadi -- ([a-z]+)/g)].map(([, name = '']) => [path, name] as const),
    );
    const wrong = named.filter(([, name]) => !commands.includes(name));
    expect(wrong).toEqual([]);
    expect(named.length).toBeGreaterThan(25);
  });

  it('are run through npm in the clone', () => {
    expect(pages.filter(({ text }) => /npx munadi|npm exec munadi/.test(text)).map(({ path }) => path)).toEqual([]);
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    const wrong = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:-s )?([a-z:]+)/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => !scripts.includes(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('have every option that their page lists, and list every one that they take', () => {
    const page = read('docs/commands.md');
    for (const name of commands) {
      const usage = /usage:\s*(?:['"`])([\s\S]*?)['"`],?\n/.exec(read(`src/cli/${name}.ts`))?.[1] ?? '';
      const section = page.split(new RegExp(`^## ${name}$`, 'm'))[1]?.split(/^## /m)[0] ?? '';
      const options = (text: string) => [
        ...new Set([...text.matchAll(/(?<![\w-])--([a-z]+)/g)].map(([, option]) => option ?? '')),
      ];
      const common = ['config', 'json'];
      for (const option of options(usage).filter((one) => !common.includes(one)))
        expect(options(section), `${name} --${option}`).toContain(option);
      for (const option of options(section).filter((one) => !common.includes(one)))
        expect(options(usage), `${name} --${option}`).toContain(option);
    }
  });
});

describe('errors', () => {
  it('are on their page, every class under its name and its word in JSON', () => {
    const classes = Object.values(errors).filter(
      (one) => typeof one === 'function' && one.prototype instanceof errors.PublishError,
    );
    expect(classes).toHaveLength(5);
    for (const { name } of classes) {
      const word = name
        .replace('Error', '')
        .replace(/(?<=.)[A-Z]/g, '-$&')
        .toLowerCase();
      expect(errorsPage).toContain(`| \`${name}\` | \`${word}\` |`);
    }
  });

  /** `131005`, `200–299` and `17, 32` as numbers: of a range its ends. */
  const numbersIn = (cell: string) => [...cell.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const classOf = (row: string[]) => /`([a-z-]+)`/.exec(row[2] ?? '')?.[1];
  const graph = { WhatsApp: whatsappFailure, Facebook: facebookFailure };

  it.each(Object.entries(graph))('of %s have the class that their page gives them', (name, failure) => {
    const rows = rowsBelow(errorsPage, `### ${name}`);
    expect(rows.length).toBeGreaterThan(8);
    const answer = { status: 400, headers: {}, json: undefined };
    for (const row of rows) {
      const subcode = /^any, subcode (\d+)$/.exec(row[0] ?? '')?.[1];
      const refusals = subcode
        ? [{ code: 99_999, error_subcode: Number(subcode) }]
        : numbersIn(row[0] ?? '').map((code) => ({ code }));
      for (const refusal of refusals) {
        expect(failure(answer, refusal, 'said').failure, `${name} ${row[0]}`).toBe(classOf(row));
      }
    }
    expect(failure(answer, { code: 99_999 }, 'said').failure).toBe('rejected');
  });

  it.each([
    ['WhatsApp', 'whatsapp'],
    ['Facebook', 'facebook'],
  ])('of %s are all on the page', (name, id) => {
    const text = read(`src/platforms/shared/${id}-errors.ts`);
    const table = [...text.matchAll(/^ {2}\[(\d+), /gm)].map(([, code]) => Number(code));
    const sets = [...text.matchAll(/new Set\(\[([\d, ]+)\]\)/g)].flatMap(([, list = '']) => numbersIn(list));
    const single = [...text.matchAll(/\bcode === (\d+)|[Ss]ubcode = (\d+)/g)].map(([, one, two]) => Number(one ?? two));
    const listed = rowsBelow(errorsPage, `### ${name}`).flatMap(([cell = '']) => numbersIn(cell));
    expect(table.length).toBeGreaterThan(4);
    expect([...table, ...sets, ...single].filter((code) => !listed.includes(code))).toEqual([]);
  });

  it.each(['X', 'Telegram'])('of %s are all on the page', (name) => {
    const text = read(`src/platforms/shared/${name.toLowerCase()}-errors.ts`);
    const codes = [...text.matchAll(/\b(?:status|code) (?:===|>=) ([4-9]\d\d)\b/g)].map(([, code]) => Number(code));
    const listed = rowsBelow(errorsPage, `### ${name}`).flatMap(([cell = '']) => numbersIn(cell));
    expect(codes.length).toBeGreaterThan(3);
    expect(codes.filter((code) => !listed.includes(code))).toEqual([]);
  });

  it('of Telegram have the class that their page gives them', () => {
    const told = (code: number, description: string) =>
      telegramFailure(new TelegramError({ error_code: code, description }), code, (text) => text)?.failure;
    for (const row of rowsBelow(errorsPage, '### Telegram')) {
      const description = (row[1] ?? '').split(/[,:;]/)[0] ?? '';
      for (const code of numbersIn(row[0] ?? '')) expect(told(code, description), row.join(' ')).toBe(classOf(row));
    }
  });
});

describe('platforms', () => {
  it('have a section with an example, and a table of errors', () => {
    const page = read('docs/platforms.md');
    for (const { name } of Object.values(platforms)) {
      const section = page.split(new RegExp(`^## ${name}$`, 'm'))[1]?.split(/^## /m)[0] ?? '';
      expect(section, name).toContain('```yaml');
      expect(errorsPage).toMatch(new RegExp(`^### ${name}$`, 'm'));
    }
  });
});
