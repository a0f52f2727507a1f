import { expect, test } from 'vitest';
import { symbolInfo } from '../../src/exchange/exchange-info.ts';
import { loadMarket } from '../../src/exchange/market.ts';
import { memoryFeed } from '../../src/feeds/memory.ts';
import { instrument } from '../../src/model/instrument.ts';
import { exchangeInfoInstruments } from '../../src/venues/binance/exchange-info.ts';
import { minutes } from './support.ts';

test.each([
  [
    'with the terms that an instrument has',
    { tickSize: 0.01, lotStep: 0.0001, minSize: 0.001, maxSize: 9000, minNotional: 5 },
  ],
  [
    'with a limit of its own for market orders',
    { maxSize: 9000, maxMarketSize: 100, minNotional: 5, minMarketNotional: 0 },
  ],
])('what is served is read back as the instrument that was replayed, %s', async (_, terms) => {
  const traded = instrument('BTCUSDT', terms);
  const all = await loadMarket([memoryFeed(minutes(3), { instrument: traded, interval: '1m' })]);
  const info = symbolInfo(all.listings.get('BTCUSDT')!);
  expect(exchangeInfoInstruments({ symbols: [info] }).get('BTCUSDT')).toEqual(traded);
});

test('an instrument without terms is served with limits beyond any order', async () => {
  const all = await loadMarket([memoryFeed(minutes(3), { symbol: 'BTCUSDT', interval: '1m' })]);
  const read = exchangeInfoInstruments({ symbols: [symbolInfo(all.listings.get('BTCUSDT')!)] }).get(
    'BTCUSDT',
  )!;
  expect(read).toMatchObject({
    base: 'BTC',
    quote: 'USDT',
    tickSize: 0,
    lotStep: 0,
    minSize: 0,
    minNotional: 0,
  });
  expect(read.maxSize).toBeGreaterThan(1e14);
});
