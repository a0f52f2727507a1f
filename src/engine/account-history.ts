import type { Ledger } from '../brokers/ledger.ts';
import type { Bars } from '../model/bars.ts';
import { BLOCK } from '../series/clock.ts';
import type { Analyzer, Steps } from './analyzers/analyzer.ts';

/** Collects the account's value step by step and hands it to the analyzers a block at a time. */
export class AccountHistory {
  /** Steps so far. */
  steps = 0;
  /** Steps at whose end a position was held. */
  exposedSteps = 0;
  readonly #ledger: Ledger;
  readonly #analyzers: readonly Analyzer[];
  readonly #block: Steps = { length: 0, time: new Float64Array(BLOCK), value: new Float64Array(BLOCK) };

  constructor(ledger: Ledger, analyzers: readonly Analyzer[]) {
    this.#ledger = ledger;
    this.#analyzers = analyzers;
  }

  /** Adds one step with the account as it is now. */
  add(time: number): void {
    const block = this.#block;
    block.time[block.length] = time;
    block.value[block.length] = this.#ledger.value;
    this.#close(1);
  }

  /**
   * Adds a step for each of the rows `from`..`to` of the only instrument's bars, during which the account did not
   * change but for the price; `closeTime` gives a row's time. One tight loop for what would otherwise be done a bar at
   * a time in the middle of the strategy's work.
   */
  addRows(
    bars: Bars,
    from: number,
    to: number,
    closeShift: number,
    closeTime: (row: number) => number,
  ): void {
    const { close, time } = bars;
    const block = this.#block;
    const { cash } = this.#ledger;
    const size = this.#ledger.sizes[0];
    let row = from;
    while (row < to) {
      const count = Math.min(to - row, BLOCK - block.length);
      const shift = block.length - row;
      for (let i = row; i < row + count; i++) block.time[i + shift] = time[i] + closeShift;
      if (Number.isNaN(closeShift)) {
        for (let i = row; i < row + count; i++) block.time[i + shift] = closeTime(i);
      }
      if (size === 0) block.value.fill(cash, block.length, block.length + count);
      else for (let i = row; i < row + count; i++) block.value[i + shift] = cash + size * close[i];
      row += count;
      this.#close(count);
    }
  }

  #close(count: number): void {
    this.steps += count;
    if (this.#ledger.openPositions !== 0) this.exposedSteps += count;
    this.#block.length += count;
    if (this.#block.length === BLOCK) this.flush();
  }

  /** Hands over what is left. */
  flush(): void {
    if (this.#block.length === 0) return;
    for (const analyzer of this.#analyzers) analyzer.steps(this.#block);
    this.#block.length = 0;
  }
}
