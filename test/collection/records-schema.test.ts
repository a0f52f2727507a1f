import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BINANCE } from '../../src/venues/market-data/binance/binance.ts';
import { BITFINEX } from '../../src/venues/market-data/bitfinex/bitfinex.ts';
import { COINBASE } from '../../src/venues/market-data/coinbase/coinbase.ts';
import { type Schema, violations } from '../support/json-schema.ts';
import { VenueRun } from '../support/venue-run.ts';

const file = join(import.meta.dirname, '../../schemas/records.schema.json');
const SCHEMA = JSON.parse(readFileSync(file, 'utf8')) as Schema;

/** Long enough that the schema sees metrics of all that came. */
const WINDOW = 1_000_000;
const bitfinex = () => {
  const subscribed = (channel: string, chanId: number, more: object = {}) => ({
    ...{ event: 'subscribed', channel, chanId, symbol: 'tBTCUSD' },
    ...more,
  });
  const run = new VenueRun(BITFINEX, WINDOW)
    .open()
    .recv(
      subscribed('book', 1, { prec: 'P0' }),
      subscribed('book', 2, { prec: 'R0' }),
      subscribed('trades', 3),
      subscribed('ticker', 4),
      { event: 'subscribed', channel: 'candles', chanId: 5, key: 'trade:1h:tBTCUSD' },
    )
    .recv('[1,[[100,1,1.7e-8],[101,1,-2]],1]', '[1,[100,0,1],2,1564617600541]')
    .recv('[2,[[11,100,0.5],[21,101,-2]],3]', '[2,[11,100,0.4],4]', '[2,[11,0,1],5]', '[2,[12,99,1],6]')
    .recv('[3,[[1,1564617600709,1,100]],7]', '[3,"te",[2,1564617600709,-1,100],8]')
    .recv('[4,[null,1,2,3,4,5,6,7,8,9,null],9]', '[5,[[1786563000000,3,4,5,2,10]],10]', '[1,', '[1,"hb",12]');
  run.time += WINDOW;
  return run.recv('[1,"hb",13]');
};
const coinbase = () =>
  new VenueRun(COINBASE).open().recv({
    ...{ channel: 'ticker', sequence_num: 0, timestamp: '2026-08-09T21:05:48.5Z' },
    events: [{ type: 'update', tickers: [{ product_id: 'BTC-USD', price: '1' }] }],
  });
const binance = () => {
  const spot = BINANCE.find(({ id }) => id === 'binance-spot')!;
  const k = {
    ...{ t: 1633998480000, T: 1633998539999, s: 'NKNUSDT', i: '1m', o: '1', c: '2', h: '3', l: '1', v: '5' },
    ...{ n: 30, x: true, q: '9.1' },
  };
  return new VenueRun(spot).open().recv(
    {
      e: 'aggTrade',
      E: 1633998523963,
      s: 'NKNUSDT',
      a: 1,
      p: '0.35',
      q: '58.0',
      f: 1,
      l: 3,
      T: 1633998523963,
      m: true,
    },
    { e: 'kline', E: 1633998523963, s: 'NKNUSDT', k },
  );
};

const records = [bitfinex(), coinbase(), binance()].flatMap(run => run.records);
/** As a file has them. */
const written = records.map(record => JSON.parse(JSON.stringify(record)) as Record<string, unknown>);

test('every record that decoders make is as the schema says, and there is one of each kind', () => {
  expect(new Set(written.map(({ kind }) => kind))).toEqual(
    new Set(['trade', 'book', 'order', 'kline', 'ticker', 'gap', 'metrics']),
  );
  expect(new Set(written.map(({ action }) => action))).toEqual(
    new Set([undefined, 'clear', 'open', 'add', 'modify', 'delete']),
  );
  for (const record of written) expect(violations(SCHEMA, record), JSON.stringify(record)).toEqual([]);
});

test('a record with anything left out, added, or of another type is not', () => {
  for (const record of written) {
    for (const key of Object.keys(record)) {
      const { [key]: _left, ...rest } = record;
      expect(violations(SCHEMA, rest), `${String(record.kind)} without ${key}`).not.toEqual([]);
      const changed = { ...record, [key]: { surprise: 1 } };
      expect(violations(SCHEMA, changed), `${String(record.kind)} with another ${key}`).not.toEqual([]);
    }
    expect(violations(SCHEMA, { ...record, surprise: 1 })).not.toEqual([]);
  }
  const book = written.find(({ kind }) => kind === 'book')!;
  for (const level of [
    ['1', '2', 1],
    ['1', '2', 1, 2, 3],
    ['x', '2', 1, 2],
    ['1', '2', 1, -2],
  ]) {
    expect(violations(SCHEMA, { ...book, bids: [level] }), JSON.stringify(level)).not.toEqual([]);
  }
});
