import { expect, test } from 'vitest';
import { Collection } from '../../src/collection/collection.ts';
import type { Channel } from '../../src/model/records.ts';
import type { Network } from '../../src/net/network.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { venueNamed } from '../../src/venues/market-data/index.ts';

const LIST = JSON.stringify({
  products: [
    { product_id: 'BTC-USD', base_currency_id: 'BTC', quote_currency_id: 'USD', product_type: 'SPOT' },
  ],
});

/** Coinbase, whose list of instruments is answered so, one after the other; the last one again and again. */
function collecting(
  answers: readonly (readonly [status: number, body: string])[],
  channels: readonly Channel[],
) {
  const timers = new VirtualTimers(0);
  const requests: number[] = [];
  const urls: string[] = [];
  const notices: string[] = [];
  const sent: string[] = [];
  const network: Network = {
    ...{ timers, random: () => 0.5 },
    connect(url, handlers) {
      urls.push(url);
      timers.after(1, () => handlers.onOpen());
      const end = () => timers.after(1, () => handlers.onClose(1000, ''));
      return { send: text => sent.push(text), close: end, terminate: end };
    },
    async http() {
      requests.push(timers.now());
      const [status, body] = answers[Math.min(requests.length, answers.length) - 1];
      return { status, headers: {}, body };
    },
  };
  const controller = new AbortController();
  const collection = new Collection({
    ...{
      venue: venueNamed('coinbase')!,
      network,
      clock: () => timers.now() * 1000,
      symbols: ['btcusd'],
      channels,
    },
    ...{ interval: '5m', sinks: [], signal: controller.signal },
    onNotice: (_level, code, message) => notices.push(`${code} ${message}`),
  });
  /** Runs it for so long, ms, and ends it. */
  const running = async (ms: number) => {
    const ended = collection.run();
    await timers.run({ until: ms });
    const { symbols } = collection.state;
    controller.abort();
    await timers.run({ until: 2 * ms });
    await ended;
    return symbols;
  };
  return { collection, notices, requests, running, sent, timers, urls };
}

test('a list of instruments that fails, cannot be read or is empty is asked for again, each time told', async () => {
  const answers = [
    [500, ''],
    [200, 'no list'],
    [200, '{"products":[]}'],
    [200, LIST],
  ] as const;
  const { notices, requests, running } = collecting(answers, ['trades']);
  expect(await running(12_000)).toBe(1);
  expect(requests).toHaveLength(4);
  // Pauses grow twofold: half of 1, 2 and 4 seconds by the given chance.
  expect(requests).toEqual([0, 500, 1500, 3500]);
  const failed = notices.filter(text => text.startsWith('LIST_FAILED'));
  expect(failed).toHaveLength(3);
  expect(failed[0]).toContain('HTTP status 500; again in 0.5 s');
  expect(failed[2]).toContain('no instruments in its lists');
});

test('a list that cannot be had in six attempts ends it, with the address and the reason', async () => {
  const { collection, requests, timers, urls } = collecting([[503, '']], ['trades']);
  const opened = expect(collection.run()).rejects.toMatchObject({
    code: 'VENUE_UNREACHABLE',
    limit: 6,
    message: expect.stringContaining('HTTP status 503'),
  });
  await timers.run({ until: 600_000 });
  await opened;
  expect(requests).toHaveLength(6);
  expect(urls).toEqual([]);
});

test('a channel that a venue does not serve is told with the reason, and the others are collected', async () => {
  const { notices, running, sent } = collecting([[200, LIST]], ['l3', 'trades']);
  await running(5000);
  expect(notices.filter(text => text.startsWith('CHANNEL'))).toEqual([
    'CHANNEL_NOT_SERVED Coinbase serves no l3: its feed of orders asks for a key',
  ]);
  expect(sent.map(text => JSON.parse(text).channel)).toEqual(['heartbeats', 'market_trades']);
});

test('where none of the channels is served nothing is opened', async () => {
  const { notices, running, urls } = collecting([[200, LIST]], ['l3']);
  await running(5000);
  expect(notices.some(text => text.startsWith('CHANNEL_NOT_SERVED'))).toBe(true);
  expect(urls).toEqual([]);
});
