import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import {
  asNumberText,
  listOf,
  numberText,
  objectOf,
  readTexts,
  type TextObject,
  textOf,
} from '../../wire/json-texts.ts';
import type { MissingKlines } from '../continuity/kline-links.ts';
import type { PastTrade } from '../continuity/trade-recovery.ts';
import type { RestRequest } from '../contract.ts';
import { microseconds } from '../records/heads.ts';
import type { BinanceMarket } from './markets.ts';

/** Rows that one answer has at most. */
export const ROWS = 1000;
/** Aggregates can be asked for within an hour, ms. */
const MOST_RANGE = 3_599_000;

/** A trade of REST; an aggregate has the ids of those that it sums up, and one of its own. */
export interface BinancePastTrade extends PastTrade {
  readonly priceText: string;
  readonly sizeText: string;
  readonly isBuyerMaker: boolean;
  readonly aggregate: number | undefined;
}

type Endpoint = keyof BinanceMarket['weights'];

function request(market: BinanceMarket, rest: string, endpoint: Endpoint, query: string): RestRequest {
  const url = `${rest}${market.api}/${endpoint}?${query}&limit=${ROWS}`;
  return { method: 'GET', url, weight: market.weights[endpoint] };
}

export function bookRequest(market: BinanceMarket, rest: string, native: string): RestRequest {
  return request(market, rest, 'depth', `symbol=${native}`);
}

/** Trades from an id on. */
export function tradesFrom(market: BinanceMarket, rest: string, native: string, id: number): RestRequest {
  return request(market, rest, 'historicalTrades', `symbol=${native}&fromId=${id}`);
}

/** The trades that were last. */
export function lastTrades(market: BinanceMarket, rest: string, native: string): RestRequest {
  return request(market, rest, 'trades', `symbol=${native}`);
}

/** Aggregates of trades between two exchange times, µs, as far as one request may reach. */
export function aggregatesBetween(
  market: BinanceMarket,
  rest: string,
  native: string,
  since: number,
  until: number,
): RestRequest {
  const from = Math.floor(since / 1000);
  const to = Math.min(Math.ceil(until / 1000), from + MOST_RANGE);
  return request(market, rest, 'aggTrades', `symbol=${native}&startTime=${from}&endTime=${to}`);
}

/** Aggregates from the id of one on. */
export function aggregatesFrom(market: BinanceMarket, rest: string, native: string, id: number): RestRequest {
  return request(market, rest, 'aggTrades', `symbol=${native}&fromId=${id}`);
}

export function klinesRequest(
  market: BinanceMarket,
  rest: string,
  native: string,
  { from, interval, to }: MissingKlines,
): RestRequest {
  const range = `startTime=${Math.floor(from / 1000)}&endTime=${Math.ceil(to / 1000)}`;
  return request(market, rest, 'klines', `symbol=${native}&interval=${interval}&${range}`);
}

/** The rows of an answer with trades or with aggregates. Throws FrameError. */
export function readTrades(cursor: JsonCursor, text: string): BinancePastTrade[] {
  return rowsOf(cursor, text).map(value => {
    const row = objectOf(value, 'a trade');
    return 'id' in row ? singleOf(row) : aggregateOf(row);
  });
}

function singleOf(row: TextObject): BinancePastTrade {
  return {
    id: Number(numberText(row, 'id')),
    time: microseconds(Number(numberText(row, 'time'))),
    priceText: numberText(row, 'price'),
    sizeText: numberText(row, 'qty'),
    isBuyerMaker: flagOf(row, 'isBuyerMaker'),
    aggregate: undefined,
  };
}

function aggregateOf(row: TextObject): BinancePastTrade {
  return {
    id: Number(numberText(row, 'l')),
    first: Number(numberText(row, 'f')),
    time: microseconds(Number(numberText(row, 'T'))),
    priceText: numberText(row, 'p'),
    sizeText: numberText(row, 'q'),
    isBuyerMaker: flagOf(row, 'm'),
    aggregate: Number(numberText(row, 'a')),
  };
}

export interface BinancePastKline {
  /** µs. */
  readonly openTime: number;
  readonly texts: readonly [open: string, high: string, low: string, close: string, volume: string];
  readonly quoteVolume: number;
  readonly trades: number;
}

/** The rows of an answer with klines. Throws FrameError. */
export function readKlines(cursor: JsonCursor, text: string): BinancePastKline[] {
  return rowsOf(cursor, text).map(value => {
    const row = listOf(value, 'a kline').map(text => asNumberText(text, 'a kline'));
    const [openTime, open, high, low, close, volume, , quoteVolume, trades] = row;
    return {
      openTime: microseconds(Number(openTime)),
      texts: [open, high, low, close, volume],
      quoteVolume: Number(quoteVolume),
      trades: Number(trades),
    };
  });
}

function rowsOf(cursor: JsonCursor, text: string) {
  cursor.open(text);
  const rows = listOf(readTexts(cursor), 'the answer');
  cursor.close();
  return rows;
}

function flagOf(row: TextObject, key: string): boolean {
  if (typeof row[key] !== 'boolean') throw new FrameError(`"${key}" is ${textOf(row, key)}`);
  return row[key] === true;
}
