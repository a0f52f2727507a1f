import type { MarketKline, MarketTicker } from './klines.ts';
import { bare, priceText, sizeText } from './market.ts';
import type { Session, VenueProtocol } from './protocol.ts';

const price = (ticks: number) => bare(priceText(ticks));
const size = (lots: number) => bare(sizeText(lots));
const seconds = (ms: number) => Math.floor(ms / 1000);
const iso = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');

/** What one venue sends of a kline and of a ticker to who has asked for it; undefined to others. */
interface RowWords {
  kline(session: Session, native: string, kline: MarketKline): string | undefined;
  ticker(session: Session, native: string, ticker: MarketTicker): string | undefined;
  /** What a subscription to klines begins with: those of the past. */
  list?(session: Session, native: string, klines: readonly MarketKline[]): string;
}

const texts = ({ close, high, low, open, volume }: MarketKline) => ({
  ...{ open: price(open), high: price(high), low: price(low), close: price(close), volume: size(volume) },
});

/** Where `key` is a stream of the session. */
const told = (session: Session, key: string, message: () => unknown): string | undefined =>
  session.streams.has(key) ? JSON.stringify(message()) : undefined;

const binance: RowWords = {
  kline(session, native, one) {
    const stream = `${native.toLowerCase()}@kline_1m`;
    const { close, high, low, open, volume } = texts(one);
    const k = {
      ...{
        t: one.openTime,
        T: one.openTime + one.length - 1,
        s: native,
        i: '1m',
        f: 1,
        L: 2,
        o: open,
        c: close,
      },
      ...{ h: high, l: low, v: volume, n: one.count, x: one.isClosed, q: '1', V: '1', Q: '1', B: '0' },
    };
    return told(session, stream, () => ({ stream, data: { e: 'kline', E: one.time, s: native, k } }));
  },
  ticker(session, native, { ask, bid, sequence, time }) {
    const stream = `${native.toLowerCase()}@bookTicker`;
    const data = {
      ...{ e: 'bookTicker', u: sequence, s: native, b: priceText(bid[0]), B: sizeText(bid[1]) },
      ...{ a: priceText(ask[0]), A: sizeText(ask[1]), T: time, E: time },
    };
    return told(session, stream, () => ({ stream, data }));
  },
};

const okx: RowWords = {
  kline(session, instId, one) {
    const { close, high, low, open, volume } = texts(one);
    const row = [String(one.openTime), open, high, low, close, volume, '1', '1', one.isClosed ? '1' : '0'];
    const arg = { channel: 'candle1m', instId };
    return told(session, `candle1m ${instId}`, () => ({ arg, data: [row] }));
  },
  ticker(session, instId, { ask, bid, last, time }) {
    const data = {
      ...{
        instType: 'SPOT',
        instId,
        last: price(last),
        lastSz: '1',
        askPx: price(ask[0]),
        askSz: size(ask[1]),
      },
      ...{
        bidPx: price(bid[0]),
        bidSz: size(bid[1]),
        open24h: '1',
        high24h: '1',
        low24h: '1',
        ts: String(time),
      },
    };
    const arg = { channel: 'tickers', instId };
    return told(session, `tickers ${instId}`, () => ({ arg, data: [data] }));
  },
};

const bybit: RowWords = {
  kline(session, native, one) {
    const topic = `kline.1.${native}`;
    const row = {
      ...{ start: one.openTime, end: one.openTime + one.length - 1, interval: '1', ...texts(one) },
      ...{ turnover: '1', confirm: one.isClosed, timestamp: one.time },
    };
    return told(session, topic, () => ({ topic, data: [row], ts: one.time, type: 'snapshot' }));
  },
  ticker(session, symbol, { ask, bid, last, time }) {
    const topic = `tickers.${symbol}`;
    const data = {
      ...{ symbol, lastPrice: price(last), bid1Price: price(bid[0]), bid1Size: size(bid[1]) },
      ...{ ask1Price: price(ask[0]), ask1Size: size(ask[1]) },
    };
    return told(session, topic, () => ({ topic, type: 'snapshot', data, cs: 1, ts: time }));
  },
};

