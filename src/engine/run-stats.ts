/** How far a run has come. */
export interface EngineProgress {
  /** Bars closed so far, over all feeds. */
  readonly bars: number;
  /** The step's time, epoch ms UTC. */
  readonly time: number;
  /** Share of the data that has been read, 0 … 1; NaN where nobody can know. */
  readonly done: number;
}

/** What a run went through. */
export interface RunStats {
  /** Bars closed over all feeds, warm-up included. */
  readonly bars: number;
  readonly warmupBars: number;
  readonly steps: number;
  /** Steps at whose end a position was held. */
  readonly exposedSteps: number;
  /** Open time of the first bar of the run, epoch ms UTC; NaN without one. */
  readonly from: number;
  /** Time of the last step, epoch ms UTC; NaN without one. */
  readonly to: number;
  /** The first open and the last close of each instrument in the run; NaN without one. */
  readonly firstPrices: readonly number[];
  readonly lastPrices: readonly number[];
}
