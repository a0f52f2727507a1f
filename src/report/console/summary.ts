import type { BacktestResult } from '../../backtest/result.ts';
import type { RunOrigin } from '../origin.ts';
import { drawCurve } from './curve.ts';
import {
  type Colour,
  duration,
  money,
  number,
  paint,
  percent,
  plain,
  type TerminalStyle,
  utcTime,
} from './format.ts';

/** One figure: label, text, and the colour that says whether it is good. */
type Figure = readonly [label: string, text: string, colour?: Colour | undefined];

/** The width beyond which lines only get longer, not clearer. */
const WIDEST = 120;
const INDENT = '  ';

/** What a trader looks for first, as lines for a terminal. */
export function summaryLines(
  result: BacktestResult,
  terminal: TerminalStyle,
  origin: RunOrigin = {},
): string[] {
  const style = { ...terminal, width: Math.min(WIDEST, Math.max(44, terminal.width)) - INDENT.length };
  const { equity, metrics } = result;
  const lines = [
    ...heading(result, style, origin),
    '',
    ...figures(result, style),
    '',
    ...drawCurve({ time: equity.time, value: equity.value, base: metrics.startValue }, style),
    '',
    ...orderLines(result, style),
    ...noteLines(result, style),
  ];
  while (lines.at(-1) === '') lines.pop();
  return lines.map(line => plain(style, line === '' ? line : INDENT + line));
}

/** `1,234,567 bars in 0.41 s (3.0 million bars/s)`. */
export function speed(bars: number, ms: number): string {
  const rate = bars / (ms / 1000);
  const text =
    rate >= 1e6
      ? `${number(rate / 1e6, 1)} million`
      : rate >= 1e3
        ? `${number(rate / 1e3, 0)} thousand`
        : number(rate, 0);
  const seconds = number(ms / 1000, ms < 1000 ? 3 : 2);
  return `${number(bars, 0)} bars in ${seconds} s${Number.isFinite(rate) ? ` (${text} bars/s)` : ''}`;
}

function heading(result: BacktestResult, style: TerminalStyle, origin: RunOrigin): string[] {
  const { settings, stats } = result;
  const made = (i: number) =>
    origin.files?.[i]?.synthetic === true ? ` ${paint(style, 'yellow', '(synthetic)')}` : '';
  const datas = settings.datas.map(
    ({ instrument, interval }, i) => `${instrument.symbol} ${interval}${made(i)}`,
  );
  const { market } = settings.datas[0].instrument;
  const parameters = Object.entries(settings.params).map(([name, value]) => `${name}=${value}`);
  const bars = `${number(stats.bars - stats.warmupBars, 0)} bars`;
  const warmup = stats.warmupBars === 0 ? '' : ` after ${number(stats.warmupBars, 0)} of warm-up`;
  const terms = [
    `${money(settings.cash)} ${settings.datas[0].instrument.quote}`,
    market,
    `commission ${settings.commission}${settings.feeIn === 'base' ? ', of purchases in base' : ''}`,
    `slippage ${settings.slippage}`,
    ...(settings.margin === '' ? [] : [settings.margin]),
    settings.sizer,
  ];
  return [
    `${paint(style, 'bold', settings.strategy)}  ${datas.join(' · ')}`,
    ...wrap([`${utcTime(stats.from)} – ${utcTime(stats.to)} UTC`, `${bars}${warmup}`], style.width),
    ...wrap(parameters, style.width, '  ').map(line => paint(style, 'dim', line)),
    ...wrap(terms, style.width).map(line => paint(style, 'dim', line)),
  ];
}

