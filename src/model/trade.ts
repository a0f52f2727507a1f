/**
 * A round trip of one instrument, from flat to flat, at average cost. Money is in quote.
 */
export interface Trade {
  /** Counted from 1 in the order in which trades opened. */
  readonly id: number;
  /** The number that its orders were placed with; default 0. */
  readonly tradeId: number;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  /** The largest size held, base units. */
  readonly size: number;
  /** Epoch ms UTC. */
  readonly entryTime: number;
  /** Average price of everything that opened it. */
  readonly entryPrice: number;
  /** Average cost of what it holds, or held before the last of it was closed: what has been closed no longer counts. */
  readonly averagePrice: number;
  /** Epoch ms UTC; NaN while open. */
  readonly exitTime: number;
  /** Average price of everything that closed it; NaN before the first. */
  readonly exitPrice: number;
  /** Result before fees. */
  readonly pnl: number;
  /** Fees of both sides. */
  readonly fees: number;
  /** pnl − fees. */
  readonly net: number;
  /** Bars of the matching feed between entry and exit. */
  readonly bars: number;
  /** Tag of the order that opened it. */
  readonly tag: string;
  readonly open: boolean;
}
