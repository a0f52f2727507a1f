import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BacktestResult, backtest } from '../../src/index.ts';
import { writeHtmlReport } from '../../src/report/html/report.ts';
import { findBrowser, launchBrowser } from '../support/browser.ts';
import { longRun, Showcase, showcaseRun, walkFeed } from '../support/report-run.ts';

const EVIL = '</script><img src=x onerror="globalThis.hacked = true">';
const executable = findBrowser();
if (executable === undefined && process.env.QT_REQUIRE_BROWSER === '1') {
  throw new Error('QT_REQUIRE_BROWSER is set, but there is no Chromium on the PATH');
}
const title =
  executable === undefined
    ? 'the report in a browser (skipped: no Chromium on the PATH)'
    : 'the report in a browser';

describe.skipIf(executable === undefined)(title, () => {
  let folder: string;
  let browser: Browser;
  let run: BacktestResult;
  let complaints: string[] = [];
  const files = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qt-report-'));
    browser = await launchBrowser(executable!);
    run = await showcaseRun(500);
    const shorts = class Shorts extends Showcase {
      override next() {
        super.next();
        if (this.strength.now < 30) this.sell({ size: 1, tag: 'refused' });
        if (this.data.length === 45) this.sell({ size: 1, limit: 123.5, tag: 'refused' });
      }
    };
    await save('one', run);
    await save('evil', await showcaseRun(300, { params: { label: EVIL } }));
    await save(
      'two',
      await backtest({
        strategy: class Pair extends shorts {
          override next() {
            super.next();
            const other = this.datas[1];
            if (this.position.size === 0 && this.strength.now > 55)
              this.buy({ data: other, quote: 500, tag: 'second' });
            else if (this.strength.now < 45 && this.positionOf(other).size > 0) this.close({ data: other });
          }
        },
        data: [
          walkFeed(900),
          walkFeed(300, { symbol: 'ETHUSDT', seed: 4, price: 1500, step: 3 * 3_600_000 }),
        ],
        record: true,
      }),
    );
    await save('long', await longRun(120_000));
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });
  // Every page that a test opened: nothing complained, and nothing was fetched but the file itself.
  afterEach(() => {
    const heard = complaints;
    complaints = [];
    expect(heard).toEqual([]);
  });

  async function save(name: string, result: BacktestResult): Promise<void> {
    files.set(name, join(folder, `${name}.html`));
    await writeHtmlReport(result, files.get(name)!);
  }

  async function open(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
    const address = pathToFileURL(files.get(name)!).href;
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', error => complaints.push(error.message));
    page.on('request', request => {
      if (request.url() !== address && !request.url().startsWith('data:')) complaints.push(request.url());
    });
    await page.goto(address);
    await page.locator('html[data-ready=all], html[data-ready=failed]').waitFor({ state: 'attached' });
    await settle(page);
    return page;
  }

  const settle = (page: Page) =>
    page.evaluate(
      'new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))',
    );

  /** How many pixels of the price pane have (nearly) a colour of the style sheet. */
  const pixels = (page: Page, colour: string) =>
    page.evaluate<number>(`(() => {
      const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--${colour}');
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      let count = 0;
      for (const canvas of document.querySelectorAll('.chart tr:first-child td:nth-child(2) canvas')) {
        if (canvas.width === 0 || canvas.height === 0) continue;
        // Read from a copy: reading the chart's own canvas would change how the browser keeps it.
        Object.assign(probe.canvas, { width: canvas.width, height: canvas.height });
        probe.drawImage(canvas, 0, 0);
        const { data } = probe.getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4) {
          const distance = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
          if (data[i + 3] > 200 && distance < 12) count++;
        }
      }
      return count;
    })()`);

  const level = async (page: Page) => (await page.locator('.level').textContent()) ?? '';
  const legend = async (page: Page) =>
    (await page.locator('.legend').first().locator('.entry').allInnerTexts())
      .join(' ')
      .replace(/\s+/g, ' ')
      .trim();
  const legends = (page: Page) => page.locator('.legend').count();

  it('draws candles of both colours, and the lines over them', async () => {
    const page = await open('one');
    for (const colour of ['up', 'down', 'line-0', 'line-1']) {
      expect(await pixels(page, colour), colour).toBeGreaterThan(100);
    }
    expect(await page.locator('.legend').count()).toBe(7);
    expect((await page.screenshot()).length).toBeGreaterThan(20_000);
    await page.close();
  });

  it('draws a mark for each execution', async () => {
    const page = await open('one');
    const withMarks = (await pixels(page, 'up')) + (await pixels(page, 'down'));
    await page.close();
    const idle = await backtest({
      strategy: class Idle extends Showcase {
        override next() {}
      },
      data: walkFeed(500),
      record: true,
    });
    await save('idle', idle);
    const bare = await open('idle');
    const without = (await pixels(bare, 'up')) + (await pixels(bare, 'down'));
    // An arrow covers 40 to 50 pixels, some of them on candles.
    expect(withMarks - without).toBeGreaterThan(run.fills.length * 25);
    // With no mark in the way, the bodies of some sixty candles: wicks alone are a few hundred pixels.
    for (let i = 0; i < 3; i++) await bare.locator('[data-zoom=in]').click();
    await settle(bare);
    for (const colour of ['up', 'down']) expect(await pixels(bare, colour), colour).toBeGreaterThan(2500);
    await bare.close();
  });

  it('moves to a trade and marks it when its row is clicked', async () => {
    const page = await open('one');
    const before = await level(page);
    const row = page.locator('#pane-trades .rows .row').nth(3);
    await row.click();
    await settle(page);
    const trade = run.trades.at(3);
    const day = new Date(trade.entryTime).toISOString().slice(0, 10);
    expect(await level(page)).not.toBe(before);
    expect(await level(page)).toContain(day);
    expect(await row.getAttribute('aria-selected')).toBe('true');
    // The candle in the middle of the view is one of the trade's.
    const box = (await page.locator('.chart').boundingBox())!;
    await page.mouse.move(box.x + (box.width - 70) / 2, box.y + 120);
    await settle(page);
    const shown = Date.parse(`${(await legend(page)).slice(0, 16).replace(' ', 'T')}Z`);
    expect(shown).toBeGreaterThanOrEqual(trade.entryTime);
    expect(shown).toBeLessThanOrEqual(trade.exitTime);
    expect(await page.locator('.detail-card').textContent()).toContain(trade.tag);
    await page.close();
  });

  it('walks the trades with the arrow keys, and sorts them by a header', async () => {
    const page = await open('one');
    const grid = page.locator('#pane-trades [role=grid]');
    await grid.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#pane-trades [aria-selected=true] .cell').first().textContent()).toBe('2');
    const active = await grid.getAttribute('aria-activedescendant');
    expect(await page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true');
    await page.locator('#pane-trades .head button', { hasText: 'Net' }).click();
    const ids = await page.locator('#pane-trades .rows .row:not([hidden]) .cell:first-child').allInnerTexts();
    const expected = [...run.trades].sort((a, b) => a.net - b.net).map(trade => String(trade.id));
    expect(ids).toEqual(expected);
    expect(await page.locator('#pane-trades [aria-sort=ascending]').textContent()).toBe('Net');
    await page.close();
  });

  it('shows exact values of every single bar once zoomed in, at 120,000 bars', async () => {
    const page = await open('long');
    expect(await level(page)).toMatch(/256 bars a candle|128 bars a candle/);
    const long = await longRun(120_000);
    const [data] = long.recording!;
    const trade = 700;
    await page.locator('#pane-trades [role=grid]').evaluate((grid, top) => {
      (grid as unknown as { scrollTop: number }).scrollTop = top;
    }, trade * 26);
    await settle(page);
    await page.locator(`#pane-trades .row[data-row="${trade}"]`).click();
    await settle(page);
    expect(await level(page)).toContain('1 bar a candle');
    const box = (await page.locator('.chart').boundingBox())!;
    for (const share of [0.2, 0.5, 0.8]) {
      await page.mouse.move(box.x + (box.width - 70) * share, box.y + 120);
      await settle(page);
      const text = await legend(page);
      const time = Date.parse(`${text.slice(0, 16).replace(' ', 'T')}Z`);
      const bar = data.time.indexOf(time);
      const number = (value: number, least: number, most = least) =>
        value.toLocaleString('en-US', { minimumFractionDigits: least, maximumFractionDigits: most });
      expect(text).toContain(
        `O ${number(data.open[bar], 2)} H ${number(data.high[bar], 2)} L ${number(data.low[bar], 2)} C ${number(data.close[bar], 2)}`,
      );
      for (const line of data.lines) {
        expect(text).toContain(`${line.label} ${number(line.values[bar], 0, 4)}`);
      }
    }
    await page.close();
  });

  it('pans and zooms with mouse, wheel and keys, and merges candles where they are too many', async () => {
    const page = await open('long');
    const box = (await page.locator('.chart').boundingBox())!;
    await page.mouse.move(box.x + 500, box.y + 150);
    for (let i = 0; i < 25; i++) await page.mouse.wheel(0, -240);
    await settle(page);
    expect(await level(page)).toContain('1 bar a candle');
    const zoomed = await level(page);
    await page.mouse.down();
    await page.mouse.move(box.x + 700, box.y + 150, { steps: 5 });
    await page.mouse.up();
    await settle(page);
    const panned = await level(page);
    expect(panned).not.toBe(zoomed);
    await page.locator('.chart').focus();
    await page.keyboard.press('ArrowRight');
    expect(await level(page)).not.toBe(panned);
    await page.keyboard.press('0');
    expect(await level(page)).toContain('256 bars a candle');
    expect(await level(page)).toContain('zoom in for arrows');
    await page.close();
  });

  it('has a tab for each data, and follows a trade to its own', async () => {
    const page = await open('two');
    const tabs = page.locator('.datas [role=tab]');
    expect(await tabs.allInnerTexts()).toEqual(['BTCUSDT', 'ETHUSDT']);
    const row = page.locator('#pane-trades .rows .row', { hasText: 'ETHUSDT' }).first();
    await row.click();
    await expect.poll(() => legends(page)).toBe(4);
    expect(await tabs.nth(1).getAttribute('aria-selected')).toBe('true');
    await tabs.nth(1).press('ArrowLeft');
    await expect.poll(() => legends(page)).toBeGreaterThan(4);
    expect(await tabs.nth(0).getAttribute('aria-selected')).toBe('true');
    // The chart that was left no longer listens, and one pan is one pan.
    const box = (await page.locator('.chart').boundingBox())!;
    await page.mouse.move(box.x + 300, box.y + 150);
    await page.mouse.wheel(0, -200);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 150, { steps: 4 });
    await page.mouse.up();
    expect(await page.locator('.chart table').count()).toBe(1);
    // Chosen in quick succession, the last one stays.
    await page.evaluate(
      `for (const i of [1, 0, 1]) document.querySelectorAll('.datas [role=tab]')[i].click()`,
    );
    await expect.poll(() => legends(page)).toBe(4);
    expect(await page.locator('.chart table').count()).toBe(1);
    await page.close();
  });

  it('lists refused orders with their reasons, and the log', async () => {
    const page = await open('two');
    await page.locator('#tab-refusals').click();
    await expect
      .poll(() => page.locator('#pane-refusals .rows').textContent())
      .toMatch(/market.*(SPOT_SHORT|INSUFFICIENT)/);
    await expect.poll(() => page.locator('#pane-refusals .rows').textContent()).toContain('limit 123.5');
    await page.locator('#tab-log').click();
    await expect.poll(() => page.locator('#pane-log .rows').textContent()).toContain('bought at');
    await page.close();
  });

  it('runs nothing that a user named', async () => {
    const page = await open('evil');
    await page.locator('#pane-trades .rows .row').first().click();
    await settle(page);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('.detail-card').textContent()).toContain(EVIL);
    await page.close();
  });

  it('follows the dark scheme, and changes with it while open', async () => {
    const page = await open('one', { colorScheme: 'dark' });
    const dark = await pixels(page, 'up');
    expect(dark).toBeGreaterThan(100);
    await page.emulateMedia({ colorScheme: 'light' });
    await settle(page);
    expect(await pixels(page, 'up')).toBeGreaterThan(100);
    await page.close();
  });

  it('fits a phone without scrolling sideways', async () => {
    const page = await open('one', { viewport: { width: 390, height: 844 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(await pixels(page, 'up')).toBeGreaterThan(50);
    await page.close();
  });
});
