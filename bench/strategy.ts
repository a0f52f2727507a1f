import { crossOver, int, sma, strategy } from '../src/index.ts';
import { TERMS } from './workload.ts';

/** The workload's strategy, written as a user would: see strategies/sma.ts. */
export class Cross extends strategy({ fast: int(TERMS.fast), slow: int(TERMS.slow) }) {
  cross = crossOver(sma(this.data.close, this.params.fast), sma(this.data.close, this.params.slow));

  next() {
    if (this.cross.now > 0) this.buy();
    else if (this.cross.now < 0) this.close();
  }
}

/** The same lines, looked at and never acted on: what is left is the cost of a bar. */
export class Quiet extends strategy({ fast: int(TERMS.fast), slow: int(TERMS.slow) }) {
  cross = crossOver(sma(this.data.close, this.params.fast), sma(this.data.close, this.params.slow));
  crosses = 0;

  next() {
    if (this.cross.now !== 0) this.crosses++;
  }
}
