/**
 * grademark: its own `optimize` over a grid takes one objective and every combination; to be given the same combinations as others
 * it is called with `backtest` for each. See run_grademark.js for how it trades.
 */
import { createRequire } from 'node:module';
import { currentJob, readColumns } from '../measure.ts';

const require = createRequire(import.meta.url);
const { DataFrame } = require('data-forge');
require('data-forge-indicators');
const { backtest, analyze } = require('grademark');
const { version } = require('grademark/package.json');

const job = currentJob();
const { size, cash, fee } = job.terms;
const columns = readColumns(job);
const bars = Array.from({ length: job.bars }, (_, i) => ({
  time: new Date(columns.time[i]),
  open: columns.open[i],
  high: columns.high[i],
  low: columns.low[i],
  close: columns.close[i],
  volume: columns.volume[i],
}));
const input = new DataFrame(bars).bake();

function run(fast, slow) {
  let seenBelow = false;
  const trades = backtest(
    {
      prepIndicators: ({ inputSeries }) => {
        const close = inputSeries.deflate(bar => bar.close);
        return inputSeries
          .skip(slow - 1)
          .withSeries({ fast: close.sma(fast), slow: close.sma(slow) })
          .bake();
      },
      entryRule: (enterPosition, { bar }) => {
        if (bar.fast < bar.slow) seenBelow = true;
        else if (bar.fast > bar.slow && seenBelow) enterPosition();
      },
      exitRule: (exitPosition, { bar }) => {
        if (bar.fast < bar.slow) exitPosition();
      },
    },
    input,
  );
  analyze(cash, trades);
  let equity = cash;
  for (const trade of trades) {
    const exitFee = trade.exitReason === 'finalize' ? 0 : size * trade.exitPrice * fee;
    equity += size * trade.profit - size * trade.entryPrice * fee - exitFee;
  }
  return equity;
}

run(...job.combinations[0]);
const before = performance.now();
const values = job.combinations.map(([fast, slow]) => run(fast, slow));
const seconds = (performance.now() - before) / 1000;
console.log(JSON.stringify({ version, seconds, values, peakMb: process.resourceUsage().maxRSS / 1024 }));