function figures(result: BacktestResult, style: TerminalStyle): string[] {
  const { metrics } = result;
  const { returns, drawdown, trades, risk, benchmark } = metrics;
  const groups: Figure[][] = [
    [
      ['Return', percent(returns.total, true), tone(returns.total)],
      ['Buy & hold', percent(metrics.buyAndHold, true), tone(metrics.buyAndHold)],
      ['CAGR', percent(returns.cagr, true), tone(returns.cagr)],
      ['End value', money(metrics.endValue)],
      ['Fees paid', money(metrics.fees)],
      ['Alpha', percent(benchmark.alpha, true), tone(benchmark.alpha)],
      ['Beta', number(benchmark.beta)],
    ],
    [
      ['Max drawdown', percent(-drawdown.max), drawdown.max > 0 ? 'red' : undefined],
      ['Underwater', duration(drawdown.longestMs)],
      ['Sharpe', number(returns.sharpe), tone(returns.sharpe)],
      ['Sortino', number(returns.sortino), tone(returns.sortino)],
      ['Volatility', percent(returns.volatility)],
      ['Calmar', number(risk.calmar), tone(risk.calmar)],
      ['CVaR 95 %', percent(-risk.conditionalValueAtRisk)],
    ],
    [
      ['Trades', tradeCount(result)],
      ['Win rate', percent(trades.winRate)],
      ['Profit factor', number(trades.profitFactor), tone(trades.profitFactor - 1)],
      ['Average trade', money(trades.average), tone(trades.average)],
      ['Exposure', percent(metrics.exposure)],
      ['Expectancy', percent(trades.expectancy, true), tone(trades.expectancy)],
      ['SQN', number(trades.sqn), tone(trades.sqn)],
    ],
  ];
  const columns = style.width >= 76 ? 3 : style.width >= 50 ? 2 : 1;
  const gap = 3;
  const width = Math.min(32, Math.floor((style.width - gap * (columns - 1)) / columns));
  const cell = ([label, text, colour]: Figure) => {
    const room = Math.max(1, width - label.length - plain(style, text).length);
    return paint(style, 'dim', label) + ' '.repeat(room) + paint(style, colour, text);
  };
  const lines: string[] = [];
  for (let first = 0; first < groups.length; first += columns) {
    const beside = groups.slice(first, first + columns);
    if (first > 0) lines.push('');
    for (let r = 0; r < beside[0].length; r++) {
      lines.push(beside.map(group => cell(group[r])).join(' '.repeat(gap)));
    }
  }
  return lines;
}

function tradeCount({ metrics, openTrades }: BacktestResult): string {
  const open = openTrades.length === 0 ? '' : ` + ${openTrades.length} open`;
  return `${number(metrics.trades.total, 0)}${open}`;
}

function orderLines({ metrics, orders, settings }: BacktestResult, style: TerminalStyle): string[] {
  const { total, completed, refused, open, liquidations, pathDependent } = metrics.orders;
  if (total === 0) return [paint(style, 'yellow', 'No orders: the strategy never bought or sold.'), ''];
  const codes = Object.entries(refused).sort((a, b) => b[1] - a[1]);
  const extra = [
    ...(liquidations === 0 ? [] : [paint(style, 'red', `Liquidated: ${number(liquidations, 0)}`)]),
    ...(metrics.funding === 0 ? [] : [`Funding paid: ${money(metrics.funding)}`]),
    ...(pathDependent === 0 ? [] : pathLines(pathDependent, settings.intrabar, style)),
  ];
  if (codes.length === 0 && open === 0) return extra.length === 0 ? [] : [...extra, ''];
  const counts = [`${number(completed, 0)} filled`];
  if (open > 0) counts.push(`${number(open, 0)} open at the end`);
  const count = codes.reduce((sum, [, times]) => sum + times, 0);
  if (count > 0) counts.push(paint(style, 'yellow', `${number(count, 0)} refused`));
  const lines = [`Orders: ${counts.join(', ')}`];
  const examples = new Map<string, string>();
  if (codes.length > 0) {
    for (const { reason } of orders) {
      if (reason === undefined || examples.has(reason.code)) continue;
      examples.set(reason.code, reason.message);
      if (examples.size === codes.length) break;
    }
  }
  for (const [code, times] of codes) {
    const [first, ...rest] = wrapWords(`e.g. ${examples.get(code)}`, style.width - 4);
    lines.push(`  ${number(times, 0)} × ${paint(style, 'yellow', code)}`);
    for (const line of [first, ...rest]) lines.push(paint(style, 'dim', `    ${line}`));
  }
  return [...lines, ...extra, ''];
}

function pathLines(count: number, intrabar: string, style: TerminalStyle): string[] {
  const trades = count === 1 ? '1 trade depends' : `${number(count, 0)} trades depend`;
  const what = intrabar === 'worst' ? 'the worst is assumed' : `${intrabar} is assumed`;
  return wrapWords(`${trades} on the path inside a bar: ${what}, --fill-data would know`, style.width);
}

function noteLines({ notes, logDropped }: BacktestResult, style: TerminalStyle): string[] {
  const all = [...notes];
  if (logDropped > 0)
    all.push(`${number(logDropped, 0)} log lines beyond the first 10,000 are not in the report`);
  return all.flatMap(note =>
    wrapWords(note, style.width - 6).map(
      (line, i) => `${i === 0 ? paint(style, 'yellow', 'Note: ') : '      '}${line}`,
    ),
  );
}

function tone(value: number): Colour | undefined {
  return value > 0 ? 'green' : value < 0 ? 'red' : undefined;
}

/** Parts joined by a dot, as many a line as fit. */
function wrap(parts: readonly string[], width: number, joint = ' · '): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + joint.length + part.length <= width) {
      lines[lines.length - 1] = last + joint + part;
    } else lines.push(part);
  }
  return lines;
}

function wrapWords(text: string, width: number): string[] {
  return wrap(text.split(' '), width, ' ');
}
