import type { RunStart } from '../analyzers/analyzer.ts';
import { DrawDown as Analysis } from '../analyzers/backtrader/drawdown.ts';
import type { FundParameters } from '../analyzers/backtrader/parameters.ts';
import type { Observer } from './observer.ts';

/** DrawDown: how far the value lies below its peak, and the most so far, in percent. */
export class DrawDown implements Observer {
  readonly name = 'DrawDown';
  readonly #analysis: Analysis;

  constructor(parameters: FundParameters = {}) {
    this.#analysis = new Analysis(parameters);
  }

  begin(start: RunStart): readonly string[] {
    this.#analysis.begin(start);
    return ['drawdown', 'maxdrawdown'];
  }

  step(values: Float64Array): void {
    this.#analysis.step();
    const { now } = this.#analysis;
    values[0] = now.drawdown;
    values[1] = now.max.drawdown;
  }
}

/** DrawDownLength: steps below the peak, and the most so far. */
export class DrawDownLength implements Observer {
  readonly name = 'DrawDownLength';
  readonly #analysis = new Analysis();

  begin(start: RunStart): readonly string[] {
    this.#analysis.begin(start);
    return ['len', 'maxlen'];
  }

  step(values: Float64Array): void {
    this.#analysis.step();
    const { now } = this.#analysis;
    values[0] = now.len;
    values[1] = now.max.len;
  }
}
