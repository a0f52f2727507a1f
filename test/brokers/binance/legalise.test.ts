import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/brokers/binance/decimal.ts';
import { type LegalAmounts, legalise, type WantedOrder } from '../../../src/brokers/binance/legalise.ts';
import type { SymbolFilters, TradingSymbol } from '../../../src/brokers/binance/port.ts';

const filters: SymbolFilters = {
  minPrice: '0.01000000',
  maxPrice: '1000000.00000000',
  tickSize: '0.01000000',
  minQuantity: '0.00010000',
  maxQuantity: '9000.00000000',
  stepSize: '0.00010000',
  minMarketQuantity: '0.00000000',
  maxMarketQuantity: '100.00000000',
  marketStepSize: '0.00000000',
  minNotional: '5.00000000',
  minNotionalOfMarket: true,
  maxNotional: '9000000.00000000',
  maxNotionalOfMarket: false,
  percentPrice: { bidUp: '1.2', bidDown: '0.2', askUp: '5', askDown: '0.8' },
  trailingDelta: { minAbove: 10, maxAbove: 2000, minBelow: 20, maxBelow: 1000 },
};

function symbol(changes: Partial<SymbolFilters> = {}, terms: Partial<TradingSymbol> = {}): TradingSymbol {
  return {
    symbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    status: 'TRADING',
    orderTypes: ['LIMIT', 'MARKET'],
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: true,
    trailingStopAllowed: true,
    quoteQuantityAllowed: true,
    filters: { ...filters, ...changes },
    ...terms,
  };
}

function legal(wanted: WantedOrder, terms = symbol(), reference?: string): LegalAmounts {
  const answer = legalise(terms, wanted, reference);
  if (!answer.ok) throw new Error(answer.refusal.message);
  return answer.amounts;
}

function refusal(wanted: WantedOrder, terms = symbol(), reference?: string) {
  const answer = legalise(terms, wanted, reference);
  if (answer.ok) throw new Error(`was taken: ${JSON.stringify(answer.amounts)}`);
  const { code, message, value, limit, fix } = answer.refusal;
  expect(message).not.toContain('\n');
  expect(message).toContain(value);
  expect(message).toContain(fix);
  return { code, value, limit, fix };
}

const buy = { side: 'BUY', type: 'LIMIT' } as const;
const sell = { side: 'SELL', type: 'LIMIT' } as const;

describe('what is wanted comes out on the steps', () => {
  test('a quantity goes down to the step and never up', () => {
    expect(legal({ ...buy, quantity: 0.3, price: 100 }).quantity).toBe('0.3');
    expect(legal({ ...buy, quantity: 0.1 + 0.2, price: 100 }).quantity).toBe('0.3');
    expect(legal({ ...buy, quantity: 0.29999999999, price: 100 }).quantity).toBe('0.2999');
    expect(legal({ ...buy, quantity: '0.39999', price: 100 }).quantity).toBe('0.3999');
    expect(legal({ ...buy, quantity: 1e-4, price: 100_000 }).quantity).toBe('0.0001');
  });

  test('a purchase has its limit rounded down and a sale up', () => {
    expect(legal({ ...buy, quantity: 1, price: 100.019 }).price).toBe('100.01');
    expect(legal({ ...sell, quantity: 1, price: 100.011 }).price).toBe('100.02');
    expect(legal({ ...sell, quantity: 1, price: 100.01 }).price).toBe('100.01');
  });

  test.each([
    ['BUY', 'STOP_LOSS', '100.02'],
    ['SELL', 'STOP_LOSS', '100.01'],
    ['BUY', 'TAKE_PROFIT', '100.01'],
    ['SELL', 'TAKE_PROFIT', '100.02'],
  ] as const)('the trigger of a %s %s is no easier to reach on the tick', (side, type, trigger) => {
    expect(legal({ side, type, quantity: 1, stopPrice: '100.0150' }).stopPrice).toBe(trigger);
  });

  test('an amount in quote goes down to the precision of the quote', () => {
    const market = { side: 'BUY', type: 'MARKET' } as const;
    expect(legal({ ...market, quoteQuantity: 10.123456789 }).quoteQuantity).toBe('10.12345678');
    const two = symbol({}, { quotePrecision: 2 });
    expect(legal({ ...market, quoteQuantity: 10.129 }, two).quoteQuantity).toBe('10.12');
  });

  test('a market order obeys the steps of both lot filters', () => {
    const both = symbol({ stepSize: '0.004', marketStepSize: '0.006', minQuantity: '0.004' });
    expect(legal({ side: 'SELL', type: 'MARKET', quantity: 1 }, both).quantity).toBe('0.996');
    expect(legal({ ...sell, quantity: 1, price: 10 }, both).quantity).toBe('1');
  });

  test('without filters amounts keep the precision of their asset', () => {
    const free: SymbolFilters = { minNotionalOfMarket: false, maxNotionalOfMarket: false };
    const terms = { ...symbol(), filters: free, basePrecision: 3 };
    expect(legal({ ...buy, quantity: 1.23456, price: 9.87654321 }, terms)).toEqual({
      quantity: '1.234',
      price: '9.87654321',
    });
  });
});

