// Writes the posts shown in docs/posts.md as the program composes them; --check only says whether they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { loadConfig } from '../src/config/load.ts';
import type { Channel } from '../src/core/channel.ts';
import type { Post } from '../src/core/post.ts';
import { toArticle } from '../src/pipeline/ingest.ts';
import { platforms } from '../src/platforms/index.ts';
import { readArticle } from '../src/sources/index.ts';

const file = 'docs/posts.md';
const begin = '<!-- posts: written by scripts/posts.ts -->';
const end = '<!-- end of posts -->';
const samples = ['examples/02-solar-wells.json', 'examples/03-night-train.json'];

const page = readFileSync(file, 'utf8');
const [before, rest] = page.split(begin);
const after = rest?.split(end)[1];
if (before === undefined || after === undefined) throw new Error(`${file} lacks "${begin}" … "${end}".`);
const wanted = `${before}${begin}\n\n${samples.map(show).join('\n')}\n${end}${after}`;
if (process.argv.includes('--check')) {
  if (page !== wanted) console.log(`${file} is not current: run npm run posts.`);
  process.exit(page === wanted ? 0 : 1);
}
writeFileSync(file, wanted);

function show(name: string): string {
  const article = toArticle(readArticle({ bytes: readFileSync(name), name }));
  const { channels } = loadConfig('config/munadi.yaml');
  const posts = channels.map((channel) => ({
    channel,
    post: (platforms[channel.platform] as (typeof platforms)[string]).compose(article, channel),
  }));
  return [
    `### ${article.title}`,
    '',
    `[\`${name}\`](../${name})`,
    '',
    ...posts.map(({ channel, post }) => card(channel, post, article.direction)),
  ].join('\n');
}

function card({ platform }: Channel, { parts, edits }: Post, direction: string): string {
  return parts
    .map(({ text, length, limit, unit }) => {
      const lines = text.split('\n').map((line) => (line === '' ? '>' : `> ${plain(line)}`));
      const changed = [...new Set(edits.map(({ kind }) => kind))];
      const note = changed.length > 0 ? `; changed: ${changed.join(', ')}` : '';
      const name = platforms[platform]?.name;
      return `**${name}**, ${length} of ${limit} (${unit})${note}\n\n<div dir="${direction}">\n\n${lines.join('\n')}\n\n</div>\n`;
    })
    .join('\n');
}

/** Signs that Markdown would take for its own. */
function plain(line: string): string {
  return line.replace(/[*_`<>#[\]]/g, '\\$&').replace(/https?:\/\/\S+/g, (link) => link.replaceAll('\\', ''));
}
