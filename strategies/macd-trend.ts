import { crossOver, ema, int, macd, strategy } from 'qt-trader';

/** Buys when the MACD crosses above its signal while the price is above a long average; sells on the cross back. */
export default class MacdTrend extends strategy({
  fast: int(24, { min: 2, help: 'bars of the fast average' }),
  slow: int(52, { min: 3, help: 'bars of the slow average' }),
  signal: int(18, { min: 2, help: 'bars of the signal' }),
  trend: int(200, { min: 2, help: 'bars of the average that the price must be above' }),
}) {
  macd = macd(this.data.close, {
    fast: this.params.fast,
    slow: this.params.slow,
    signal: this.params.signal,
  });
  cross = crossOver(this.macd.macd, this.macd.signal);
  trend = ema(this.data.close, this.params.trend);

  next() {
    if (this.cross.now > 0 && this.bar.close > this.trend.now) this.buy({ tag: 'cross up' });
    else if (this.cross.now < 0) this.close();
  }
}
