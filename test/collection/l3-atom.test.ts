import { expect, test } from 'vitest';
import {
  LOB_COLUMNS,
  type LobRow,
  levelRows,
  MARKET_ORDER_COLUMNS,
  marketOrderRow,
  NO_ROWS,
  orderRows,
} from '../../src/collection/l3-atom.ts';
import { BITFINEX } from '../../src/venues/market-data/bitfinex/bitfinex.ts';
import { VenueRun } from '../support/venue-run.ts';

const book = (channel: object) => ({
  event: 'subscribed',
  channel: 'book',
  chanId: 8,
  symbol: 'tBTCUSD',
  ...channel,
});
const brief = ({ lob_action, order_id, orders_ahead, price, quote_no, side, size, size_ahead }: LobRow) => [
  ...[quote_no, order_id, side, price, size, lob_action, size_ahead, orders_ahead],
];

test('a row of an order has its place in the queue after the change', () => {
  const run = new VenueRun(BITFINEX).open().recv(book({ prec: 'R0' }));
  const rows: LobRow[] = [];
  let count = NO_ROWS;
  let seen = 0;
  for (const frame of [
    '[8,[[11,100,0.5],[12,100,1.5],[21,101,-2]],1,1564617600541]',
    '[8,[13,100,4],2,1564617600542]',
    '[8,[11,0,1],3,1564617600543]',
    '[8,[13,100,3],4]',
  ]) {
    run.recv(frame);
    const state = run.pipeline.decoder.orderBooks?.get('tBTCUSD');
    for (const record of run.of('order').slice(seen)) {
      const made = orderRows(record, count, state?.book);
      rows.push(...made.rows);
      count = made.count;
    }
    seen = run.of('order').length;
  }
  expect(rows.map(brief)).toEqual([
    [1, '11', 1, 100, 0.5, 2, 0, 0],
    [2, '12', 1, 100, 1.5, 2, 0.5, 1],
    [3, '21', 2, 101, 2, 2, 0, 0],
    [4, '13', 1, 100, 4, 2, 2, 2],
    [5, '11', 1, 100, 0, 3, -1, -1],
    [6, '13', 1, 100, 3, 4, 1.5, 1],
  ]);
  expect(Object.keys(rows[0])).toEqual(LOB_COLUMNS);
  expect(LOB_COLUMNS).toHaveLength(22);
  expect(rows[4]).toMatchObject({ event_timestamp: 1564617600543, send_timestamp: -1, order_type: 1 });
  expect(rows[5].event_timestamp).toBe(-1);
  expect(count).toEqual({ quotes: 6, events: 6 });
});

test('rows of levels share the number of their record, and tell an insertion from an update', () => {
  const run = new VenueRun(BITFINEX).open().recv(book({ prec: 'P0' }));
  run.recv('[8,[[100,1,0.5],[101,1,-2]],1]', '[8,[100,0,1],2]', '[8,[101,2,-3],3]', '[8,[99,0,1],4]');
  const there = new Set<string>();
  let count = NO_ROWS;
  const rows = run.of('book').flatMap(record => {
    const made = levelRows(record, count, (side, price) => there.has(`${side} ${price}`));
    for (const { price, side, size } of made.rows) {
      const name = `${side === 1 ? 'bid' : 'ask'} ${price}`;
      if (size === 0) there.delete(name);
      else there.add(name);
    }
    count = made.count;
    return made.rows;
  });
  expect(rows.map(row => [row.event_no, ...brief(row)])).toEqual([
    [1, 1, -1, 1, 100, 0.5, 2, -1, -1],
    [1, 2, -1, 2, 101, 2, 2, -1, -1],
    [2, 3, -1, 1, 100, 0, 3, -1, -1],
    [3, 4, -1, 2, 101, 3, 4, -1, -1],
  ]);
});

test('a trade is a market order of who took', () => {
  const run = new VenueRun(BITFINEX)
    .open()
    .recv({ event: 'subscribed', channel: 'trades', chanId: 5, symbol: 'tBTCUSD' })
    .recv('[5,"te",[13,1564617600709,-0.5,100.25],1]');
  const row = marketOrderRow(run.of('trade')[0]);
  expect(row).toEqual({
    ...{ order_id: -1, price: 100.25, trade_id: '13', timestamp: 1564617600709, side: 2, size: 0.5 },
    msg_original_type: 'trade',
  });
  expect(Object.keys(row)).toEqual(MARKET_ORDER_COLUMNS);
  expect(marketOrderRow({ ...run.of('trade')[0], side: null, id: null, exchangeTime: null })).toMatchObject({
    ...{ side: 0, trade_id: -1, timestamp: -1 },
  });
});
