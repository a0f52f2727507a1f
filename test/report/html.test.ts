import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BacktestResult, backtest } from '../../src/index.ts';
import { ByteReader } from '../../src/report/html/data/bytes.ts';
import { decodeCandles } from '../../src/report/html/data/candles.ts';
import { decodeColumn } from '../../src/report/html/data/column.ts';
import { REFUSAL_COLUMNS, type ReportHead, TRADE_COLUMNS } from '../../src/report/html/data/payload.ts';
import { readPageBundle } from '../../src/report/html/page-bundle.ts';
import { renderHtmlReport, writeHtmlReport } from '../../src/report/html/report.ts';
import { Showcase, showcaseRun, walkFeed } from '../support/report-run.ts';

const EVIL = `</script><img src=x onerror="document.title='hacked'"><!-- <script>&'`;

let folder: string;
let result: BacktestResult;
let page: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qt-report-'));
  result = await showcaseRun(500);
  page = await render(result);
});
afterAll(() => rm(folder, { recursive: true }));

async function render(run: BacktestResult): Promise<string> {
  let text = '';
  for await (const part of renderHtmlReport(run)) text += part;
  return text;
}

function headOf(text: string): ReportHead {
  return JSON.parse(/<script type="application\/json" id="head">(.*?)<\/script>/s.exec(text)![1]);
}

function section(text: string, id: string): Buffer {
  const packed = new RegExp(`id="${id}">([^<]*)<`).exec(text);
  if (packed === null) throw new Error(`no section ${id}`);
  return inflateSync(Buffer.from(packed[1], 'base64'));
}

/** A column's bits as one text: faster to compare than an array of numbers. */
const bits = (values: Float64Array) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

/** Everything between tags that a browser would show, and every attribute value. */
function tags(text: string): string[] {
  return [...text.replace(/<(script|style)\b[^>]*>.*?<\/\1>/gs, '').matchAll(/<[a-z][^>]*>/gi)].map(
    match => match[0],
  );
}

