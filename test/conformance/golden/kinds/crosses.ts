import { crossOver, sma } from '../../../../src/index.ts';
import { Recorded } from '../recorded.ts';

/** Follows the cross of two moving averages, in one of five ways. */
export class SmaCross extends Recorded<{
  readonly fast: number;
  readonly slow: number;
  readonly mode: string;
  readonly stake: number;
  readonly target: number;
  readonly short: boolean;
}> {
  static override readonly defaults = {
    fast: 10,
    slow: 30,
    mode: 'long_only',
    stake: 1,
    target: 0.9,
    short: false,
  };
  readonly cross = crossOver(sma(this.data.close, this.values.fast), sma(this.data.close, this.values.slow));

  override logic(): void {
    const cross = this.cross.now;
    const { mode, stake, target, short } = this.values;
    if (mode === 'long_only') this.longOnly(cross);
    else if (mode === 'long_short') this.#longShort(cross);
    else if (cross === 0) return;
    else if (mode === 'reverse') this.placeTarget('size', cross > 0 ? stake : -stake);
    else if (mode === 'target_percent') this.placeTarget('percent', cross > 0 ? target : short ? -target : 0);
    else if (mode === 'target_value') this.placeTarget('value', cross > 0 ? target : short ? -target : 0);
    else throw new Error(`the mode ${mode} is not known`);
  }

  protected longOnly(cross: number): void {
    const { size } = this.position;
    if (cross > 0 && size === 0) this.place('buy');
    else if (cross < 0 && size !== 0) this.placeClose();
  }

  #longShort(cross: number): void {
    const { size } = this.position;
    if (cross > 0) {
      if (size < 0) this.placeClose();
      if (size <= 0) this.place('buy');
    } else if (cross < 0) {
      if (size > 0) this.placeClose();
      if (size >= 0) this.place('sell');
    }
  }
}

/** The same, long only, at the open of the second bar after the cross: at an open, indicators there are a bar behind. */
export class SmaCrossCoo extends SmaCross {
  override logic(): void {}

  override nextOpen(): void {
    this.longOnly(this.cross.ago(2));
  }
}

export class SizerCross extends SmaCross {}
