import type { Config } from '../config/config.ts';
import { checkConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import type { Account } from '../core/channel.ts';
import { InputError } from '../core/errors.ts';
import { createDeadline } from '../pipeline/deadline.ts';
import { checkDefaultImages, createImages } from '../runtime/images.ts';
import { joinConfig } from '../runtime/live-config.ts';
import { needsPicture, platformOf } from '../runtime/lookup.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { inspectRedis } from '../store/redis.ts';
import { checkSources, type Finding } from './check-sources.ts';
import { accountsWithTemplates, checkTemplates } from './check-templates.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';
import { print, printJson } from './print.ts';

export const command: Command = {
  summary: 'Checks config, credentials, Redis and clock; names every problem at once.',
  usage: 'check [--config FILE] [--json]',

  async run(args) {
    const { values } = parseOptions(args, {});
    const file = values.config ?? 'config/munadi.yaml';
    const { config, problems, warnings } = checkConfig(file);
    const findings: Finding[] = [
      ...problems.map((problem) => ({ name: 'config', result: 'failed' as const, detail: formatProblem(problem) })),
      ...warnings.map((warning) => ({ name: 'config', result: 'warning' as const, detail: warning })),
    ];
    if (config) {
      if (findings.length === 0)
        findings.push({ name: 'config', result: 'ok', detail: `${file}: ${config.channels.length} channels` });
      findings.push(...(await checkRunning(config)));
    }
    if (values.json) printJson({ ok: findings.every(({ result }) => result !== 'failed'), checks: findings });
    else for (const { name, result, detail } of findings) print(`${marks[result]} ${name}: ${detail}`);
    if (!config) return 2;
    return findings.some(({ result }) => result === 'failed') ? 1 : 0;
  },
};

const marks = { ok: '✓', warning: '!', failed: '✗' };

async function checkRunning(config: Config): Promise<Finding[]> {
  let runtime: Runtime;
  try {
    runtime = await openRuntime(config, { logLevel: 'silent', patience: 'fail' });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ name: 'redis', result: 'failed', detail: error.message }];
  }
  try {
    const { version, warnings } = await inspectRedis(runtime.redis);
    const where = config.redis.url ? 'yours' : 'embedded';
    const redis: Finding =
      warnings.length > 0
        ? { name: 'redis', result: 'warning', detail: warnings.join(' ') }
        : { name: 'redis', result: 'ok', detail: `${version}, ${where}` };
    return [
      redis,
      ...(await checkAgreement(runtime)),
      await checkClock(runtime),
      ...(await Promise.all(Object.keys(config.accounts).map((id) => checkAccount(runtime, id)))),
      ...Object.values(config.accounts).flatMap(checkRenewal),
      ...Object.values(config.accounts).flatMap(checkWebhook),
      ...(await checkAllTemplates(runtime)),
      ...(await checkDefaults(runtime)),
      checkAlarms(config),
      ...(await checkSources(config)),
    ];
  } finally {
    await runtime.close();
  }
}

/** Whether the running service works by another configuration. */
async function checkAgreement(runtime: Runtime): Promise<Finding[]> {
  const { differs = [], behind = [] } = (await joinConfig(runtime, { scheduler: false })).report.read();
  return [...differs.map((line) => `not what the running service works by: ${line}`), ...behind].map((detail) => ({
    ...{ name: 'config', result: 'warning' as const },
    detail,
  }));
}

/** A live account whose tokens end. */
function checkRenewal(account: Account): Finding[] {
  const renewal = account.sandbox ? undefined : platformOf(account).renewal?.(account.settings);
  if (!renewal) return [];
  return [{ name: `tokens ${account.id}`, result: renewal.renewed ? 'ok' : 'warning', detail: renewal.detail }];
}

