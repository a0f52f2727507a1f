import { atr, float, highest, int, strategy } from 'qt-trader';

/**
 * Bids to buy with a stop above the highest high of some bars. The exits go with the entry: a stop that trails a few average
 * ranges behind, and a target.
 */
export default class BracketBreakout extends strategy({
  bars: int(30, { min: 2, help: 'bars whose high is to be broken' }),
  trail: float(3, { min: 0.5, help: 'distance of the trailing stop, in average true ranges' }),
  target: float(0.12, { min: 0.001, help: 'gain at which the profit is taken, as a fraction of the entry' }),
}) {
  top = highest(this.data.high, this.params.bars);
  range = atr(this.data, 14);

  next() {
    if (this.position.isOpen) return;
    const { trail, target } = this.params;
    // The bid of the last bar ends with its exits; this one takes its place.
    for (const order of this.openOrders) this.cancel(order);
    this.buyBracket({
      stop: this.top.now * 1.0001,
      stopLoss: { trailAmount: trail * this.range.now },
      takeProfit: { percent: target },
      tag: 'breakout',
    });
  }
}
