import type { Comparison, Difference } from '../../live/comparison/compare.ts';
import type { Examination } from '../../live/examine.ts';
import { money, number, paint, plain, type TerminalStyle, utcTime } from './format.ts';
import { type Column, naturalWidth, tableLines } from './table.ts';

/** Differences that a terminal is shown; --json has all. */
export const ROWS_SHOWN = 20;

const INDENT = '  ';

/** What looking back at a session has found, as lines for a terminal; the last one is `identical` if nothing differs. */
export function replayLines(found: Examination, terminal: TerminalStyle): string[] {
  const style = { ...terminal, width: Math.max(40, terminal.width) - INDENT.length };
  const { replay, backtest } = found;
  const lines = [...heading(found, style), '', ...answers(found, style), ...notes(found, style)];
  if (!replay.identical) lines.push('', ...section(replay, ['session', 'replay'], style));
  if (!backtest.identical) lines.push('', ...section(backtest, ['live', 'backtest'], style));
  const text = lines.map(line => plain(style, line === '' ? line : INDENT + line));
  return replay.identical && backtest.identical ? [...text, '', 'identical'] : text;
}

function heading({ session, changes, codeChanged, backtest }: Examination, style: TerminalStyle): string[] {
  const { settings, id, mode, steps } = session;
  const datas = settings.datas.map(one => `${one.instrument.symbol} ${one.interval}`);
  const counts = [
    `${number(steps, 0)} steps`,
    `${number(backtest.orders, 0)} orders`,
    `${number(backtest.fills, 0)} fills`,
  ];
  const changed = [...(codeChanged ? ['strategy changed'] : []), ...changes];
  return [
    `${paint(style, 'bold', `Session ${id}: ${settings.strategy}`)}  ${datas.join(' · ')}`,
    paint(style, 'dim', [`${mode} on ${settings.exchange}`, ...counts].join(' · ')),
    ...(changed.length === 0
      ? []
      : wrap(`Not as it was: ${changed.join(', ')}`, style.width).map(line => paint(style, 'yellow', line))),
  ];
}

function answers({ replay, backtest }: Examination, style: TerminalStyle): string[] {
  const answer = ({ identical, differences }: { identical: boolean } & Comparison) =>
    identical
      ? paint(style, 'green', 'identical')
      : paint(
          style,
          'yellow',
          `${number(differences.length, 0)} difference${differences.length === 1 ? '' : 's'}`,
        );
  return [`The same inputs again      ${answer(replay)}`, `A backtest over these bars ${answer(backtest)}`];
}

function notes(found: Examination, style: TerminalStyle): string[] {
  const { counts, backtest, account } = found;
  const { withinBar } = backtest;
  const several = (count: number, one: string, more: string) =>
    count === 0 ? [] : [`${number(count, 0)} ${count === 1 ? one : more}`];
  const came = [
    ...several(counts.restarts, 'restart', 'restarts'),
    ...several(counts.lateBars, 'late bar', 'late bars'),
    ...several(counts.releases, 'step made without a series', 'steps made without a series'),
    ...several(counts.lateSteps, 'step made late', 'steps made late'),
    ...several(counts.gaps, 'gap', 'gaps'),
    ...several(counts.disconnects, 'cut connection', 'cut connections'),
    ...several(account?.lateReports ?? 0, 'late report', 'late reports'),
    ...several(account?.refused ?? 0, 'order not taken', 'orders not taken'),
    ...several(account?.halts ?? 0, 'halt', 'halts'),
  ];
  const all = [
    ...prices(found),
    ...(withinBar === 0
      ? []
      : [
          `${number(withinBar, 0)} fill${withinBar === 1 ? '' : 's'} within a bar, at a moment that bars do not tell; the price is the same`,
        ]),
    ...(came.length === 0 ? [] : [`in the session: ${came.join(', ')}`]),
  ];
  return all.flatMap(note => [
    ...wrap(`Note: ${note}`, style.width - 2).map((line, i) =>
      paint(style, 'dim', i === 0 ? line : `  ${line}`),
    ),
  ]);
}

