// Writes config/munadi.schema.json and the tables of docs/configuration.md; --check only says whether they are current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { configSchema, settingsTables } from '../src/config/json-schema.ts';

const begin = '<!-- settings: written by scripts/schema.ts -->';
const end = '<!-- end of settings -->';

const wanted = new Map([
  ['config/munadi.schema.json', `${JSON.stringify(configSchema(), null, 2)}\n`],
  ['docs/configuration.md', withTables(readFileSync('docs/configuration.md', 'utf8'))],
]);

const stale = [...wanted].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
if (process.argv.includes('--check')) {
  for (const [file] of stale) console.log(`${file} is not current: run npm run schema.`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const [file, text] of stale) writeFileSync(file, text);
console.log(stale.length === 0 ? 'All current.' : `Written: ${stale.map(([file]) => file).join(', ')}.`);

function withTables(page: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/configuration.md lacks "${begin}" … "${end}".`);
  return `${before}${begin}\n\n${settingsTables()}\n${end}${after}`;
}
