import { ema, int, rsi, strategy } from 'qt-trader';

/** Buys weakness inside an uptrend: a low RSI above the long average. Sells when the RSI has recovered, or time is up. */
export default class RsiReversion extends strategy({
  bars: int(14, { min: 2, help: 'bars of the RSI' }),
  low: int(30, { min: 1, max: 50, help: 'buy when the RSI falls below' }),
  high: int(55, { min: 50, max: 99, help: 'sell when it rises above' }),
  trend: int(200, { min: 2, help: 'bars of the average that the price must be above' }),
  patience: int(72, { min: 1, help: 'bars after which to sell in any case' }),
}) {
  rsi = rsi(this.data.close, this.params.bars);
  trend = ema(this.data.close, this.params.trend);
  held = 0;

  next() {
    const { low, high, patience } = this.params;
    if (!this.position.isOpen) {
      this.held = 0;
      if (this.rsi.now < low && this.bar.close > this.trend.now) this.buy({ tag: 'oversold' });
    } else if (++this.held >= patience || this.rsi.now > high) {
      this.close();
    }
  }
}
