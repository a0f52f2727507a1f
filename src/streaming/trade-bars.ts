import { barEnd, type Interval } from '../model/interval.ts';
import type { KlineRecord, TradeRecord } from '../model/records.ts';
import { binanceBarStart } from '../venues/binance/intervals.ts';

/** A bar of one instrument. `time` is its open, epoch ms UTC. */
export interface RecordBar {
  readonly time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quoteVolume: number;
  trades: number;
}

/**
 * Bars made of trades, aligned to UTC as exchanges align theirs: weeks begin on Mondays, months on their first. An interval
 * without trades has no bar. A bar has closed when a trade of a later one has come; what comes late for a closed bar is counted,
 * and changes nothing.
 */
export class TradeBars {
  readonly #interval: Interval;
  #bar: RecordBar | undefined;
  #end = Number.NEGATIVE_INFINITY;
  /** Trades that came when their bar had closed. */
  late = 0;

  constructor(interval: Interval) {
    this.#interval = interval;
  }

  /** The bar that grows. */
  get growing(): RecordBar | undefined {
    return this.#bar;
  }

  /** When it ends, epoch ms UTC. */
  get end(): number {
    return this.#end;
  }

  /** The bar that has closed by this trade, if one has. */
  push(trade: TradeRecord): RecordBar | undefined {
    const time = (trade.exchangeTime ?? trade.receiveTime) / 1000;
    const bar = this.#bar;
    if (bar !== undefined && time < bar.time) {
      this.late++;
      return undefined;
    }
    const closed = bar !== undefined && time >= this.#end ? bar : undefined;
    if (bar === undefined || closed !== undefined) {
      const { price } = trade;
      const start = binanceBarStart(time, this.#interval);
      this.#bar = {
        time: start,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: 0,
        quoteVolume: 0,
        trades: 0,
      };
      this.#end = barEnd(start, this.#interval);
    }
    grow(this.#bar!, trade);
    return closed;
  }
}

function grow(bar: RecordBar, { price, size }: TradeRecord): void {
  if (price > bar.high) bar.high = price;
  if (price < bar.low) bar.low = price;
  bar.close = price;
  bar.volume += size;
  bar.quoteVolume += price * size;
  bar.trades++;
}

export function barOfKline({
  close,
  high,
  low,
  open,
  openTime,
  quoteVolume,
  trades,
  volume,
}: KlineRecord): RecordBar {
  const time = openTime / 1000;
  return {
    time,
    open,
    high,
    low,
    close,
    volume,
    quoteVolume: quoteVolume ?? Number.NaN,
    trades: trades ?? Number.NaN,
  };
}
