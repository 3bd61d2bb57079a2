import type { ApprovedTemplate, UsedTemplate } from '../core/approved-template.ts';
import type { Account, Channel } from '../core/channel.ts';
import { createDeadline } from '../pipeline/deadline.ts';
import { platformOf } from '../runtime/lookup.ts';
import type { Runtime } from '../runtime/open.ts';
import type { Finding } from './check-sources.ts';

/** What an account has, and what is to be said of the channels that use it. */
export interface AccountTemplates {
  account: string;
  sandbox: boolean;
  /** Absent where the platform could not be asked. */
  templates?: ApprovedTemplate[];
  findings: Finding[];
}

/** Accounts whose platform keeps templates. */
export function accountsWithTemplates({ config }: Runtime): Account[] {
  return Object.values(config.accounts).filter((account) => platformOf(account).templatesOf !== undefined);
}

/** Asks the platform for an account's templates, and compares them with the channels. */
export async function checkTemplates(runtime: Runtime, account: Account): Promise<AccountTemplates> {
  const { id, sandbox } = account;
  const channels = runtime.config.channels.filter((channel) => channel.account === id);
  const deadline = createDeadline(runtime.config.reliability.requestTimeoutMs);
  try {
    const templates = (await runtime.publisher(id).templates?.({ signal: deadline.signal })) ?? [];
    const findings = channels.flatMap((channel) => checkChannel(channel, templates));
    return { account: id, sandbox, templates, findings };
  } catch (error) {
    const detail = (error as Error).message;
    return { account: id, sandbox, findings: [{ name: `templates ${id}`, result: 'failed', detail }] };
  } finally {
    deadline.clear();
  }
}

/** What the text that readers get has to say of how to stop, in the languages of the built-in words. */
const wayOut = /إلغاء|الغاء|إيقاف|ايقاف|توقف|\bstop\b|unsubscribe|opt[ -]?out/i;
const categories = ['MARKETING', 'UTILITY'];

/** Compares the templates that a channel is set to send with those that its account has. */
export function checkChannel(channel: Channel, templates: readonly ApprovedTemplate[]): Finding[] {
  const used = platformOf(channel).templatesOf?.(channel) ?? [];
  return used.flatMap((one): Finding[] => {
    const name = `template ${channel.id}`;
    const key = `${one.name}/${one.language}`;
    const found = templates.find((other) => other.name === one.name && other.language === one.language);
    const problems = found ? problemsOf(one, found) : [missing(one, templates)];
    const warnings = found ? warningsOf(one, found) : [];
    const say = (result: Finding['result']) => (detail: string) => ({ name, result, detail: `${key} ${detail}` });
    const all = [...problems.map(say('failed')), ...warnings.map(say('warning'))];
    return all.length > 0 ? all : [{ name, result: 'ok', detail: `${key} can be sent` }];
  });
}

function missing({ name, language }: UsedTemplate, templates: readonly ApprovedTemplate[]): string {
  const languages = templates.filter((one) => one.name === name).map((one) => one.language);
  return languages.length > 0
    ? `is not there in ${language}, but in ${languages.join(', ')}. Register it, or correct "language".`
    : 'is not there. Register it in the WhatsApp Manager, or correct "name".';
}

/** What keeps it from being sent. */
function problemsOf(used: UsedTemplate, found: ApprovedTemplate): string[] {
  const { status, header, variables, category, body, openButtons = [] } = found;
  const problems: string[] = [];
  if (status !== 'APPROVED') problems.push(`cannot be sent: its status is ${status}.`);
  if (variables !== 2) problems.push(`has ${variables} variables in its body, and needs two: {{1}} and {{2}}.`);
  else if (!body.includes('{{1}}') || !body.includes('{{2}}'))
    problems.push('has other variables in its body than {{1}} and {{2}}. Register it with numbers for names.');
  for (const button of openButtons)
    problems.push(`has a button "${button}" with a variable, which cannot be filled. Register it without.`);
  if (header === 'other')
    problems.push('has something on top other than a picture or fixed text, which cannot be filled.');
  else if (header !== used.header) {
    const has = header === 'image' ? 'a picture' : 'nothing';
    problems.push(`has ${has} on top. Write in the configuration: header: ${header}`);
  }
  if (!categories.includes(category)) problems.push(`is of the category ${category}, which cannot bring news.`);
  return problems;
}

function warningsOf(used: UsedTemplate, found: ApprovedTemplate): string[] {
  const { body, footer = '', buttons, quality } = found;
  const warnings: string[] = [];
  if (used.text !== body) {
    warnings.push(
      `is measured and shown by another text than the approved one: ${JSON.stringify(used.text)}. Write in the configuration: text: ${JSON.stringify(body)}`,
    );
  }
  if (![body, footer, ...buttons].some((text) => wayOut.test(text))) {
    warnings.push('does not say how to stop. Give it a footer such as "للإيقاف أرسل: إلغاء" or "To stop, send STOP".');
  }
  if (quality === 'YELLOW' || quality === 'RED') warnings.push(`is of ${quality} quality: Meta may pause it.`);
  return warnings;
}
