#!/usr/bin/env node
// Runs a TypeScript file of this repository on the Node that the repository pins: `node scripts/with-runtime.mjs FILE ...`.
// npm scripts start here, in a fresh clone and on an older Node too, so this file is plain JavaScript for Node 18 and later
// and imports nothing that has to be installed. It makes sure of the installation, then becomes transparent: arguments,
// environment, streams, signals and exit code pass through.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const LOCKFILE = path.join(ROOT, 'package-lock.json');
// Inside node_modules, so that whoever removes the installation removes its stamp.
const STAMP = path.join(ROOT, 'node_modules', '.bellwether-install');
const CACHE = path.join(ROOT, '.cache');
const INSTALL_LOCK = path.join(CACHE, 'install.lock');
const OWN_NODE_MIN = [24, 7];
const WAIT_STEP_MS = 200;
const PARENT_CHECK_MS = 300;
const WAIT_MAX_MS = 10 * 60_000;

const [file, ...rest] = process.argv.slice(2);
if (file === undefined) fail('Usage: node scripts/with-runtime.mjs FILE [ARGUMENTS]');
const runtime = await installedRuntime();
// Continuous integration tests other versions than the pinned one: BELLWETHER_RUNTIME=own.
run(process.env.BELLWETHER_RUNTIME === 'own' ? ownRuntime() : runtime, [path.resolve(ROOT, file), ...rest]);

/** Path of the Node binary to use, after the installation was made sure of. */
async function installedRuntime() {
  const lockHash = createHash('sha256').update(readFileSync(LOCKFILE)).digest('hex');
  const stamped = readStamp(lockHash);
  if (stamped !== null) return stamped;
  await takeInstallLock();
  try {
    // Whoever held the lock before may have done the work.
    return readStamp(lockHash) ?? install(lockHash);
  } finally {
    rmSync(INSTALL_LOCK, { recursive: true, force: true });
  }
}

/** The runtime that the stamp names, or null where the installation is missing or belongs to another lockfile. */
function readStamp(lockHash) {
  const stamp = readJson(STAMP);
  return stamp !== null && stamp.lockHash === lockHash && existsSync(stamp.runtime) ? stamp.runtime : null;
}

/** Installs what the lockfile says, unless npm did already, and notes it in the stamp. */
function install(lockHash) {
  if (!matchesLockfile()) {
    say('Installing dependencies (once, about half a minute)…');
    // The pinned runtime is a development dependency, so they are wanted also where NODE_ENV is `production`.
    const result = npm(['ci', '--include=dev', '--no-audit', '--no-fund']);
    if (result.status !== 0) {
      fail(
        `${result.output}\nThe dependencies could not be installed: "npm ci" failed, its output stands above.`,
      );
    }
  }
  const runtime = pinnedRuntime() ?? fetchedRuntime() ?? ownRuntime('the pinned one could not be installed');
  writeFileSync(STAMP, `${JSON.stringify({ lockHash, runtime }, null, 2)}\n`);
  return runtime;
}

/** Whether node_modules holds every package of the lockfile in its version, as after an `npm ci` by hand. */
function matchesLockfile() {
  const wanted = readJson(LOCKFILE)?.packages ?? {};
  const present = readJson(path.join(ROOT, 'node_modules', '.package-lock.json'))?.packages ?? {};
  return Object.entries(wanted).every(
    ([name, entry]) =>
      name === '' || entry.optional || entry.link || present[name]?.version === entry.version,
  );
}

/** The binary that the npm package `node` put in place, or null where its install script did not run. */
function pinnedRuntime() {
  const bin = path.join(ROOT, 'node_modules', 'node', 'bin', binaryName());
  return works(bin) ? bin : null;
}

/**
 * The same binary, fetched without an install script (a user's `ignore-scripts` blocks those): the platform package that
 * the script would have chosen, in a folder of its own so that node_modules stays exactly what the lockfile says.
 */
