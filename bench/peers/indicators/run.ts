/**
 * Eight indicators in ours and in what users would pick instead: `node bench/peers/indicators/run.ts [--write]`; part of
 * `npm run bench:peers`. See ../README.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSection } from '../../document.ts';
import { EIGHT, middle, NAMES } from '../../indicator-work.ts';
import { STANDARD, workload } from '../../workload.ts';
import { writeColumns } from '../measure.ts';
import { attempt, once, reasonIn } from '../setup.ts';
import type { Agreement, Job, Measured } from './measure.ts';

const HERE = import.meta.dirname;
const OURS = 'qt-trader';
const LIBRARIES = [OURS, 'technicalindicators', 'trading-signals', '@ixjb94/indicators'] as const;
const VENV = join(HERE, '.venv');
const PYTHON = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
/** Every library runs in so many processes, in turn with the others; `--turns 1` for a first look. */
const TURNS = 3;
const RUNS = 3;

interface Library {
  readonly version: string;
  readonly times: Record<string, { batch: number[]; stream: number[] }>;
  readonly agrees: Readonly<Record<string, Agreement>>;
}

/** Measures all of them and returns the section of docs/benchmarks.md. */
export function indicatorPeers(anew: boolean, turns = TURNS): string {
  const failed = setup(anew);
  const [load] = loadavg();
  const dir = mkdtempSync(join(tmpdir(), 'qt-indicators-'));
  try {
    writeColumns(dir, workload(STANDARD.bars, STANDARD.seed));
    const job = { dir, bars: STANDARD.bars, runs: RUNS };
    const talib =
      failed.talib ??
      run('TA-Lib', PYTHON, [join(HERE, 'run_talib.py'), JSON.stringify({ ...job, runs: 5 })]);
    const compare = typeof talib !== 'string';
    const found = new Map<string, Library | string>();
    for (let turn = 0; turn < turns; turn++) {
      for (const library of LIBRARIES) {
        const known = found.get(library);
        if (typeof known === 'string') continue;
        const given: Job = { ...job, library, compare: compare && turn === 0 };
        const args = [join(HERE, 'measure.ts'), JSON.stringify(given)];
        const reason = library === OURS ? undefined : failed.npm;
        const measured = reason ?? run(library, process.execPath, args);
        found.set(library, typeof measured === 'string' ? measured : joined(known, measured));
      }
    }
    return section(found, talib, load);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function setup(anew: boolean): { readonly npm?: string; readonly talib?: string } {
  const requirements = join(HERE, 'requirements.txt');
  const python = once(join(VENV, 'setup.json'), [requirements], anew, () => {
    rmSync(VENV, { recursive: true, force: true });
    const made = attempt('a virtual environment for TA-Lib', 'python3', ['-m', 'venv', VENV]);
    const args = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements];
    const reason = made ?? attempt('TA-Lib', PYTHON, args);
    return reason === undefined ? {} : { talib: reason };
  });
  const state = join(HERE, 'node_modules', '.setup.json');
  const npm = once(state, [join(HERE, 'package.json')], anew, () => {
    const args = ['install', '--no-audit', '--no-fund', '--prefix', HERE];
    const reason = attempt('the libraries of indicators', 'npm', args);
    return reason === undefined ? {} : { npm: reason };
  });
  return { ...python, ...npm };
}

/** What a process measured, or why it did not. */
function run(what: string, command: string, args: readonly string[]): Measured | string {
  console.error(`running ${what} …`);
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 1 << 26,
  });
  if (error !== undefined || status !== 0) {
    return `failed: ${reasonIn(stderr ?? '', error?.message ?? `exit code ${status}`).replaceAll(HERE, 'bench/peers/indicators')}`;
  }
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Measured;
}

function joined(known: Library | undefined, { version, times, agrees }: Measured): Library {
  const all = known?.times ?? {};
  for (const [name, { batch, stream }] of Object.entries(times)) {
    all[name] ??= { batch: [], stream: [] };
    all[name].batch.push(...batch);
    all[name].stream.push(...stream);
  }
  return { version, times: all, agrees: known?.agrees ?? agrees };
}

function section(
  found: ReadonlyMap<string, Library | string>,
  talib: Measured | string,
  load: number,
): string {
  const libraries = [...found].filter((entry): entry is [string, Library] => typeof entry[1] !== 'string');
  const problems = [...found, ['TA-Lib', talib] as const]
    .filter(([, outcome]) => typeof outcome === 'string')
    .map(([name, reason]) => `${name}: ${reason}`);
  const heads = libraries.map(([name, { version }]) => `${name} ${version}`);
  const titles = typeof talib === 'string' ? heads : [...heads, `TA-Lib ${talib.version}, C from Python`];
  const all = typeof talib === 'string' ? libraries : [...libraries, ['TA-Lib', talib] as const];
  const table = (kind: 'batch' | 'stream', digits: number, unit: number) => {
    const used = kind === 'batch' ? all : libraries;
    return [
      `| | ${titles.slice(0, used.length).join(' | ')} |`,
      `|---|${'--:|'.repeat(used.length)}`,
      ...NAMES.map(name => {
        const values = used.map(([, { times }]) => middle(times[name]?.[kind] ?? []));
        const [own] = values;
        const cells = values.map((ms, k) => {
          if (ms === undefined) return '–';
          const shown = (ms * unit).toFixed(digits);
          return k === 0 || own === undefined ? shown : `${shown} (${(ms / own).toFixed(1)} ×)`;
        });
        return `| ${EIGHT[name]} | ${cells.join(' | ')} |`;
      }),
    ].join('\n');
  };
  const agreements =
    typeof talib === 'string'
      ? []
      : [
          'Values against those of TA-Lib, on the same bars:',
          [
            `| | ${libraries.map(([name]) => name).join(' | ')} |`,
            `|---|${'---|'.repeat(libraries.length)}`,
            ...NAMES.map(name => {
              const cells = libraries.map(([, { agrees }]) => verdict(agrees[name]));
              return `| ${EIGHT[name]} | ${cells.join(' | ')} |`;
            }),
          ].join('\n'),
        ];
  const busy =
    load > cpus().length / 2 ? ` The machine was busy (load ${load.toFixed(1)}): the ratios are rough.` : '';
  return [
    'A million bars at once, milliseconds; in brackets how many times ours:',
    table('batch', 1, 1),
    'One bar after another, nanoseconds a bar; in brackets how many times ours:',
    table('stream', 1, 1e6 / STANDARD.bars),
    ...agreements,
    ...(problems.length === 0 ? [] : [`Not measured: ${problems.join('; ')}.`]),
    `Measured ${new Date().toISOString().slice(0, 10)} with \`npm run bench:peers -- --write\` on ${cpus()[0].model.trim()} (${cpus().length} cores), Node ${process.versions.node}.${busy}`,
  ].join('\n\n');
}

function verdict(agreement: Agreement | undefined): string {
  if (agreement === undefined) return '–';
  const { all, late } = agreement;
  if (all <= 1e-9) return 'the same';
  if (late <= 1e-9) return 'the same once the seed is forgotten';
  return `differ by up to ${late >= 0.001 ? `${(late * 100).toPrecision(2)} %` : late.toExponential(0)}`;
}

if (import.meta.main) {
  const at = process.argv.indexOf('--turns');
  const turns = at < 0 ? TURNS : Number(process.argv[at + 1]);
  const text = indicatorPeers(process.argv.includes('--setup'), turns);
  console.log(text);
  if (process.argv.includes('--write')) writeSection('indicator-peers', text);
}
