import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { firstLine, has, locate, megabytes, Problem, run, step } from './steps.mjs';

const help = `Munadi needs Redis 7 (or Valkey), and could not install it here. Any one of these helps:
  - install it: "apt-get install redis-server", "dnf install valkey", "apk add redis", "brew install redis"
  - use one that runs elsewhere: set REDIS_URL=redis://host:6379
  - run everything in containers: docker compose up`;
const windowsHelp = `Munadi needs Redis, which does not run on Windows itself. Either
  - run Munadi in WSL (Windows Subsystem for Linux), or
  - run everything in containers: docker compose up, or
  - use a Redis that runs elsewhere: set REDIS_URL=redis://host:6379`;

/** Another apt (automatic upgrades, say) may hold the lock for a while. */
const patience = ['-o', 'DPkg::Lock::Timeout=120'];

/** How each system installs Redis. Tried in this order; the first whose program is there counts. */
const managers = [
  {
    program: 'apt-get',
    refresh: [...patience, 'update', '-qq'],
    install: [...patience, 'install', '-y', '-qq', '--no-install-recommends', 'redis-server'],
    // RUNLEVEL=1: the package's script must not start a system-wide Redis; we start our own.
    env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  },
  {
    program: 'apk',
    refresh: ['update', '-q'],
    install: ['add', '-q', 'redis'],
    otherwise: ['add', '-q', 'valkey'],
  },
  {
    program: 'dnf',
    refresh: ['makecache', '-q'],
    install: ['install', '-y', '-q', 'valkey'],
    otherwise: ['install', '-y', '-q', 'redis'],
  },
  { program: 'yum', refresh: ['makecache', '-q'], install: ['install', '-y', '-q', 'redis'] },
  { program: 'brew', install: ['install', '-q', 'redis'], noRoot: true },
];

const isThere = () => has('redis-server') || has('valkey-server');

/**
 * Makes sure that a Redis server program is on the PATH, unless REDIS_URL or the configuration points elsewhere.
 * `machine` says what kind of machine this is, where it is to be taken for another.
 */
export async function ensureRedis(configFile = 'config/munadi.yaml', machine = {}) {
  if (isThere() || isElsewhere(configFile)) return;
  const {
    platform = process.platform,
    isRoot = process.getuid?.() === 0,
    input = process.stdin,
    output = process.stderr,
  } = machine;
  if (platform === 'win32') throw new Problem(windowsHelp);
  const manager = managers.find(({ program }) => has(program));
  if (!manager) throw new Problem(help);
  const prefix = manager.noRoot || isRoot ? [] : await sudo(manager.program, { input, output });
  await step(
    `installing Redis with ${manager.program}`,
    () => install(manager, prefix),
    () => {
      const program = has('redis-server') ? 'redis-server' : 'valkey-server';
      return `${firstLine(program, ['--version']).replace(/ sha=.*/, '')}, ${megabytes(locate(program))} MB`;
    },
  );
}

/** The file that a command line names with --config. */
export function configFileIn(args) {
  const joined = args.find((arg) => arg.startsWith('--config='))?.slice('--config='.length);
  return joined ?? (args.includes('--config') ? args[args.indexOf('--config') + 1] : undefined);
}

function isElsewhere(configFile) {
  return isSet('REDIS_URL') || isAddress(urlIn(textOf(configFile)));
}

/** `redis.url` of a configuration, as it stands there; there is no YAML reader yet where packages are missing. */
function urlIn(yaml) {
  const inBraces = /^redis:[ \t]*\{[^\n]*?\burl:[ \t]*("[^"]*"|'[^']*'|[^\s,}]+)/m;
  const indented = /^redis:[ \t]*(?:#.*)?\n(?:(?:[ \t].*)?\n)*?[ \t]+url:[ \t]*("[^"]*"|'[^']*'|[^\s#]+)/m;
  const found = inBraces.exec(yaml) ?? indented.exec(yaml);
  return (found?.[1] ?? '').replace(/^["']|["']$/g, '');
}

function isAddress(url) {
  const variable = /^\$\{(\w+)/.exec(url)?.[1];
  return variable === undefined ? /^rediss?:/.test(url) : isSet(variable);
}

/** True where the environment, or the file .env under it, gives a variable a value. */
function isSet(name) {
  if (process.env[name] !== undefined) return process.env[name] !== '';
  const line = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*(.*)$`, 'm').exec(textOf('.env'));
  return line !== null && !/^(""|'')?\s*(#.*)?$/.test(line[1]);
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** What goes before the package manager's name; asks first where somebody can answer. */
async function sudo(program, { input, output }) {
  if (!has('sudo')) throw new Problem(help);
  if (!input.isTTY || !output.isTTY || process.env.CI) return ['sudo', '-n'];
  const question = createInterface({ input, output });
  const answer = await question.question(`Munadi needs a Redis server. Install it now with "sudo ${program}"? [Y/n] `);
  question.close();
  if (/^n/i.test(answer.trim())) throw new Problem(help);
  return ['sudo'];
}

async function install({ program, refresh, install: args, otherwise, env }, prefix) {
  const call = (list) => {
    const [first, ...rest] = [
      ...prefix,
      ...(prefix.length > 0 && env ? ['env', ...Object.entries(env).map((pair) => pair.join('='))] : []),
      program,
      ...list,
    ];
    return run(first, rest, { env });
  };
  let result = await call(args);
  // The lists may be empty or stale.
  if (result.code !== 0 && refresh) {
    const refreshed = await call(refresh);
    if (refreshed.code !== 0) result = refreshed;
    result = await call(args);
  }
  if (result.code !== 0 && otherwise) result = await call(otherwise);
  if (result.code !== 0 || !isThere())
    throw new Problem(`${help}\n\nWhat ${program} said last:\n${result.said.trim().split('\n').slice(-6).join('\n')}`);
}
