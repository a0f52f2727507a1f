/** Bars from a table into a run, and its trades out as one: plain columns, or danfojs where it is installed. */
import { backtest, crossOver, dataFrameFeed, ema, loadDanfo, strategy, syntheticBars } from 'qt-trader';

class EmaCross extends strategy({}) {
  fast = ema(this.data.close, 24);
  slow = ema(this.data.close, 120);
  cross = crossOver(this.fast, this.slow);

  next() {
    if (this.cross.now > 0) this.buy({ size: 0.1 });
    else if (this.cross.now < 0) this.close();
  }
}

// As a query, a file or a DataFrame may give them: names in any case, times as text.
const bars = syntheticBars({ seed: 7, symbol: 'BTCUSDT', interval: '1h', bars: 4000 });
const table = {
  Datetime: Array.from(bars.time, time => new Date(time).toISOString()),
  Open: Array.from(bars.open),
  High: Array.from(bars.high),
  Low: Array.from(bars.low),
  Close: Array.from(bars.close),
  Volume: Array.from(bars.volume),
};
const result = await backtest({
  strategy: EmaCross,
  data: dataFrameFeed(table, { symbol: 'BTCUSDT' }),
  commission: 0.001,
  record: true,
});

const { net, entryTime } = result.toColumns('trades');
const best = net.indexOf(Math.max(...net));
console.log(`${net.length} trades, the best of ${new Date(entryTime[best]).toISOString().slice(0, 10)}`);

const { fast, slow } = result.toColumns('indicators');
console.log(`EMA ${fast.at(-1)!.toFixed(2)} and ${slow.at(-1)!.toFixed(2)} at the last bar`);

// The same as a DataFrame, where danfojs is installed.
const danfo = await loadDanfo().catch(() => undefined);
const shape =
  danfo === undefined
    ? [net.length, Object.keys(result.toColumns('trades')).length]
    : (await result.toDataFrame('trades', danfo)).shape;
console.log(`a table of ${shape.join(' x ')}`);
