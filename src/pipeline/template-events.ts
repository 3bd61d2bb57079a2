import type { AlarmDetail } from '../core/alarms.ts';
import type { Account, Channel } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import type { AccountEvent, TemplateEvent } from '../core/platform-events.ts';
import type { Pauses } from '../store/pauses.ts';
import type { Verdict } from '../store/verdicts.ts';
import { templateKey } from './sending.ts';

export interface TemplateEventDeps {
  platform: Pick<Platform, 'id' | 'templatesOf' | 'businessKey'>;
  pauses: Pick<Pauses, 'byPlatform'>;
  accounts(): Record<string, Account>;
  channels(): readonly Channel[];
}

/** Templates with these cannot be sent (WhatsApp, message_template_status_update). */
const stopping = new Set(['PAUSED', 'DISABLED', 'REJECTED', 'DELETED', 'PENDING_DELETION']);
const going = new Set(['APPROVED', 'REINSTATED']);

const inWords: Record<string, string> = {
  PAUSED: 'Meta has paused it, as readers block or report it',
  DISABLED: 'Meta has disabled it, for good',
  REJECTED: 'Meta has rejected it',
  DELETED: 'it was deleted',
  PENDING_DELETION: 'it was deleted',
  FLAGGED: 'Meta has flagged it: readers block or report it, and it may be disabled',
  RED: 'its quality is low (RED)',
  YELLOW: 'its quality is falling (YELLOW)',
};

/**
 * Takes up what a platform tells of its templates and accounts, in the order of its own times: the channels that use
 * what cannot be used rest, and go on with it. May be told anything again, and late.
 */
export async function takeTemplateEvents(
  deps: TemplateEventDeps,
  events: readonly (TemplateEvent | AccountEvent)[],
): Promise<void> {
  for (const event of events) {
    for (const account of accountsOf(deps, event.business)) {
      if (event.kind === 'template') await takeTemplate(deps, account, event);
      else await takeAccount(deps, account, event);
    }
  }
}

/** One without a business account is meant where no other account can be. */
function accountsOf({ platform, accounts }: TemplateEventDeps, business: string): string[] {
  const own = Object.values(accounts()).filter((account) => account.platform === platform.id);
  const businessOf = ({ settings }: Account) => (platform.businessKey ? settings[platform.businessKey] : undefined);
  const named = own.filter((account) => businessOf(account) === business);
  if (named.length > 0) return named.map(({ id }) => id);
  const [only, ...more] = own;
  return only && more.length === 0 && businessOf(only) === undefined ? [only.id] : [];
}

async function takeTemplate(deps: TemplateEventDeps, account: string, event: TemplateEvent): Promise<void> {
  const users = deps
    .channels()
    .filter((channel) => channel.account === account)
    .map(({ id, ...rest }) => ({ id, uses: deps.platform.templatesOf?.({ id, ...rest }) ?? [] }));
  const meant = users
    .flatMap(({ uses }) => uses)
    .filter(({ name, language }) => name === event.name && (event.language ?? language) === language);
  for (const thing of new Set(meant.map(templateKey))) {
    const using = users.filter(({ uses }) => uses.some((one) => templateKey(one) === thing));
    const said = (event.status && inWords[event.status]) ?? (event.quality && inWords[event.quality]) ?? '';
    const reason = event.reason === undefined ? said : `${said || event.status} (${event.reason})`;
    const about = {
      ...{ account, thing, atMs: event.atMs, reason: `The template ${thing} cannot be used: ${reason}.` },
      alarm: {
        ...{ stop: 'template' as const, note: 'template-quality' as const },
        ...{ subject: `${account} ${thing}`, detail: detailOf({ account, thing, reason, using }) },
      },
      users: using.map(({ id, uses }) => ({ kind: 'channel' as const, id, needs: uses.map(templateKey) })),
    };
    for (const verdict of verdictsOf(event)) await deps.pauses.byPlatform({ ...about, ...verdict });
  }
}

function detailOf(of: { account: string; thing: string; reason: string; using: { id: string }[] }): AlarmDetail {
  const { account, thing, reason, using } = of;
  return { account, template: thing, channels: using.map(({ id }) => id).join(', '), reason };
}

type Said = Pick<Verdict, 'kind' | 'verdict'>;

/** What says nothing of sending is left out. */
function verdictsOf({ status, quality }: TemplateEvent): Said[] {
  const said: Said[] = [];
  if (status !== undefined && stopping.has(status)) said.push({ kind: 'status', verdict: 'stop' });
  if (status !== undefined && going.has(status)) said.push({ kind: 'status', verdict: 'go' });
  if (status === 'FLAGGED') said.push({ kind: 'risk', verdict: 'note' });
  if (quality === 'RED') said.push({ kind: 'quality', verdict: 'stop' });
  if (quality === 'YELLOW') said.push({ kind: 'quality', verdict: 'note' });
  if (quality === 'GREEN' || quality === 'UNKNOWN') said.push({ kind: 'quality', verdict: 'go' });
  return said;
}

/** The account as a whole, which all its channels need. */
const whole = 'account';

async function takeAccount({ pauses }: TemplateEventDeps, account: string, event: AccountEvent): Promise<void> {
  const { event: name, detail, effect, number, atMs } = event;
  const reason = number === undefined ? detail : `${detail} (number ${number})`;
  const about = { account, atMs, reason };
  if (effect === undefined) {
    const thing = number === undefined ? name : `${name} ${number}`;
    const alarm = { note: 'account-notice' as const, subject: `${account} ${thing}`, detail: { account, reason } };
    await pauses.byPlatform({ ...about, thing, kind: 'risk', verdict: 'note', alarm, users: [] });
    return;
  }
  await pauses.byPlatform({
    ...{ ...about, thing: whole, kind: 'status', verdict: effect },
    alarm: { stop: 'account-paused', subject: account, detail: { account, reason } },
    users: [{ kind: 'account', id: account, needs: [whole] }],
  });
}
