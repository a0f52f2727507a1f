import { atr, float, strategy } from 'qt-trader';

/**
 * Waits for a move either way: a bid below the market and a stop above it, of which one cancels the other.
 * Whichever fills is closed by a stop or a target at the same distance.
 */
export default class Straddle extends strategy({
  distance: float(1.5, { min: 0.1, help: 'from the close to both entries, in average true ranges' }),
  risk: float(2, { min: 0.1, help: 'from the entry to both exits, in average true ranges' }),
}) {
  range = atr(this.data, 14);

  next() {
    if (this.openOrders.length > 0) return;
    const { distance, risk } = this.params;
    const { close } = this.bar;
    const away = this.range.now;
    if (!this.position.isOpen) {
      // Only one of them can be filled: both may spend everything.
      const quote = this.freeCash;
      const dip = this.buy({ quote, limit: close - distance * away, tag: 'dip' });
      this.buy({ quote, stop: close + distance * away, oco: dip, tag: 'breakout' });
      return;
    }
    const { price, size } = this.position;
    const target = this.sell({ size, limit: price + risk * away });
    this.sell({ size, stop: price - risk * away, oco: target });
  }
}
