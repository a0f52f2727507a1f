import { bare, type MarketTrade, priceText, sizeText } from './market.ts';
import type { VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

/** One venue's answer to a request for trades of the past, from its protocol alone; undefined for another request. */
type Answer = (url: URL, protocol: VenueProtocol, market: SimulatedMarket) => string | undefined;

const price = (trade: MarketTrade) => bare(priceText(trade.price));
const size = (trade: MarketTrade) => bare(sizeText(trade.size));

function tradesOf(native: string | null, { native: name }: VenueProtocol, market: SimulatedMarket) {
  const symbol = [...market.symbols.keys()].find(one => name(one) === native);
  return symbol === undefined ? [] : market.of(symbol).trades;
}

const between = (trades: readonly MarketTrade[], from: string | null, to: string | null, unit: number) =>
  trades.filter(({ time }) => time >= Number(from) * unit && time <= Number(to) * unit);

/** Rows sum up trades of the same side that follow one another, at most three. */
function aggregates(trades: readonly MarketTrade[]) {
  const rows: MarketTrade[][] = [];
  for (const trade of trades) {
    const last = rows.at(-1);
    const isSame = last !== undefined && last.length < 3 && last[0].price === trade.price;
    if (isSame && last[0].isBuy === trade.isBuy && last[0].time === trade.time) last.push(trade);
    else rows.push([trade]);
  }
  return rows.map((row, at) => ({
    ...{ a: 70 + at, p: priceText(row[0].price), q: sizeText(row.reduce((sum, one) => sum + one.size, 0)) },
    ...{ f: row[0].id, l: row[row.length - 1].id, T: row[0].time, m: !row[0].isBuy, M: true },
  }));
}

/** The last thousand, or aggregates; by ids for who has a key, who is asked for on spot alone not. */
const binance: Answer = (url, protocol, market) => {
  const query = url.searchParams;
  const all = tradesOf(query.get('symbol'), protocol, market);
  const limit = Number(query.get('limit'));
  if (url.pathname.endsWith('/aggTrades')) {
    const from = query.get('fromId');
    const rows =
      from === null
        ? aggregates(all).filter(
            ({ T }) => T >= Number(query.get('startTime')) && T <= Number(query.get('endTime')),
          )
        : aggregates(all).filter(({ a }) => a >= Number(from));
    return JSON.stringify(rows.slice(0, limit));
  }
  const isById = url.pathname.endsWith('/historicalTrades');
  if (!isById && !url.pathname.endsWith('/trades')) return undefined;
  if (isById && protocol.venue !== 'binance-spot') return undefined;
  // Ten are enough to be too few.
  const rows = isById ? all.filter(({ id }) => id >= Number(query.get('fromId'))) : all.slice(-10);
  return JSON.stringify(
    rows.slice(0, limit).map(one => ({
      ...{ id: one.id, price: priceText(one.price), qty: sizeText(one.size), quoteQty: '0.0' },
      ...{ time: one.time, isBuyerMaker: !one.isBuy, isBestMatch: true },
    })),
  );
};

const bybit: Answer = (url, protocol, market) => {
  if (!url.pathname.endsWith('/recent-trade')) return undefined;
  const { searchParams: query } = url;
  const symbol = query.get('symbol');
  const list = tradesOf(symbol, protocol, market)
    .slice(-Number(query.get('limit')))
    .reverse()
    .map(one => ({
      ...{ execId: protocol.tradeId?.(one.id), symbol, price: price(one), size: size(one) },
      ...{ side: one.isBuy ? 'Buy' : 'Sell', time: String(one.time), isBlockTrade: false },
      seq: String(one.id),
    }));
  return JSON.stringify({ retCode: 0, retMsg: 'OK', result: { category: query.get('category'), list } });
};

/** Spot names no ids, which are told by the sequence. */
const kucoin: Answer = (url, protocol, market) => {
  if (!/\/(market\/histories|trade\/history)$/.test(url.pathname)) return undefined;
  const isSpot = protocol.venue === 'kucoin';
  const rows = tradesOf(url.searchParams.get('symbol'), protocol, market)
    .slice(-100)
    .reverse()
    .map(one => {
      const sequence = 1_636_276_000_000 + one.id;
      const ids = isSpot
        ? `"sequence":"${sequence}"`
        : `"sequence":${sequence},"tradeId":"${protocol.tradeId?.(one.id)}"`;
      const amount = `"price":"${price(one)}","size":${isSpot ? `"${size(one)}"` : size(one)}`;
      return `{${ids},${amount},"side":"${one.isBuy ? 'buy' : 'sell'}","${isSpot ? 'time' : 'ts'}":${one.time}000000}`;
    });
  return `{"code":"200000","data":[${rows.join(',')}]}`;
};

const htx: Answer = (url, protocol, market) => {
  if (!url.pathname.endsWith('/history/trade')) return undefined;
  const query = url.searchParams;
  const rows = tradesOf(query.get('symbol') ?? query.get('contract_code'), protocol, market)
    .slice(-Number(query.get('size')))
    .reverse()
    .map(one => {
      const id = protocol.tradeId?.(one.id);
      const row = `{"id":${id},"ts":${one.time},"amount":${size(one)},"price":${price(one)},"direction":"${one.isBuy ? 'buy' : 'sell'}"}`;
      return `{"id":${one.id},"ts":${one.time},"data":[${row}]}`;
    });
  return `{"status":"ok","ch":"trades","data":[${rows.join(',')}]}`;
};

const phemex: Answer = (url, protocol, market) => {
  if (!/\/md\/(v2\/)?trade$/.test(url.pathname)) return undefined;
  const native = url.searchParams.get('symbol') ?? '';
  const isReal = url.pathname.includes('/v2/');
  const number = (text: string) => {
    const [whole, fraction = ''] = text.split('.');
    return isReal ? `"${text}"` : String(BigInt(whole + fraction.padEnd(8, '0')));
  };
  const rows = tradesOf(native, protocol, market)
    .slice(-1000)
    .reverse()
    .map(
      one =>
        `[${protocol.tradeTime?.(one)}000,"${one.isBuy ? 'Buy' : 'Sell'}",${number(price(one))},${number(size(one))}]`,
    );
  const name = isReal ? 'trades_p' : 'trades';
  return `{"error":null,"id":0,"result":{"sequence":1,"symbol":"${native}","${name}":[${rows.join(',')}],"type":"snapshot"}}`;
};

const bitfinex: Answer = (url, protocol, market) => {
  const [, native] = /\/v2\/trades\/([^/]+)\/hist$/.exec(url.pathname) ?? [];
  if (native === undefined) return undefined;
  const query = url.searchParams;
  const rows = between(tradesOf(native, protocol, market), query.get('start'), query.get('end'), 1)
    .slice(0, Number(query.get('limit')))
    .map(one => `[${one.id},${one.time},${one.isBuy ? '' : '-'}${size(one)},${price(one)}]`);
  return `[${rows.join(',')}]`;
};

/** The youngest of the range come first, a few at a time. */
const coinbase: Answer = (url, protocol, market) => {
  const [, native] = /\/market\/products\/([^/]+)\/ticker$/.exec(url.pathname) ?? [];
  if (native === undefined) return undefined;
  const query = url.searchParams;
  const trades = between(tradesOf(native, protocol, market), query.get('start'), query.get('end'), 1000)
    .slice(-20)
    .reverse()
    .map(one => ({
      ...{ trade_id: String(one.id), product_id: native, price: price(one), size: size(one) },
      ...{ time: new Date(one.time).toISOString(), side: one.isBuy ? 'SELL' : 'BUY', bid: '', ask: '' },
    }));
  return JSON.stringify({ trades, best_bid: '1', best_ask: '2' });
};

/** By what the names of its markets begin with. */
const ANSWERS: Readonly<Record<string, Answer>> = { binance, bybit, kucoin, htx, phemex, bitfinex, coinbase };

/** The answer to a request for trades of the past; undefined where it is none, or the venue has none. */
export function pastTrades(protocol: VenueProtocol, url: URL, market: SimulatedMarket): string | undefined {
  return ANSWERS[protocol.venue.split('-')[0]]?.(url, protocol, market);
}
