/**
 * Market data as every venue's is told: one record a thing that happened. Plain data. Texts are the wire's own; numbers
 * beside them are the nearest doubles. Times are integer microseconds since the epoch, UTC.
 */
export type MarketRecord =
  | TradeRecord
  | BookRecord
  | OrderRecord
  | KlineRecord
  | TickerRecord
  | GapRecord
  | MetricsRecord;

/** What can be subscribed to. `l3` is a book of single orders. */
export type Channel = 'trades' | 'book' | 'l3' | 'klines' | 'tickers';

export const CHANNELS: readonly Channel[] = ['trades', 'book', 'l3', 'klines', 'tickers'];

/** The side that took: who came last and crossed the spread. */
export type TakerSide = 'buy' | 'sell';

export type BookSide = 'bid' | 'ask';

/** What every record says first. */
export interface RecordHead {
  /** As commands name it: `binance-spot`, `okx`. */
  readonly venue: string;
  /** The same everywhere: `BTC-USDT`, `BTC-USDT-PERP`, `BTC-USD-261225`. Empty for what concerns a whole connection. */
  readonly symbol: string;
  /** As the venue writes it: `btcusdt`, `XBT/USDT`. Empty likewise. */
  readonly native: string;
  /** When the venue says that it happened; null where the wire does not say. */
  readonly exchangeTime: number | null;
  /** When its frame was received. */
  readonly receiveTime: number;
  /** When it was handed to the sinks; set then, 0 before. */
  publishTime: number;
  /** Sequence number, nonce or update id, as on the wire; null where there is none. */
  readonly sequence: string | null;
}

export interface TradeRecord extends RecordHead {
  readonly kind: 'trade';
  /** The venue's own name for it; null where it has none. */
  readonly id: string | null;
  /** Null where the venue does not say. */
  readonly side: TakerSide | null;
  readonly price: number;
  readonly priceText: string;
  /** In the instrument's own unit: base asset, or contracts. */
  readonly size: number;
  readonly sizeText: string;
  /** True for trades of the past that a venue sends on subscribing. */
  readonly isHistory: boolean;
  /** True for one that was missed at first: it comes after younger ones, in the order of those that were missed with it. */
  readonly isLate: boolean;
  /** Ids of the first and the last trade that one row sums up; null for a single one. */
  readonly fills: { readonly first: string; readonly last: string } | null;
}

/** Text and number of a price and of the size there: `['61837.63000000', '3.78826000', 61837.63, 3.78826]`. */
export type Level = readonly [priceText: string, sizeText: string, price: number, size: number];

/** A whole book, or what changed in it: sizes are absolute, 0 takes the level away. Best levels first. */
export interface BookRecord extends RecordHead {
  readonly kind: 'book';
  readonly type: 'snapshot' | 'delta';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** What became of one resting order, in a venue that shows them singly. */
export interface OrderRecord extends RecordHead {
  readonly kind: 'order';
  /**
   * `clear` comes before a whole book, once a side: nothing of what was known of it holds any more. `open` stands for an
   * order of that book, best prices first and at one price in the order of the queue.
   */
  readonly action: 'clear' | 'open' | 'add' | 'modify' | 'delete';
  /** Empty for `clear`. */
  readonly orderId: string;
  readonly side: BookSide;
  /** Of a deletion the price and the size that it had; null for `clear`. */
  readonly priceText: string | null;
  readonly price: number | null;
  /** What is left of it. */
  readonly sizeText: string | null;
  readonly size: number | null;
}

export interface KlineRecord extends RecordHead {
  readonly kind: 'kline';
  /** `1m`, `1h`. */
  readonly interval: string;
  readonly openTime: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Open, high, low, close and volume as on the wire. */
  readonly texts: readonly [open: string, high: string, low: string, close: string, volume: string];
  readonly quoteVolume: number | null;
  readonly trades: number | null;
  /** Null where the venue does not mark the last row of a kline. */
  readonly isClosed: boolean | null;
  /** True for klines of the past that a venue sends on subscribing. */
  readonly isHistory: boolean;
  /** True for one that was missed at first: it comes after younger ones. */
  readonly isLate: boolean;
}

/** Best prices and what else a venue sums up; the whole state, also where the venue sends only what changed. */
export interface TickerRecord extends RecordHead {
  readonly kind: 'ticker';
  readonly bid: string | null;
  readonly bidSize: string | null;
  readonly ask: string | null;
  readonly askSize: string | null;
  readonly last: string | null;
  /** Of the venue's day, in base. */
  readonly volume: string | null;
  readonly high: string | null;
  readonly low: string | null;
}

/** Data of a stream that is missing or not to be trusted: from `from` to `to`. */
export interface GapRecord extends RecordHead {
  readonly kind: 'gap';
  readonly channel: Channel | null;
  /** Numbers the gaps of a run; its opening and its end have the same one. */
  readonly gap: number;
  readonly state: 'open' | 'closed';
  /** Stable: `SEQUENCE`, `CHECKSUM`, `UNREADABLE`, `DISCONNECTED`, … */
  readonly cause: string;
  /** The rule that was broken, as docs/venues.md names it. */
  readonly rule: string;
  readonly detail: string;
  /** The last moment that is known to be whole, receive time. */
  readonly from: number;
  /** When it was whole again, receive time; null while it is not. */
  readonly to: number | null;
  /** Sequences that enclose what is missing, where the venue has them. */
  readonly after: string | null;
  readonly before: string | null;
  /**
   * Of a closed one: true when all that was missing has come since, late; false when it will not come, or not all of it:
   * then `after` and `before` enclose what is not known still. Null while it is open.
   */
  readonly isFilled: boolean | null;
}

/** What is measured of one instrument; docs/metrics-market.md has the formulas and units. */
export const METRICS = [
  ...(['bid', 'bidSize', 'ask', 'askSize', 'spread', 'spreadBps', 'mid', 'microprice'] as const),
  ...(['imbalance', 'imbalanceSigned', 'imbalance5', 'imbalance5Signed'] as const),
  ...(['imbalance10', 'imbalance10Signed'] as const),
  ...(['bidDepth10bps', 'askDepth10bps', 'bidDepth50bps', 'askDepth50bps'] as const),
  ...(['bidDepth100bps', 'askDepth100bps'] as const),
  ...([
    'open',
    'high',
    'low',
    'close',
    'volume',
    'quoteVolume',
    'buyVolume',
    'sellVolume',
    'trades',
  ] as const),
  ...(['vwap', 'vwapSinceStart', 'orderFlowImbalance'] as const),
  ...(['inserts', 'updates', 'deletes', 'insertShare', 'updateShare', 'deleteShare'] as const),
  ...(['tradesPerSecond', 'bookRecordsPerSecond'] as const),
  ...(['receiveLatencyMean', 'receiveLatencyMost', 'publishLatencyMean', 'publishLatencyMost'] as const),
] as const;

export type Metric = (typeof METRICS)[number];

/** Null for what there was nothing to measure by. */
export type MetricValues = { readonly [Name in Metric]: number | null };

/** One instrument between two moments: its book as it stood at the end, trades and changes since the beginning. */
export interface MetricsRecord extends RecordHead, MetricValues {
  readonly kind: 'metrics';
  /** Receive times, µs UTC: what came at `from` is in it, what came at `to` is not. */
  readonly from: number;
  readonly to: number;
  /** False while the book must not be used, and then nothing is told of it; null where no book is collected. */
  readonly isValid: boolean | null;
  /** False when something of it was missing, for a time or all the time: a gap was open. */
  readonly isWhole: boolean;
}
