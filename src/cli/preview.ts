import { checkChannels } from '../pipeline/editor.ts';
import { toArticle } from '../pipeline/ingest.ts';
import { checkWords, readArticles } from './articles.ts';
import type { Command } from './command.ts';
import { openConfig, parseChannels, parseOptions, parseTime } from './options.ts';
import { writeWhole } from './preview-file.ts';
import { renderPage } from './preview-page.ts';
import { type ArticlePreview, type PostPreview, previewArticle } from './preview-posts.ts';
import { renderText } from './preview-text.ts';
import { print, printJson } from './print.ts';

export const command: Command = {
  summary: 'Shows the post that each channel would get; sends nothing.',
  usage: 'preview FILE|URL|-… [--channel ID…] [--breaking] [--at ISO] [--html FILE] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(
      args,
      {
        channel: { type: 'string', multiple: true },
        breaking: { type: 'boolean' },
        at: { type: 'string' },
        html: { type: 'string' },
      },
      Number.POSITIVE_INFINITY,
    );
    const config = openConfig(values.config);
    const channels = parseChannels(values.channel);
    const atMs = values.at === undefined ? Date.now() : parseTime(values.at);
    checkChannels(config.channels, channels);
    const drafts = await readArticles(positionals, config);
    const asked = { breaking: values.breaking ?? false, priorities: config.priorities };
    const articles = drafts.map((draft) => toArticle(draft, asked));
    checkWords(articles, config, channels);
    const previews = articles.map((article) => previewArticle(article, config, { channels, atMs }));

    const { timezone } = config;
    if (values.html !== undefined) await writeWhole(values.html, renderPage(previews, { timezone }));
    if (values.json) printJson(previews.flatMap(rows));
    else if (values.html !== undefined) print(`${values.html}: ${counted(previews)}.`);
    else print(renderText(previews, { timezone, colour: process.stdout.isTTY }));
    return 0;
  },
};

function counted(previews: readonly ArticlePreview[]): string {
  const posts = previews.reduce((sum, one) => sum + one.posts.length, 0);
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${count(posts, 'post')} of ${count(previews.length, 'article')}`;
}

/** An article's posts as the program's readers get them: one object a channel. */
function rows({ article, posts }: ArticlePreview): object[] {
  return posts.map(({ channel, platform, sandbox, also, ...post }) => ({
    article,
    channel,
    platform,
    sandbox,
    ...said(post),
    ...(also ? { also: also.map(said) } : {}),
  }));
}

function said({
  form,
  parts,
  template,
  edits,
  warnings,
}: Pick<PostPreview, 'form' | 'parts' | 'template' | 'edits' | 'warnings'>): object {
  return { ...(form === undefined ? {} : { form }), parts, ...(template ? { template } : {}), edits, warnings };
}
