import type { Channel } from '../../core/channel.ts';
import type { Audience, AudienceForms } from '../../core/platform.ts';
import { dialled } from '../../text/phone.ts';
import type { WhatsappChannel } from './whatsapp-post.ts';

/** Up to so many recipients have a delivery each, as a channel's few people have; more are a list. */
const mostSingle = 100;

/** Free text to subscribers whose window is open, templates to recipients, unless it is said otherwise. */
export function modeOf({ mode, subscribers }: WhatsappChannel): 'template' | 'text' | 'window' {
  return mode ?? (subscribers ? 'window' : 'template');
}

/** Those that the configuration names, each once, as they are kept when they write. */
export function peopleOf({ recipients = [] }: WhatsappChannel): string[] {
  return [...new Set(recipients.map((number) => `+${dialled(number.slice(1))}`))];
}

export function audienceOf({ settings }: Channel<WhatsappChannel>): Audience | undefined {
  if (settings.subscribers) return 'subscribers';
  const people = peopleOf(settings);
  // Who gets free text is known of each person only.
  return people.length > mostSingle || settings.mode === 'window' ? { people } : undefined;
}

/** A language's template stands for its region's: the one for `pt_BR` is sent to whoever reads `pt`. */
export function formsOf(channel: Channel<WhatsappChannel>): AudienceForms<WhatsappChannel> {
  const { settings } = channel;
  const mode = modeOf(settings);
  const withTemplate = (template: WhatsappChannel['template']): Channel<WhatsappChannel> => ({
    ...channel,
    settings: { ...settings, template, mode: 'template' },
  });
  const others = (settings.templates ?? []).map(
    (template) => [template.language.split('_')[0] ?? '', withTemplate(template)] as const,
  );
  const asText: Channel<WhatsappChannel> = { ...channel, settings: { ...settings, mode: 'text' } };
  return {
    mode,
    template: mode === 'text' ? asText : withTemplate(settings.template),
    ...(mode === 'template' ? {} : { text: asText }),
    languages: mode === 'text' ? {} : Object.fromEntries(others),
  };
}
