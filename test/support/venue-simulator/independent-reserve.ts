import { bare, type MarketOrder, type OrderEvent, priceText, sizeText } from './market.ts';
import type { About, Frame, Session, VenueProtocol } from './protocol.ts';

const SYMBOLS = ['BTC-AUD', 'ETH-AUD'];
const native = (symbol: string) => symbol.replace('BTC', 'XBT').toLowerCase();
const base = (symbol: string) => native(symbol).split('-')[0];

/** Between two heartbeats, s. */
const HEARTBEAT = 60;

const guid = (id: number) => `be3c69b7-1c5e-446f-b80d-${String(id).padStart(12, '0')}`;
const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}0000Z`;

/** A message of a channel, whose numbers are the venue's own, whoever hears them. */
function message(
  session: Session,
  channel: string,
  nonce: number,
  ms: number,
  event: string,
  data: string,
  about: About,
): readonly Frame[] {
  const begun = session.streams.get(channel);
  if (begun === undefined) return [];
  session.streams.set(channel, 'begun');
  const text = `{"Channel":"${channel}","Nonce":${nonce},"Data":${data},"Time":${ms},"Event":"${event}"}`;
  // Nothing numbers what was before the first one.
  return [{ text, about, ...(begun === '' ? { isSure: true } : {}) }];
}

/** A price in several currencies, of which one is the book's own. */
const prices = (ticks: number) => `{"aud":${bare(priceText(ticks))},"usd":${bare(priceText(ticks - 9000))}}`;

function changeText({ kind, order }: OrderEvent): readonly [event: string, data: string] {
  const own = `"OrderType":"${order.isBid ? 'LimitBid' : 'LimitOffer'}","OrderGuid":"${guid(order.id)}"`;
  const volume = `"Volume":${bare(sizeText(order.size))}`;
  if (kind === 'delete') return ['OrderCanceled', `{${own}}`];
  if (kind === 'modify') return ['OrderChanged', `{${own},${volume}}`];
  return ['NewOrder', `{${own},"Price":${prices(order.price)},${volume}}`];
}

/** Books of single orders that join a snapshot from elsewhere by their times; every channel has its own numbers. */
export const independentReserve: VenueProtocol = {
  venue: 'independent-reserve',
  symbols: SYMBOLS,
  channels: ['trades', 'l3'],
  market: { isOfOrders: true, isSingle: true, neverGrows: true },
  vouchedDepth: Number.POSITIVE_INFINITY,
  sequenceOf: ({ version }) => String(10_000_000 + version),
  joinsByTime: true,
  numbersTrades: true,
  orderId: guid,
  tradeId: guid,
  native,
  streamOf: symbol => symbol.split('-')[0],
  opened: () => [],
  heard(session, text) {
    const { Data, Event } = JSON.parse(text) as { Data: string[]; Event: string };
    if (Event !== 'Subscribe') return [];
    for (const channel of Data) session.streams.set(channel, '');
    return [{ text: JSON.stringify({ Data, Time: session.time, Event: 'Subscriptions' }) }];
  },
  book(session, { orders, symbol, time, version }) {
    const [event, data] = changeText(orders[0]);
    const about = { kind: 'book', symbol, version } as const;
    return message(session, `orderbook-${base(symbol)}`, 10_000_000 + version, time, event, data, about);
  },
  trade(session, { id, isBuy, price, size, symbol, time }) {
    const data =
      `{"TradeGuid":"${guid(id)}","TradeDate":"${iso(time)}","Volume":${bare(sizeText(size))},` +
      `"Price":${prices(price)},"Side":"${isBuy ? 'Buy' : 'Sell'}"}`;
    const about = { kind: 'trade', symbol, ids: [id] } as const;
    return message(session, `ticker-${base(symbol)}`, 20_000_000 + id, time, 'Trade', data, about);
  },
  idle: session =>
    ++session.seconds % HEARTBEAT === 0 ? [{ text: `{"Time":${session.time},"Event":"Heartbeat"}` }] : [],
  rest(url, market, age, now) {
    const { pathname, searchParams } = url;
    if (pathname.endsWith('/GetValidPrimaryCurrencyCodes')) return '["Xbt","Eth"]';
    if (pathname.endsWith('/GetValidSecondaryCurrencyCodes')) return '["Aud","Usd"]';
    const name = `${searchParams.get('primaryCurrencyCode')}-${searchParams.get('secondaryCurrencyCode')}`;
    const symbol = SYMBOLS.find(one => native(one) === name.toLowerCase());
    if (symbol === undefined) return undefined;
    const { history } = market.of(symbol);
    const { askOrders, bidOrders, bids, time } = history[Math.max(0, history.length - 1 - age)];
    const CreatedTimestampUtc = iso(age === 0 ? now : time);
    if (pathname.endsWith('/GetMarketSummary'))
      return `{"CurrentHighestBidPrice":${bare(priceText(bids[0][0]))},"CreatedTimestampUtc":"${CreatedTimestampUtc}"}`;
    if (!pathname.endsWith('/GetAllOrders')) return undefined;
    const rows = (orders: readonly MarketOrder[]) =>
      orders
        .map(
          ({ id, price, size }) =>
            `{"Guid":"${guid(id)}","Price":${bare(priceText(price))},"Volume":${sizeText(size)}}`,
        )
        .join(',');
    return `{"BuyOrders":[${rows(bidOrders)}],"SellOrders":[${rows(askOrders)}],"CreatedTimestampUtc":"${CreatedTimestampUtc}"}`;
  },
};
