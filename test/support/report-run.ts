import {
  type BacktestResult,
  backtest,
  bollinger,
  crossOver,
  type DataFeed,
  ema,
  int,
  macd,
  memoryFeed,
  rsi,
  sma,
  strategy,
  text,
} from '../../src/index.ts';
import { randomWalk, type WalkOptions } from './random-walk.ts';

/** Averages on the price's scale, oscillators off it, tags, refusals and a log: something in every part of a report. */
export class Showcase extends strategy({
  fast: int(10, { min: 2 }),
  slow: int(30, { min: 3 }),
  label: text(''),
}) {
  fast = sma(this.data.close, this.params.fast);
  slow = ema(this.data.close, this.params.slow);
  bands = bollinger(this.data.close, 20);
  strength = rsi(this.data.close, 14);
  trend = macd(this.data.close);
  cross = crossOver(this.fast, this.slow);

  next() {
    if (this.cross.now > 0) {
      this.buy({ tag: this.params.label || (this.strength.now > 60 ? 'breakout' : 'cross') });
      this.log(`bought at ${this.data.close.now}`);
    } else if (this.cross.now < 0) {
      if (this.position.size > 0) this.close({ tag: 'exit' });
      else this.sell({ size: 1, tag: 'short' });
    }
  }
}

/** Three averages and a fast cross: many trades on a long walk. */
export class Averages extends strategy({ fast: int(10, { min: 2 }), slow: int(30, { min: 3 }) }) {
  fast = sma(this.data.close, this.params.fast);
  slow = sma(this.data.close, this.params.slow);
  smooth = ema(this.data.close, 50);

  next() {
    const above = this.fast.now > this.slow.now;
    const was = this.fast.ago(1) > this.slow.ago(1);
    if (above && !was) this.buy({ tag: 'up' });
    else if (!above && was) this.close({ tag: 'down' });
  }
}

/** A feed of a seeded walk that says so in its notes. */
export function walkFeed(bars: number, options: WalkOptions & { symbol?: string } = {}): DataFeed {
  const { symbol = 'BTCUSDT' } = options;
  return {
    ...memoryFeed(randomWalk(bars, options), { symbol }),
    notes: () => [`${symbol} is synthetic: a seeded random walk, not market data.`],
  };
}

/** A recorded run of {@link Showcase}. */
export function showcaseRun(
  bars: number,
  options: WalkOptions & { params?: Record<string, unknown>; symbol?: string } = {},
): Promise<BacktestResult> {
  return backtest({
    strategy: Showcase,
    data: walkFeed(bars, options),
    params: options.params ?? {},
    record: true,
  });
}

/** A recorded run of {@link Averages}: about 20 trades per thousand bars. */
export function longRun(bars: number): Promise<BacktestResult> {
  return backtest({
    strategy: Averages,
    data: walkFeed(bars, { step: 60_000, volatility: 0.0006, price: 30_000, start: Date.UTC(2022, 0, 1) }),
    commission: 0.0001,
    record: true,
  });
}
