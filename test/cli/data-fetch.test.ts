import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BarStore } from '../../src/store/bars.ts';
import { serveHistory } from '../support/history-server.ts';
import { HistoryVenue, rowAt, type VenueOptions } from '../support/history-venue.ts';
import { folderWith, qt } from './qt.ts';

const NOW = Date.UTC(2025, 2, 20, 10, 30, 30);

async function scene(options: Partial<VenueOptions> = {}) {
  const venue = new HistoryVenue({ now: () => NOW, listed: Date.UTC(2017, 7, 17), ...options });
  const url = await serveHistory(venue);
  const cwd = await folderWith();
  const store = join(cwd, '.qt/data.sqlite');
  const fetch = (...args: string[]) =>
    qt(['data', 'fetch', ...args, '--no-config'], { cwd, env: { QT_ARCHIVE_URL: url, QT_REST_URL: url } });
  return { venue, url, cwd, store, fetch };
}

function stored(file: string, interval: string, market = 'spot') {
  const store = new BarStore(file, { readOnly: true });
  const bars = store.read({ venue: 'binance', market, symbol: 'BTCUSDT', interval });
  store.close();
  return bars;
}

test('qt data fetch brings what is asked for, goes on later, and says what came', async () => {
  const { venue, store, fetch } = await scene();
  const first = await fetch('btc/usdt', '1h', '--from', '2024-12-20', '--to', '2025-03-01');
  expect(first.stderr).toBe('');
  expect(first.stdout).toMatch(
    /^BTCUSDT 1h spot: 1,704 bars from 2024-12-20 00:00 to 2025-03-01 00:00 UTC, 1,704 of them new \(.* s, 2 archives\)\n/,
  );
  const second = await fetch('BTCUSDT', '1h', '--json');
  expect(JSON.parse(second.stdout)).toMatchObject({
    series: { venue: 'binance', market: 'spot', symbol: 'BTCUSDT', interval: '1h' },
    added: 19 * 24 + 10,
    different: 0,
    empty: [],
    check: { count: 0 },
  });
  const bars = stored(store, '1h');
  const truth = [...venue.times({ from: Date.UTC(2024, 11, 20), to: Date.UTC(2025, 2, 20, 10) }, '1h')];
  expect([...bars.time]).toEqual(truth);
  for (let i = 0; i < bars.length; i += 97) {
    const { open, high, low, close, volume, extra } = bars;
    const { quoteVolume, trades, takerBuyBase, takerBuyQuote } = extra;
    const columns = [
      bars.time,
      open,
      high,
      low,
      close,
      volume,
      quoteVolume,
      trades,
      takerBuyBase,
      takerBuyQuote,
    ];
    expect(columns.map(column => column[i])).toEqual(rowAt(bars.time[i]));
  }
});

test('a gap at the exchange is told, and no error', async () => {
  const gap = { from: Date.UTC(2025, 1, 1, 3), to: Date.UTC(2025, 1, 1, 9) };
  const { fetch } = await scene({ gaps: [gap] });
  const { code, stdout } = await fetch('BTCUSDT', '1h', '--from', '2025-02-01', '--to', '2025-03-01');
  expect(code).toBe(0);
  expect(stdout).toContain('Binance has no bars from 2025-02-01 03:00 to 2025-02-01 09:00 UTC (6)');
});

test('errors of a fetch have a code, one line and an exit code', async () => {
  const { cwd, fetch } = await scene();
  const cases: readonly (readonly [args: string[], code: number, text: RegExp])[] = [
    [['BTCUSDT', '7m', '--from', '2024-01-01'], 2, /^qt: INTERVAL_UNSUPPORTED: .*did you mean/],
    [['BTCUSDT', '1h'], 2, /^qt: FROM_MISSING: .*--from/],
    [['BTCUSDT', '1h', '--from', '2025-01-02', '--to', '2025-01-01'], 2, /^qt: OPTION_INVALID: --to/],
    [['NOPEUSDT', '1d', '--from', '2025-02-01'], 2, /^qt: SYMBOL_UNKNOWN: .*NOPEUSDT/],
    [
      ['BTCUSDT', '1h', '--from', '2025-01-02', '--rest-url', 'nowhere'],
      2,
      /^qt: OPTION_INVALID: --rest-url/,
    ],
  ];
  for (const [args, code, text] of cases) {
    const outcome = await fetch(...args);
    expect(outcome.stderr).toMatch(text);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect(outcome.code).toBe(code);
  }
  const env = { QT_ARCHIVE_URL: 'http://127.0.0.1:9', QT_REST_URL: 'http://127.0.0.1:9' };
  const args = ['data', 'fetch', 'BTCUSDT', '1h', '--from', '2025-01-01', '--to', '2025-02-01', '--quiet'];
  const away = await qt([...args, '--no-config'], { cwd, env });
  expect(away.code).toBe(69);
  expect(away.stderr).toMatch(
    /^qt: FETCH_INCOMPLETE: BTCUSDT 1h: about 744 bars .*connection was refused.*run the same command again.*\n$/,
  );
});
