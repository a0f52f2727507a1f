import { expect, test } from 'vitest';
import { exchangeInfoInstruments } from '../../src/venues/binance/exchange-info.ts';

const PRICE = { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000.0', tickSize: '0.01000000' };
const LOT = { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' };
const MARKET_LOT = {
  filterType: 'MARKET_LOT_SIZE',
  minQty: '0.00000000',
  maxQty: '95.46320577',
  stepSize: '0.00000000',
};
const MIN_NOTIONAL = {
  filterType: 'MIN_NOTIONAL',
  minNotional: '10.00000000',
  applyToMarket: true,
  avgPriceMins: 5,
};
const NOTIONAL = {
  filterType: 'NOTIONAL',
  minNotional: '5.00000000',
  applyMinToMarket: false,
  maxNotional: '9000000.00000000',
  applyMaxToMarket: false,
  avgPriceMins: 5,
};

/** The one instrument of a document whose symbol has these filters. */
const read = (filters: unknown, more: object = {}) =>
  exchangeInfoInstruments({
    symbols: [{ symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT', filters, ...more }],
  }).get('BTCUSDT');

test('the filters of a symbol become the terms of its instrument', () => {
  expect(read([PRICE, LOT, MARKET_LOT, MIN_NOTIONAL])).toEqual({
    symbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    market: 'spot',
    tickSize: 0.01,
    lotStep: 0.00001,
    minSize: 0.00001,
    maxSize: 9000,
    maxMarketSize: 95.46320577,
    minNotional: 10,
  });
});

test('a MARKET_LOT_SIZE of zeros is disabled: LOT_SIZE applies to market orders as well', () => {
  const off = { ...MARKET_LOT, maxQty: '0.00000000' };
  expect(read([LOT, off])).toEqual(read([LOT]));
});

test('where MARKET_LOT_SIZE has a step and a minimum of its own, sizes obey both', () => {
  const coarse = { ...MARKET_LOT, minQty: '0.01000000', stepSize: '0.00100000' };
  expect(read([LOT, coarse])).toMatchObject({ lotStep: 0.001, minSize: 0.01, maxMarketSize: 95.46320577 });
});

test('a market order is never allowed to be larger than LOT_SIZE says', () => {
  const wide = { ...MARKET_LOT, maxQty: '20000.00000000' };
  expect(read([LOT, wide])).not.toHaveProperty('maxMarketSize');
});

test('a NOTIONAL that is not for market orders leaves them without a minimum', () => {
  expect(read([NOTIONAL])).toMatchObject({ minNotional: 5, minMarketNotional: 0 });
  expect(read([{ ...NOTIONAL, applyMinToMarket: true }])).not.toHaveProperty('minMarketNotional');
  expect(read([{ ...MIN_NOTIONAL, applyToMarket: false }])).toMatchObject({ minMarketNotional: 0 });
});

test('a symbol without filters has no rules', () => {
  expect(read([])).toMatchObject({ tickSize: 0, lotStep: 0, minSize: 0, maxSize: 0, minNotional: 0 });
});

test.each([
  ['no document', () => exchangeInfoInstruments('<html>'), /no list "symbols"/],
  [
    'a symbol that is none',
    () => exchangeInfoInstruments({ symbols: [null] }),
    /symbol number 1 is no object/,
  ],
  [
    'a symbol without a name',
    () => exchangeInfoInstruments({ symbols: [{}] }),
    /symbol number 1 has the symbol/,
  ],
  ['filters that are no list', () => read({}), /BTCUSDT has no list "filters"/],
  ['an asset that is missing', () => read([], { baseAsset: 7 }), /BTCUSDT has the baseAsset 7/],
  [
    'a step that is no decimal',
    () => read([{ ...LOT, stepSize: '1e-5' }]),
    /BTCUSDT LOT_SIZE has the stepSize "1e-5"/,
  ],
  [
    'a step that is no text',
    () => read([{ ...PRICE, tickSize: 0.01 }]),
    /BTCUSDT PRICE_FILTER has the tickSize 0.01/,
  ],
  [
    'a flag that is none',
    () => read([{ ...NOTIONAL, applyMinToMarket: 'yes' }]),
    /NOTIONAL has the applyMinToMarket "yes"/,
  ],
])('%s is an error that says where', (_, run, message) => {
  expect(run).toThrow(expect.objectContaining({ code: 'EXCHANGE_INFO_INVALID' }));
  expect(run).toThrow(message);
});
