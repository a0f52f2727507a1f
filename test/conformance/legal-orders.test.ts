import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readTradingSymbols } from '../../src/brokers/binance/gateway/decode-symbols.ts';
import { legalise, type WantedOrder } from '../../src/brokers/binance/legalise.ts';
import { mulberry32 } from '../support/random-walk.ts';
import { requireShared } from '../support/shared.ts';

const file = new URL('../../../shared/fixtures/binance/exchangeInfo-2021-10-11.json.gz', import.meta.url);
const present = existsSync(file);
requireShared(present, 'the filters of real symbols');

type Rules = Record<string, string | boolean | number>;
interface RealSymbol {
  readonly symbol: string;
  readonly filters: readonly (Rules & { readonly filterType: string })[];
}

/** A rational number: nothing of the project's own arithmetic. */
type Ratio = readonly [numerator: bigint, denominator: bigint];

function ratio(text: string): Ratio {
  const found = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)!;
  const [, whole, fraction = '', exponent = '0'] = found;
  const power = Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  return power >= 0 ? [digits * 10n ** BigInt(power), 1n] : [digits, 10n ** BigInt(-power)];
}
const compare = ([a, b]: Ratio, [c, d]: Ratio) => (a * d < c * b ? -1 : a * d > c * b ? 1 : 0);
const times = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [a * c, b * d];
const isMultiple = ([a, b]: Ratio, [c, d]: Ratio) => (a * d) % (b * c) === 0n;
const floorTo = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [((a * d) / (b * c)) * c, d];
const ceilTo = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [((a * d + b * c - 1n) / (b * c)) * c, d];

/** Which filters of the document an order breaks. */
function broken(
  { filters }: RealSymbol,
  market: boolean,
  quantity: Ratio,
  price: Ratio,
  reference: Ratio,
): string[] {
  const wrong: string[] = [];
  for (const filter of filters) {
    const of = (name: string) => ratio(String(filter[name]));
    const isSet = (name: string) => of(name)[0] > 0n;
    const outside = (value: Ratio, least: string, most: string, step: string) =>
      compare(value, of(least)) < 0 ||
      (isSet(most) && compare(value, of(most)) > 0) ||
      (isSet(step) && !isMultiple(value, of(step)));
    const type = filter.filterType;
    const bad =
      (type === 'PRICE_FILTER' && !market && outside(price, 'minPrice', 'maxPrice', 'tickSize')) ||
      (type === 'LOT_SIZE' && outside(quantity, 'minQty', 'maxQty', 'stepSize')) ||
      (type === 'MARKET_LOT_SIZE' && market && outside(quantity, 'minQty', 'maxQty', 'stepSize')) ||
      (type === 'PERCENT_PRICE' &&
        !market &&
        (compare(price, times(reference, of('multiplierUp'))) > 0 ||
          compare(price, times(reference, of('multiplierDown'))) < 0)) ||
      (type === 'MIN_NOTIONAL' &&
        (!market || filter.applyToMarket === true) &&
        compare(times(quantity, market ? reference : price), of('minNotional')) < 0);
    if (bad) wrong.push(type);
  }
  if (quantity[0] <= 0n) wrong.push('LOT_SIZE');
  if (!market && price[0] <= 0n) wrong.push('PRICE_FILTER');
  return wrong;
}

test.skipIf(!present)(
  'random orders on all real symbols come out legal and never larger than asked, and only illegal ones are refused',
  () => {
    const document = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { symbols: RealSymbol[] };
    const symbols = readTradingSymbols(document);
    expect(symbols.length).toBe(document.symbols.length);
    const random = mulberry32(20_211_011);
    const between = (least: number, most: number) => least * (most / least) ** random();
    const refusals = new Map<string, number>();
    const touched = new Set<string>();
    let legal = 0;
    for (let i = 0; legal < 10_000; i++) {
      const at = i % symbols.length;
      const real = document.symbols[at];
      const number = (type: string, name: string) =>
        Number(real.filters.find(({ filterType }) => filterType === type)?.[name] ?? 0);
      // Prices from a few ticks to millions of them, sizes from below the minimum to above the maximum.
      const reference = between(
        number('PRICE_FILTER', 'tickSize') * 20,
        number('PRICE_FILTER', 'tickSize') * 1e7,
      );
      const price = reference * between(0.5, 2);
      const worth = number('MIN_NOTIONAL', 'minNotional') / price;
      const quantity = random() < 0.02 ? between(1e-9, 1e12) : worth * between(0.5, 1000);
      const side = random() < 0.5 ? 'BUY' : 'SELL';
      const market = random() < 0.3;
      const wanted: WantedOrder = market
        ? { side, type: 'MARKET', quantity }
        : { side, type: 'LIMIT', quantity, price };
      const referenceText = reference.toFixed(12);
      const answer = legalise(symbols[at], wanted, referenceText);
      const asked = ratio(String(quantity));
      const against = ratio(referenceText);
      if (answer.ok) {
        const { amounts } = answer;
        for (const text of [amounts.quantity!, amounts.price ?? '1'])
          expect(text).toMatch(/^\d+(\.\d*[1-9])?$/);
        const sent = ratio(amounts.quantity!);
        const limit = ratio(amounts.price ?? '1');
        expect([real.symbol, ...broken(real, market, sent, limit, against)]).toEqual([real.symbol]);
        expect(compare(sent, asked)).toBeLessThanOrEqual(0);
        if (!market) {
          expect(compare(limit, ratio(String(price))) * (side === 'BUY' ? 1 : -1)).toBeLessThanOrEqual(0);
        }
        legal++;
        touched.add(real.symbol);
      } else {
        const tick = ratio(String(real.filters.find(f => f.filterType === 'PRICE_FILTER')!.tickSize));
        const step = ratio(String(real.filters.find(f => f.filterType === 'LOT_SIZE')!.stepSize));
        const limit = (side === 'BUY' ? floorTo : ceilTo)(ratio(String(price)), tick);
        const floored = floorTo(asked, step);
        expect(broken(real, market, floored, limit, against)).not.toEqual([]);
        refusals.set(answer.refusal.code, (refusals.get(answer.refusal.code) ?? 0) + 1);
      }
    }
    const told = [...refusals].map(([code, count]) => `${code} ${count}`).join(', ');
    console.log(`${legal} legal orders on ${touched.size} of ${symbols.length} symbols; refused: ${told}`);
    expect(touched.size).toBeGreaterThan(symbols.length * 0.95);
  },
);