const htx: RowWords = {
  kline(session, native, one) {
    const ch = `market.${native}.kline.1min`;
    const numbers = Object.fromEntries(
      Object.entries(texts(one)).map(([name, text]) => [name, Number(text)]),
    );
    const { volume: amount, ...prices } = numbers;
    const tick = { id: seconds(one.openTime), ...prices, amount, vol: 1, count: one.count };
    return told(session, ch, () => ({ ch, ts: one.time, tick }));
  },
  ticker(session, native, { ask, bid, sequence, time }) {
    const ch = `market.${native}.bbo`;
    const numbers = ([ticks, lots]: readonly [number, number]) => [Number(price(ticks)), Number(size(lots))];
    const [[bidPrice, bidSize], [askPrice, askSize]] = [numbers(bid), numbers(ask)];
    const isSpot = !native.includes('-');
    const sides = isSpot
      ? { bid: bidPrice, bidSize, ask: askPrice, askSize, quoteTime: time, seqId: sequence }
      : { bid: [bidPrice, bidSize], ask: [askPrice, askSize], ts: time, version: sequence };
    return told(session, ch, () => ({ ch, ts: time, tick: sides }));
  },
};

const kucoin: RowWords = {
  kline(session, native, one) {
    const isSpot = native.includes('-');
    const topic = `${isSpot ? '/market/candles' : '/contractMarket/limitCandle'}:${native}_1min`;
    const { close, high, low, open, volume } = texts(one);
    const candles = [String(seconds(one.openTime)), open, close, high, low, volume, '1'];
    const data = { symbol: native, candles, time: isSpot ? '@' : one.time };
    const subject = isSpot ? 'trade.candles.update' : 'candle.stick';
    // Nanoseconds do not fit into a double.
    return told(session, topic, () => ({ type: 'message', topic, subject, data }))?.replace(
      '"@"',
      `${one.time}000000`,
    );
  },
  ticker(session, native, { ask, bid, last, sequence, time }) {
    const isSpot = native.includes('-');
    const topic = `${isSpot ? '/market/ticker' : '/contractMarket/tickerV2'}:${native}`;
    const sizes = { bestBidSize: size(bid[1]), bestAskSize: size(ask[1]), sequence: String(sequence) };
    const data = isSpot
      ? { ...sizes, bestAsk: price(ask[0]), bestBid: price(bid[0]), size: '1', price: price(last), time }
      : { ...sizes, symbol: native, bestBidPrice: price(bid[0]), bestAskPrice: price(ask[0]), ts: '@' };
    const subject = isSpot ? 'trade.ticker' : 'tickerV2';
    return told(session, topic, () => ({ type: 'message', topic, subject, data }))?.replace(
      '"@"',
      `${time}000000`,
    );
  },
};

const scaled = (text: string) => {
  const [whole, fraction = ''] = text.split('.');
  return String(BigInt(whole + fraction.padEnd(8, '0')));
};

const phemexRow = (native: string, one: MarketKline) => {
  const { close, high, low, open, volume } = texts(one);
  const number = native.startsWith('s') ? scaled : (text: string) => `"${text}"`;
  const values = [open, open, high, low, close, volume].map(number).join(',');
  return `[${seconds(one.openTime)},${one.length / 1000},${values},${number('1')}]`;
};
const phemexText = (native: string, type: string, klines: readonly MarketKline[]) =>
  `{"${native.startsWith('s') ? 'kline' : 'kline_p'}":[${klines.map(one => phemexRow(native, one)).join(',')}],` +
  `"sequence":${klines[0]?.time ?? 1},"symbol":"${native}","type":"${type}"}`;

const phemex: RowWords = {
  kline: (session, native, one) =>
    session.streams.has(`kline ${one.symbol}`) ? phemexText(native, 'incremental', [one]) : undefined,
  list: (_session, native, klines) => phemexText(native, 'snapshot', klines),
  ticker(session, native, { ask, bid, last, time }) {
    const isSpot = native.startsWith('s');
    if (!session.streams.has(isSpot ? 'spot_market24h undefined' : 'perp_market24h_pack undefined'))
      return undefined;
    if (isSpot) {
      const prices = `"askEp":${scaled(price(ask[0]))},"bidEp":${scaled(price(bid[0]))},"lastEp":${scaled(price(last))}`;
      return `{"spot_market24h":{${prices},"symbol":"${native}"},"timestamp":${time}000000}`;
    }
    const fields = ['symbol', 'openRp', 'highRp', 'lowRp', 'lastRp', 'volumeRq', 'turnoverRv'];
    const data = [[native, '1', '1', '1', price(last), '1', '1']];
    const text = JSON.stringify({ fields, data, method: 'perp_market24h_pack_p.update', type: 'snapshot' });
    return text.replace(/\}$/, `,"timestamp":${time}000000}`);
  },
};

