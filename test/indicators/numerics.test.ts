import { calculate } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { INDICATORS } from '../../src/indicators/registry.ts';
import { walk } from '../support/bars.ts';
import {
  columnInputs,
  type NumberColumns,
  reachOf,
  type Variant,
  variantsOf,
} from '../support/indicator-inputs.ts';

type Values = Readonly<Record<string, Float64Array>>;

function valuesOf({ one, options }: Variant, columns: NumberColumns): Values {
  // Its lines by name, also where there is one only.
  const build = (...inputs: unknown[]) => one.linesOf(inputs, options);
  return (calculate as unknown as (...args: unknown[]) => Values)(build, ...columnInputs(one, columns));
}

const PRICES = ['open', 'high', 'low', 'close'] as const;

function withPrices(columns: NumberColumns, of: (price: number, i: number) => number): NumberColumns {
  return { ...columns, ...Object.fromEntries(PRICES.map(name => [name, columns[name].map(of)])) };
}

/** Prices in 64ths, so that adding a whole number to them is exact. */
const bars = (length: number, seed: number) =>
  withPrices(walk(length, seed) as unknown as NumberColumns, price => Math.round(price * 64) / 64);

const sizeOf = (values: Float64Array) => {
  const finite = values.filter(Number.isFinite);
  return (
    finite.reduce((most, value) => Math.max(most, value), -1e300) -
    finite.reduce((least, value) => Math.min(least, value), 1e300)
  );
};

/** The largest distance between values and others, in units of `scale`; Infinity where only one is NaN. */
function distance(a: Float64Array, b: Float64Array, offset: number, scale: number, from = 0): number {
  let most = 0;
  for (let i = from; i < a.length; i++) {
    if (Number.isNaN(a[i]) && Number.isNaN(b[i])) continue;
    const apart = Math.abs(a[i] - offset - b[i]) / scale;
    most = apart <= most ? most : Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return most;
}

/** Running totals from the first bar on, which lack for good what was missing: an amount, or a factor. */
const TOTALS: ReadonlySet<string> = new Set(['ad', 'cumulativeSum', 'obv', 'priceVolumeTrend', 'williamsAd']);
const PRODUCTS: ReadonlySet<string> = new Set(['negativeVolumeIndex', 'positiveVolumeIndex']);
/**
 * Kaufman's average nearly stands still where the market goes nowhere, and forgets as slowly; a session ends with its
 * day, and weeks and longer are beyond this data.
 */
const furtherBars = (name: string) => (name.startsWith('vwap') ? 1441 : name.includes('kama') ? 1000 : 0);

/** Prices near 1e8 that move by cents. */
const FAR = 2 ** 27;

describe.each(INDICATORS.map(one => ({ name: one.definition.name, one })))('$name', ({ one }) => {
  const variants = variantsOf(one);
  const { domain, formula } = one.definition;

  test.skipIf(domain !== undefined)('is as right on prices near 1e8 as on prices near 100', () => {
    const columns = bars(1500, 21);
    const near = valuesOf(variants[0], columns);
    const moved = valuesOf(
      variants[0],
      withPrices(columns, price => price + 1024),
    );
    const far = valuesOf(
      variants[0],
      withPrices(columns, price => price + FAR),
    );
    for (const [line, values] of Object.entries(near)) {
      const scale = sizeOf(values);
      expect([...far[line]].filter(value => Math.abs(value) === Number.POSITIVE_INFINITY)).toEqual([]);
      // A line that moves with its prices, or not at all; others (shares of the price) have nothing to be compared with.
      const share = [0, 1].find(share => distance(moved[line], values, share * 1024, scale) < 1e-6);
      if (share !== undefined) expect(distance(far[line], values, share * FAR, scale)).toBeLessThan(1e-6);
    }
  });

  test('is never infinite where nothing moves and nothing is traded, and says so where it has no value', () => {
    const flat = bars(1500, 22);
    const still = withPrices(flat, () => 50);
    const untraded = { ...flat, volume: new Float64Array(1500) };
    for (const variant of variants) {
      const { minPeriod } = reachOf(variant);
      for (const columns of [still, untraded, { ...still, volume: untraded.volume }]) {
        for (const values of Object.values(valuesOf(variant, columns))) {
          expect([...values].filter(value => Math.abs(value) === Number.POSITIVE_INFINITY)).toEqual([]);
          if (values.slice(minPeriod - 1).some(Number.isNaN)) expect(formula).toMatch(/NaN/);
        }
      }
    }
  });

  test('has the right values again once missing ones have left its window', () => {
    const columns = bars(7000, 23);
    const [from, to] = [700, 703];
    const gaps = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [
        name,
        name === 'time' ? values : values.map((value, i) => (i >= from && i < to ? Number.NaN : value)),
      ]),
    );
    for (const variant of variants) {
      const { minPeriod, settling } = reachOf(variant);
      const whole = valuesOf(variant, columns);
      const gapped = valuesOf(variant, gaps);
      const again = to + 2 * minPeriod + settling + furtherBars(variant.name);
      expect(again).toBeLessThan(6900);
      for (const [line, values] of Object.entries(whole)) {
        const got = gapped[line];
        expect([...got].filter(value => Math.abs(value) === Number.POSITIVE_INFINITY)).toEqual([]);
        expect(got.slice(0, from)).toEqual(values.slice(0, from));
        if (variant.name.startsWith('vwap with anchor')) continue;
        const lost = TOTALS.has(one.definition.name) ? got[again] - values[again] : 0;
        const factor = PRODUCTS.has(one.definition.name) ? values[again] / got[again] : 1;
        const scale = sizeOf(values.slice(again)) || 1;
        const scaled = got.map(value => value * factor);
        const apart = distance(scaled, values, lost, scale, again);
        const right = apart < (settling > 0 ? 1e-6 : 1e-9);
        expect(right ? '' : `${variant.name}: ${line} is ${apart} of its range away`).toBe('');
      }
    }
  });
});
