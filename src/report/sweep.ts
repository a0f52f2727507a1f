import { FIGURE_NAMES, type FIGURES } from '../research/figures.ts';
import type { SweepResult } from '../research/optimize.ts';
import type { SweepRun } from '../research/sweep.ts';

/** What a report of a sweep says beside its runs. */
export interface SweepOrigin {
  /** As the user named it. */
  readonly strategyFile?: string;
  readonly codeHash?: string;
  /** The condition, and how combinations were chosen. */
  readonly where?: string | undefined;
  readonly search?: object;
  readonly data?: readonly { readonly file: string; readonly synthetic: boolean }[];
  /** The data as a heading: `BTCUSDT 4h (synthetic)`. */
  readonly names: readonly string[];
}

/** Changes when a field is renamed, removed or gets another meaning. */
export const SWEEP_FORMAT = 1;

/**
 * A sweep as one JSON document in pieces, best run first; equal sweeps give equal documents. NaN is null, the infinities are
 * texts.
 */
export function* sweepJson(result: SweepResult, origin: SweepOrigin): Generator<string> {
  const { table, strategy, fixed, stopped } = result;
  const { names: _, ...rest } = origin;
  const head = {
    format: SWEEP_FORMAT,
    strategy,
    ...rest,
    objective: table.objective.label,
    axes: table.combinations.axes,
    fixed,
    total: table.total,
    done: table.done,
    failed: table.failed,
    excluded: table.combinations.excluded,
    stopped,
    notes: result.notes,
  };
  yield `${text(head).slice(0, -1)},\n"runs":[`;
  let joint = '\n';
  for (const run of table.best()) {
    yield joint + text(run);
    joint = ',\n';
  }
  yield ']}\n';
}

/** Runs as CSV, best first: rank, number, parameters, figures, error. What has no value is empty. */
export function* sweepCsv({ table }: SweepResult): Generator<string> {
  const names = table.combinations.axes.map(axis => axis.name);
  yield `${['rank', 'number', ...names, ...FIGURE_NAMES, 'error'].map(quoted).join(',')}\n`;
  let rank = 0;
  for (const { number, params, figures, error } of table.best()) {
    const cells = [
      String(++rank),
      String(number),
      ...names.map(name => String(params[name])),
      ...FIGURE_NAMES.map(name => csvNumber(figures?.[name] ?? Number.NaN)),
      error === undefined ? '' : `${error.code}: ${error.message}`,
    ];
    yield `${cells.map(quoted).join(',')}\n`;
  }
}

function csvNumber(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, item) => {
    if (typeof item !== 'number' || Number.isFinite(item)) return item;
    return Number.isNaN(item) ? null : String(item);
  });
}

/** `fast=5 slow=20`, as `--param` takes it. */
export function paramsText(params: SweepRun['params']): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** What stands in a table beside the objective. */
export function columnsBeside(objective: string | undefined): (keyof typeof FIGURES)[] {
  const usual = ['return', 'sharpe', 'maxDrawdown', 'calmar', 'trades', 'winRate', 'profitFactor'] as const;
  return usual.filter(name => name !== objective);
}