const kraken: RowWords = {
  kline(session, native, one) {
    if (!session.streams.has(`ohlc ${one.symbol}`)) return undefined;
    const numbers = Object.entries(texts(one)).map(([name, text]) => `"${name}":${text}`);
    const times = `"interval_begin":"${iso(one.openTime)}","interval":1,"timestamp":"${iso(one.openTime + one.length)}"`;
    const row = `{"symbol":"${native}",${numbers.join(',')},"trades":${one.count},"vwap":1,${times}}`;
    return `{"channel":"ohlc","type":"update","timestamp":"${iso(one.time)}","data":[${row}]}`;
  },
  ticker(session, native, { ask, bid, last, symbol, time }) {
    if (!session.streams.has(`ticker ${symbol}`)) return undefined;
    const row =
      `{"symbol":"${native}","bid":${price(bid[0])},"bid_qty":${size(bid[1])},"ask":${price(ask[0])},` +
      `"ask_qty":${size(ask[1])},"last":${price(last)},"volume":1,"vwap":1,"low":1,"high":1,"timestamp":"${iso(time)}"}`;
    return `{"channel":"ticker","type":"update","data":[${row}]}`;
  },
};

const krakenV1: RowWords = {
  kline(session, native, one) {
    const { close, high, low, open, volume } = texts(one);
    const times = [one.time, one.openTime + one.length].map(ms => (ms / 1000).toFixed(6));
    const row = [...times, open, high, low, close, '1', volume, one.count];
    return told(session, `ohlc ${one.symbol}`, () => [500, row, 'ohlc-1', native]);
  },
  ticker(session, native, { ask, bid, last, symbol }) {
    const rows = {
      a: [price(ask[0]), 1, size(ask[1])],
      b: [price(bid[0]), 1, size(bid[1])],
      c: [price(last), '1'],
    };
    return told(session, `ticker ${symbol}`, () => [600, rows, 'ticker', native]);
  },
};

const numbered = (session: Session, id: string, content: string, time: number) =>
  `[${id},${content},${++session.sequence},${time}]`;
const bitfinexRow = (one: MarketKline) => {
  const { close, high, low, open, volume } = texts(one);
  return `[${[one.openTime, open, close, high, low, volume].join(',')}]`;
};

const bitfinex: RowWords = {
  kline(session, _native, one) {
    const id = session.streams.get(`candles ${one.symbol}`);
    return id === undefined ? undefined : numbered(session, id, bitfinexRow(one), one.time);
  },
  list(session, _native, klines) {
    const [{ symbol, time }] = klines;
    const rows = klines.map(bitfinexRow).reverse().join(',');
    return numbered(session, session.streams.get(`candles ${symbol}`)!, `[${rows}]`, time);
  },
  ticker(session, _native, { ask, bid, last, symbol, time }) {
    const id = session.streams.get(`ticker ${symbol}`);
    const values = [price(bid[0]), size(bid[1]), price(ask[0]), size(ask[1]), 1, 1, price(last), 1, 1, 1];
    return id === undefined ? undefined : numbered(session, id, `[${values.join(',')}]`, time);
  },
};

const coinbaseText = (session: Session, channel: string, time: number, event: object) =>
  JSON.stringify({
    ...{ channel, client_id: '', timestamp: new Date(time).toISOString() },
    ...{ sequence_num: session.sequence++, events: [event] },
  });
const coinbaseCandles = (session: Session, type: string, native: string, klines: readonly MarketKline[]) => {
  const candles = klines.map(one => ({
    ...{ start: String(seconds(one.openTime)), ...texts(one), product_id: native },
  }));
  return coinbaseText(session, 'candles', klines[0]?.time ?? session.time, { type, candles });
};

const coinbase: RowWords = {
  kline: (session, native, one) =>
    session.streams.has(`candles ${one.symbol}`)
      ? coinbaseCandles(session, 'update', native, [one])
      : undefined,
  list: (session, native, klines) => coinbaseCandles(session, 'snapshot', native, [...klines].reverse()),
  ticker(session, native, { ask, bid, last, symbol, time }) {
    if (!session.streams.has(`ticker ${symbol}`)) return undefined;
    const row = {
      ...{ type: 'ticker', product_id: native, price: price(last), best_bid: price(bid[0]) },
      ...{ best_bid_quantity: size(bid[1]), best_ask: price(ask[0]), best_ask_quantity: size(ask[1]) },
    };
    return coinbaseText(session, 'ticker', time, { type: 'update', tickers: [row] });
  },
};

const WORDS: Readonly<Record<string, RowWords>> = {
  ...{ 'binance-spot': binance, 'binance-us': binance, 'binance-usdm': binance, 'binance-coinm': binance },
  ...{ okx, bybit, 'bybit-spot': bybit, htx, 'htx-swap': htx, kucoin, 'kucoin-futures': kucoin },
  ...{ phemex, kraken, 'kraken-v1': krakenV1, bitfinex, coinbase },
};

/** The words of a venue that has klines and tickers. */
export function rowWords({ venue }: VenueProtocol): RowWords | undefined {
  return WORDS[venue];
}
