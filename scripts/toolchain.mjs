/**
 * Runs `scripts/<command>.ts` with the tools of this repository, whatever the machine has. Any Node.js from 18 on and
 * npm are enough: a Node.js that runs TypeScript and the pinned pnpm are taken from PATH where they are new enough,
 * else they are installed once into `.toolchain/`. Only built-in modules here, because it runs before anything is
 * installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const node = '24.21.0';
const pnpm = '12.21.0';
/** The first Node.js that runs TypeScript without a flag or a warning. */
const nodeFloor = '22.18';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const onWindows = process.platform === 'win32';
const elsewise = `or install Node.js ${nodeFloor} or later and pnpm ${pnpm} yourself; then run this again.`;

/** What a command needs of the workspace; without an entry, all of it. */
const needed = { start: ['--filter', '@stet/shop...'] };

const [command = 'test', ...args] = process.argv.slice(2);
if (!existsSync(join(root, 'scripts', `${command}.ts`))) fail(`There is no scripts/${command}.ts.`);

usePath(toolsAreThere() ? [dirname(process.execPath)] : foldersOf(await installedToolchain()));

const installed = await run('pnpm', ['install', '--frozen-lockfile', ...(needed[command] ?? [])], root);
if (installed !== 0) {
  fail(`The packages could not be installed, see above. The first run fetches them from ${registry()}.`);
}
process.exit(await run('node', [join('scripts', `${command}.ts`), ...args], root));

function toolsAreThere() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [floorMajor, floorMinor] = nodeFloor.split('.').map(Number);
  const newEnough = major > floorMajor || (major === floorMajor && minor >= floorMinor);
  return newEnough && versionOf('pnpm').split('.')[0] === pnpm.split('.')[0];
}

/** The folder of the tools, which are installed where they are missing. */
async function installedToolchain() {
  const home = join(root, '.toolchain');
  const ready = join(home, `node-${node}-pnpm-${pnpm}`);
  if (existsSync(ready)) return ready;
  console.log(`Installing Node.js ${node} and pnpm ${pnpm} into .toolchain/ (once).`);
  mkdirSync(home, { recursive: true });
  removeAbandoned(home);
  const staging = mkdtempSync(join(home, 'staging-'));
  process.on('exit', () => rmSync(staging, { recursive: true, force: true }));
  await installInto(staging);
  try {
    // A rename is all or nothing: neither a killed run nor one at the same time leaves half a toolchain.
    renameSync(staging, ready);
  } catch (error) {
    if (!existsSync(ready)) throw error;
  }
  return ready;
}

async function installInto(folder) {
  const dependencies = { [nodePackage()]: node, pnpm };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  // No install scripts: newer versions of npm hold them back. pnpm's is run below, the platform's Node.js has none.
  const quiet = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const impatient = ['--fetch-timeout=60000', '--fetch-retry-mintimeout=1000'];
  if ((await run(...npmCommand(['install', ...quiet, ...impatient]), folder)) !== 0) {
    fail(`npm could not install the tools from ${registry()}. Check network, proxy and registry, ${elsewise}`);
  }
  await run(process.execPath, ['install.js'], join(folder, 'node_modules', 'pnpm'));
  const [nodeFolder, binFolder] = foldersOf(folder);
  if (versionOf(join(nodeFolder, 'node')) !== `v${node}` || versionOf(join(binFolder, 'pnpm')) !== pnpm) {
    fail(`The prebuilt Node.js ${node} and pnpm do not run on this ${process.platform} ${process.arch}; ${elsewise}`);
  }
}

/** Removes what killed runs left behind. */
function removeAbandoned(home) {
  for (const name of readdirSync(home)) {
    const folder = join(home, name);
    const idleMs = Date.now() - statSync(folder).mtimeMs;
    if (name.startsWith('staging-') && idleMs > 3_600_000) rmSync(folder, { recursive: true, force: true });
  }
}

/** The package that holds Node.js for this system; the one called `node` would fetch it in an install script. */
function nodePackage() {
  const platform = onWindows ? 'win' : process.platform;
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${platform}-${process.arch}`;
}

function foldersOf(toolchain) {
  const modules = join(toolchain, 'node_modules');
  return [join(modules, nodePackage(), 'bin'), join(modules, '.bin')];
}

function usePath(folders) {
  process.env.PATH = [...folders, process.env.PATH].join(delimiter);
}

/** npm as it was called, else the one on PATH. */
function npmCommand(npmArgs) {
  const path = process.env.npm_execpath ?? '';
  return basename(path) === 'npm-cli.js' ? [process.execPath, [path, ...npmArgs]] : ['npm', npmArgs];
}

function versionOf(tool) {
  const { status, stdout } = spawnSync(tool, ['--version'], { encoding: 'utf8', shell: onWindows });
  return status === 0 ? stdout.trim() : '';
}

function registry() {
  const [program, programArgs] = npmCommand(['config', 'get', 'registry', '--loglevel=error']);
  return spawnSync(program, programArgs, { encoding: 'utf8', shell: onWindows }).stdout?.trim() || 'the registry';
}

/**
 * The exit code of a program that runs to its end with our terminal. A signal to us reaches it, and ends us after it.
 */
function run(program, programArgs, cwd) {
  return new Promise((resolve) => {
    const child = spawn(program, programArgs, { cwd, stdio: 'inherit', shell: onWindows });
    let interruption;
    const interrupt = (signal) => {
      interruption = signal;
      // A terminal sends Ctrl-C to the child as well; once is enough.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, interrupt);
    child.on('error', (error) => fail(`${program} could not be started: ${error.message}`));
    child.on('close', (code, endedBy) => {
      for (const signal of signals) process.off(signal, interrupt);
      if (interruption) process.exit(code ?? 128 + constants.signals[interruption]);
      resolve(code ?? 128 + constants.signals[endedBy]);
    });
  });
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
