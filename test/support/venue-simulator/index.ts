import { binance } from './binance.ts';
import { bitfinex } from './bitfinex.ts';
import { bybit } from './bybit.ts';
import { coinbase } from './coinbase.ts';
import { HTX } from './htx.ts';
import { kraken } from './kraken.ts';
import { KUCOIN } from './kucoin.ts';
import { okx } from './okx.ts';
import { phemex } from './phemex.ts';
import type { VenueProtocol } from './protocol.ts';

export const PROTOCOLS: readonly VenueProtocol[] = [
  ...[binance('binance-spot'), binance('binance-us'), binance('binance-usdm'), binance('binance-coinm')],
  ...[kraken, okx, bybit('bybit-spot'), bybit('bybit'), bitfinex, coinbase, ...KUCOIN, ...HTX, phemex],
];