describe('what the filters forbid is refused with value, limit and fix', () => {
  test('a size that is nothing on the step', () => {
    expect(refusal({ ...buy, quantity: 0.00009, price: 100 })).toEqual({
      code: 'SIZE_ZERO',
      value: '0.00009',
      limit: '0.0001',
      fix: 'order at least 0.0001 BTC',
    });
    expect(refusal({ ...buy, quantity: Number.NaN, price: 100 }).code).toBe('SIZE_ZERO');
    expect(refusal({ ...buy, quantity: -1, price: 100 }).code).toBe('SIZE_ZERO');
  });

  test('a size below the minimum, and above the maximum of its kind', () => {
    const coarse = symbol({ minQuantity: '0.01' });
    expect(refusal({ ...buy, quantity: 0.005, price: 10_000 }, coarse)).toMatchObject({
      code: 'MIN_SIZE',
      value: '0.005',
      limit: '0.01',
    });
    expect(refusal({ ...buy, quantity: 9001, price: 1 })).toMatchObject({ code: 'MAX_SIZE', limit: '9000' });
    expect(refusal({ side: 'BUY', type: 'MARKET', quantity: 101 })).toMatchObject({
      code: 'MAX_SIZE',
      limit: '100',
    });
  });

  test('a value below the minimum, and the fix is a size that is taken', () => {
    const wanted = { ...buy, quantity: 0.04, price: 100 };
    const { code, fix } = refusal(wanted);
    expect([code, fix]).toEqual(['MIN_NOTIONAL', 'order at least 0.05 BTC']);
    expect(legal({ ...wanted, quantity: 0.05 }).quantity).toBe('0.05');
    expect(refusal({ ...buy, quantity: 0.04, price: 99 }).fix).toBe('order at least 0.0506 BTC');
  });

  test('a market order is valued at the reference price, and not at all without one', () => {
    const market = { side: 'BUY', type: 'MARKET', quantity: 0.04 } as const;
    expect(refusal(market, symbol(), '100').code).toBe('MIN_NOTIONAL');
    expect(legal(market).quantity).toBe('0.04');
    expect(legal(market, symbol({ minNotionalOfMarket: false }), '100').quantity).toBe('0.04');
    expect(refusal({ side: 'BUY', type: 'MARKET', quoteQuantity: 4 }).code).toBe('MIN_NOTIONAL');
  });

  test('a value above the maximum', () => {
    expect(refusal({ ...sell, quantity: 9000, price: 2000 }).code).toBe('MAX_NOTIONAL');
  });

  test('a price that is nothing on the tick, below the minimum or above the maximum', () => {
    expect(refusal({ ...buy, quantity: 1000, price: 0.009 })).toMatchObject({
      code: 'PRICE_INVALID',
      limit: '0.01',
    });
    expect(refusal({ ...buy, quantity: 1, price: 1_000_000.01 }).code).toBe('PRICE_INVALID');
    expect(refusal({ ...buy, quantity: 1, price: Number.NaN }).code).toBe('PRICE_INVALID');
    expect(refusal({ side: 'SELL', type: 'STOP_LOSS', quantity: 1, stopPrice: -1 }).code).toBe(
      'PRICE_INVALID',
    );
  });

  test('a price too far from the market, by the multipliers of its side', () => {
    expect(refusal({ ...buy, quantity: 1, price: 120.01 }, symbol(), '100')).toMatchObject({
      code: 'PERCENT_PRICE',
      limit: '20 to 120',
    });
    expect(legal({ ...buy, quantity: 1, price: 120 }, symbol(), '100').price).toBe('120');
    expect(legal({ ...sell, quantity: 1, price: 120.01 }, symbol(), '100').price).toBe('120.01');
    expect(refusal({ ...sell, quantity: 1, price: 79.99 }, symbol(), '100').code).toBe('PERCENT_PRICE');
  });

  test('a trailing distance that its direction does not allow', () => {
    const trail = (side: 'BUY' | 'SELL', trailingDelta: number) =>
      ({ side, type: 'STOP_LOSS', quantity: 1, trailingDelta }) as const;
    expect(legal(trail('BUY', 10)).trailingDelta).toBe(10);
    expect(refusal(trail('SELL', 10))).toMatchObject({ code: 'TRAILING_DELTA', limit: '20 to 1000' });
    expect(refusal(trail('BUY', 50.5)).code).toBe('TRAILING_DELTA');
  });
});

