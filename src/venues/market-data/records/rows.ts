import type {
  KlineRecord,
  RecordHead,
  TakerSide,
  TickerRecord,
  TradeRecord,
} from '../../../model/records.ts';
import { FrameError } from '../../wire/json-cursor.ts';

/** A trade of the texts of the wire. */
export function tradeRow(
  head: RecordHead,
  trade: {
    readonly id: string | null;
    readonly side: TakerSide | null;
    readonly priceText: string;
    readonly sizeText: string;
    readonly isHistory?: boolean;
    readonly isLate?: boolean;
    readonly fills?: TradeRecord['fills'];
  },
): TradeRecord {
  return {
    kind: 'trade',
    ...head,
    id: trade.id,
    side: trade.side,
    price: Number(trade.priceText),
    priceText: trade.priceText,
    size: Number(trade.sizeText),
    sizeText: trade.sizeText,
    isHistory: trade.isHistory ?? false,
    isLate: trade.isLate ?? false,
    fills: trade.fills ?? null,
  };
}

/** A kline of the texts of the wire. `openTime` in µs UTC. */
export function klineRow(
  head: RecordHead,
  kline: {
    readonly interval: string;
    readonly openTime: number;
    readonly texts: KlineRecord['texts'];
    readonly quoteVolume?: number | null;
    readonly trades?: number | null;
    readonly isClosed?: boolean | null;
    readonly isHistory?: boolean;
    readonly isLate?: boolean;
  },
): KlineRecord {
  const [open, high, low, close, volume] = kline.texts.map(Number);
  return {
    kind: 'kline',
    ...head,
    interval: kline.interval,
    openTime: kline.openTime,
    ...{ open, high, low, close, volume, texts: kline.texts },
    quoteVolume: kline.quoteVolume ?? null,
    trades: kline.trades ?? null,
    isClosed: kline.isClosed ?? null,
    isHistory: kline.isHistory ?? false,
    isLate: kline.isLate ?? false,
  };
}

/** A ticker; what the venue does not say is null. */
export function tickerRow(
  head: RecordHead,
  values: Partial<Omit<TickerRecord, keyof RecordHead | 'kind'>>,
): TickerRecord {
  return {
    kind: 'ticker',
    ...head,
    ...{ bid: null, bidSize: null, ask: null, askSize: null },
    ...{ last: null, volume: null, high: null, low: null },
    ...values,
  };
}

/** The text of a number that stands in parsed JSON. Throws FrameError for anything else. */
export function numberText(value: unknown): string {
  const text = String(value);
  if (text !== '' && Number.isFinite(Number(text)) && typeof value !== 'object') return text;
  throw new FrameError(`no number: ${text.slice(0, 40)}`);
}

/** `buy`, `Sell`, `b` as the side that took. Throws FrameError for anything else. */
export function takerSide(text: string): TakerSide {
  const lower = text.toLowerCase();
  if (lower === 'buy' || lower === 'b') return 'buy';
  if (lower === 'sell' || lower === 's') return 'sell';
  throw new FrameError(`no side: ${text.slice(0, 40)}`);
}
