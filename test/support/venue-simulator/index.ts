import { binance } from './binance.ts';
import { bitfinex } from './bitfinex.ts';
import { bybit } from './bybit.ts';
import { kraken } from './kraken.ts';
import { okx } from './okx.ts';
import type { VenueProtocol } from './protocol.ts';

export const PROTOCOLS: readonly VenueProtocol[] = [
  ...[binance('binance-spot'), binance('binance-usdm'), kraken, okx, bybit, bitfinex],
];
