import type { ApprovedTemplate } from '../core/approved-template.ts';
import { openRuntime } from '../runtime/open.ts';
import { type AccountTemplates, accountsWithTemplates, checkTemplates } from './check-templates.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printJson, table } from './print.ts';

export const command: Command = {
  summary: 'Lists the approved templates of the WhatsApp accounts, and checks the channels against them.',
  usage: 'templates [--config FILE] [--json]',

  async run(args) {
    const { values } = parseOptions(args, {});
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      await runtime.sandbox();
      const accounts = await Promise.all(
        accountsWithTemplates(runtime).map((account) => checkTemplates(runtime, account)),
      );
      const ok = accounts.every(({ findings }) => findings.every(({ result }) => result !== 'failed'));
      if (values.json) printJson({ ok, accounts });
      else if (accounts.length === 0) print('No account has templates: none is on WhatsApp.');
      else for (const account of accounts) show(account);
      return ok ? 0 : 1;
    } finally {
      await runtime.close();
    }
  },
};

const marks = { ok: '✓', warning: '!', failed: '✗' };

function show({ account, sandbox, templates, findings }: AccountTemplates): void {
  const count = templates === undefined ? 'could not be asked' : `${templates.length} templates`;
  print(`${account}${sandbox ? ', SANDBOX' : ''}: ${count}`);
  if (templates && templates.length > 0) print(table(templates.map(row)));
  for (const { name, result, detail } of findings) print(`${marks[result]} ${name}: ${detail}`);
}

function row({ name, language, status, category, quality, variables, header, body }: ApprovedTemplate): string[] {
  const parts = [
    `${variables} variables`,
    ...(header === 'none' ? [] : [header === 'image' ? 'picture' : 'other header']),
  ];
  return [`  ${name}/${language}`, status, category, quality, parts.join(', '), JSON.stringify(body)];
}
