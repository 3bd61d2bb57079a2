import { type Asked, readAsked } from '../desk/approvals.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import { openConfig, parseOptions } from './options.ts';
import { directLines, lineDirection } from './preview-direction.ts';
import { block } from './preview-text.ts';
import { placeOf, print, printJson } from './print.ts';

const most = 1_000;
const width = 76;

export const command: Command = {
  summary: 'Says yes to posts that wait for a person; without a name, shows them with what they would cost.',
  usage: 'approve [DELIVERY|ARTICLE…] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, {}, Number.POSITIVE_INFINITY);
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      if (positionals.length > 0) return await decide(runtime, positionals, 'yes', values.json ?? false);
      const asked = await readAsked(runtime, most);
      if (values.json) printJson(asked);
      else show(asked);
      return 0;
    } finally {
      await runtime.close();
    }
  },
};

function show(asked: readonly Asked[]): void {
  if (asked.length === 0) print('Nothing waits for a person to say yes.');
  for (const one of asked) {
    const { title, channel, platform, sandbox, deliveries, article, texts, problem, cost, expiresAt } = one;
    const name = deliveries.length === 1 ? deliveries[0] : article;
    const people = one.people === null ? '' : `, ${one.people} ${one.people === 1 ? 'person' : 'people'}`;
    const price = cost > 0 ? `, costs ${cost.toFixed(2)}` : '';
    const end = expiresAt === null ? '' : `, until ${expiresAt}`;
    const posts = texts.flatMap((text) =>
      directLines(text, platform).flatMap(({ line, direction }) => block(line, direction, width)),
    );
    print(
      [
        ...block(title, lineDirection(title), width),
        `  ${channel} (${platform}, ${placeOf(sandbox)}${people})${price}${end}`,
        ...(problem === undefined ? posts : [`  cannot be composed: ${problem}`]),
        `  yes: approve ${name}   no: reject ${name}`,
        '',
      ].join('\n'),
    );
  }
}
