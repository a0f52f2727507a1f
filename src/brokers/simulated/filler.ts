import { InputError } from '../../model/errors.ts';
import { floorDivide } from '../../model/floor-divide.ts';

/** How much of an order a bar can fill; the rest waits for the next bar. */
export interface Filler {
  /** Shown in reports. */
  readonly label: string;
  /** At most `remaining` base units, given that the bar traded `volume` of them between `low` and `high`. */
  size(remaining: number, volume: number, high: number, low: number): number;
}

/** At most `size` base units a bar, and no more than the bar traded; without `size` all that it traded. */
export function fixedSizeFiller(size?: number): Filler {
  if (size !== undefined) check('size', size, 'base units');
  return {
    label: size === undefined ? 'the volume of the bar' : `${size} a bar`,
    size: (remaining, volume) => Math.min(size ?? volume, volume, remaining),
  };
}

/** At most `percent` of what the bar traded, in whole units. */
export function barPercentFiller(percent = 100): Filler {
  check('percent', percent, 'a percentage such as 10');
  return {
    label: `${percent} % of the volume`,
    size: (remaining, volume) => Math.min(floorDivide(volume * percent, 100), remaining),
  };
}

/**
 * What the bar traded is thought to be spread evenly over its prices, from low to high in steps of `step`: at most
 * `percent` (default 100) of one price's part, in whole units. Without `step` the bar is one price.
 */
export function barPointPercentFiller(options: { step?: number | undefined; percent?: number } = {}): Filler {
  const { step, percent = 100 } = options;
  if (step !== undefined) check('step', step, 'the least movement of the price');
  check('percent', percent, 'a percentage such as 10');
  return {
    label: `${percent} % of the volume at a price`,
    size: (remaining, volume, high, low) => {
      const prices = step === undefined ? 1 : floorDivide(high - low + step, step);
      return Math.min(floorDivide((volume / prices) * percent, 100), remaining);
    },
  };
}

function check(name: string, value: number, unit: string): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new InputError('FILLER_INVALID', `the filler's ${name} was ${value}`, {
    value,
    limit: 'more than 0',
    fix: `give ${unit}`,
  });
}
