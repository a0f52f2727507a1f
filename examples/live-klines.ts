/** Closed bars as an exchange has them, as they come about: prints each, and the average close of the last ten. */
import { type Interval, klines } from 'qt-trader';

// Needs an exchange: Binance by default, or one on this machine, made by "qt exchange --data FILE", with
// `node examples/live-klines.ts local`.
const [exchange = 'binance', symbol = 'BTCUSDT', interval = '1m'] = process.argv.slice(2);
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());

const closes: number[] = [];
await klines({
  symbols: [symbol],
  interval: interval as Interval,
  exchange,
  warmup: 10,
  signal: controller.signal,
  onBar(bar, { phase, late }) {
    closes.push(bar.close);
    if (closes.length > 10) closes.shift();
    const mean = closes.reduce((sum, close) => sum + close, 0) / closes.length;
    if (phase === 'warmup') return;
    const time = new Date(bar.time).toISOString();
    console.log(`${time} close ${bar.close}, mean ${mean.toFixed(2)}${late ? ', late' : ''}`);
  },
  onNotice({ level, message }) {
    if (level === 'warning') console.error(message);
  },
});