/** A live account that its platform cannot tell what became of a message. */
function checkWebhook(account: Account): Finding[] {
  const missing = account.sandbox ? [] : (platformOf(account).webhook?.missing(account) ?? []);
  if (missing.length === 0) return [];
  const detail = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set, so the platform cannot tell what became of a post: one whose answer is lost is held for a person.`;
  return [{ name: `webhook ${account.id}`, result: 'warning', detail }];
}

/** Templates of live accounts whose platform can be asked for them. */
async function checkAllTemplates(runtime: Runtime): Promise<Finding[]> {
  const accounts = accountsWithTemplates(runtime).filter((account) => {
    const { businessKey } = platformOf(account);
    return !account.sandbox && businessKey !== undefined && account.settings[businessKey] !== undefined;
  });
  return (await Promise.all(accounts.map((account) => checkTemplates(runtime, account)))).flatMap(
    ({ findings }) => findings,
  );
}

/** Default pictures, fetched and made to fit their platforms; and channels that need one and have none. */
async function checkDefaults(runtime: Runtime): Promise<Finding[]> {
  const { channels } = runtime.config;
  const checked = await checkDefaultImages(channels, createImages(runtime)());
  const bare = channels.filter((channel) => channel.defaultImage === undefined && needsPicture(channel));
  return [
    ...checked.map(({ channel, problem }) => ({
      name: `defaultImage ${channel}`,
      result: problem === undefined ? ('ok' as const) : ('failed' as const),
      detail: problem ?? 'can be used',
    })),
    ...bare.map(({ id }) => ({
      name: `defaultImage ${id}`,
      result: 'warning' as const,
      detail: 'not set: its template has a picture on top, so articles without a picture are not posted there.',
    })),
  ];
}

/** Whom alarms reach; `alarms --test` tries it. */
function checkAlarms({ alarms, accounts }: Config): Finding {
  const name = 'alarms';
  const told = [...new Set([...alarms.wake, ...alarms.day])];
  const played = told.filter((id) => {
    const target = alarms.targets[id];
    return target?.to === 'telegram' && accounts[target.account]?.sandbox === true;
  });
  const people = alarms.wake.filter((id) => alarms.targets[id]?.to !== 'log');
  if (played.length > 0) {
    const detail = `${played.join(' and ')} write${played.length === 1 ? 's' : ''} to the sandbox, where nobody reads: the account has no credentials.`;
    return { name, result: 'warning', detail };
  }
  if (people.length === 0)
    return { name, result: 'ok', detail: 'nobody is woken: they stand in the log, and in "munadi alarms"' };
  return { name, result: 'ok', detail: `${told.join(', ')}; "munadi alarms --test" tries them` };
}

/** Posts are due by Redis' clock and planned by ours. */
async function checkClock({ redis }: Runtime): Promise<Finding> {
  const before = Date.now();
  const [seconds, micros] = (await redis.time()) as unknown as [string, string];
  const offMs = Math.round((before + Date.now()) / 2 - (Number(seconds) * 1000 + Number(micros) / 1000));
  const detail = `${Math.abs(offMs)} ms from Redis' clock`;
  return Math.abs(offMs) > 2_000
    ? { name: 'clock', result: 'failed', detail: `${detail}. Set both by NTP: schedules and leases depend on it.` }
    : { name: 'clock', result: 'ok', detail };
}

async function checkAccount(runtime: Runtime, id: string): Promise<Finding> {
  const account = runtime.config.accounts[id];
  const name = `account ${id}`;
  if (account?.sandbox) return { name, result: 'ok', detail: `${account.platform}, SANDBOX: no credentials are set` };
  const deadline = createDeadline(runtime.config.reliability.requestTimeoutMs);
  try {
    const who = await runtime.publisher(id).identify({ signal: deadline.signal });
    return { name, result: 'ok', detail: `${account?.platform}, LIVE as ${who}` };
  } catch (error) {
    return { name, result: 'failed', detail: (error as Error).message };
  } finally {
    deadline.clear();
  }
}
