/** A backtest without the command line: bars in memory, a strategy beside them, figures out. */
import {
  backtest,
  crossOver,
  ema,
  int,
  memoryFeed,
  percentOfValue,
  strategy,
  syntheticBars,
} from 'qt-trader';

class EmaCross extends strategy({ fast: int(48, { min: 2 }), slow: int(240, { min: 3 }) }) {
  cross = crossOver(ema(this.data.close, this.params.fast), ema(this.data.close, this.params.slow));

  next() {
    if (this.cross.now > 0) this.buy();
    else if (this.cross.now < 0) this.close();
  }
}

// Any arrays will do: { time, open, high, low, close, volume }, times in epoch milliseconds UTC.
const bars = syntheticBars({ seed: 7, symbol: 'BTCUSDT', interval: '1h', bars: 8760 });

for (const fast of [24, 48, 96]) {
  const { metrics, trades } = await backtest({
    strategy: EmaCross,
    data: memoryFeed(bars, { symbol: 'BTCUSDT' }),
    params: { fast },
    commission: 0.001,
    sizer: percentOfValue(50),
  });
  const { total, sharpe } = metrics.returns;
  console.log(
    `fast ${fast}: return ${(total * 100).toFixed(2)} %, Sharpe ${sharpe.toFixed(2)}, ${trades.length} trades`,
  );
}
