/** Real orders, rehearsed: an exchange in this process, an account on it, and a session that trades there as it would at Binance. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  endpointsOf,
  loadKeys,
  localExchange,
  memoryFeed,
  openGateway,
  readiness,
  runReal,
  strategy,
  syntheticBars,
} from 'qt-trader';

/** Buys for 50, with a stop below and a target above, which rest at the exchange. */
class Protected extends strategy() {
  next() {
    if (this.openOrders.length > 0 || this.position.isOpen) return;
    this.buyBracket({ quote: 50, stopLoss: { percent: 0.01 }, takeProfit: { percent: 0.015 } });
  }
}

const key = { apiKey: 'rehearsal'.padEnd(64, '0'), apiSecret: 'no-secret'.padEnd(64, '0') };
const bars = syntheticBars({ seed: 4, symbol: 'BTCUSDT', interval: '4h', bars: 60 });
const exchange = await localExchange({
  data: [memoryFeed(bars, { symbol: 'BTCUSDT', interval: '4h' })],
  accounts: [{ ...key, balances: { USDT: '1000' } }],
  lockstep: true,
  port: 0,
});
// Elsewhere: endpointsOf('testnet'), and keys from a file or from the environment of the process.
const endpoints = endpointsOf(exchange.url);
const keys = loadKeys({ environment: { BINANCE_API_KEY: key.apiKey, BINANCE_API_SECRET: key.apiSecret } });
const port = openGateway({ endpoints, keys });
const folder = mkdtempSync(join(tmpdir(), 'qt-rehearsal-'));
try {
  const { checks } = await readiness({
    port,
    symbols: ['BTCUSDT'],
    cash: 500,
    simulatedTime: endpoints.local,
  });
  console.log(`ready: ${checks.filter(({ state }) => state === 'failed').length} of the checks failed`);
  const { result, counts } = await runReal({
    strategy: Protected,
    codeHash: 'version 1',
    series: [{ symbol: 'BTCUSDT', interval: '4h' }],
    exchange: exchange.url,
    port,
    cash: 500,
    limits: { maxOrderNotional: 60, maxPositionNotional: 60, maxOrdersPerMinute: 10 },
    store: join(folder, 'real.sqlite'),
    lockFolder: join(folder, 'locks'),
    onNotice: ({ level, code, message }) => {
      if (level === 'alarm') console.error(`${code}: ${message}`);
    },
  });
  console.log(`${counts.commands.sent} commands sent, ${counts.commands.unknown} outcomes unknown`);
  console.log(
    `${result.orders.length} orders, ${result.fills.length} executions, ${result.trades.length} trades`,
  );
  const [position] = result.positions;
  console.log(`session: ${(result.metrics.endValue - 500).toFixed(2)} USDT, holds ${position.size} BTC`);
  const held = exchange.accounts[0].balances.find(({ asset }) => asset === 'BTC');
  console.log(`exchange: holds ${Number(held?.free ?? 0) + Number(held?.locked ?? 0)} BTC`);
} finally {
  port.close();
  await exchange.close();
  rmSync(folder, { recursive: true, force: true });
}
