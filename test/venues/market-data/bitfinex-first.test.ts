import { expect, test } from 'vitest';
import { BITFINEX } from '../../../src/venues/market-data/bitfinex/bitfinex.ts';
import { VenueRun } from '../../support/venue-run.ts';

const FLAGS = 32768 + 65536 + 131072 + 536870912;

/** A connection that numbers its messages, and a ticker on it, whose first message has this number. */
function begin(run: VenueRun, connection: number, first: number): VenueRun {
  return run
    .open(connection)
    .recvOn(
      connection,
      '{"event":"info","version":2}',
      `{"event":"conf","status":"OK","flags":${FLAGS}}`,
      '{"event":"subscribed","channel":"ticker","chanId":7,"symbol":"tBTCUSD","pair":"BTCUSD"}',
      `[7,[1,2,3,4,5,6,7,8,9,10],${first},1700000000000]`,
    );
}

const lost = (run: VenueRun) =>
  run.of('gap').map(({ after, before, cause }) => `${cause} ${after} ${before}`);

test('the numbers of a connection begin with 1', () => {
  const run = begin(new VenueRun(BITFINEX), 0, 1);
  expect(lost(run)).toEqual([]);
  expect(run.reconnects).toEqual([]);
});

test('a first message with a later number is a loss, and the connection is replaced', () => {
  const run = begin(new VenueRun(BITFINEX), 0, 3);
  expect(lost(run)).toEqual(['SEQUENCE 0 3']);
  expect(run.reconnects).toEqual([0]);
});

test('what came before numbers were asked for says nothing about the first one', () => {
  const run = new VenueRun(BITFINEX).open();
  run.recv(
    '{"event":"subscribed","channel":"ticker","chanId":7,"symbol":"tBTCUSD","pair":"BTCUSD"}',
    '[7,[1,2,3,4,5,6,7,8,9,10]]',
    `{"event":"conf","status":"OK","flags":${FLAGS}}`,
    '[7,[1,2,3,4,5,6,7,8,9,10],5,1700000000000]',
    '[7,[1,2,3,4,5,6,7,8,9,10],6,1700000000000]',
  );
  expect(run.reconnects).toEqual([]);
  run.recv('[7,[1,2,3,4,5,6,7,8,9,10],8,1700000000000]');
  expect(run.reconnects).toEqual([0]);
});

test('after the third one in a row the venue is taken to count otherwise', () => {
  const run = new VenueRun(BITFINEX);
  for (const connection of [0, 1, 2, 3]) begin(run, connection, 4);
  expect(run.reconnects).toEqual([0, 1, 2]);
});

test('one good beginning in between, and the count of false ones starts anew', () => {
  const run = new VenueRun(BITFINEX);
  begin(run, 0, 4);
  begin(run, 1, 1);
  begin(run, 2, 4);
  begin(run, 3, 4);
  expect(run.reconnects).toEqual([0, 2, 3]);
});
