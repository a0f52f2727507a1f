import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, type MarketRecord, type MarketView, replayRecords } from 'qt-trader';
import { expect, onTestFinished, test } from 'vitest';
import { CaptureWriter } from '../../src/collection/capture-writer.ts';
import { Collection } from '../../src/collection/collection.ts';
import { microseconds, realNetwork } from '../../src/net/real.ts';
import { venueNamed } from '../../src/venues/market-data/index.ts';
import { okx } from '../support/venue-simulator/okx.ts';
import { servedVenue } from '../support/venue-simulator/served.ts';

/** What a program makes of a market: each record, with the best prices as they stand then. */
function seenBy(most: number, onFull: () => void) {
  const lines: string[] = [];
  const onRecord = (record: MarketRecord, market: MarketView) => {
    const state = market.book(record.native);
    const best = [state?.isValid, state?.book.bids.priceAt(0), state?.book.asks.priceAt(0)];
    lines.push(JSON.stringify([record, best]));
    if (lines.length === most) onFull();
  };
  return { lines, onRecord };
}

test('a program gets each record with the books as they stand then, until it has enough', async () => {
  const { rest, stream } = await servedVenue(okx);
  const controller = new AbortController();
  const notices: string[] = [];
  const { lines, onRecord } = seenBy(100, () => controller.abort());
  await collect({
    ...{ venue: 'okx', symbols: ['btcusdt', 'BTC-USTD'], addresses: { rest, stream }, onRecord },
    metrics: '1s',
    signal: controller.signal,
    onNotice: ({ code, message }) => {
      if (code === 'SYMBOL_UNKNOWN') notices.push(message);
    },
  });
  expect(lines).toHaveLength(100);
  expect(notices).toEqual(['okx has no symbol "BTC-USTD": the closest are BTC-USDT']);
  const seen = lines.map(line => JSON.parse(line));
  expect(new Set(seen.map(([{ kind }]) => kind))).toEqual(new Set(['book', 'trade', 'metrics']));
  const [, best] = seen.find(([{ kind }]) => kind === 'book');
  expect(best).toEqual([true, expect.any(Number), expect.any(Number)]);
  expect(best[1]).toBeLessThan(best[2]);
});

test('the same program sees the same in a capture', async () => {
  const { rest, stream } = await servedVenue(okx);
  const folder = mkdtempSync(join(tmpdir(), 'qt-collect-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'okx.jsonl.gz');
  const venue = venueNamed('okx')!;
  const controller = new AbortController();
  const live = seenBy(100, () => controller.abort());
  const channels = ['trades', 'book'] as const;
  const collection: Collection = new Collection({
    ...{ venue, network: realNetwork, clock: microseconds, symbols: ['BTC-USDT'], channels, sinks: [] },
    ...{ interval: '1m', addresses: { rest, stream }, signal: controller.signal, onNotice: () => {} },
    capture: new CaptureWriter(
      file,
      { kind: 'header', venue: 'okx', symbols: ['BTC-USDT'], channels },
      error => {
        throw error;
      },
    ),
    onRecord: record => live.onRecord(record, collection.market),
  });
  await collection.run();
  const replayed = seenBy(Number.POSITIVE_INFINITY, () => {});
  await replayRecords(file, { onRecord: replayed.onRecord });
  expect(replayed.lines).toEqual(live.lines);
});

test('what the program throws ends the collection and is what it rejects with', async () => {
  const { rest, stream } = await servedVenue(okx);
  let calls = 0;
  const onRecord = () => {
    calls++;
    throw new RangeError('enough');
  };
  const ended = collect({ venue: 'okx', symbols: ['BTC-USDT'], addresses: { rest, stream }, onRecord });
  await expect(ended).rejects.toThrow(new RangeError('enough'));
  expect(calls).toBe(1);
});

test.each([
  [{ venue: 'okxx' }, 'VENUE_UNKNOWN'],
  [{ venue: 'ftx' }, 'VENUE_CLOSED'],
  [{ channels: ['trade'] }, 'CHANNEL_UNKNOWN'],
  [{ interval: '1x' }, 'INTERVAL_INVALID'],
  [{ metrics: '1M' }, 'OPTION_INVALID'],
  [{ symbols: ['NOPE'] }, 'SYMBOLS_UNKNOWN'],
])('collect with %j rejects with %s', async (wrong, code) => {
  const { rest, stream } = await servedVenue(okx);
  const options = { venue: 'okx', symbols: ['BTC-USDT'], addresses: { rest, stream }, onRecord: () => {} };
  await expect(collect({ ...options, ...(wrong as object) })).rejects.toMatchObject({ code });
});
