import { type Instrument, instrument } from 'qt-trader';
import type { TradingSymbol } from '../../../../src/brokers/binance/port.ts';

export const BTC: Instrument = instrument('BTCUSDT', {
  tickSize: 0.01,
  lotStep: 0.001,
  minSize: 0.001,
  maxSize: 9000,
  minNotional: 5,
});

/** A symbol that has everything; `change` takes away what a test wants to be without. */
export function symbolTerms(change: Partial<TradingSymbol> = {}): TradingSymbol {
  return {
    symbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    status: 'TRADING',
    orderTypes: [
      'LIMIT',
      'LIMIT_MAKER',
      'MARKET',
      'STOP_LOSS',
      'STOP_LOSS_LIMIT',
      'TAKE_PROFIT',
      'TAKE_PROFIT_LIMIT',
    ],
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: true,
    trailingStopAllowed: true,
    quoteQuantityAllowed: true,
    basePrecision: 8,
    quotePrecision: 8,
    filters: {
      minPrice: '0.01',
      maxPrice: '1000000',
      tickSize: '0.01',
      minQuantity: '0.001',
      maxQuantity: '9000',
      stepSize: '0.001',
      minNotional: '5',
      minNotionalOfMarket: true,
      maxNotionalOfMarket: false,
      trailingDelta: { minAbove: 10, maxAbove: 2000, minBelow: 10, maxBelow: 2000 },
    },
    ...change,
  };
}
