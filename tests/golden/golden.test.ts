import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { previewArticle } from '../../src/cli/preview-posts.ts';
import { renderText } from '../../src/cli/preview-text.ts';
import { loadConfig } from '../../src/config/load.ts';
import { toArticle } from '../../src/pipeline/ingest.ts';
import { readArticle } from '../../src/sources/index.ts';
import { run } from '../support/command.ts';

/**
 * What `preview` shows of each article in `articles/`. Where a change of the posts is wanted, `UPDATE_GOLDEN=1` writes
 * the files in `previews/` anew; read the difference before it is kept.
 */

const folder = import.meta.dirname;
const config = join(folder, 'munadi.yaml');
const due = '2026-05-06T12:00:00+03:00';
const names = readdirSync(join(folder, 'articles')).map((name) => parse(name).name);
const articleFile = (name: string) => join(folder, 'articles', `${name}.json`);
const previewFile = (name: string) => join(folder, 'previews', `${name}.txt`);

function shown(name: string): string {
  const draft = readArticle({ bytes: readFileSync(articleFile(name)), name });
  const loaded = loadConfig(config, { mode: 'sandbox' });
  const preview = previewArticle(toArticle(draft), loaded, { atMs: Date.parse(due) });
  return `${renderText([preview], { timezone: loaded.timezone })}\n`;
}

// A process costs seconds on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

describe('the preview of an article', () => {
  it.each(names)('%s is the one on file', async (name) => {
    const text = shown(name);
    if (process.env.UPDATE_GOLDEN === '1') await writeFile(previewFile(name), text);
    expect(text).toBe(readFileSync(previewFile(name), 'utf8'));
  });

  it('is on file for every article, and for no other', () => {
    const previews = readdirSync(join(folder, 'previews')).map((name) => parse(name).name);
    expect(previews.sort()).toEqual([...names].sort());
    expect(names.length).toBeGreaterThanOrEqual(10);
  });

  it('is what the command prints', async () => {
    const name = 'ar-teachers-strike';
    const { code, stdout, stderr } = await run(['preview', articleFile(name), '--config', config, '--at', due]);
    expect(stderr).toBe('');
    expect(stdout).toBe(shown(name));
    expect(code).toBe(0);
  });
});
