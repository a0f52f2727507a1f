/** Installs the peers, on the first run and when their list changes; `npm run bench:peers -- --setup` does it anew. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Setup {
  /** The virtual environment's interpreter. */
  readonly python: string;
  /** Why a package is not there, in a line. */
  readonly failed: Readonly<Record<string, string>>;
}

const HERE = import.meta.dirname;
const VENV = join(HERE, '.venv');
const PYTHON = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const NPM = join(HERE, 'npm');
const REQUIREMENTS = join(HERE, 'python', 'requirements.txt');
export const PYTHON_PEERS = ['backtrader', 'backtesting', 'vectorbt', 'nautilus_trader'] as const;
export const NPM_PEERS = ['grademark', 'technicalindicators', 'trading-signals'] as const;

export function setup(anew: boolean): Setup {
  return { python: PYTHON, failed: { ...python(anew), ...npm(anew) } };
}

function python(anew: boolean): Record<string, string> {
  return once(join(VENV, 'setup.json'), [REQUIREMENTS], anew, () => {
    rmSync(VENV, { recursive: true, force: true });
    const pins = readFileSync(REQUIREMENTS, 'utf8');
    const problem = attempt('a virtual environment for Python', 'python3', ['-m', 'venv', VENV]);
    if (problem !== undefined) return Object.fromEntries(PYTHON_PEERS.map(name => [name, problem]));
    const failed: Record<string, string> = {};
    // One by one, so that one that cannot be installed takes no other with it.
    for (const name of PYTHON_PEERS) {
      const wanted = new RegExp(`^${name}==.*$`, 'm').exec(pins)![0];
      const args = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-c', REQUIREMENTS, wanted];
      const reason = attempt(wanted, PYTHON, args);
      if (reason !== undefined) failed[name] = reason;
    }
    return failed;
  });
}

function npm(anew: boolean): Record<string, string> {
  const state = join(NPM, 'node_modules', '.setup.json');
  return once(state, [join(NPM, 'package.json')], anew, () => {
    const args = ['install', '--no-audit', '--no-fund', '--prefix', NPM];
    const reason = attempt('the npm peers', 'npm', args);
    return reason === undefined ? {} : Object.fromEntries(NPM_PEERS.map(name => [name, reason]));
  });
}

/** Does `install` unless it was done for the same lists, and remembers what it could not do. */
export function once(
  file: string,
  lists: readonly string[],
  anew: boolean,
  install: () => Record<string, string>,
): Record<string, string> {
  const hash = createHash('sha256');
  for (const list of lists) hash.update(readFileSync(list));
  const lists256 = hash.digest('hex');
  if (!anew && existsSync(file)) {
    const state = JSON.parse(readFileSync(file, 'utf8')) as { lists: string; failed: Record<string, string> };
    if (state.lists === lists256) return state.failed;
  }
  const failed = install();
  try {
    writeFileSync(file, JSON.stringify({ lists: lists256, failed }));
  } catch {
    // Nothing was installed at all: there is no folder to remember it in, and the next run tries again.
  }
  return failed;
}

/** Runs a command; returns why it failed, in a line. */
export function attempt(what: string, command: string, args: readonly string[]): string | undefined {
  console.error(`setting up ${what} …`);
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', timeout: 900_000 });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    const reason = code === 'ENOENT' ? `${command} not found` : reasonIn(stderr ?? '', String(error));
    console.error(`  failed: ${reason}`);
    return reason;
  }
}

/** The line of an error output that says what happened: the last that calls itself an error, else the last. */
export function reasonIn(output: string, otherwise: string): string {
  const lines = output
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  const found = lines.findLast(line => /error/i.test(line)) ?? lines.at(-1) ?? otherwise;
  return found.split('\n')[0].slice(0, 160);
}
