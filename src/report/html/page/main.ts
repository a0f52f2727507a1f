import { date, dateTime, number } from '../data/format.ts';
import type { ReportHead } from '../data/payload.ts';
import { emptyChart, ReportChart, type ViewState } from './chart.ts';
import { find, setText } from './dom.ts';
import { logList, refusalList } from './other-lists.ts';
import { barAt, type DataBars, type Fills, Run, type Trades } from './run.ts';
import { attachTabs } from './tabs.ts';
import { onThemeChange } from './theme.ts';
import { TradeList } from './trade-list.ts';
import type { Highlight, Marks } from './trade-marks.ts';

const run = new Run(JSON.parse(find('#head').textContent ?? '') as ReportHead);
const container = find('.chart');
const level = find('.level');
const dataTabs = find('.datas');

/** What is on the screen. */
let shown: { data: number; bars: DataBars; chart: ReportChart } | undefined;
let wanted: number | undefined;
let list: TradeList | undefined;
let selected: number | undefined;

/** Lets the browser paint what is there before more work is done; in a background tab it does not paint at all. */
const painted = () =>
  new Promise<void>(resolve => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 250);
  });

/** How far the page is, for whoever measures or tests it. */
function stage(name: 'candles' | 'all' | 'failed'): void {
  document.documentElement.dataset.ready = name;
  performance.mark(name);
}

async function showData(data: number): Promise<void> {
  wanted = data;
  if (shown?.data === data) return;
  const bars = await run.bars(data);
  // Another tab may have been chosen meanwhile.
  if (wanted !== data || shown?.data === data) return;
  shown?.chart.remove();
  shown = undefined;
  container.replaceChildren();
  if (bars.head.bars === 0) {
    container.append(emptyChart());
    return;
  }
  const chart = new ReportChart(container, bars, { onBar: selectTradeAt, onView: describeView });
  shown = { data, bars, chart };
  await painted();
  if (list === undefined) stage('candles');
  const [lines, account] = [await run.lines(data), await run.account(data)];
  const [fills, text] = [await run.fills(), await run.text()];
  if (shown?.chart !== chart) return;
  chart.addLines(lines, account);
  chart.setMarks(marksOf(bars, fills, text.tags));
}

function marksOf(bars: DataBars, fills: Fills, tags: readonly string[]): Marks {
  const mine: number[] = [];
  fills.symbol.forEach((symbol, i) => {
    if (symbol === bars.head.symbol) mine.push(i);
  });
  const column = (values: Float64Array) => Float64Array.from(mine, i => values[i]);
  return {
    bar: Float64Array.from(mine, i => barAt(bars, fills.time[i])),
    price: column(fills.price),
    size: column(fills.size),
    tag: mark => tags[fills.tag[mine[mark]]],
  };
}

function describeView({ view, barsPerCandle, fills, crowded }: ViewState): void {
  if (shown === undefined) return;
  const { time } = shown.bars.base;
  const bar = (at: number) => Math.max(0, Math.min(time.length - 1, Math.round(at)));
  const from = time[bar(view.from)];
  const to = time[bar(view.to)];
  const long = to - from > 20 * 86_400_000;
  const parts = [
    `${(long ? date : dateTime)(from)} to ${(long ? date : dateTime)(to)}`,
    barsPerCandle === 1 ? '1 bar a candle' : `${number(barsPerCandle)} bars a candle`,
    `${number(fills)} fills${crowded ? ': zoom in for arrows' : ''}`,
  ];
  setText(level, parts.join('  ·  '));
}

function highlightOf(trades: Trades, trade: number, bars: DataBars): Highlight {
  const open = trades.open[trade] === 1;
  const entryBar = barAt(bars, trades.entryTime[trade]);
  return {
    entryBar,
    exitBar: open ? bars.head.bars - 1 : barAt(bars, trades.exitTime[trade]),
    entryPrice: trades.entryPrice[trade],
    exitPrice: open ? Number.NaN : trades.exitPrice[trade],
    won: trades.pnl[trade] > trades.fees[trade],
  };
}

/** Shows a trade in the chart, in the data it was made on. */
async function showTrade(trade: number): Promise<void> {
  selected = trade;
  const trades = await run.trades();
  const symbol = trades.symbol[trade];
  if (shown === undefined) return;
  if (shown.bars.head.symbol !== symbol) {
    const other = run.head.datas.findIndex(data => data.symbol === symbol);
    activateData(find(`[data-data="${other}"]`, dataTabs));
    await showData(other);
  }
  if (selected !== trade || shown?.bars.head.symbol !== symbol) return;
  const highlight = highlightOf(trades, trade, shown.bars);
  const { entryBar, exitBar } = highlight;
  const room = Math.max(12, (exitBar - entryBar) * 0.6);
  // Where the page is one column, the chart may be out of sight.
  if (matchMedia('(max-width: 999px)').matches) container.scrollIntoView({ block: 'nearest' });
  shown.chart.setHighlight(highlight);
  shown.chart.show({ from: entryBar - room - 0.5, to: exitBar + room + 0.5 });
}

async function selectTradeAt(bar: number): Promise<void> {
  if (shown === undefined || list === undefined) return;
  const trades = await run.trades();
  const { bars, chart } = shown;
  const at = bars.base.time[Math.max(0, Math.min(bars.head.bars - 1, bar))];
  const held = trades.id.findIndex(
    (_, i) =>
      trades.symbol[i] === bars.head.symbol &&
      trades.entryTime[i] <= at &&
      (trades.open[i] === 1 || trades.exitTime[i] >= at),
  );
  if (held < 0) return;
  selected = held;
  chart.setHighlight(highlightOf(trades, held, bars));
  list.reveal(held);
}

function showTime(time: number | null): void {
  if (shown === undefined || time === null || Number.isNaN(time)) return;
  const bar = barAt(shown.bars, time);
  shown.chart.show({ from: bar - 40, to: bar + 40 });
}

const activateData = attachTabs(dataTabs, tab => showData(Number(tab.dataset.data)));
const panel = find('.panel');
attachTabs(find('.tabs'), tab => {
  for (const pane of panel.querySelectorAll<HTMLElement>('[role=tabpanel]')) {
    pane.hidden = pane.id !== tab.getAttribute('aria-controls');
  }
});
find('.widen').addEventListener('click', event => {
  const wide = document.body.classList.toggle('wide-panel');
  (event.currentTarget as HTMLElement).setAttribute('aria-pressed', String(wide));
});
for (const button of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
  button.addEventListener('click', () => {
    if (button.dataset.zoom === 'all') shown?.chart.showAll();
    else shown?.chart.zoom(button.dataset.zoom === 'in' ? 0.5 : 2);
  });
}
onThemeChange(() => shown?.chart.recolour());

async function start(): Promise<void> {
  if (run.head.datas.length > 0) await showData(0);
  const [trades, refusals, text] = [await run.trades(), await run.refusals(), await run.text()];
  list = new TradeList(run.head, trades, text, showTrade);
  find('#pane-trades').append(list.root);
  find('#pane-refusals').append(
    refusalList(run.head, refusals, text, row => showTime(refusals.time[row])).root,
  );
  find('#pane-log').append(logList(text, row => showTime(text.log[row][0])).root);
  stage('all');
}

start().catch((error: unknown) => {
  stage('failed');
  container.textContent = `The report could not be read: ${error instanceof Error ? error.message : String(error)}`;
  throw error;
});
