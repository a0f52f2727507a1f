import { type Data, delay, div, float, InputError, int, strategy } from 'qt-trader';

/** Holds whichever of its datas has risen most lately, and cash while none has. Give it two data files or more. */
export default class Rotation extends strategy({
  lookback: int(336, { min: 1, help: 'bars over which the rise is measured' }),
  every: int(24, { min: 1, help: 'bars between decisions' }),
  edge: float(0.03, { min: 0, help: 'how much stronger another must be to be worth the fees' }),
}) {
  /** Close over the close `lookback` bars ago, one line a data. */
  strength = this.datas.map(({ close }) => div(close, delay(close, this.params.lookback)));
  wanted: Data | undefined;

  override init() {
    if (this.datas.length >= 2) return;
    throw new InputError('ROTATION_DATA', 'there is nothing to rotate into', {
      value: this.datas.length,
      limit: 2,
      fix: 'give at least two data files: --data btc.csv eth.csv',
    });
  }

  next() {
    if (this.data.length % this.params.every === 0) this.wanted = this.choose();
    if (this.openOrders.length > 0) return;
    // Spot has no credit: what is held is sold first, and its money buys the next one a bar later.
    if (this.held !== undefined && this.held !== this.wanted) this.close({ data: this.held });
    else if (this.held === undefined && this.wanted !== undefined) this.buy({ data: this.wanted });
  }

  get held() {
    return this.datas.find(data => this.positionOf(data).isOpen);
  }

  choose() {
    const rise = (data: Data) => this.strength[this.datas.indexOf(data)].now;
    const best = this.datas.reduce((a, b) => (rise(b) > rise(a) ? b : a));
    const keep = this.held !== undefined && rise(this.held) * (1 + this.params.edge) > rise(best);
    const choice = keep ? this.held! : best;
    return rise(choice) > 1 ? choice : undefined;
  }
}
