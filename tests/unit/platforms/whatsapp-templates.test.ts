import { describe, expect, it } from 'vitest';
import { listTemplates } from '../../../src/platforms/shared/whatsapp-templates.ts';

const read = async (...components: object[]) => {
  const one = { name: 'news', language: 'ar', components };
  const [template] = await listTemplates(async () => ({ data: [one] }), '500');
  return template;
};

describe('a template of the account', () => {
  it('has nothing to fill in on top where it has none, or a line that is always the same', async () => {
    expect(await read()).toMatchObject({ header: 'none' });
    expect(await read({ type: 'HEADER', format: 'TEXT', text: 'Munadi' })).toMatchObject({ header: 'none' });
    expect(await read({ type: 'HEADER', format: 'IMAGE' })).toMatchObject({ header: 'image' });
    for (const other of [{ format: 'TEXT', text: '{{1}}' }, { format: 'VIDEO' }, {}])
      expect(await read({ type: 'HEADER', ...other })).toMatchObject({ header: 'other' });
  });

  it('names the buttons that want a parameter', async () => {
    const url = { type: 'URL', text: 'Read', url: 'https://n.example/{{1}}' };
    const fixed = { type: 'URL', text: 'Site', url: 'https://n.example/' };
    const buttons = [{ type: 'QUICK_REPLY', text: 'STOP' }, url, fixed, { type: 'COPY_CODE', text: 'Copy' }, null];
    expect(await read({ type: 'BUTTONS', buttons })).toMatchObject({
      buttons: ['STOP', 'Read', 'Site', 'Copy', ''],
      openButtons: ['Read', 'Copy'],
    });
    expect(await read({ type: 'BUTTONS', buttons: [fixed] })).not.toHaveProperty('openButtons');
  });
});
