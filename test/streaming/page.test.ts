import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { livePage } from '../../src/report/html/live.ts';
import type { RecordServerOptions } from '../../src/streaming/server/contract.ts';
import { serveRecords } from '../../src/streaming/server/server.ts';
import { findBrowser, launchBrowser } from '../support/browser.ts';
import { book, gap, trade } from '../support/records.ts';

const EVIL = '<img src=x onerror="globalThis.hacked = true">';
const executable = findBrowser();
if (executable === undefined && process.env.QT_REQUIRE_BROWSER === '1') {
  throw new Error('QT_REQUIRE_BROWSER is set, but there is no Chromium on the PATH');
}
const title =
  executable === undefined
    ? 'the page of the server (skipped: no Chromium on the PATH)'
    : 'the page of the server in a browser';

describe.skipIf(executable === undefined)(title, () => {
  let browser: Browser;
  let html: string;
  let complaints: string[] = [];

  beforeAll(async () => {
    [browser, html] = await Promise.all([launchBrowser(executable!), livePage()]);
  });
  afterAll(() => browser?.close());
  afterEach(() => {
    const heard = complaints;
    complaints = [];
    expect(heard).toEqual([]);
  });

  async function serve(options: RecordServerOptions = {}) {
    const server = await serveRecords({ port: 0, page: html, ...options });
    onTestFinished(() => server.close());
    return server;
  }

  /** Nothing may be loaded but the page; `isCut`: a connection that fails is expected, and Chromium logs it. */
  async function open(url: string, { isCut = false, width = 1280 } = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    onTestFinished(() => page.close());
    const address = url.replace('ws:', 'http:');
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type()) && !isCut) complaints.push(message.text());
    });
    page.on('pageerror', error => complaints.push(error.message));
    page.on('request', request => {
      if (request.url() !== address && !request.url().startsWith('data:')) complaints.push(request.url());
    });
    await page.goto(address);
    return page;
  }

  const cells = (page: Page, rows: string) =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll(${JSON.stringify(rows)})].map(row => [...row.cells].map(cell => cell.textContent).join(' ')).filter(text => text.trim() !== '')`,
    );

  test('shows topics, the book as it changes, and the tape', async () => {
    const server = await serve();
    server.sink.write([
      book('snapshot', [[99.5, 2], [99, 1]], [[100.5, 3], [101, 1]]), // biome-ignore format: short
      book('snapshot', [[9, 1]], [[10, 1]], { symbol: 'ETH-USDT', venue: 'bybit' }),
      trade(1),
    ]);
    const page = await open(server.url);
    await expect
      .poll(() => page.locator('.topics li').allTextContents(), { timeout: 20_000 })
      .toEqual(['ETH-USDT bybit', 'BTC-USDT okx']);
    await page.getByRole('button', { name: 'BTC-USDT okx' }).click();
    await expect.poll(() => cells(page, '.book .asks tr'), { timeout: 20_000 }).toEqual(['1 101', '3 100.5']);
    expect(await cells(page, '.book .bids tr')).toEqual(['2 99.5', '1 99']);
    expect(await page.locator('.book .mid').textContent()).toBe('100');
    server.sink.write([
      book('delta', [[99.5, 0], [99.7, 4]], [[100.5, 7]]), // biome-ignore format: short
      ...Array.from({ length: 100 }, (_, at) => trade(at + 2, { price: 100 + at, size: at + 1 })),
    ]);
    await expect.poll(() => cells(page, '.book .bids tr'), { timeout: 20_000 }).toEqual(['4 99.7', '1 99']);
    expect((await cells(page, '.book .asks tr')).at(-1)).toBe('7 100.5');
    await expect.poll(async () => (await cells(page, '.tape tbody tr')).length, { timeout: 20_000 }).toBe(60);
    expect((await cells(page, '.tape tbody tr'))[0]).toBe('22:13:20.000 199 100');
    expect(await page.locator('.state').textContent()).toBe('connected');
    if (process.env.QT_SCREENSHOTS !== undefined)
      await page.screenshot({ path: `${process.env.QT_SCREENSHOTS}/page.png` });
    await page.getByRole('button', { name: 'ETH-USDT bybit' }).click();
    await expect.poll(() => cells(page, '.book .bids tr'), { timeout: 20_000 }).toEqual(['1 9']);
    expect(await cells(page, '.tape tbody tr')).toEqual([]);
    await page.getByLabel('Filter topics').fill('okx');
    await expect
      .poll(() => page.locator('.topics li').allTextContents(), { timeout: 20_000 })
      .toEqual(['BTC-USDT okx']);
  });

  test('says so when a book must not be used, and when the server is gone, and goes on when both are back', async () => {
    const server = await serve();
    server.sink.write([book('snapshot', [[99, 1]], [[100, 1]])]);
    const page = await open(server.url, { isCut: true });
    const state = () => page.locator('.book table').getAttribute('data-state');
    await expect.poll(state, { timeout: 20_000 }).toBe('valid');
    server.sink.write([gap(1, 'open')]);
    await expect.poll(state, { timeout: 20_000 }).toBe('invalid');
    expect(await page.locator('.book .note').textContent()).toContain('do not use it');
    server.sink.write([book('snapshot', [[98, 1]], [[99, 1]]), gap(1, 'closed')]);
    await expect.poll(state, { timeout: 20_000 }).toBe('valid');
    const { port } = server;
    await server.close();
    await expect
      .poll(() => page.locator('.state').textContent(), { timeout: 20_000 })
      .toContain('not connected');
    expect(await state()).toBe('invalid');
    const next = await serve({ port });
    next.sink.write([book('snapshot', [[50, 1]], [[51, 1]])]);
    await expect.poll(() => cells(page, '.book .bids tr'), { timeout: 20_000 }).toEqual(['1 50']);
    expect(await state()).toBe('valid');
  }, 60_000);

  test('asks for a token where there is one, and shows names as text', async () => {
    const server = await serve({ token: 'the-secret-token' });
    server.sink.write([book('snapshot', [[9, 1]], [[10, 1]], { symbol: EVIL, venue: EVIL })]);
    const page = await open(server.url);
    await page.getByLabel('Token').fill('the-secret-token');
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect
      .poll(() => page.locator('.topics li').allTextContents(), { timeout: 20_000 })
      .toEqual([`${EVIL} ${EVIL}`]);
    expect(await page.evaluate('globalThis.hacked === undefined')).toBe(true);
    expect(page.url()).not.toContain('secret');
  });

  test('fits a small screen', async () => {
    const server = await serve();
    server.sink.write([book('snapshot', [[99.5, 2]], [[100.5, 3]]), trade(1)]);
    const page = await open(server.url, { width: 380 });
    await expect.poll(() => cells(page, '.book .bids tr'), { timeout: 20_000 }).toEqual(['2 99.5']);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    if (process.env.QT_SCREENSHOTS !== undefined)
      await page.screenshot({ path: `${process.env.QT_SCREENSHOTS}/small.png` });
  });
});
