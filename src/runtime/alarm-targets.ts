import { createHash, createHmac } from 'node:crypto';
import type { AlarmTarget, Config } from '../config/config.ts';
import type { Telling } from '../core/alarms.ts';
import { PublishError } from '../core/errors.ts';
import { commandLine } from '../desk/state.ts';
import { type AlarmContext, alarmText } from '../pipeline/alarm-text.ts';
import { createDeadline } from '../pipeline/deadline.ts';
import type { Runtime } from './open.ts';

/** A target may take so long. */
const timeoutMs = 10_000;
const answerBytes = 64 * 1024;

/** Tells a target of alarms, all in one message. Rejects, with a reason that holds no secret, where it did not take them. */
export async function tellTarget(
  runtime: Pick<Runtime, 'config' | 'log' | 'publisher' | 'articles'>,
  target: AlarmTarget,
  tellings: readonly Telling[],
  stop?: AbortSignal,
): Promise<void> {
  const context = await contextOf(runtime, tellings);
  if (target.to === 'log') return writeToLog(runtime, tellings, context);
  const deadline = createDeadline(timeoutMs);
  const signal = stop ? AbortSignal.any([deadline.signal, stop]) : deadline.signal;
  try {
    const text = alarmText(tellings, context);
    if (target.to === 'webhook') await callWebhook(target, tellings, text, signal);
    else {
      const { notify } = runtime.publisher(target.account);
      if (!notify) throw new Error('This platform takes no alarms.');
      await notify(target.chat, text, { signal });
    }
  } finally {
    deadline.clear();
  }
}

async function contextOf(
  { config, articles }: Pick<Runtime, 'config' | 'articles'>,
  tellings: readonly Telling[],
): Promise<AlarmContext> {
  const ids = new Set(tellings.flatMap(({ detail }) => (detail.article === undefined ? [] : [detail.article])));
  const titles = new Map(await Promise.all([...ids].map(async (id) => [id, (await articles.get(id))?.title] as const)));
  return {
    sender: config.redis.prefix,
    zone: config.timezone,
    commandLine: (words) => commandLine(words, config.file),
    titleOf: (article) => titles.get(article),
  };
}

function writeToLog({ log }: Pick<Runtime, 'log'>, tellings: readonly Telling[], context: AlarmContext): void {
  for (const telling of tellings) {
    const { kind, subject, detail, severity, count, overMs } = telling;
    const level = overMs !== undefined ? 'info' : severity === 'wake' ? 'error' : 'warn';
    log[level]({ alarm: true, kind, subject, severity, count, ...detail }, alarmText([telling], context));
  }
}

/** Calls an address once, as Standard Webhooks have it: the id is the same whenever the same alarms are told again. */
async function callWebhook(
  { url: address, secret }: Extract<AlarmTarget, { to: 'webhook' }>,
  tellings: readonly Telling[],
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(address);
  const login = [url.username, url.password].map(decodeURIComponent).join(':');
  url.username = '';
  url.password = '';
  const ids = tellings.map(({ id }) => id).join(' ');
  const id = `msg_${createHash('sha256').update(ids).digest('hex').slice(0, 24)}`;
  const seconds = Math.floor(Date.now() / 1_000);
  const body = JSON.stringify({
    type: 'munadi.alarms',
    timestamp: new Date(seconds * 1_000).toISOString(),
    data: { text, alarms: tellings.map(toJson) },
  });
  const { request } = await import('undici');
  const answer = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Munadi/0.1 (+news publishing bot)',
      'webhook-id': id,
      'webhook-timestamp': `${seconds}`,
      ...(secret === undefined ? {} : { 'webhook-signature': signatureOf(secret, `${id}.${seconds}.${body}`) }),
      ...(login === ':' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    },
    body,
    signal,
  });
  await answer.body.dump({ limit: answerBytes, signal }).catch(() => {});
  const { statusCode } = answer;
  if (statusCode >= 200 && statusCode < 300) return;
  const hint = statusCode >= 300 && statusCode < 400 ? '; redirects are not followed' : '';
  throw new Error(`The address answered with status ${statusCode}${hint}.`);
}

/** `whsec_` and base64 as Standard Webhooks write secrets, or any other text as it stands. */
function signatureOf(secret: string, signed: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

/** An alarm as a webhook gets it. */
function toJson({ id, kind, subject, severity, count, sinceMs, overMs, detail }: Telling) {
  const time = (ms: number) => new Date(ms).toISOString();
  return { id, kind, subject, severity, count, since: time(sinceMs), over: overMs ? time(overMs) : null, detail };
}

/** Why a target did not take an alarm, in words that hold no secret: addresses are not repeated. */
export function troubleOf(error: unknown): string {
  if (error instanceof PublishError) return error.message;
  if (!(error instanceof Error)) return 'an unknown failure';
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`;
  if (error.message.startsWith('The address answered')) return error.message;
  const code = 'code' in error ? String(error.code) : undefined;
  return code === undefined ? error.name : `no connection (${code})`;
}

/** Targets of a severity that is not off. */
export function targetsOf(alarms: Config['alarms'], severity: Telling['severity']): string[] {
  return alarms[severity].filter((name) => alarms.targets[name] !== undefined);
}
