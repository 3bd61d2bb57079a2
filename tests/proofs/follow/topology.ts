import { accounts, type ConfigWish, people, processConfig, type Target } from '../faults/topology.ts';

/** How what is live on a channel is corrected. */
export type CorrectionForm = 'edit' | 'reply' | 'repost' | 'digest';

export interface FollowTarget extends Target {
  form: CorrectionForm;
}

const digestTarget: FollowTarget = {
  ...{ channel: 'telegram-digest', platform: 'telegram', target: '@proof_digest', inParts: false },
  form: 'digest',
};

/** Everywhere that an article may go; each goes to some of these channels. */
export const followTargets: readonly FollowTarget[] = [
  {
    ...{ channel: 'telegram-short', platform: 'telegram', target: '@proof_short', inParts: false },
    form: 'edit',
  },
  { channel: 'telegram-long', platform: 'telegram', target: '@proof_long', inParts: true, form: 'edit' },
  {
    ...{ channel: 'telegram-repost', platform: 'telegram', target: '@proof_repost', inParts: false },
    form: 'repost',
  },
  digestTarget,
  { channel: 'x-reply', platform: 'x', target: '71', inParts: false, form: 'reply' },
  { channel: 'x-repost', platform: 'x', target: '72', inParts: false, form: 'repost' },
  { channel: 'x-thread', platform: 'x', target: '73', inParts: true, form: 'reply' },
  ...people.map(
    (recipient): FollowTarget => ({
      ...{ channel: 'whatsapp-people', platform: 'whatsapp', target: recipient.slice(1), recipient },
      ...{ inParts: false, form: 'reply' },
    }),
  ),
  { channel: 'facebook-one', platform: 'facebook', target: '7001', inParts: false, form: 'edit' },
];

/** Channels, each once. */
export const followChannels: readonly string[] = [...new Set(followTargets.map(({ channel }) => channel))];

export function targetOf(place: { channel: string; recipient?: string | undefined }): FollowTarget {
  const found = followTargets.find(
    ({ channel, recipient }) => channel === place.channel && recipient === (place.recipient || undefined),
  );
  if (!found) throw new Error(`The proof has no channel ${place.channel}.`);
  return found;
}

/** A config with the channels of `followTargets`: an article goes to those that it has as tags. */
export function followConfig(wish: ConfigWish): string {
  const { roots } = wish;
  const x = { ...accounts.x, apiRoot: roots.x };
  const telegram = { account: 'telegram-main' };
  const channels = [
    { id: 'telegram-short', ...telegram, chat: '@proof_short' },
    { id: 'telegram-long', ...telegram, chat: '@proof_long', messages: 3 },
    { id: 'telegram-repost', ...telegram, chat: '@proof_repost', corrections: 'repost' },
    { id: 'telegram-digest', ...telegram, chat: '@proof_digest', collect: true },
    { id: 'x-reply', account: 'x-one' },
    { id: 'x-repost', account: 'x-two', corrections: 'repost' },
    { id: 'x-thread', account: 'x-three', thread: 3 },
    {
      ...{ id: 'whatsapp-people', account: 'whatsapp-main', recipients: people },
      template: { name: 'news', language: 'ar' },
    },
    { id: 'facebook-one', account: 'facebook-one' },
  ];
  return processConfig(wish, {
    accounts: {
      'telegram-main': { ...accounts.telegram, apiRoot: roots.telegram },
      'x-one': { ...x, accessToken: '${X1}' },
      'x-two': { ...x, accessToken: '${X2}' },
      'x-three': { ...x, accessToken: '73-proof-token' },
      'whatsapp-main': { ...accounts.whatsapp, apiRoot: roots.whatsapp },
      'facebook-one': { ...accounts.facebook, pageId: '7001', apiRoot: roots.facebook },
    },
    channels: channels.map((one) => ({ ...one, filters: { tag: [one.id] }, hashtags: 0 })),
    schedules: [{ id: 'digest', cron: '*/3 * * * * *', action: 'digest', channels: [digestTarget.channel], top: 10 }],
  });
}
