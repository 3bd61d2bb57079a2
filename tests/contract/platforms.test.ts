import { describe, it } from 'vitest';
import { platforms } from '../../src/platforms/index.ts';
import { facebookAnswers, facebookChanges } from './answers/facebook.ts';
import { telegramAnswers, telegramChanges } from './answers/telegram.ts';
import { whatsappAnswers } from './answers/whatsapp.ts';
import { xAnswers, xChanges } from './answers/x.ts';
import { composeChecks } from './suite/compose.ts';
import { httpChecks } from './suite/exercise.ts';
import { type Subject, simulatedBySandbox } from './suite/subject.ts';

const image = { name: 'news_image', language: 'ar', text: '{{1}}\n\n{{2}}', header: 'image' };
const recipients = ['+963900000000'];

/** What the suite knows of a platform beside its id. A new platform runs through the suite without an entry here. */
const known: Record<string, Partial<Subject>> = {
  telegram: {
    replies: true,
    answers: telegramAnswers,
    changeAnswers: telegramChanges,
    changeable: { remove: 48 * 3_600_000 },
    channels: [
      { chat: '@munadi_example', linkPreview: false, silent: true },
      { chat: '-1001234567890', linkPreview: true, silent: false },
    ],
  },
  x: {
    replies: true,
    answers: xAnswers,
    changeAnswers: xChanges,
    channels: [{ links: 'never' }, { links: 'breaking' }],
    accounts: [
      {
        clientId: 'example-client-id',
        clientSecret: 'example-client-secret',
        accessToken: 'example-bearer-token',
        refreshToken: 'example-refresh-token',
      },
    ],
  },
  whatsapp: {
    answers: whatsappAnswers,
    replyChannel: { recipients, template: image, mode: 'text' },
    channels: [
      { recipients, template: image, mode: 'template' },
      { recipients, template: image, mode: 'text' },
    ],
  },
  facebook: {
    answers: facebookAnswers,
    changeAnswers: facebookChanges,
    accounts: [
      {
        pageId: '1000000001',
        accessToken: 'example-page-token',
        appSecret: 'example-app-secret',
        graphVersion: 'v26.0',
      },
    ],
  },
};

for (const platform of Object.values(platforms)) {
  const subject: Subject = { ...simulatedBySandbox(platform), ...known[platform.id] };
  describe(`${platform.name}, composing`, () => {
    for (const { name, run } of composeChecks) it(name, () => run(subject));
  });
  describe.concurrent(`${platform.name}, sending`, () => {
    for (const { name, run } of httpChecks) it(name, () => run(subject));
  });
}
