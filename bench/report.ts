/**
 * The HTML report at both ends of its scale: `node bench/report.ts [bars …]`, default 500 and 1,000,000.
 * Writes reports of seeded random walks into the system's folder for temporary files, opens each in Chromium where
 * there is one, and prints the rows of the table in the docs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { writeHtmlReport } from '../src/report/html/report.ts';
import { longRun } from '../test/support/report-run.ts';

export interface ReportRow {
  readonly bars: number;
  readonly trades: number;
  readonly bytes: number;
  readonly writeMs: number;
  /** The largest resident size of this process so far: after the recorded backtest, and after the report. */
  readonly runMb: number;
  readonly peakMb: number;
  /** From the start of the navigation, ms; NaN without a browser. */
  readonly candlesMs: number;
  readonly completeMs: number;
  /** Time between frames while the chart is dragged, ms. */
  readonly pan: Frames;
  readonly zoom: Frames;
}

interface Frames {
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
}

const UNKNOWN: Frames = { median: Number.NaN, p95: Number.NaN, worst: Number.NaN };

export async function measureReport(bars: number): Promise<ReportRow> {
  const folder = await mkdtemp(join(tmpdir(), 'qt-report-'));
  try {
    const file = join(folder, 'report.html');
    const result = await longRun(bars);
    const runMb = peak();
    const before = performance.now();
    const { bytes } = await writeHtmlReport(result, file);
    const writeMs = performance.now() - before;
    const peakMb = peak();
    const browser = await measureInBrowser(file);
    return { bars, trades: result.trades.length, bytes, writeMs, runMb, peakMb, ...browser };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const peak = () => process.resourceUsage().maxRSS / 1024;

async function measureInBrowser(file: string) {
  // Loaded only now, so that the driver's memory does not count as the report's.
  const { findBrowser, launchBrowser } = await import('../test/support/browser.ts');
  const executable = findBrowser();
  if (executable === undefined) {
    return { candlesMs: Number.NaN, completeMs: Number.NaN, pan: UNKNOWN, zoom: UNKNOWN };
  }
  const browser = await launchBrowser(executable);
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(pathToFileURL(file).href, { waitUntil: 'commit' });
    await page.locator('html[data-ready=all]').waitFor({ state: 'attached' });
    const [candlesMs, completeMs] = await page.evaluate<[number, number]>(
      `['candles', 'all'].map(name => performance.getEntriesByName(name)[0].startTime)`,
    );
    const box = (await page.locator('.chart').boundingBox())!;
    const y = box.y + 150;
    await page.mouse.move(box.x + 400, y);
    const zoom = await frames(page, async () => {
      for (let i = 0; i < 60; i++) await page.mouse.wheel(0, i < 30 ? -60 : 30);
    });
    const pan = await frames(page, async () => {
      for (let sweep = 0; sweep < 4; sweep++) {
        await page.mouse.move(box.x + 100, y);
        await page.mouse.down();
        for (let x = 110; x < 800; x += 12) await page.mouse.move(box.x + x, y);
        await page.mouse.up();
      }
    });
    return { candlesMs, completeMs, pan, zoom };
  } finally {
    await browser.close();
  }
}

/** The distances between the page's frames while something is done to it. */
async function frames(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(`{
    const state = { times: [], running: true };
    globalThis.frameState = state;
    const tick = time => {
      state.times.push(time);
      if (state.running) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }`);
  await act();
  const times = await page.evaluate<number[]>(`frameState.running = false, frameState.times`);
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  gaps.sort((a, b) => a - b);
  const at = (share: number) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))];
  return { median: at(0.5), p95: at(0.95), worst: gaps[gaps.length - 1] };
}

function tableRow(row: ReportRow): string {
  const ms = (value: number) => (Number.isNaN(value) ? 'no browser' : value.toFixed(0));
  const gaps = ({ median, p95, worst }: Frames) =>
    Number.isNaN(median) ? 'no browser' : `${median.toFixed(1)} / ${p95.toFixed(1)} / ${worst.toFixed(1)}`;
  return [
    row.bars.toLocaleString('en-US'),
    row.trades.toLocaleString('en-US'),
    (row.bytes / 1e6).toFixed(2),
    ms(row.writeMs),
    `${row.runMb.toFixed(0)} / ${row.peakMb.toFixed(0)}`,
    ms(row.candlesMs),
    ms(row.completeMs),
    gaps(row.pan),
    gaps(row.zoom),
  ].join(' | ');
}

if (import.meta.main) {
  const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [500, 1_000_000];
  console.log(
    '| bars | trades | file MB | write ms | peak MB, run / report | candles ms | complete ms | pan frames ms (median / p95 / worst) | zoom frames ms |',
  );
  console.log('|---:|---:|---:|---:|---|---:|---:|---|---|');
  for (const bars of sizes) console.log(`| ${tableRow(await measureReport(bars))} |`);
}
