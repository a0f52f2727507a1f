import { Kernel } from '../../series/kernel.ts';
import type { Line } from '../../series/line.ts';
import { RollingMean } from '../windows/rolling-mean.ts';

export class Sma extends Kernel<'sma'> {
  private readonly mean: RollingMean;

  constructor(input: Line, bars: number) {
    super({ label: `SMA(${bars})`, inputs: [input], outputs: ['sma'], warmup: bars - 1, depth: bars });
    this.mean = new RollingMean(bars, this.start);
  }

  compute(from: number, to: number): void {
    this.mean.run(this.reads[0], this.writes[0], this.clock.mask, from, to);
  }
}
