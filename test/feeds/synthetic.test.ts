import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  isSynthetic,
  syntheticCsv,
  syntheticFileName,
  syntheticSymbol,
} from '../../src/feeds/synthetic/file.ts';
import { Random } from '../../src/feeds/synthetic/random.ts';
import { type SyntheticOptions, syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';

function returns(options: SyntheticOptions): number[] {
  const { close, length } = syntheticBars(options);
  return Array.from({ length: length - 1 }, (_, i) => close[i + 1] / close[i] - 1);
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const cov = mean(a.map((x, i) => (x - ma) * (b[i] - mb)));
  return cov / Math.sqrt(mean(a.map(x => (x - ma) ** 2)) * mean(b.map(x => (x - mb) ** 2)));
}

test.each(['BTCUSDT', 'ETHUSDT'])('the sample file of %s is what its command makes, byte by byte', symbol => {
  const name = syntheticFileName({ symbol, interval: '4h' });
  expect(name).toBe(`synthetic-${symbol.toLowerCase()}-4h.csv`);
  const made = [...syntheticCsv(syntheticBars({ symbol }))].join('');
  expect(made === readFileSync(`data/${name}`, 'utf8')).toBe(true);
});

test.each([1, 2, 3])(
  'bars of seed %i are possible: high and low around open and close, prices on the tick',
  seed => {
    const bars = syntheticBars({ seed, bars: 5000, interval: '1h' });
    for (let i = 0; i < bars.length; i++) {
      const [open, high, low, close] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
      expect(low <= Math.min(open, close) && high >= Math.max(open, close) && low > 0).toBe(true);
      expect(bars.volume[i]).toBeGreaterThan(0);
      expect(Number(close.toFixed(1))).toBe(close);
      if (i > 0) expect(open).toBe(bars.close[i - 1]);
      expect(bars.time[i]).toBe(Date.UTC(2022, 0, 1, i));
    }
  },
);

test('a shorter run is the beginning of a longer one', () => {
  const long = syntheticBars({ bars: 500 });
  const short = syntheticBars({ bars: 200 });
  expect([...short.close]).toEqual([...long.close.subarray(0, 200)]);
  expect([...short.volume]).toEqual([...long.volume.subarray(0, 200)]);
});

test('symbols of one seed move together, those of two seeds do not', () => {
  const btc = returns({ symbol: 'BTCUSDT' });
  expect(correlation(btc, returns({ symbol: 'ETHUSDT' }))).toBeGreaterThan(0.7);
  expect(Math.abs(correlation(btc, returns({ seed: 43 })))).toBeLessThan(0.05);
});

test('returns have what markets have: fat tails, clustered volatility, quiet weekends, volume with movement', () => {
  const bars = syntheticBars({ interval: '1h', bars: 17_544 });
  const moves = returns({ interval: '1h', bars: 17_544 });
  const average = mean(moves);
  const variance = mean(moves.map(x => (x - average) ** 2));
  expect(mean(moves.map(x => (x - average) ** 4)) / variance ** 2).toBeGreaterThan(4);
  const sizes = moves.map(Math.abs);
  expect(correlation(sizes.slice(24), sizes.slice(0, -24))).toBeGreaterThan(0.1);
  const weekend = (i: number) => [0, 6].includes(new Date(bars.time[i + 1]).getUTCDay());
  const calm = mean(sizes.filter((_, i) => weekend(i)));
  expect(calm).toBeLessThan(0.9 * mean(sizes.filter((_, i) => !weekend(i))));
  expect(correlation(sizes, [...bars.volume.subarray(1)])).toBeGreaterThan(0.4);
  expect(Math.sqrt(variance * 8760)).toBeGreaterThan(0.3);
  expect(Math.sqrt(variance * 8760)).toBeLessThan(0.9);
});

test('months and odd intervals keep the calendar', () => {
  const { time } = syntheticBars({ interval: '1M', bars: 3, from: Date.UTC(2024, 0, 1) });
  expect([...time]).toEqual([Date.UTC(2024, 0, 1), Date.UTC(2024, 1, 1), Date.UTC(2024, 2, 1)]);
});

test.each<[SyntheticOptions, string]>([
  [{ seed: -1 }, 'seed was -1'],
  [{ seed: 1.5 }, 'seed was 1.5'],
  [{ bars: 0 }, 'bars was 0'],
  [{ from: Number.NaN }, 'from was NaN'],
])('%j is refused', (options, message) => {
  expect(() => syntheticBars(options)).toThrow(expect.objectContaining({ code: 'SYNTHETIC_INVALID' }));
  expect(() => syntheticBars(options)).toThrow(message);
});

test('bits are those of the reference implementation of xoshiro128** 1.1', () => {
  const random = new Random([1, 2, 3, 4]);
  const expected = [
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ];
  expect(expected.map(() => random.bits())).toEqual(expected);
});

test('seeds and streams differ, normals are normal', () => {
  const random = Random.seeded(42, 'a');
  expect(Random.seeded(42, 'b').bits()).not.toBe(Random.seeded(42, 'a').bits());
  expect(Random.seeded(42 + 2 ** 32, 'a').bits()).not.toBe(Random.seeded(42, 'a').bits());
  const normals = Array.from({ length: 20_000 }, () => random.normal());
  expect(Math.abs(mean(normals))).toBeLessThan(0.03);
  expect(Math.abs(mean(normals.map(x => x * x)) - 1)).toBeLessThan(0.05);
});

test('the name is what tells synthetic from real', () => {
  expect(isSynthetic('data/synthetic-btcusdt-4h.csv')).toBe(true);
  expect(isSynthetic('synthetic/btcusdt-4h.csv')).toBe(false);
  expect(isSynthetic('btcusdt-synthetic.csv')).toBe(false);
  expect(syntheticSymbol('x/synthetic-ethusdt-4h.csv')).toBe('ETHUSDT');
  expect(syntheticSymbol('synthetic-4h.csv')).toBeUndefined();
});
