import { AMOUNT_PLACES, decimalPlaces, roundTo } from './decimal.ts';
import type { Source } from './source.ts';

/** A candle as Binance tells it; trades are numbered from 1 over a symbol's data. */
export interface Kline {
  readonly openTime: number;
  /** The last millisecond that belongs to it. */
  readonly closeTime: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quoteVolume: number;
  trades: number;
  takerBase: number;
  takerQuote: number;
  /** -1 without trades, as on Binance. */
  firstTrade: number;
  lastTrade: number;
}

/** A bar that has closed. */
export function closedKline(source: Source, row: number): Kline {
  const before = source.tradesBefore(row);
  const after = source.tradesBefore(row + 1);
  return {
    openTime: source.time[row],
    closeTime: source.end(row) - 1,
    open: source.open[row],
    high: source.high[row],
    low: source.low[row],
    close: source.close[row],
    volume: source.volume[row],
    quoteVolume: source.quoteVolume(row),
    trades: after - before,
    takerBase: source.takerBase(row),
    takerQuote: source.takerQuote(row),
    firstTrade: after > before ? before + 1 : -1,
    lastTrade: after > before ? after : -1,
  };
}

/**
 * A bar after update `step` of `updates` (counted from 0). The price begins at the open, goes to the extreme that is
 * nearer to it, to the other one, and to the close; it never leaves the bar. What is traded grows evenly, up to all
 * of it at the last update. Fewer than 4 updates leave extremes to the closed bar.
 */
export function formingKline(source: Source, row: number, step: number, updates: number): Kline {
  const kline = closedKline(source, row);
  const path = pathOf(kline, updates, source.places);
  kline.high = kline.open;
  kline.low = kline.open;
  for (let i = 1; i <= step; i++) {
    const price = path(i);
    kline.close = price;
    if (price > kline.high) kline.high = price;
    if (price < kline.low) kline.low = price;
  }
  if (step === 0) kline.close = kline.open;
  if (step >= updates - 1 && updates > 1) return kline;
  const share = (step + 1) / updates;
  const part = (whole: number) => Math.min(whole, roundTo(whole * share, AMOUNT_PLACES));
  kline.volume = part(kline.volume);
  kline.quoteVolume = part(kline.quoteVolume);
  kline.takerBase = part(kline.takerBase);
  kline.takerQuote = part(kline.takerQuote);
  kline.trades = Math.ceil(kline.trades * share);
  if (kline.trades > 0) kline.lastTrade = kline.firstTrade + kline.trades - 1;
  return kline;
}

/** The price at each update after the opening one. */
function pathOf(bar: Kline, updates: number, places: number): (step: number) => number {
  const { open, high, low, close } = bar;
  const [first, second] = high - open <= open - low ? [high, low] : [low, high];
  const last = updates - 1;
  const turn = Math.max(1, Math.round(last / 3));
  const back = Math.max(turn + 1, Math.round((2 * last) / 3));
  const digits = Math.max(places, decimalPlaces(open), decimalPlaces(close));
  const between = (from: number, to: number, share: number) =>
    Math.min(high, Math.max(low, roundTo(from + (to - from) * share, digits)));
  return step => {
    if (step >= last) return close;
    if (step === turn) return first;
    if (step === back) return second;
    if (step < turn) return between(open, first, step / turn);
    if (step < back) return between(first, second, (step - turn) / (back - turn));
    return between(second, close, (step - back) / (last - back));
  };
}

/** Adds bars one by one to a longer kline. Sums are compensated, so that their texts stay short. */
export class KlineSum {
  readonly #kline: Kline;
  readonly #sums = [new Sum(), new Sum(), new Sum(), new Sum()];

  constructor(openTime: number, closeTime: number, first: Kline) {
    this.#kline = { ...first, openTime, closeTime };
    this.#addAmounts(first);
  }

  add(next: Kline): void {
    const kline = this.#kline;
    if (next.high > kline.high) kline.high = next.high;
    if (next.low < kline.low) kline.low = next.low;
    kline.close = next.close;
    kline.trades += next.trades;
    if (kline.firstTrade === -1) kline.firstTrade = next.firstTrade;
    if (next.lastTrade !== -1) kline.lastTrade = next.lastTrade;
    this.#addAmounts(next);
  }

  /** The kline so far, with `forming` on top when it is given. */
  with(forming: Kline | undefined): Kline {
    const kline = this.#kline;
    const [volumes, quoteVolumes, takerBases, takerQuotes] = this.#sums;
    const amounts = {
      volume: volumes.value(forming?.volume),
      quoteVolume: quoteVolumes.value(forming?.quoteVolume),
      takerBase: takerBases.value(forming?.takerBase),
      takerQuote: takerQuotes.value(forming?.takerQuote),
    };
    if (forming === undefined) return { ...kline, ...amounts };
    return {
      openTime: kline.openTime,
      closeTime: kline.closeTime,
      open: kline.open,
      high: Math.max(kline.high, forming.high),
      low: Math.min(kline.low, forming.low),
      close: forming.close,
      ...amounts,
      trades: kline.trades + forming.trades,
      firstTrade: kline.firstTrade === -1 ? forming.firstTrade : kline.firstTrade,
      lastTrade: forming.lastTrade === -1 ? kline.lastTrade : forming.lastTrade,
    };
  }

  #addAmounts({ volume, quoteVolume, takerBase, takerQuote }: Kline): void {
    const [volumes, quoteVolumes, takerBases, takerQuotes] = this.#sums;
    volumes.add(volume);
    quoteVolumes.add(quoteVolume);
    takerBases.add(takerBase);
    takerQuotes.add(takerQuote);
  }
}

/** Neumaier's compensated sum of amounts that are not negative. */
class Sum {
  #high = 0;
  #low = 0;

  add(value: number): void {
    const sum = this.#high + value;
    this.#low += this.#high >= value ? this.#high - sum + value : value - sum + this.#high;
    this.#high = sum;
  }

  /** The sum, and one more value, to eight decimals or 15 digits: what doubles hold of amounts. */
  value(more = 0): number {
    return roundTo(this.#high + more + this.#low, AMOUNT_PLACES);
  }
}
