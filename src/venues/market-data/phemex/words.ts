import type { KlineRecord, TakerSide } from '../../../model/records.ts';
import { plainDecimal, pointMoved } from '../../wire/decimal.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import {
  asNumberText,
  listOf,
  type TextObject,
  type Texts,
  textOf,
  textOrNull,
} from '../../wire/json-texts.ts';
import { type Instrument, splitPair } from '../instruments.ts';
import { intervalOfSeconds } from '../planning/intervals.ts';
import { nanoseconds, timeOf } from '../records/heads.ts';

/** Decimals of spot prices and sizes where no list says otherwise. */
export const SPOT_DECIMALS = 8;
/** Decimals of contract prices likewise; contracts are counted whole. */
export const CONTRACT_DECIMALS = 4;

/** `sBTCUSDT` spot, `BTCUSDT` a contract with real decimals, `BTCUSD` one with scaled integers. Case counts. */
export function guess(native: string): Instrument {
  if (/^s[A-Z0-9]/.test(native)) {
    const pair = splitPair(native.slice(1));
    const symbol = pair === undefined ? native.slice(1) : `${pair.base}-${pair.quote}`;
    return { native, symbol, priceDecimals: SPOT_DECIMALS, sizeDecimals: SPOT_DECIMALS };
  }
  const pair = splitPair(native.replace(/^[uc](?=[A-Z0-9])/, ''));
  const symbol = pair === undefined ? native : `${pair.base}-${pair.quote}-PERP`;
  if (pair !== undefined && pair.quote !== 'USD') return { native, symbol };
  return { native, symbol, priceDecimals: CONTRACT_DECIMALS, sizeDecimals: 0 };
}

/** Whether prices and sizes are written as they are. */
export function isReal({ priceDecimals }: Instrument): boolean {
  return priceDecimals === undefined;
}

export function product(row: TextObject, valueScales: ReadonlyMap<string, number>): Instrument {
  const native = textOf(row, 'symbol');
  const type = textOrNull(row, 'type') ?? '';
  const [base, quote] = (textOrNull(row, 'displaySymbol') ?? '').split('/').map(part => part.trim());
  const guessed = guess(native);
  const pair = base && quote ? `${base}-${quote}` : guessed.symbol.replace(/-PERP$/, '');
  const priceDecimals = textOrNull(row, 'priceScale');
  if (type === 'Spot') {
    return {
      native,
      symbol: pair,
      priceDecimals: decimalsOf(priceDecimals ?? '', SPOT_DECIMALS),
      sizeDecimals: valueScales.get(textOrNull(row, 'baseCurrency') ?? '') ?? SPOT_DECIMALS,
    };
  }
  const symbol = `${pair}-PERP`;
  const size = textOrNull(row, 'contractSize');
  const contract = size === null || !(Number(size) > 0) ? {} : { contractSize: Number(size) };
  if (type === 'PerpetualV2') return { native, symbol };
  return {
    native,
    symbol,
    priceDecimals: decimalsOf(priceDecimals ?? '', CONTRACT_DECIMALS),
    sizeDecimals: 0,
    ...contract,
  };
}

export interface KlineRow {
  readonly interval: string;
  /** µs UTC. */
  readonly openTime: number;
  readonly texts: KlineRecord['texts'];
  readonly turnover: string;
}

/** Time, interval, last close, open, high, low, close, volume, turnover. */
export function readKline(row: readonly Texts[], priceDecimals: number, sizeDecimals: number): KlineRow {
  const texts = [3, 4, 5, 6, 7].map((at, index) =>
    scaled(asNumberText(row[at], 'a kline'), index === 4 ? sizeDecimals : priceDecimals),
  );
  return {
    interval: intervalOfSeconds(Number(asNumberText(row[1], 'interval'))),
    openTime: timeOf(asNumberText(row[0], 'time')),
    texts: texts as unknown as KlineRecord['texts'],
    turnover: asNumberText(row[8], 'turnover'),
  };
}

export interface TradeRow {
  /** µs UTC. */
  readonly time: number;
  readonly side: TakerSide;
  readonly price: string;
  readonly size: string;
}

/** `[nanoseconds, "Buy" or "Sell", price, size]`. */
export function tradeOf(value: Texts): TradeRow {
  const [time, side, price, size] = listOf(value, 'a trade');
  if (side !== 'Buy' && side !== 'Sell') throw new FrameError(`a trade whose side is ${String(side)}`);
  return {
    time: nanoseconds(asNumberText(time, 'time')),
    side: side === 'Buy' ? 'buy' : 'sell',
    price: asNumberText(price, 'price'),
    size: asNumberText(size, 'size'),
  };
}

export function sequenceOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new FrameError('no sequence');
  return Number(text);
}

/** An integer of the wire with `decimals` of its digits behind the point. */
export function scaled(text: string, decimals: number): string {
  if (decimals === 0) return text;
  const integer = plainDecimal(text);
  if (integer.includes('.')) throw new FrameError(`a fraction where the venue writes integers: ${text}`);
  return pointMoved(integer, decimals);
}

export function scaledOrNull(text: string | null, decimals: number): string | null {
  return text === null ? null : scaled(asNumberText(text, 'a ticker'), decimals);
}

/** `text` as a number of decimals, where it is one. */
export function decimalsOf(text: string, otherwise: number): number {
  const decimals = Number(text);
  return text !== '' && Number.isInteger(decimals) && decimals >= 0 && decimals <= 18 ? decimals : otherwise;
}
