import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { syntheticCsv } from '../../src/feeds/synthetic/file.ts';
import { syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const MAIN = join(ROOT, 'src/cli/main.ts');
export const SMA = join(ROOT, 'strategies/sma.ts');
export const BTC = join(ROOT, 'data/synthetic-btcusdt-4h.csv');

/** Halves the start-up of a command that runs from source: its types are stripped once a test file. */
const COMPILE_CACHE = mkdtempSync(join(tmpdir(), 'qt-compile-'));
afterAll(() => rmSync(COMPILE_CACHE, { recursive: true, force: true }));

export interface Outcome {
  /** The exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface QtOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Sees the process when it has started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the command line from source, as `qt` would be run. */
export function qt(args: readonly string[], options: QtOptions): Promise<Outcome> {
  return run(process.execPath, [MAIN, ...args], options);
}

export function run(command: string, args: readonly string[], options: QtOptions): Promise<Outcome> {
  const { cwd, env, onStart } = options;
  return new Promise((done, failed) => {
    const child = spawn(command, args, {
      cwd,
      env: {
        ...process.env,
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        LANG: 'C.UTF-8',
        LC_ALL: undefined,
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // A command that hangs is to fail its own test, not to outlive it.
    const timer = setTimeout(() => child.kill('SIGKILL'), 45_000);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', text => {
      stdout += text;
    });
    child.stderr.on('data', text => {
      stderr += text;
    });
    child.on('error', failed);
    child.on('close', code => {
      clearTimeout(timer);
      done({ code, stdout, stderr });
    });
    onStart?.(child);
  });
}

/** A folder of its own, outside any project, with the given files; removed after the test. */
export async function folderWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'qt-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Hours of synthetic data from 2024-01-01 as a CSV text. */
export function sampleRows(rows: number): string {
  const bars = syntheticBars({ bars: rows, interval: '1h', from: Date.UTC(2024, 0, 1) });
  return [...syntheticCsv(bars)].join('');
}

/** A strategy that buys on its first bar and sells on its tenth, and does what `body` says on each. */
export function strategySource(body = '', head = ''): string {
  return `import { int, strategy } from 'qt-trader';
${head}
export default class Probe extends strategy({ hold: int(9, { min: 1 }) }) {
  next() {
    ${body}
    if (this.data.length === 1) this.buy();
    else if (this.data.length === 1 + this.params.hold) this.close();
  }
}
`;
}
