import type { BacktestResult } from '../../backtest/result.ts';
import {
  compact,
  date,
  dateTime,
  duration,
  money,
  number,
  percent,
  signedMoney,
  signedPercent,
} from './data/format.ts';
import { html, type Markup } from './markup.ts';

type Tone = 'up' | 'down' | '';

const tone = (value: number): Tone => (value > 0 ? 'up' : value < 0 ? 'down' : '');

/** The figures above the chart. */
export function keyFigures({ metrics, settings }: BacktestResult): Markup {
  const { returns, drawdown, trades } = metrics;
  const quote = settings.datas[0]?.instrument.quote ?? '';
  const scale = metrics.startValue;
  const figures: readonly (readonly [label: string, value: string, detail: string, tone?: Tone])[] = [
    [
      'Return',
      signedPercent(returns.total),
      `${money(metrics.endValue, scale)} ${quote}`,
      tone(returns.total),
    ],
    ['Buy & hold', signedPercent(metrics.buyAndHold), 'free of fees', tone(metrics.buyAndHold)],
    ['CAGR', signedPercent(returns.cagr), 'a year of 365 days', tone(returns.cagr)],
    [
      'Max drawdown',
      percent(-drawdown.max),
      `${money(-drawdown.maxMoney, scale)} ${quote}`,
      tone(-drawdown.max),
    ],
    ['Sharpe', number(returns.sharpe, 2), `volatility ${percent(returns.volatility, 1)}`],
    ['Sortino', number(returns.sortino, 2), `${number(returns.periods)} periods`],
    ['Trades', number(trades.total), `${number(trades.averageBars, 0, 1)} bars each`],
    ['Win rate', percent(trades.winRate, 1), `${number(trades.won)} of ${number(trades.total)}`],
    ['Profit factor', number(trades.profitFactor, 2), `${signedMoney(trades.average, scale)} a trade`],
    ['Exposure', percent(metrics.exposure, 1), 'time in a position'],
    ['Fees', money(metrics.fees, scale), `${compact(metrics.turnover)} turnover`],
  ];
  return html`<dl class="figures">${figures.map(
    ([label, value, detail, sign = '']) =>
      html`<div><dt>${label}</dt><dd class="${sign}">${value}</dd><dd class="detail">${detail}</dd></div>`,
  )}</dl>`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Returns a month: one row a year, with the year's total. */
export function monthlyReturns({ metrics }: BacktestResult): Markup {
  const years = new Map<string, (number | undefined)[]>();
  for (const { month, return: value } of metrics.returns.months) {
    const year = month.slice(0, 4);
    const row = years.get(year) ?? new Array<number | undefined>(12).fill(undefined);
    row[Number(month.slice(5)) - 1] = value;
    years.set(year, row);
  }
  if (years.size === 0) return html`<p class="empty">The run is too short for monthly returns.</p>`;
  const largest = Math.max(
    ...metrics.returns.months.map(one => Math.abs(one.return)).filter(Number.isFinite),
    1e-9,
  );
  const rows = [...years].map(([year, months]) => {
    const total = metrics.returns.years.find(one => one.year === Number(year))?.return ?? Number.NaN;
    return html`<tr><th scope="row">${year}</th>${months.map(value => heatCell(value, largest))}<td class="total ${tone(total)}">${tenths(total)}</td></tr>`;
  });
  return html`<table class="months"><caption>Return in percent, months in UTC</caption><thead><tr><th scope="col">Year</th>${MONTHS.map(
    name => html`<th scope="col">${name}</th>`,
  )}<th scope="col">Total</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function heatCell(value: number | undefined, largest: number): Markup {
  if (value === undefined) return html`<td></td>`;
  // The root keeps ordinary months visible beside an extreme one.
  const heat = Number.isFinite(value) ? Math.sqrt(Math.min(1, Math.abs(value) / largest)) : 1;
  return html`<td class="${tone(value)}" style="--heat:${(heat * 100).toFixed(0)}%">${tenths(value)}</td>`;
}

/** Percent without its sign of unit; tenths only while there is room for them. */
function tenths(value: number): string {
  return number(value * 100, Math.abs(value) >= 0.9995 ? 0 : 1);
}

/** Parameters, settings and the figures that are not on top. */
export function setup(result: BacktestResult): Markup {
  const { settings, metrics, stats } = result;
  const { trades, drawdown, orders, risk, benchmark } = metrics;
  const refused = Object.entries(orders.refused);
  const amount = (value: number) => signedMoney(value, metrics.startValue);
  const fall = Number.isNaN(drawdown.peakTime)
    ? '–'
    : `${dateTime(drawdown.peakTime)} to ${dateTime(drawdown.troughTime)}`;
  return html`${list(
    'Parameters',
    Object.entries(settings.params).map(([name, value]) => [name, String(value) || '–'] as const),
    'The strategy declares no parameters.',
  )}${list('Settings', [
    ['Strategy', settings.strategy],
    [
      'Data',
      settings.datas
        .map(data => `${data.instrument.symbol} ${data.interval} (${data.instrument.market})`)
        .join(', '),
    ],
    ['Starting cash', money(settings.cash, 1000)],
    ['Commission', settings.commission],
    ['Fee of purchases in', settings.feeIn],
    ['Slippage', settings.slippage],
    ...(settings.intrabar === '' ? [] : [['Inside a bar', settings.intrabar] as const]),
    ...(settings.margin === '' ? [] : [['Margin', settings.margin] as const]),
    ['Sizer', settings.sizer],
    ['From', dateTime(stats.from)],
    ['To', dateTime(stats.to)],
    [
      'Bars',
      `${number(stats.bars)}${stats.warmupBars > 0 ? `, of which ${number(stats.warmupBars)} warm-up` : ''}`,
    ],
    ['Steps', number(stats.steps)],
  ])}${list('Trades', [
    ['Average', amount(trades.average)],
    ['Average win', amount(trades.averageWin)],
    ['Average loss', amount(trades.averageLoss)],
    ['Best', amount(trades.best)],
    ['Worst', amount(trades.worst)],
    ['Longest winning streak', number(trades.longestWinning)],
    ['Longest losing streak', number(trades.longestLosing)],
    ['Net of all trades', amount(trades.net)],
    ...(settings.margin === '' ? [] : [['Funding paid', amount(metrics.funding)] as const]),
    ['Expectancy', signedPercent(trades.expectancy)],
    ['System quality number', number(trades.sqn, 2)],
    ['Longest time without one', duration(metrics.longestFlatMs)],
  ])}${list('Risk', [
    ['Deepest fall', fall],
    ['Longest time below a peak', duration(drawdown.longestMs)],
    ['Average time below a peak', duration(drawdown.averageMs)],
    ['Volatility, annual', percent(metrics.returns.volatility, 1)],
    ['Calmar', number(risk.calmar, 2)],
    ['Omega', number(risk.omega, 2)],
    ['Ulcer index', percent(risk.ulcerIndex, 1)],
    ['Value at risk, 95 %', percent(risk.valueAtRisk, 2)],
    ['Conditional value at risk, 95 %', percent(risk.conditionalValueAtRisk, 2)],
    [
      'Turnover a year',
      Number.isNaN(metrics.annualTurnover) ? '–' : `${compact(metrics.annualTurnover)} × value`,
    ],
  ])}${list('Benchmark', [
    ['Compared with', benchmark.name],
    ['Its return', signedPercent(benchmark.return)],
    ['Alpha, annual', signedPercent(benchmark.alpha)],
    ['Beta', number(benchmark.beta, 2)],
    ['Correlation', number(benchmark.correlation, 2)],
    ['Information ratio', number(benchmark.informationRatio, 2)],
  ])}${list('Orders', [
    ['All', number(orders.total)],
    ['Completed', number(orders.completed)],
    ['Open at the end', number(orders.open)],
    ...(orders.liquidations === 0 ? [] : [['Liquidations', number(orders.liquidations)] as const]),
    ['Trades that depend on the path inside a bar', number(orders.pathDependent)],
    ...refused.map(([code, count]) => [code, number(count)] as const),
  ])}`;
}

function list(title: string, rows: readonly (readonly [string, string])[], none = ''): Markup {
  return html`<section class="list"><h3>${title}</h3>${
    rows.length === 0
      ? html`<p class="empty">${none}</p>`
      : html`<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
  }</section>`;
}

/** `2024-01-01 to 2024-03-01`. */
export function period({ stats }: BacktestResult): string {
  return `${date(stats.from)} to ${date(stats.to)}`;
}
