import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Layout, Style } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import { platforms } from '../platforms/index.ts';
import { nearest } from '../text/nearest.ts';
import { withoutComments } from '../text/template.ts';
import { oneOf } from './issue.ts';
import type { Path } from './problem.ts';
import type { Report } from './report.ts';
import { printsHeadline, tryTemplate } from './template-sample.ts';

/** Templates of the folder beside a configuration, read and checked as channels ask for them. */
export interface Templates {
  /** The templates of one channel; undefined where the built-in one serves. What is wrong with them goes to the report. */
  layoutsOf(channel: { platform: Platform; layout: string | undefined; path: Path }): Style['layouts'];
  /** Warns of files that no channel can use. */
  warnOfOthers(): void;
}

/** `NAME.liquid` or `NAME.LANGUAGE.liquid`. */
interface TemplateFile {
  file: string;
  name: string;
  /** Absent: for any language. */
  language?: string;
}

const mostBytes = 64 * 1024;
const ending = '.liquid';
const languagePart = /^[a-z]{2,3}$/;

/** `file`: the configuration, as messages call it. */
export function createTemplates(file: string, report: Report): Templates {
  const folder = join(dirname(file), 'templates');
  const files = listFiles(folder, report);
  const names = new Set(Object.keys(platforms));
  const read = new Map<string, Layout | undefined>();

  function layoutOf({ file: base }: TemplateFile, platform: Platform, path: Path): Layout | undefined {
    const key = `${platform.id}/${base}`;
    if (!read.has(key)) read.set(key, readLayout({ folder, base, platform, path }, report));
    return read.get(key);
  }

  return {
    layoutsOf({ platform, layout, path }) {
      const name = layout ?? platform.id;
      names.add(name);
      const found = files.filter((one) => one.name === name);
      if (layout !== undefined && found.length === 0) reportMissing({ layout, folder, files, path }, report);
      const layouts = found
        .map((one) => [one.language, layoutOf(one, platform, path)] as const)
        .filter((entry): entry is readonly [string | undefined, Layout] => entry[1] !== undefined);
      if (layouts.every(([, one]) => isBuiltIn(one, platform))) return undefined;
      const any = layouts.find(([language]) => language === undefined)?.[1];
      const byLanguage = Object.fromEntries(layouts.filter(([language]) => language !== undefined));
      return { ...(any ? { any } : {}), ...(Object.keys(byLanguage).length > 0 ? { byLanguage } : {}) };
    },

    warnOfOthers() {
      for (const { file: base, name, language } of files) {
        const place = join(folder, base);
        if (!names.has(name)) {
          const near = nearest(name, [...names]);
          const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
          report.warn(['channels'], `no channel uses ${place}.${hint}`);
        } else if (language !== undefined && !languagePart.test(language)) {
          report.warn(['channels'], `no article uses ${place}: "${language}" is no language such as "ar" or "en".`);
        }
      }
    },
  };
}

/** True for the files that come with Munadi: without a change they only repeat the built-in template. */
function isBuiltIn({ source }: Layout, { layout }: Platform): boolean {
  return withoutComments(source).trim() === layout.trim();
}

function listFiles(folder: string, report: Report): TemplateFile[] {
  try {
    return readdirSync(resolve(folder))
      .filter((file) => file.endsWith(ending) && !file.startsWith('.'))
      .sort()
      .map((file) => {
        const [name = '', ...language] = file.slice(0, -ending.length).split('.');
        return { file, name, ...(language.length === 0 ? {} : { language: language.join('.') }) };
      });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') {
      const remedy = 'Make it a folder that the user that runs Munadi may read, or remove it.';
      report.add({ file: folder, line: 1, key: '(folder)', expected: 'a folder', got: `an error (${code})`, remedy });
    }
    return [];
  }
}

function reportMissing(
  { layout, folder, files, path }: { layout: string; folder: string; files: readonly TemplateFile[]; path: Path },
  report: Report,
): void {
  const names = [...new Set(files.map(({ name }) => name))];
  const near = nearest(layout, names);
  const there = names.length === 0 ? 'It has no templates.' : `There are: ${oneOf(names)}.`;
  report.problem([...path, 'layout'], {
    expected: `the name of a template in ${folder}`,
    got: report.show([...path, 'layout'], layout),
    remedy: near === undefined ? `${there} Write ${join(folder, layout + ending)}.` : `Did you mean "${near}"?`,
  });
}

function readLayout(
  { folder, base, platform, path }: { folder: string; base: string; platform: Platform; path: Path },
  report: Report,
): Layout | undefined {
  const name = join(folder, base);
  const source = readTemplate(name);
  if (typeof source !== 'string') {
    report.add({ file: name, line: 1, key: '(template)', ...source });
    return undefined;
  }
  const layout = { name, source };
  const problems = tryTemplate(layout, platform);
  for (const { line, expected, got, remedy } of problems) {
    report.add({ file: name, line, key: '(template)', expected, got, remedy });
  }
  if (problems.length > 0) return undefined;
  if (!printsHeadline(layout)) report.warn(path, `posts show no headline: ${name} does not print it.`);
  return layout;
}

function readTemplate(file: string): string | { expected: string; got: string; remedy: string } {
  const expected = 'a template of at most 64 KB';
  try {
    const bytes = readFileSync(resolve(file));
    if (bytes.length > mostBytes) return { expected, got: 'more', remedy: 'Check that this is the right file.' };
    if (!isUtf8(bytes)) return { expected, got: 'bytes that are not UTF-8', remedy: 'Save the file as UTF-8.' };
    return bytes.toString('utf8').replace(/^\ufeff/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const got = code === 'EISDIR' ? 'a folder' : `an error (${code})`;
    return { expected, got, remedy: 'Make it a file that the user that runs Munadi may read.' };
  }
}