function fetchedRuntime() {
  const version = readJson(LOCKFILE)?.packages?.['node_modules/node']?.version;
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = path.join(CACHE, `runtime-${version}`);
  const bin = path.join(folder, 'node_modules', name, 'bin', binaryName());
  if (works(bin)) return bin;
  say(`Fetching Node ${version}: the install script of the package "node" did not run…`);
  mkdirSync(folder, { recursive: true });
  npm([
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    `${name}@${version}`,
  ]);
  return works(bin) ? bin : null;
}

/** The Node that runs this file, where it is new enough for the sources. */
function ownRuntime(reason = 'BELLWETHER_RUNTIME says so') {
  const own = process.versions.node;
  const [major, minor] = own.split('.').map(Number);
  if (major < OWN_NODE_MIN[0] || (major === OWN_NODE_MIN[0] && minor < OWN_NODE_MIN[1])) {
    const min = OWN_NODE_MIN.join('.');
    fail(
      `This machine's own Node would be used (${reason}), but ${own} is older than ${min}. Install Node ${min} or later, ` +
        'or allow the install script of the package "node" (npm config set ignore-scripts false), then start again.',
    );
  }
  say(`Using this machine's own Node ${own}: ${reason}.`);
  return process.execPath;
}

function binaryName() {
  return process.platform === 'win32' ? 'node.exe' : 'node';
}

// A binary may be there and yet not run: made for another C library, or half written.
function works(bin) {
  return existsSync(bin) && spawnSync(bin, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Runs npm quietly; its output is handed back for the case that it failed. */
function npm(args) {
  const script = process.env.npm_execpath;
  const direct = script !== undefined && /npm-cli\.[cm]?js$/.test(script);
  const result = direct
    ? spawnSync(process.execPath, [script, ...args], { cwd: ROOT, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.error !== undefined)
    return { status: 1, output: `npm could not be started: ${result.error.message}` };
  return { status: result.status ?? 1, output: `${result.stdout}${result.stderr}`.trim() };
}

/** Waits for its turn: two starts at the same time must not run `npm ci` over each other. */
async function takeInstallLock() {
  mkdirSync(CACHE, { recursive: true });
  for (let waitedMs = 0; waitedMs <= WAIT_MAX_MS; waitedMs += WAIT_STEP_MS) {
    try {
      mkdirSync(INSTALL_LOCK);
      writeFileSync(path.join(INSTALL_LOCK, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned()) rmSync(INSTALL_LOCK, { recursive: true, force: true });
    else if (waitedMs === 0) say('Another start is installing the dependencies; waiting for it…');
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
  }
  fail(
    `Another installation has not ended in ${WAIT_MAX_MS / 60_000} minutes. If none runs, remove ${INSTALL_LOCK}.`,
  );
}

// The holder writes its process id right after it made the folder; one without an id for some seconds died between.
function isAbandoned() {
  try {
    const pid = Number(readFileSync(path.join(INSTALL_LOCK, 'pid'), 'utf8'));
    if (pid > 0) return !isAlive(pid);
  } catch {
    // The id is not written yet.
  }
  try {
    return Date.now() - statSync(INSTALL_LOCK).mtimeMs > 5_000;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs the file and ends as it ends. */
function run(runtime, args) {
  const child = spawn(runtime, args, { stdio: 'inherit' });
  const passed = new Set();
  const forward = (signal) => {
    // Ctrl-C in a terminal reaches the child by itself, and npm passes it on once more: a second one would mean "at once".
    const heardAlready = signal === 'SIGINT' && process.stdin.isTTY === true;
    if (heardAlready || passed.has(signal)) return;
    passed.add(signal);
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  if (process.env.npm_lifecycle_event !== undefined) whenParentEnds(() => forward('SIGTERM'));
  child.on('error', (error) => fail(`${runtime} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal === null) process.exit(code ?? 1);
    process.kill(process.pid, signal);
  });
}

// A signal to npm ends npm and its shell, and the shell does not pass it on: without this, `kill` of `npm start` would
// leave a server behind that nobody sees. Whoever starts this file without npm may end and let it run on.
function whenParentEnds(callback) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, PARENT_CHECK_MS);
  timer.unref();
}

function readJson(name) {
  try {
    return JSON.parse(readFileSync(name, 'utf8'));
  } catch {
    return null;
  }
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
