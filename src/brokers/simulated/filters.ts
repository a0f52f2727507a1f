import type { Instrument } from '../../model/instrument.ts';
import type { OrderReason } from '../../model/order.ts';
import { Step } from '../../model/step.ts';
import { refusal } from './refusal.ts';

/** What rounding may take off a product, relative: far below any exchange's step. */
const ROUNDING = 1e-12;

/** The rules of one instrument about prices and sizes: tick, lot step, smallest and largest size, least notional. */
export class Filters {
  readonly #instrument: Instrument;
  readonly #tick: Step;
  readonly #lot: Step;
  readonly #maxMarketSize: number;
  readonly #minMarketNotional: number;

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
    this.#tick = new Step(instrument.tickSize);
    this.#lot = new Step(instrument.lotStep);
    this.#maxMarketSize = instrument.maxMarketSize ?? instrument.maxSize;
    this.#minMarketNotional = instrument.minMarketNotional ?? instrument.minNotional;
  }

  /** The limit on the tick that is no worse than what was asked: a purchase's goes down, a sale's goes up. */
  limit(sell: boolean, price: number): number {
    return sell ? this.#tick.up(price) : this.#tick.down(price);
  }

  /** The trigger on the tick that is no easier to reach than what was asked: a sale's goes down, a purchase's goes up. */
  trigger(sell: boolean, price: number): number {
    return sell ? this.#tick.down(price) : this.#tick.up(price);
  }

  /** The size in whole lots, rounded down. */
  size(wanted: number): number {
    return this.#lot.down(wanted);
  }

  /** The size in whole lots that does not exceed `most` by anything, as an amount to spend demands. */
  sizeWithin(most: number): number {
    const size = this.#lot.down(most);
    return size <= most ? size : this.#lot.down(size - this.#lot.size / 2);
  }

  /** Why a limit cannot be; `asked` is what it was before it was rounded to the tick. */
  refuseLimit(asked: number, limit: number): OrderReason | undefined {
    return this.#refusePrice('limit', asked, limit);
  }

  /** Why a trigger cannot be; `asked` is what it was before it was rounded to the tick. */
  refuseTrigger(asked: number, stop: number): OrderReason | undefined {
    return this.#refusePrice('trigger', asked, stop);
  }

  #refusePrice(name: string, asked: number, price: number): OrderReason | undefined {
    if (price > 0) return undefined;
    const { tickSize } = this.#instrument;
    return refusal(
      'PRICE_INVALID',
      `the ${name} ${asked} is ${price} after rounding to the tick ${tickSize}`,
      `give a ${name} ${tickSize === 0 ? 'above 0' : `of ${tickSize} or more`}`,
    );
  }

  /** Why an order of `size` cannot be, which was `wanted` before it was rounded, if so. */
  refuseSize(wanted: number, size: number, price: number, market: boolean): OrderReason | undefined {
    const { base, quote, lotStep, minSize, maxSize, minNotional } = this.#instrument;
    if (!(size > 0)) {
      return refusal(
        'SIZE_ZERO',
        `the size ${wanted} is 0 after rounding down to the lot step ${lotStep}`,
        `order at least ${lotStep} ${base}`,
      );
    }
    if (size < minSize) {
      return refusal(
        'MIN_SIZE',
        `the size ${size} ${base} is below the minimum ${minSize}`,
        `order at least ${minSize} ${base}`,
      );
    }
    const most = market ? this.#maxMarketSize : maxSize;
    if (most > 0 && size > most) {
      const kind = market && most !== maxSize ? ' of market orders' : '';
      const fix = `order at most ${most} ${base}, in parts if need be`;
      return refusal('MAX_SIZE', `the size ${size} ${base} is above the maximum${kind} ${most}`, fix);
    }
    const least = market ? this.#minMarketNotional : minNotional;
    if (size * price * (1 + ROUNDING) < least) {
      return refusal(
        'MIN_NOTIONAL',
        `${size} ${base} at ${price} is worth ${size * price} ${quote}, the minimum is ${least}`,
        `order at least ${this.#lot.up(least / price)} ${base}`,
      );
    }
    return undefined;
  }
}
