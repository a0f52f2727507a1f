import { defineConfig } from 'qt-trader';
import Sma from './strategies/sma.ts';

/** What "qt backtest" and "qt live" run when nothing else is said. The data is synthetic: data/README.md says how it is made. */
export default defineConfig({
  strategy: Sma,
  data: 'data/synthetic-btcusdt-4h.csv',
  cash: 10_000,
  commission: '0.1%',
  live: { symbols: ['BTCUSDT'], interval: '1m' },
});
