import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AccountTemplates } from '../../src/cli/check-templates.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { configText, createFolder, json, run } from '../support/command.ts';

// Each process costs a second or several on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof createFolder>>;
let sandbox: Sandbox;
beforeAll(async () => {
  folder = await createFolder();
  sandbox = await startSandbox();
});
afterAll(async () => {
  await sandbox.close();
  await folder.remove();
});

const optOut = 'للإيقاف أرسل: إلغاء';

describe('templates', () => {
  it('lists what the simulated account has, and finds the usual channel well', async () => {
    const config = await folder.write('played.yaml', configText({ data: `${folder.path}/played` }));
    const { code, stdout } = await run(['templates', '--config', config], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^whatsapp-main, SANDBOX: 4 templates$/m);
    expect(stdout).toMatch(/news\/ar +APPROVED +MARKETING +UNKNOWN +2 variables +"\{\{1\}\}\\n\\n\{\{2\}\}"/);
    expect(stdout).toMatch(/^✓ template whatsapp-ar: news\/ar can be sent$/m);
  });

  it('asks a live account for all pages, and check says the same', async () => {
    const many = Array.from({ length: 230 }, (_, index) => ({
      ...{ name: `other_${index}`, language: 'ar', body: 'أ {{1}} ب', footer: optOut },
    }));
    const mine = { name: 'mine', language: 'ar', body: 'خبر: {{1}}\n\n{{2}} انتهى.', footer: optOut, status: 'PAUSED' };
    sandbox.setSettings('whatsapp', { business: '500', templates: [...many, mine] });
    const account = (business: object) => ({
      'whatsapp-main': {
        ...{ platform: 'whatsapp', phoneNumberId: '100200', accessToken: 'token', apiRoot: sandbox.roots.whatsapp },
        ...business,
      },
    });
    const channels = [
      {
        id: 'list',
        account: 'whatsapp-main',
        recipients: ['+963900000000'],
        template: { name: 'mine', language: 'ar' },
      },
    ];
    const write = (name: string, business: object) =>
      folder.write(name, configText({ data: `${folder.path}/live`, accounts: account(business), channels }));
    const config = await write('live.yaml', { businessAccountId: '500' });
    const listed = await run(['templates', '--config', config, '--json'], { cwd: folder.path });
    const { ok, accounts } = json<{ ok: boolean; accounts: AccountTemplates[] }>(listed);
    expect([listed.code, ok]).toEqual([1, false]);
    expect(accounts[0]?.templates).toHaveLength(235);
    expect(accounts[0]?.templates?.at(-1)).toEqual({
      ...{ name: 'mine', language: 'ar', status: 'PAUSED', category: 'MARKETING', quality: 'UNKNOWN' },
      ...{ body: mine.body, variables: 2, header: 'none', footer: optOut, buttons: [] },
    });
    expect(accounts[0]?.findings.map(({ result }) => result)).toEqual(['failed', 'warning']);
    const checked = await run(['check', '--config', config, '--json'], { cwd: folder.path });
    const { checks } = json<{ checks: { name: string; detail: string }[] }>(checked);
    expect(checked.code).toBe(1);
    expect(checks).toContainEqual(expect.objectContaining({ name: 'template list', result: 'failed' }));

    const without = await write('without.yaml', {});
    const asked = await run(['templates', '--config', without], { cwd: folder.path });
    expect([asked.code, asked.stdout]).toEqual([1, expect.stringContaining('businessAccountId is not set')]);
    const wrong = await write('wrong.yaml', { businessAccountId: '100200' });
    const refused = await run(['templates', '--config', wrong], { cwd: folder.path });
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('message_templates')]);
  });
});