describe('decimals are exact', () => {
  const number = fc.tuple(
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.integer({ min: 0, max: 20 }),
  );
  const text = ([units, scale]: [bigint, number]) => {
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    return `${units < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
  };

  test('sums, products and comparisons are those of whole numbers', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [x, y] = [Decimal.of(text(a)), Decimal.of(text(b))];
        const big = ([units, scale]: [bigint, number]) => units * 10n ** BigInt(40 - scale);
        const back = (value: Decimal) => {
          const [whole, fraction = ''] = value.toString().replace('-', '').split('.');
          const units = BigInt(whole + fraction.padEnd(40, '0'));
          return value.sign < 0 ? -units : units;
        };
        expect(back(x.plus(y))).toBe(big(a) + big(b));
        expect(back(x.minus(y))).toBe(big(a) - big(b));
        expect(back(x.times(y))).toBe(a[0] * b[0] * 10n ** BigInt(40 - a[1] - b[1]));
        expect(Math.sign(x.compare(y))).toBe(big(a) < big(b) ? -1 : big(a) > big(b) ? 1 : 0);
      }),
    );
  });

  test('a multiple of a step encloses its number, below and above', () => {
    fc.assert(
      fc.property(
        number,
        fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 9n }), fc.integer({ min: 0, max: 9 })),
        (a, b) => {
          const [value, step] = [Decimal.of(text(a)), Decimal.of(text(b))];
          const [below, above] = [value.down(step), value.up(step)];
          expect(below.compare(value)).toBeLessThanOrEqual(0);
          expect(above.compare(value)).toBeGreaterThanOrEqual(0);
          expect(value.minus(below).compare(step)).toBeLessThan(0);
          expect(above.minus(value).compare(step)).toBeLessThan(0);
          expect(step.times(Decimal.of(String(value.wholeTimes(step)))).compare(below)).toBe(0);
        },
      ),
    );
  });

  test('a double is the decimal that its shortest text says', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
        expect(Decimal.of(value).toNumber()).toBe(value === 0 ? 0 : value);
      }),
    );
    expect(Decimal.of(1e-7).toString()).toBe('0.0000001');
    expect(Decimal.of(1e21).toString()).toBe('1000000000000000000000');
  });

  test('what is no plain decimal is refused', () => {
    for (const wrong of ['', '1e5', '+1', '.5', '5.', ' 1', '0x10', '1,5', 'NaN']) {
      expect(Decimal.parse(wrong)).toBeUndefined();
    }
    expect(() => Decimal.of(Number.POSITIVE_INFINITY)).toThrow('no decimal number');
  });
});
