import { checkChannels, toArticle } from '../pipeline/ingest.ts';
import { accepts } from '../pipeline/plan.ts';
import { accountOf, platformOf } from '../runtime/lookup.ts';
import { readArticles } from './articles.ts';
import type { Command } from './command.ts';
import { openConfig, parseChannels, parseOptions } from './options.ts';
import { lengthBar, placeOf, print, printJson } from './print.ts';

export const command: Command = {
  summary: 'Shows the post that each channel would get; sends nothing.',
  usage: 'preview FILE|URL|-… [--channel ID…] [--breaking] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(
      args,
      { channel: { type: 'string', multiple: true }, breaking: { type: 'boolean' } },
      Number.POSITIVE_INFINITY,
    );
    const config = openConfig(values.config);
    const channels = parseChannels(values.channel);
    checkChannels(config.channels, channels);
    const drafts = await readArticles(positionals, config);
    const rows = drafts
      .map((draft) => toArticle(draft, { breaking: values.breaking ?? false }))
      .flatMap((article) =>
        config.channels
          .filter((channel) => (channels ? channels.includes(channel.id) : accepts(channel.filters, article)))
          .map((channel) => {
            const { parts, edits, warnings, template } = platformOf(channel).compose(article, channel);
            return {
              article,
              channel: channel.id,
              platform: channel.platform,
              sandbox: accountOf(config, channel.account).sandbox,
              parts: parts.map(({ text, length, limit, unit, media, link, markup }) => ({
                text,
                length,
                limit,
                unit,
                media,
                ...(link === undefined ? {} : { link }),
                ...(markup === undefined ? {} : { markup }),
              })),
              ...(template ? { template } : {}),
              edits,
              warnings,
            };
          }),
      );
    if (values.json) {
      printJson(rows);
      return 0;
    }
    for (const { article, channel, platform, sandbox, parts, edits, warnings } of rows) {
      print(`\n── ${channel} (${platform}, ${placeOf(sandbox)}) · ${article.id}`);
      for (const part of parts) {
        print(part.text);
        const picture = part.media.length > 0 ? ` · picture ${part.media[0]?.url}` : '';
        print(`   ${lengthBar(part.length, part.limit)} (${part.unit})${picture}`);
      }
      for (const edit of edits) print(`   changed: ${edit.kind}`);
      for (const warning of warnings) print(`   note: ${warning}`);
    }
    if (rows.length === 0) print('No channel takes this: every one is kept out by its filters.');
    return 0;
  },
};
