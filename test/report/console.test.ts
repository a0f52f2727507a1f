import { expect, test } from 'vitest';
import { backtest, memoryFeed, strategy, syntheticBars } from '../../src/index.ts';
import { drawCurve } from '../../src/report/console/curve.ts';
import { duration, money, number, percent, utcTime } from '../../src/report/console/format.ts';
import { speed, summaryLines } from '../../src/report/console/summary.ts';

const PLAIN = { width: 60, colour: false, unicode: true };
const ASCII = { width: 60, colour: false, unicode: false };

class Hold extends strategy({}) {
  next() {
    if (this.data.length === 1) this.buy();
  }
}
class Idle extends strategy({}) {
  next() {}
}

test.each([
  [number(1234.5), '1,234.50'],
  [number(-0.001), '0.00'],
  [number(Number.NaN), 'n/a'],
  [number(Number.POSITIVE_INFINITY), '∞'],
  [money(0.0012345), '0.001235'],
  [money(-12_345_678.9), '-12,345,679'],
  [percent(0.12345, true), '+12.35 %'],
  [percent(-0.5, true), '-50.00 %'],
  [percent(0.000001, true), '0.00 %'],
  [percent(Number.NaN, true), 'n/a'],
  [duration(86_400_000), '1 day'],
  [duration(130 * 86_400_000), '130 days'],
  [duration(5.5 * 3_600_000), '5.5 hours'],
  [duration(0), '0 s'],
  [utcTime(Date.UTC(2024, 0, 31, 15)), '2024-01-31 15:00'],
  [utcTime(Date.UTC(2024, 0, 31, 15, 0, 30)), '2024-01-31 15:00:30'],
  [utcTime(Number.NaN), 'n/a'],
  [speed(1_000_000, 400), '1,000,000 bars in 0.400 s (2.5 million bars/s)'],
])('%s is how it is shown', (shown, expected) => {
  expect(shown).toBe(expected);
});

test('a rising curve goes from the lower left to the upper right', () => {
  const time = Array.from({ length: 500 }, (_, i) => i * 86_400_000);
  const value = time.map((_, i) => 1000 + i);
  const lines = drawCurve({ time, value, base: 1000 }, ASCII, 5);
  expect(lines).toHaveLength(6);
  const first = lines.slice(0, 5).map(line => line.indexOf('*'));
  expect([...first].sort((a, b) => b - a)).toEqual(first);
  expect(lines[0]).toMatch(/^1,499 \|.*\*$/);
  expect(lines[4]).toMatch(/^1,000 \|\*/);
  expect(lines[5]).toContain('1970-01-01');
  expect(lines[5]).toMatch(/1971-05-1\d$/);
});

test('one spike among thousands of values is drawn', () => {
  const time = Array.from({ length: 20_000 }, (_, i) => i * 60_000);
  const value = time.map((_, i) => (i === 12_345 ? 200 : 100));
  const [top] = drawCurve({ time, value, base: 100 }, PLAIN);
  expect(top).toMatch(/[\u2801-\u28ff]/);
});

test('a flat curve and a curve of one step are no trouble', () => {
  const time = [0, 1, 2];
  expect(drawCurve({ time, value: [5, 5, 5], base: 5 }, PLAIN)).toHaveLength(9);
  expect(drawCurve({ time: [0], value: [5], base: 5 }, PLAIN)).toEqual([]);
});

test.each([44, 60, 80, 120, 200])('at %i columns no line is wider than the terminal', async width => {
  const bars = syntheticBars({ bars: 900 });
  const result = await backtest({ strategy: Hold, data: memoryFeed(bars, { symbol: 'BTCUSDT' }) });
  const files = [{ file: 'synthetic-a.csv', synthetic: true }];
  for (const unicode of [true, false]) {
    const lines = summaryLines(result, { width, colour: false, unicode }, { files });
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(width);
    expect(lines[0]).toBe('  Hold  BTCUSDT 4h (synthetic)');
  }
});

test('colours change nothing but the colour', async () => {
  const bars = syntheticBars({ bars: 900 });
  const result = await backtest({ strategy: Hold, data: memoryFeed(bars, { symbol: 'BTCUSDT' }) });
  const coloured = summaryLines(result, { width: 80, colour: true, unicode: true });
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
  expect(coloured.map(line => line.replace(escapes, ''))).toEqual(
    summaryLines(result, { width: 80, colour: false, unicode: true }),
  );
  expect(coloured.join('\n')).not.toEqual(coloured.join('\n').replace(escapes, ''));
});

test('a strategy that never traded is told so', async () => {
  const bars = syntheticBars({ bars: 100 });
  const lines = summaryLines(await backtest({ strategy: Idle, data: memoryFeed(bars) }), PLAIN);
  expect(lines.join('\n')).toContain('No orders: the strategy never bought or sold.');
  expect(lines.join('\n')).toMatch(/Win rate +n\/a/);
});
