import { relative } from 'node:path';
import { changesBetween, needsRestart, ownNeedsRestart } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import { checkConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { adopt, configForm, isSame, share } from '../config/shared.ts';
import { InputError } from '../core/errors.ts';
import { listPresences, type Presence } from '../store/presence.ts';
import { configChannel, openPublishedConfigs, type PublishedConfig } from '../store/published-config.ts';
import { watchConfigFiles } from './config-files.ts';
import { type ConfigTeller, createConfigTeller } from './config-report.ts';
import type { Runtime } from './open.ts';

/** A process that agrees with the others on one configuration, and takes up each new one while it runs. */
export interface LiveConfig {
  /** Call once everything works: from here on files are watched, and a scheduler stands for its own. */
  begin(): Promise<void>;
  /** Reads the files again; a scheduler has all others follow them. */
  reload(): void;
  /** Whether this process works by another version than is agreed on, after it has looked again. */
  isBehind(): Promise<boolean>;
  /** What others may know of it. */
  report: Pick<ConfigTeller, 'read' | 'onChange'>;
}

/** How often a process looks whether there is another version, where it was not told. */
const lookMs = 3_000;
/** A scheduler that has been the only one for so long stands for its own file. */
const aloneMs = 60_000;

interface Cause {
  /** The files may be others. */
  files?: boolean;
  /** A person wants this process's own file to hold. */
  mine?: boolean;
}

/**
 * Takes up the configuration that is agreed on, where there is one, before anything has started. `scheduler`: this
 * process has the role that publishes its own.
 */
export async function joinConfig(runtime: Runtime, { scheduler }: { scheduler: boolean }): Promise<LiveConfig> {
  const { log, redis } = runtime;
  const { prefix } = runtime.config.redis;
  const published = openPublishedConfigs(redis, prefix);
  let knownForm: string | undefined;
  const form = () => (knownForm ??= configForm());
  const file = nearPath(runtime.config.file);
  const by = `process ${process.pid} on ${runtime.host}, ${file}`;

  let local = { config: runtime.config, version: share(runtime.config).version };
  /** The last that was no reason for a restart. */
  let usable = local;
  let version = local.version;
  let follows = false;
  let agreed: PublishedConfig | undefined;
  /** Nothing has started yet, and anything may be taken up. */
  let isFresh = true;
  let mustNotStart = false;
  let begun = false;
  let stopped = false;
  /** The own file is to hold, since it was saved, or a person wants it. */
  let insists = false;
  let aloneSince: number | undefined;
  let judgedFor = '';
  let refusal: string | undefined;
  const alarm = { kind: 'config-refused', subject: `${runtime.host} ${file}` } as const;
  const teller = createConfigTeller({
    log,
    file: runtime.config.file,
    shown: file,
    isPatient: () => begun,
    alarm(reason) {
      refusal = reason;
      if (begun) raise();
    },
  });
  function raise(): void {
    const { alarms, host } = runtime;
    const told =
      refusal === undefined ? alarms.over(alarm) : alarms.raise({ ...alarm, detail: { host, reason: refusal } });
    told.catch((error: Error) => log.error({ error: error.message }, 'an alarm could not be raised'));
  }
  teller.works(version);

  /** Reads the own file. True where it says something else than before. */
  function readFile(): boolean {
    const { config, problems } = checkConfig(file);
    if (!config) {
      teller.refuse('file', problems.map(formatProblem));
      return false;
    }
    const lines = ownNeedsRestart(runtime.config, config);
    teller.refuse('file', lines.map(withRemedy));
    if (lines.length > 0) return false;
    const before = local.version;
    local = { config, version: share(config).version };
    return local.version !== before || teller.isRefused('change');
  }

  const withRemedy = (line: string) => `${file}  ${line}. Start Munadi's processes again, or take it back.`;

  function isAlone(others: readonly Presence[]): boolean {
    if (others.length > 0) aloneSince = undefined;
    else aloneSince ??= performance.now();
    return others.length === 0 && (!begun || performance.now() - (aloneSince ?? 0) >= aloneMs);
  }

  async function step({ files = false, mine = false }: Cause): Promise<void> {
    insists = (files && readFile()) || mine || insists;
    agreed = await published.read();
    const schedulers = (await listPresences(redis, prefix)).filter(({ roles }) => roles.includes('scheduler'));
    const others = schedulers.filter(({ pid, host }) => pid !== process.pid || host !== runtime.host);
    if (stopped) return;
    // A file that is refused is no reason for the one before it to hold anew.
    insists &&= !teller.isRefused('file');
    const own = scheduler
      ? agreed === undefined || insists || (isAlone(others) && !teller.isRefused('file'))
      : agreed === undefined || (others.length === 0 && (!follows || insists));
    follows = !own;
    if (own) await takeOwn();
    else if (agreed) takeAgreed(agreed);
    insists = false;
    teller.differ(version, differences());
    if (scheduler && begun) await judgeAnew();
  }

  async function takeOwn(): Promise<void> {
    teller.refuse('agreed', []);
    const lines = isFresh ? [] : needsRestart(runtime.config, local.config);
    teller.refuse('change', lines.map(withRemedy));
    if (lines.length > 0) {
      local = usable;
      return;
    }
    usable = local;
    take(local.config, local.version);
    if (!scheduler || !begun || (agreed?.version === version && agreed.form === form())) return;
    const { json } = share(local.config);
    await published.publish({ version, json, form: form(), by, at: new Date().toISOString() });
    log.info({ version, file }, 'this configuration holds for all processes now');
    agreed = await published.read();
  }

  function takeAgreed(found: PublishedConfig): void {
    const wanted = fillIn(found);
    const lines = Array.isArray(wanted) ? wanted : isFresh ? [] : needsRestart(runtime.config, wanted).map(startAgain);
    const about = `version ${found.version} (${found.by})`;
    teller.refuse(
      'agreed',
      lines.map((line) => `${about}  ${line}`),
    );
    // What the own file would change here is no matter any more.
    if (!scheduler) teller.refuse('change', []);
    if (!Array.isArray(wanted) && lines.length === 0) take(wanted, found.version);
  }

  const startAgain = (line: string) => `${line}. Start this process again.`;

  /** What is agreed on, for this process; or why it cannot be, a line each. */
  function fillIn({ json, form: itsForm }: PublishedConfig): Config | string[] {
    if (itsForm !== form()) return ['it is of another version of Munadi. Bring all processes to the same one.'];
    let adopted = adopt(json, local.config);
    if (!adopted.config && !scheduler) {
      // The file beside this process may be newer than what it has seen of it.
      readFile();
      adopted = adopt(json, local.config);
    }
    mustNotStart = isFresh && !adopted.config && adopted.wouldPlay;
    return adopted.config ?? adopted.problems;
  }

  function take(config: Config, itsVersion: string): void {
    const before = runtime.config;
    version = itsVersion;
    const isSameAsBefore = isSame(before, config);
    const changes = changesBetween(before, config);
    if (!isSameAsBefore) runtime.adopt(config);
    teller.works(version);
    if (isSameAsBefore) return;
    log.info(
      { version, changes: changes.length > 0 ? changes : ['secrets, or the order of things'] },
      'new configuration',
    );
  }

  /** How the own file differs from what is agreed on. */
  function differences(): string[] {
    const isRefused = (['file', 'change', 'agreed'] as const).some(teller.isRefused);
    if (!follows || isRefused || local.version === version) return [];
    const lines = changesBetween(runtime.config, local.config);
    return lines.length > 0 ? lines : ['the order of things'];
  }

  /** What waits obeys the new version: at once, and again when the last process works by it. */
  async function judgeAnew(): Promise<void> {
    if (!agreed || agreed.settled || agreed.version !== version) return;
    const all = await listPresences(redis, prefix);
    const isEverywhere = all.every(({ config }) => config === undefined || config.version === version);
    if (judgedFor === version && !isEverywhere) return;
    judgedFor = version;
    const count = await runtime.reconsider();
    if (count > 0) log.info({ version, deliveries: count }, 'what waits because of the configuration is judged anew');
    if (isEverywhere) await published.settle(version);
  }

  let waiting: Cause | undefined;
  let running: Promise<void> = Promise.resolve();
  /** One look at a time; what comes meanwhile is looked at together. */
  function look(cause: Cause = {}): Promise<void> {
    if (stopped) return running;
    if (waiting) Object.assign(waiting, cause);
    else {
      waiting = { ...cause };
      running = running.then(async () => {
        const all = waiting ?? {};
        waiting = undefined;
        if (stopped) return;
        await step(all).catch((error: Error) => {
          if (!stopped) log.error({ error: error.message }, 'configuration trouble');
        });
      });
    }
    return running;
  }

  await look();
  isFresh = false;
  if (mustNotStart) throw new InputError(teller.read().behind?.join('\n') ?? '', { code: 'config' });

  return {
    async begin() {
      begun = true;
      if (refusal !== undefined) raise();
      const subscriber = runtime.connect();
      subscriber.on('message', () => void look());
      // After a reconnect, news may have been missed.
      subscriber.on('ready', () => void look());
      const unwatch = watchConfigFiles(runtime.config.file, () => void look({ files: true }));
      const timer = setInterval(() => void look(), lookMs);
      timer.unref();
      runtime.onClose(async () => {
        stopped = true;
        clearInterval(timer);
        unwatch();
      });
      await subscriber.subscribe(configChannel(prefix));
      // A scheduler that found itself alone publishes what it has begun by.
      await look(follows ? {} : { mine: true });
    },
    reload: () => void look({ files: true, mine: true }),
    async isBehind() {
      await look();
      return follows && agreed !== undefined && agreed.version !== version;
    },
    report: teller,
  };
}

/** As a person would write it: messages name it so. */
function nearPath(file: string): string {
  const near = relative('.', file);
  return near.startsWith('..') ? file : near;
}
