import { decimalText } from '../model/decimal-text.ts';
import { roundTo } from './decimal.ts';
import type { Kline } from './kline.ts';
import type { Listing, Series } from './market.ts';
import type { Happening } from './schedule.ts';
import { dayOf } from './statistics.ts';
import type { Moment, Tape } from './tape.ts';

/** What a stream says at a moment. */
export interface Frame {
  readonly stream: string;
  /** The payload's JSON, as on a raw stream. */
  readonly text: string;
  /** Open time of the kline that the frame closes, epoch ms UTC. */
  readonly closes?: number;
}

/** The frames of what happened, for those streams that someone listens to; klines of one time by series, then interval. */
export function framesOf(
  tape: Tape,
  happening: Happening,
  skew: number,
  isHeard: (stream: string) => boolean,
): Frame[] {
  const event = happening.time + skew;
  const frames: Frame[] = [];
  for (const { series, row } of happening.closings) {
    if (!isHeard(series.stream)) continue;
    const kline = tape.kline(series, row, happening);
    const text = klineText(series, kline, true, event);
    frames.push({ stream: series.stream, text, closes: kline.openTime });
  }
  for (const update of happening.updates) {
    const listing = tape.market.listings.get(update.source.symbol)!;
    for (const series of listing.series.values()) {
      if (series.source !== update.source || !isHeard(series.stream)) continue;
      const kline = tape.kline(series, update.row, happening);
      frames.push({ stream: series.stream, text: klineText(series, kline, false, event) });
    }
    if (listing.finest !== update.source) continue;
    const name = listing.symbol.toLowerCase();
    for (const [suffix, text] of TICKS) {
      const stream = name + suffix;
      if (isHeard(stream)) frames.push({ stream, text: text({ tape, listing, happening, event }) });
    }
  }
  return frames;
}

/** Names of the streams of a symbol that follow every update, beside its klines. */
export function tickStreams(symbol: string): string[] {
  return TICKS.map(([suffix]) => symbol.toLowerCase() + suffix);
}

interface Tick {
  readonly tape: Tape;
  readonly listing: Listing;
  readonly happening: Happening;
  readonly event: number;
}

const TICKS: readonly (readonly [string, (tick: Tick) => string])[] = [
  ['@bookTicker', bookTicker],
  ['@trade', trade],
  ['@aggTrade', aggregateTrade],
  ['@miniTicker', miniTicker],
];

/** Binance's kline event. */
function klineText({ source, interval }: Series, kline: Kline, closed: boolean, event: number): string {
  const { symbol } = source;
  return (
    `{"e":"kline","E":${event},"s":"${symbol}","k":{"t":${kline.openTime},"T":${kline.closeTime},` +
    `"s":"${symbol}","i":"${interval}","f":${kline.firstTrade},"L":${kline.lastTrade},` +
    `"o":"${decimalText(kline.open)}","c":"${decimalText(kline.close)}","h":"${decimalText(kline.high)}",` +
    `"l":"${decimalText(kline.low)}","v":"${decimalText(kline.volume)}","n":${kline.trades},"x":${closed},` +
    `"q":"${decimalText(kline.quoteVolume)}","V":"${decimalText(kline.takerBase)}",` +
    `"Q":"${decimalText(kline.takerQuote)}","B":"0"}}`
  );
}

export interface Book {
  readonly id: number;
  readonly bid: string;
  readonly ask: string;
  readonly size: string;
}

/** The least step of a symbol's prices. */
export function tickOf({ finest }: Listing): number {
  const { tickSize } = finest.instrument;
  return tickSize > 0 ? tickSize : 1 / 10 ** finest.places;
}

/** The best bid and ask: one tick below and above the last price; undefined before the first price. */
export function bookOf(tape: Tape, listing: Listing, moment: Moment): Book | undefined {
  const price = tape.price(listing, moment);
  if (Number.isNaN(price)) return undefined;
  const { finest } = listing;
  const tick = tickOf(listing);
  const forming = tape.forming(finest, moment);
  const row = forming?.row ?? tape.closed(finest, moment) - 1;
  const updates = tape.updates(finest);
  return {
    id: row * updates + (forming?.step ?? updates - 1) + 1,
    bid: decimalText(price > tick ? roundTo(price - tick, finest.places + 2) : price),
    ask: decimalText(roundTo(price + tick, finest.places + 2)),
    size: decimalText(Math.max(1, roundTo(finest.volume[row] / 100, 3))),
  };
}

function bookTicker({ tape, listing, happening }: Tick): string {
  const { id, bid, ask, size } = bookOf(tape, listing, happening)!;
  return `{"u":${id},"s":"${listing.symbol}","b":"${bid}","B":"${size}","a":"${ask}","A":"${size}"}`;
}

/** What was traded since the last update, as one trade. */
function lastTrade({ tape, listing, happening }: Tick): { id: number; price: string; size: string } {
  const source = listing.finest;
  const { row, step } = tape.forming(source, happening)!;
  const now = tape.update(source, row, step);
  const before = step === 0 ? 0 : tape.update(source, row, step - 1).volume;
  const size = decimalText(roundTo(now.volume - before, 8));
  return { id: now.lastTrade, price: decimalText(now.close), size };
}

function trade(tick: Tick): string {
  const { id, price, size } = lastTrade(tick);
  const { symbol } = tick.listing;
  return `{"e":"trade","E":${tick.event},"s":"${symbol}","t":${id},"p":"${price}","q":"${size}","T":${tick.event},"m":false,"M":true}`;
}

function aggregateTrade(tick: Tick): string {
  const { id, price, size } = lastTrade(tick);
  const { symbol } = tick.listing;
  return `{"e":"aggTrade","E":${tick.event},"s":"${symbol}","a":${id},"p":"${price}","q":"${size}","f":${id},"l":${id},"T":${tick.event},"m":false,"M":true}`;
}

function miniTicker({ tape, listing, happening, event }: Tick): string {
  const day = dayOf(tape, listing, happening)!;
  return `{"e":"24hrMiniTicker","E":${event},"s":"${listing.symbol}","c":"${decimalText(day.close)}","o":"${decimalText(day.open)}","h":"${decimalText(day.high)}","l":"${decimalText(day.low)}","v":"${decimalText(day.volume)}","q":"${decimalText(day.quoteVolume)}"}`;
}
