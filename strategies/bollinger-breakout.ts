import { atr, bollinger, float, int, strategy } from 'qt-trader';

/** Buys a close above the upper Bollinger band, and trails a stop a few average ranges below the highest close since. */
export default class BollingerBreakout extends strategy({
  bars: int(48, { min: 2, help: 'bars of the bands' }),
  width: float(2.2, { min: 0.1, help: 'standard deviations from middle to band' }),
  trail: float(4, { min: 0.5, help: 'distance of the stop, in average true ranges' }),
}) {
  bands = bollinger(this.data.close, { bars: this.params.bars, width: this.params.width });
  range = atr(this.data, 14);
  highest = 0;

  next() {
    const { close } = this.bar;
    if (!this.position.isOpen) {
      this.highest = close;
      if (close > this.bands.upper.now) this.buy({ tag: 'breakout' });
      return;
    }
    this.highest = Math.max(this.highest, close);
    if (close < this.highest - this.params.trail * this.range.now) this.close();
  }
}
