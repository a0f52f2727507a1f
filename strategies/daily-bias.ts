import { float, gt, indicator, int, sma, strategy } from 'qt-trader';

/** The average price paid, weighing each bar by its volume and the past by less and less. */
const fadingVwap = indicator({
  name: 'fadingVwap',
  inputs: ['close', 'volume'],
  parameters: { keep: float(0.95, { min: 0, max: 1 }) },
  start: () => ({ paid: 0, traded: 0 }),
  next: (state, { close, volume }, { keep }) => {
    state.paid = state.paid * keep + close * volume;
    state.traded = state.traded * keep + volume;
    return state.paid / state.traded;
  },
});

/** Holds while the price is above what was paid lately, on days that followed a rise above the daily average. */
export default class DailyBias extends strategy({
  days: int(10, { min: 2, help: 'days of the average that the last day must have closed above' }),
  keep: float(0.9, { min: 0.5, max: 0.999, help: 'how much of its weight a bar keeps with the next one' }),
}) {
  day = this.data.resample('1d');
  rising = gt(this.day.close, sma(this.day.close, this.params.days)).on(this.data);
  vwap = fadingVwap(this.data, this.params.keep);

  next() {
    const wanted = this.rising.now > 0 && this.bar.close > this.vwap.now;
    if (wanted && !this.position.isOpen) this.buy();
    else if (!wanted && this.position.isOpen) this.close();
  }
}
