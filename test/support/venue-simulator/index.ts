import { binance } from './binance.ts';
import { bitfinex, bitfinexOrders } from './bitfinex.ts';
import { bybit } from './bybit.ts';
import { coinbase } from './coinbase.ts';
import { HTX } from './htx.ts';
import { independentReserve } from './independent-reserve.ts';
import { kraken } from './kraken.ts';
import { krakenOrders } from './kraken-orders.ts';
import { krakenV1 } from './kraken-v1.ts';
import { KUCOIN } from './kucoin.ts';
import { okx } from './okx.ts';
import { phemex } from './phemex.ts';
import type { VenueProtocol } from './protocol.ts';

export const PROTOCOLS: readonly VenueProtocol[] = [
  ...[binance('binance-spot'), binance('binance-us'), binance('binance-usdm'), binance('binance-coinm')],
  ...[kraken, okx, bybit('bybit-spot'), bybit('bybit'), bitfinex, coinbase, ...KUCOIN, ...HTX, phemex],
  ...[krakenV1, krakenOrders, bitfinexOrders, independentReserve],
];
