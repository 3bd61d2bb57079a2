import { describe, it } from 'vitest';
import { platforms } from '../../src/platforms/index.ts';
import { facebookAnswers } from './answers/facebook.ts';
import { telegramAnswers } from './answers/telegram.ts';
import { whatsappAnswers } from './answers/whatsapp.ts';
import { xAnswers } from './answers/x.ts';
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
    channels: [
      { chat: '@munadi_example', linkPreview: false, silent: true },
      { chat: '-1001234567890', linkPreview: true, silent: false },
    ],
  },
  x: {
    replies: true,
    answers: xAnswers,
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
    channels: [
      { recipients, template: image, mode: 'template' },
      { recipients, template: image, mode: 'text' },
    ],
  },
  facebook: {
    answers: facebookAnswers,
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
