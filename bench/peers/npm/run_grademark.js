/**
 * grademark: averages by data-forge-indicators in `prepIndicators`, rules for entry and exit. (It needs chai, which its
 * own package does not bring.)
 *
 * It calls no rule on a bar on which an order is filled, so what the averages do there is answered a bar later than
 * elsewhere. It has no commission and no account: the fees and the final value are added up from its trades.
 */
import { createRequire } from 'node:module';
import { currentJob, measure, readColumns } from '../measure.ts';

const require = createRequire(import.meta.url);
const { DataFrame } = require('data-forge');
require('data-forge-indicators');
const { backtest } = require('grademark');
const { version } = require('grademark/package.json');

const job = currentJob();
const { fast, slow, size, cash, fee } = job.terms;
const columns = readColumns(job);
const bars = [];
for (let i = 0; i < job.bars; i++) {
  bars.push({
    time: new Date(columns.time[i]),
    open: columns.open[i],
    high: columns.high[i],
    low: columns.low[i],
    close: columns.close[i],
    volume: columns.volume[i],
  });
}
const input = new DataFrame(bars).bake();

function run() {
  // An average that begins above is not a cross.
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
  let equity = cash;
  for (const trade of trades) {
    const exitFee = trade.exitReason === 'finalize' ? 0 : size * trade.exitPrice * fee;
    equity += size * trade.profit - size * trade.entryPrice * fee - exitFee;
  }
  return { trades, equity };
}

await measure(job, version, run, ({ trades, equity }) => ({
  equity,
  trades: trades
    .filter(({ exitReason }) => exitReason !== 'finalize')
    .flatMap(({ entryTime, entryPrice, exitTime, exitPrice }) => [
      entryTime.getTime(),
      entryPrice,
      exitTime.getTime(),
      exitPrice,
    ]),
}));
