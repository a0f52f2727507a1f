import type { SymbolInfo } from '../../../../src/exchange/exchange-info.ts';
import type { Instrument } from '../../../../src/model/instrument.ts';
import { exchangeInfoInstruments } from '../../../../src/venues/binance/exchange-info.ts';

/** A key of the local exchange. */
export const SECRETS = { apiKey: 'rehearsal'.padEnd(64, '0'), apiSecret: 'no-secret'.padEnd(64, '.') };
const DOCUMENT = {
  symbols: ['BTCUSDT', 'ETHUSDT'].map(symbol => ({
    symbol,
    status: 'TRADING',
    baseAsset: symbol.slice(0, 3),
    quoteAsset: 'USDT',
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
    allowTrailingStop: true,
    quoteOrderQtyMarketAllowed: true,
    isSpotTradingAllowed: true,
    permissions: ['SPOT'],
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '9000', stepSize: '0.001' },
      { filterType: 'NOTIONAL', minNotional: '5', applyMinToMarket: true },
      {
        filterType: 'TRAILING_DELTA',
        minTrailingAboveDelta: 1,
        maxTrailingAboveDelta: 2000,
        minTrailingBelowDelta: 1,
        maxTrailingBelowDelta: 2000,
      },
    ],
  })),
};

/** As the local exchange lists them. */
export const SYMBOLS = new Map(DOCUMENT.symbols.map(info => [info.symbol, info as unknown as SymbolInfo]));

export function terms(symbol: string): Instrument {
  return exchangeInfoInstruments(DOCUMENT).get(symbol)!;
}
