import { kraken } from './kraken.ts';
import { ordersChecksum } from './kraken-text.ts';
import { bare, type MarketOrder, priceText, sizeText } from './market.ts';
import type { Frame, VenueProtocol } from './protocol.ts';

const time = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');
const idOf = (id: number) => `OQCLML-BW3P3-${id}`;

const row = ({ id, price, size }: MarketOrder, ms: number, event = '') =>
  `{${event}"order_id":"${idOf(id)}","limit_price":${bare(priceText(price))},"order_qty":${bare(sizeText(size))},"timestamp":"${time(ms)}"}`;

const message = (
  type: string,
  symbol: string,
  bids: readonly string[],
  asks: readonly string[],
  checksum: number,
  ms: number,
) =>
  `{"channel":"level3","type":"${type}","data":[{"symbol":"${kraken.native(symbol)}","bids":[${bids.join(',')}],` +
  `"asks":[${asks.join(',')}],"checksum":${checksum},"timestamp":"${time(ms)}"}]}`;

/** Books of single orders, which only who has a token may see; a checksum of ten prices proves them. */
export const krakenOrders: VenueProtocol = {
  ...kraken,
  kind: 'level3',
  channels: ['trades', 'l3'],
  market: { isOfOrders: true },
  // Names of orders are not in it.
  checksummed: /"limit_price":[\d.]+,"order_qty":[\d.]+/,
  orderId: idOf,
  // Whoever plans it has a token, and asks for a depth.
  prepared: venue => ({
    ...venue,
    plan: (subscriptions, addresses) =>
      venue.plan(subscriptions, addresses).map(plan => ({
        ...plan,
        requests: plan.requests.map(text =>
          text.replace('"channel":"level3"', '"channel":"level3","depth":1000,"token":"t"'),
        ),
      })),
  }),
  heard(session, text, market, age) {
    const { method, params } = JSON.parse(text);
    if (method === 'ping' || params.channel !== 'level3') return kraken.heard(session, text, market, age);
    return (params.symbol as string[]).flatMap((name): Frame[] => {
      const symbol = name.replace('/', '-');
      const result = { channel: 'level3', symbol: name, depth: params.depth, snapshot: true };
      const ack = JSON.stringify({ method, result, success: true, time_in: '', time_out: '' });
      session.streams.set(`level3 ${symbol}`, '');
      const { now } = market.of(symbol);
      const sides = [now.bidOrders, now.askOrders].map(side => side.map(order => row(order, now.time)));
      const whole = message('snapshot', symbol, sides[0], sides[1], ordersChecksum(now), now.time);
      return [{ text: ack }, { text: whole, about: { kind: 'book', symbol, version: now.version } }];
    });
  },
  book(session, change, after) {
    const { orders, symbol, version } = change;
    if (!session.streams.has(`level3 ${symbol}`)) return [];
    const rows = (isBid: boolean) =>
      orders
        .filter(({ order }) => order.isBid === isBid)
        .map(({ kind, order }) => row(order, change.time, `"event":"${kind}",`));
    const text = message('update', symbol, rows(true), rows(false), ordersChecksum(after), change.time);
    return [{ text, about: { kind: 'book', symbol, version } }];
  },
};
