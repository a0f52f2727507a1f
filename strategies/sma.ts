import { crossOver, int, sma, strategy } from 'qt-trader';

/** Trend following at its simplest: in when the fast average crosses above the slow one, out when it falls below. */
export default class Sma extends strategy({
  fast: int(10, { min: 2, help: 'bars of the fast average' }),
  slow: int(30, { min: 3, help: 'bars of the slow average' }),
}) {
  cross = crossOver(sma(this.data.close, this.params.fast), sma(this.data.close, this.params.slow));

  next() {
    if (this.cross.now > 0) this.buy();
    else if (this.cross.now < 0) this.close();
  }
}