/** What the prices of the session were worth beside those of the backtest. */
function prices({ session, backtest }: Examination): string[] {
  const { orders, traded, cost, worst, worse, better } = backtest.slippage;
  if (worse + better === 0) return [];
  const { quote } = session.settings.datas[0].instrument;
  const word = cost >= 0 ? 'worse' : 'better';
  const size = Math.abs(cost);
  const share = `${number((size / traded) * 100, 4)} % of ${money(traded)} traded`;
  const each = `${amount(size / orders)} an order${worst > 0 ? `, the worst ${amount(worst)}` : ''}`;
  const { live, backtest: history } = backtest.fees;
  return [
    `prices were ${amount(size)} ${quote} ${word} than in the backtest: ${share}, ${each}; ${number(worse, 0)} of ${number(orders, 0)} orders were filled at a worse price, ${number(better, 0)} at a better one`,
    ...(session.mode === 'real'
      ? [`fees were ${amount(live)} ${quote}, in the backtest ${amount(history)}`]
      : []),
  ];
}

/** Money, with more digits where there is little of it. */
function amount(value: number): string {
  return value !== 0 && Math.abs(value) < 1 ? String(Number(value.toPrecision(3))) : money(value);
}

function section(
  { differences }: Comparison,
  [left, right]: readonly [string, string],
  style: TerminalStyle,
): string[] {
  const shown = differences.slice(0, ROWS_SHOWN);
  const rows = shown.map(one => {
    const side = (one.leftOrder ?? one.rightOrder)?.side;
    const what = side === undefined ? one.what : `${side} ${one.what}`;
    return [utcTime(one.time), one.symbol, what, one.left, one.right, one.cause];
  });
  const columns: Column[] = [
    { title: 'time (UTC)' },
    { title: 'symbol' },
    { title: 'what' },
    { title: left, least: 8 },
    { title: right, least: 8 },
    { title: 'cause' },
  ];
  const fits = naturalWidth(columns, rows, style) <= style.width;
  // A narrow terminal need not be told the same cause in every row: it is below.
  const alike = differences.every(one => one.cause === differences[0].cause);
  const lines = fits
    ? tableLines(columns, rows, style)
    : alike
      ? tableLines(columns.slice(0, -1), withoutCause(rows), style)
      : stacked(columns, rows, style);
  if (differences.length > shown.length)
    lines.push(`and ${number(differences.length - shown.length, 0)} more`);
  return [...lines, '', ...summary(differences, style)];
}

function withoutCause(rows: readonly (readonly string[])[]): string[][] {
  return rows.map(row => row.slice(0, -1));
}

/** The cause below its row: a narrow terminal has no room beside it. */
function stacked(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TerminalStyle,
): string[] {
  const [title, ...lines] = tableLines(columns.slice(0, -1), withoutCause(rows), style);
  return [
    title,
    ...lines.flatMap((line, i) => [line, ...wrap(rows[i][5], style.width - 4).map(text => `    ${text}`)]),
  ];
}

/** How often each cause, with an example. */
function summary(differences: readonly Difference[], style: TerminalStyle): string[] {
  const byCause = new Map<string, { count: number; detail: string }>();
  for (const { cause, detail } of differences) {
    const known = byCause.get(cause);
    if (known === undefined) byCause.set(cause, { count: 1, detail });
    else known.count++;
  }
  return [...byCause].flatMap(([cause, { count, detail }]) => {
    const colour = cause === 'unexplained' || cause === 'not deterministic' ? 'red' : 'yellow';
    // What was changed belongs to the cause; what happened is an example of it.
    const changed = cause.endsWith('settings changed') ? `: ${detail}` : '';
    return [
      ...wrap(`${number(count, 0)} × ${cause}${changed}`, style.width).map(line =>
        paint(style, colour, line),
      ),
      ...(detail === '' || changed !== ''
        ? []
        : wrap(count === 1 ? detail : `first: ${detail}`, style.width - 4).map(line =>
            paint(style, 'dim', `    ${line}`),
          )),
    ];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
