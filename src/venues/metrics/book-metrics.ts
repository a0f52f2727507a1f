import type { MetricValues } from '../../model/records.ts';
import type { BookLevels, BookView } from '../books/book.ts';
import { exactDecimal, exactText, withDecimals } from '../wire/decimal.ts';

/** Arithmetic mean of best bid and best ask by their texts, in quote, rounded once. */
export function midPrice(bid: string, ask: string): number {
  const { decimals, one, other } = aligned(bid, ask);
  return Number(exactText({ mantissa: (one + other) * 5n, decimals: decimals + 1 }));
}

/** Best ask less best bid by their texts, in quote, rounded once: a spread is small beside its prices. */
export function spreadOf(bid: string, ask: string): number {
  const { decimals, one, other } = aligned(bid, ask);
  return Number(exactText({ mantissa: other - one, decimals }));
}

/** Two decimals as integers of the same scale. */
function aligned(text: string, otherText: string) {
  const [one, other] = [exactDecimal(text), exactDecimal(otherText)];
  const decimals = Math.max(one.decimals, other.decimals);
  return { decimals, one: withDecimals(one, decimals), other: withDecimals(other, decimals) };
}

/**
 * bidSize / (bidSize + askSize), 0…1: 1 where only buyers wait, 0.5 where both sides are as large. NaN for two empty sides.
 * Cartea, Jaimungal & Penalva, Algorithmic and High-Frequency Trading, 2015; L3 Atom's OrderBookImbalance.
 */
export function imbalanceShare(bidSize: number, askSize: number): number {
  return bidSize / (bidSize + askSize);
}

/** (bidSize − askSize) / (bidSize + askSize), −1…1: twice the share less 1. NaN for two empty sides. */
export function imbalanceSigned(bidSize: number, askSize: number): number {
  return (bidSize - askSize) / (bidSize + askSize);
}

/**
 * (bid · askSize + ask · bidSize) / (bidSize + askSize), in quote: the mid moved towards the side that is about to be used
 * up, never beyond bid or ask. L3 Atom's bid · (1 − I) + ask · I is the same, I being the imbalance of 0…1.
 */
export function microprice(bid: number, bidSize: number, ask: number, askSize: number): number {
  const price = bid + (ask - bid) * imbalanceShare(bidSize, askSize);
  return Math.min(ask, Math.max(bid, price));
}

/** Sum of the sizes of the best `count` levels, or of all where there are fewer, in the unit of sizes. */
export function sizeOfBest(levels: BookLevels, count: number): number {
  let sum = 0;
  for (const [, , , size] of levels.levels(count)) sum += size;
  return sum;
}

/** Prices and bounds are rounded once each; what lies on the bound is inside. */
const TOLERANCE = 1 + 1e-9;

/**
 * Sum of the sizes at prices no farther from `mid` than so many basis points (1/10,000) of it, the bound included, in the
 * unit of sizes. A venue that sends only the best levels shows no more than these.
 */
export function depthWithin(levels: BookLevels, mid: number, basisPoints: number): number {
  const most = ((mid * basisPoints) / 10_000) * TOLERANCE;
  let sum = 0;
  for (const [, , price, size] of levels.levels()) {
    if (Math.abs(price - mid) > most) break;
    sum += size;
  }
  return sum;
}

type BookMetric = Extract<
  keyof MetricValues,
  | 'bid'
  | 'ask'
  | 'mid'
  | 'microprice'
  | `${string}${'Size' | 'bps'}`
  | `spread${string}`
  | `imbalance${string}`
>;

/** All that a book tells as it stands; NaN where a side is empty. */
export function bookMetrics({ asks, bids }: BookView): Record<BookMetric, number> {
  const [bid, bidSize] = [bids.priceAt(0), bids.sizeAt(0)];
  const [ask, askSize] = [asks.priceAt(0), asks.sizeAt(0)];
  const [bestBid] = bids.levels(1);
  const [bestAsk] = asks.levels(1);
  const isWhole = bestBid !== undefined && bestAsk !== undefined;
  const mid = isWhole ? midPrice(bestBid[0], bestAsk[0]) : Number.NaN;
  const spread = isWhole ? spreadOf(bestBid[0], bestAsk[0]) : Number.NaN;
  const [bid5, ask5] = [sizeOfBest(bids, 5), sizeOfBest(asks, 5)];
  const [bid10, ask10] = [sizeOfBest(bids, 10), sizeOfBest(asks, 10)];
  const within = (levels: BookLevels, basisPoints: number) =>
    Number.isNaN(mid) ? Number.NaN : depthWithin(levels, mid, basisPoints);
  return {
    ...{ bid, bidSize, ask, askSize, spread, mid },
    spreadBps: (spread / mid) * 10_000,
    microprice: microprice(bid, bidSize, ask, askSize),
    imbalance: imbalanceShare(bidSize, askSize),
    imbalanceSigned: imbalanceSigned(bidSize, askSize),
    imbalance5: imbalanceShare(bid5, ask5),
    imbalance5Signed: imbalanceSigned(bid5, ask5),
    imbalance10: imbalanceShare(bid10, ask10),
    imbalance10Signed: imbalanceSigned(bid10, ask10),
    bidDepth10bps: within(bids, 10),
    askDepth10bps: within(asks, 10),
    bidDepth50bps: within(bids, 50),
    askDepth50bps: within(asks, 50),
    bidDepth100bps: within(bids, 100),
    askDepth100bps: within(asks, 100),
  };
}