describe('the HTML report', () => {
  it('is one file that loads nothing and lets nothing be loaded', () => {
    expect(page.slice(0, 15)).toBe('<!doctype html>');
    expect(
      page.includes('default-src &#39;none&#39;; script-src &#39;sha256-'),
      'default-src &#39;none&#39;; script-src &#39;sha256-',
    ).toBe(true);
    for (const tag of tags(page)) {
      const address = /\s(?:src|href|srcset|action|data)\s*=\s*"([^"]*)"/.exec(tag)?.[1] ?? '';
      if (!tag.startsWith('<a ')) expect(address, tag).toMatch(/^(data:.*)?$/);
    }
    expect(/@import|url\(\s*['"]?https?:/.test(page)).toBe(false);
  });

  it('shows the key figures, the settings, every parameter and the notes on the data', () => {
    for (const label of [
      'Return',
      'CAGR',
      'Max drawdown',
      'Sharpe',
      'Sortino',
      'Trades',
      'Win rate',
      'Profit factor',
      'Exposure',
      'Fees',
      'Buy &amp; hold',
    ]) {
      expect(page.includes(`<dt>${label}</dt>`), `<dt>${label}</dt>`).toBe(true);
    }
    for (const name of ['fast', 'slow', 'label', 'Commission', 'Slippage', 'Sizer']) {
      expect(page.includes(`<dt>${name}</dt>`), `<dt>${name}</dt>`).toBe(true);
    }
    expect(
      page.includes('<li>BTCUSDT is synthetic: a seeded random walk, not market data.</li>'),
      '<li>BTCUSDT is synthetic: a seeded random walk, not market data.</li>',
    ).toBe(true);
    expect(page.includes('<caption>Return in percent')).toBe(true);
  });

  it('holds every bar, line and trade to the last bit', () => {
    const [data] = result.recording!;
    const candles = new ByteReader(section(page, 'candles-0'));
    expect(decodeColumn(candles).values).toEqual(data.time);
    const prices = decodeCandles(candles);
    for (const name of ['open', 'high', 'low', 'close'] as const) expect(prices[name]).toEqual(data[name]);
    expect(decodeColumn(candles).values).toEqual(data.volume);
    const lines = new ByteReader(section(page, 'lines-0'));
    for (const line of data.lines) expect(decodeColumn(lines).values, line.label).toEqual(line.values);
    expect(decodeColumn(new ByteReader(section(page, 'equity'))).values).toEqual(result.equity.value);
    const trades = new ByteReader(section(page, 'trades'));
    const columns = Object.fromEntries(TRADE_COLUMNS.map(name => [name, decodeColumn(trades).values]));
    expect([...columns.pnl]).toEqual([...result.trades].concat(result.openTrades).map(trade => trade.pnl));
  });

  it('follows the account along the bars of every data, and buy and hold over all of them', async () => {
    const run = await backtest({
      strategy: Showcase,
      data: [walkFeed(600), walkFeed(200, { symbol: 'ETHUSDT', seed: 4, price: 1500, step: 3 * 3_600_000 })],
      record: true,
    });
    const text = await render(run);
    const head = headOf(text);
    expect(head.datas.map(data => data.stepsAreBars)).toEqual([true, false]);
    const steps = decodeColumn(new ByteReader(section(text, 'steps-1'))).values;
    const { time, value } = run.equity;
    run.recording![1].time.forEach((open, bar) => {
      const end = open + 3 * 3_600_000;
      expect(steps[bar]).toBe(time.findLastIndex(step => step <= end));
    });
    const equity = new ByteReader(section(text, 'equity'));
    expect(decodeColumn(equity).values).toEqual(value);
    const hold = decodeColumn(equity).values;
    expect(hold.length).toBe(value.length);
    expect(hold.at(-1)).toBeCloseTo(run.metrics.startValue * (1 + run.metrics.buyAndHold), 6);
  });

  it('rounds lines of very long runs to eight digits and says so, but no price', async () => {
    const run = await showcaseRun(120_000);
    const text = await render(run);
    expect(text.includes('shown to eight significant digits; prices are exact')).toBe(true);
    const [data] = run.recording!;
    const candles = new ByteReader(section(text, 'candles-0'));
    decodeColumn(candles);
    expect(bits(decodeCandles(candles).close)).toBe(bits(data.close));
    const lines = new ByteReader(section(text, 'lines-0'));
    for (const line of data.lines) {
      const { values, digits } = decodeColumn(lines);
      const largest = line.values.reduce(
        (most, value) => Math.max(most, Number.isNaN(value) ? 0 : Math.abs(value)),
        0,
      );
      expect(digits === 0 || largest * 10 ** digits! >= 1e7, line.label).toBe(true);
      let worst = 0;
      values.forEach((value, i) => {
        if (Math.abs(value - line.values[i]) > worst) worst = Math.abs(value - line.values[i]);
      });
      expect(worst, line.label).toBeLessThanOrEqual(0.5000001 * 10 ** -digits!);
    }
  });

  it('puts lines on the scale of the price by their values, and the others into panes of their own', () => {
    const { lines } = headOf(page).datas[0];
    const overlays = lines.filter(line => line.overlay).map(line => line.label);
    expect(overlays).toEqual([
      'SMA(10)',
      'EMA(30)',
      'BB(20, 2).upper',
      'BB(20, 2).middle',
      'BB(20, 2).lower',
    ]);
    const own = lines.filter(line => !line.overlay).map(line => line.group);
    expect(own).toEqual(['RSI(14)', ...Array(3).fill('MACD(12, 26, 9)'), 'CrossOver(SMA(10), EMA(30))']);
    expect(lines.filter(line => line.columns).map(line => line.label)).toEqual([
      'MACD(12, 26, 9).histogram',
      'CrossOver(SMA(10), EMA(30))',
    ]);
  });

  it('is the same text for the same run', async () => {
    expect((await render(result)) === page).toBe(true);
    expect((await render(await showcaseRun(500))) === page).toBe(true);
  });

  it('keeps what a user named from becoming markup or a script', async () => {
    class Named extends Showcase {}
    Object.defineProperty(Named, 'name', { value: EVIL });
    const feed = { ...walkFeed(300), notes: () => [EVIL] };
    const run = await backtest({ strategy: Named, data: feed, params: { label: EVIL }, record: true });
    const text = await render({ ...run, log: [{ time: Number.NaN, message: EVIL }] });
    expect(text.includes('<img')).toBe(false);
    expect(text.includes(EVIL)).toBe(false);
    // Neither does it end the element that it stands in: there are as many scripts as in a harmless report.
    expect(text.match(/<\/script/gi)!.length).toBe(page.match(/<\/script/gi)!.length);
    expect(
      text.includes('<h1>&lt;/script&gt;&lt;img src=x onerror=&quot;'),
      '<h1>&lt;/script&gt;&lt;img src=x onerror=&quot;',
    ).toBe(true);
    expect(text.includes('<li>&lt;/script&gt;'), '<li>&lt;/script&gt;').toBe(true);
    const named = { ...run, settings: { ...run.settings, datas: [{ ...run.settings.datas[0] }] } };
    Object.assign(named.settings.datas[0], {
      instrument: { ...named.settings.datas[0].instrument, quote: EVIL },
    });
    const json = await render(named);
    expect(json.includes(EVIL)).toBe(false);
    expect(headOf(json).quote).toBe(EVIL);
    const texts = JSON.parse(section(text, 'text').toString());
    expect(texts.tags).toContain(EVIL);
    expect(texts.log).toEqual([[null, EVIL]]);
  });

  it('writes figures without a meaning as – and endless ones as ∞', async () => {
    const metrics = {
      ...result.metrics,
      returns: { ...result.metrics.returns, cagr: Number.NaN, sortino: Number.POSITIVE_INFINITY },
      trades: { ...result.metrics.trades, profitFactor: Number.POSITIVE_INFINITY, winRate: Number.NaN },
    };
    const text = await render({ ...result, metrics });
    const figure = (label: string) =>
      new RegExp(`<dt>${label}</dt><dd class="[^"]*">([^<]*)<`).exec(text)![1];
    expect(['CAGR', 'Sortino', 'Profit factor', 'Win rate'].map(figure)).toEqual(['–', '∞', '∞', '–']);
    expect(/>[^<]*\b(NaN|Infinity|undefined)\b[^<]*<\/(dd|td|p|li)>/.exec(text)?.[0]).toBeUndefined();
  });

  it('lists refused orders with their reasons', async () => {
    const run = await backtest({
      strategy: class Shorts extends Showcase {
        override next() {
          if (this.bar.close < this.data.close.ago(1)) this.sell({ size: 1, tag: 'short' });
          else this.sell({ size: 1, limit: 123.5 });
        }
      },
      data: walkFeed(60),
      record: true,
    });
    const { refused } = run.metrics.orders;
    expect(Object.keys(refused).length).toBeGreaterThan(0);
    const { reasons } = JSON.parse(section(await render(run), 'text').toString());
    expect(new Set(reasons.map(([code]: string[]) => code))).toEqual(new Set(Object.keys(refused)));
    const rows = new ByteReader(section(await render(run), 'refusals'));
    const columns = Object.fromEntries(REFUSAL_COLUMNS.map(name => [name, decodeColumn(rows).values]));
    expect([...columns.limit]).toEqual([...run.orders].filter(one => one.reason).map(({ limit }) => limit));
    expect(new Set(columns.limit)).toEqual(new Set([123.5, Number.NaN]));
  });

  it('works without a trade, and without a bar', async () => {
    const idle = await backtest({
      strategy: class Idle extends Showcase {
        override next() {}
      },
      data: walkFeed(40),
      record: true,
    });
    expect((await render(idle)).includes('<dt>Profit factor</dt><dd class="">–</dd>')).toBe(true);
    const [recorded] = idle.recording!;
    const none = new Float64Array(0);
    const empty = { time: none, open: none, high: none, low: none, close: none, volume: none };
    const lines = recorded.lines.map(line => ({ ...line, values: none }));
    const text = await render({
      ...idle,
      equity: { length: 0, time: none, value: none },
      recording: [{ ...recorded, ...empty, lines }],
    });
    expect(headOf(text).datas[0].bars).toBe(0);
  });

  it('refuses a run that was not recorded, and leaves no file behind', async () => {
    const run = { ...result, recording: undefined };
    await expect(writeHtmlReport(run, join(folder, 'none.html'))).rejects.toMatchObject({
      code: 'REPORT_NEEDS_RECORDING',
    });
    expect((await readdir(folder)).filter(name => name.startsWith('none.html'))).toEqual([]);
  });

  it('stopped half-way leaves the file as it was', async () => {
    const file = join(folder, 'stopped.html');
    await writeFile(file, 'before');
    const controller = new AbortController();
    const writing = writeHtmlReport(result, file, { signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(writing).rejects.toThrow('stopped');
    expect(await readFile(file, 'utf8')).toBe('before');
    expect((await readdir(folder)).filter(name => name.startsWith('stopped'))).toEqual(['stopped.html']);
  });

  it('creates the folder, and tells the size of what it wrote', async () => {
    const file = join(folder, 'new', 'report.html');
    const { bytes } = await writeHtmlReport(result, file);
    const written = await readFile(file);
    expect(written.length).toBe(bytes);
    expect(written.toString() === page).toBe(true);
  });
});

describe('the size of a report', () => {
  it('has at most 60 kB of page code and styles of our own', async () => {
    const { script, style } = await readPageBundle();
    expect(Buffer.byteLength(script) + Buffer.byteLength(style)).toBeLessThanOrEqual(60_000);
  });

  it('is below 350 kB for 500 bars, most of it the charts library', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(350_000);
  });

  it('holds the charts library whole, with its banner, its licence and its logo on', () => {
    expect(page.includes('TradingView Lightweight Charts™ v5'), 'TradingView Lightweight Charts™ v5').toBe(
      true,
    );
    expect(
      page.includes('Copyright (c) 2026 TradingView, Inc.'),
      'Copyright (c) 2026 TradingView, Inc.',
    ).toBe(true);
    expect(
      page.includes('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION'),
      'TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION',
    ).toBe(true);
    expect(page.includes('attributionLogo:!0'), 'attributionLogo:!0').toBe(true);
  });
});

it('says the figures of risk, benchmark and trades, and the return of each year', async () => {
  const run = await backtest({
    strategy: Showcase,
    data: walkFeed(12_000, { step: 3_600_000 }),
    params: {},
    record: true,
  });
  const page = await render(run);
  const { metrics } = run;
  const { risk, benchmark, trades, returns } = metrics;
  const row = (name: string) => new RegExp(`<dt>${name}</dt><dd>([^<]*)</dd>`).exec(page)?.[1];
  const percent = (value: number) => `${(Math.abs(value) * 100).toFixed(2)} %`;
  expect(row('Conditional value at risk, 95 %')).toBe(percent(risk.conditionalValueAtRisk));
  expect(row('Omega')).toBe(risk.omega.toFixed(2));
  expect(row('Beta')?.replace('−', '-')).toBe(benchmark.beta.toFixed(2));
  expect(row('Compared with')).toContain('buy &');
  expect(row('System quality number')?.replace('−', '-')).toBe(trades.sqn.toFixed(2));
  expect(row('Longest time without one')).toMatch(/days|h /);
  const totals = [...page.matchAll(/<td class="total[^"]*">([^<]*)<\/td>/g)].map(([, text]) => text);
  expect(returns.years.length).toBeGreaterThan(1);
  expect(totals.map(text => text.replace('−', '-'))).toEqual(
    returns.years.map(one => (one.return * 100).toFixed(1)),
  );
});
