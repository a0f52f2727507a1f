import { FIGURES, type FigureName } from '../../research/figures.ts';
import type { SweepResult } from '../../research/optimize.ts';
import type { SweepRun } from '../../research/sweep.ts';
import { columnsBeside, type SweepOrigin } from '../sweep.ts';
import { duration, money, number, paint, percent, plain, type TerminalStyle } from './format.ts';
import { type Column, naturalWidth, tableLines } from './table.ts';

const INDENT = '  ';
const WIDEST = 160;

/** The best runs of a sweep as a table for a terminal, with what failed. */
export function sweepLines(
  result: SweepResult,
  terminal: TerminalStyle,
  origin: SweepOrigin,
  top: number,
): string[] {
  const style = { ...terminal, width: Math.min(WIDEST, terminal.width) - INDENT.length };
  const { table, strategy, fixed } = result;
  const { objective, combinations } = table;
  const excluded =
    combinations.excluded === undefined || combinations.excluded === 0
      ? ''
      : `, ${number(combinations.excluded, 0)} ruled out`;
  const constants = Object.entries(fixed).map(([name, value]) => `${name}=${value}`);
  const lines = [
    paint(style, 'bold', `${strategy}  ${origin.names.join(', ')}`),
    `${number(table.total, 0)} combinations of ${combinations.axes.map(axis => axis.name).join(', ')}${excluded}`,
    ...(constants.length === 0 ? [] : [constants.join('  ')]),
    `best by ${objective.label}, ${objective.better} is better`,
    '',
    ...rows(table.best(top), result, style),
    '',
    ...failures(result),
    ...result.notes.map(note => `Note: ${note}`),
  ];
  while (lines.at(-1) === '') lines.pop();
  return lines.map(line => plain(style, line === '' ? '' : INDENT + line));
}

/** `1,000 of 1,000 runs in 2.1 s, 476 a second`. */
export function sweepSpeed({ table, resumed, elapsedMs }: SweepResult): string {
  const made = table.done - resumed;
  const before = resumed === 0 ? '' : `, ${number(resumed, 0)} were there`;
  const rate = (made * 1000) / elapsedMs;
  return `${number(made, 0)} runs in ${number(elapsedMs / 1000, elapsedMs < 10_000 ? 2 : 0)} s, ${number(rate, rate < 10 ? 1 : 0)} a second${before}`;
}

/** `312 of 1,000  45 a second  2 minutes left  best …`, for the last line of a terminal. */
export function sweepProgress(progress: {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly rate: number;
  readonly leftMs: number;
}): string {
  const { total, done, failed, rate, leftMs } = progress;
  const parts = [`${number(done, 0)} of ${number(total, 0)} runs`];
  if (Number.isFinite(rate)) parts.push(`${number(rate, rate < 10 ? 1 : 0)} a second`);
  if (Number.isFinite(leftMs)) parts.push(`${duration(leftMs)} left`);
  if (failed > 0) parts.push(`${number(failed, 0)} failed`);
  return parts.join('  ');
}

function rows(runs: readonly SweepRun[], { table }: SweepResult, style: TerminalStyle): string[] {
  if (runs.length === 0) return ['No run was computed.'];
  const { objective, combinations } = table;
  const names = combinations.axes.map(axis => axis.name);
  const own: FigureName[] = objective.figure === undefined ? [] : [objective.figure];
  const figures = [...own, ...columnsBeside(objective.figure)];
  const cells = runs.map(({ params, figures: values, error }, i) => [
    String(i + 1),
    ...names.map(name => String(params[name])),
    ...(objective.figure === undefined
      ? [values === undefined ? '' : number(objective.score(values), 4)]
      : []),
    ...figures.map((name, at) =>
      values === undefined ? (at === 0 ? (error?.code ?? '') : '') : figureText(name, values[name]),
    ),
  ]);
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns = [
    right('#'),
    ...names.map(right),
    ...(objective.figure === undefined ? [right(objective.label)] : []),
    ...figures.map(name => right(FIGURES[name].title)),
  ];
  // Figures that do not fit are left out whole, the last ones first.
  let shown = columns.length;
  const least = 1 + names.length + 1;
  const cut = <T>(list: readonly T[]) => list.slice(0, shown);
  while (shown > least && naturalWidth(cut(columns), cells.map(cut), style) > style.width) shown--;
  return tableLines(cut(columns), cells.map(cut), style);
}

/** A figure as its unit has it. */
export function figureText(name: FigureName, value: number): string {
  const { unit } = FIGURES[name];
  if (unit === 'fraction') return percent(value, name === 'return' || name === 'cagr');
  if (unit === 'money') return money(value);
  return number(value, unit === 'count' ? 0 : 2);
}

/** How many failed, by code, each with its first message. */
function failures({ table }: SweepResult): string[] {
  const found = new Map<string, { count: number; message: string }>();
  for (const { error } of table.runs()) {
    if (error === undefined) continue;
    const one = found.get(error.code) ?? { count: 0, message: error.message };
    one.count++;
    found.set(error.code, one);
  }
  return [...found].map(
    ([code, { count, message }]) => `${number(count, 0)} failed with ${code}: ${message}`,
  );
}
