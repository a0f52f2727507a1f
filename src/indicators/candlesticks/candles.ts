import {
  type CANDLE_SETTINGS,
  type CandleSettingName,
  SETTING_NAMES,
  type SettingTable,
} from './settings.ts';

/** The most candles that a pattern is made of. */
const MOST_CANDLES = 5;

/** Where the total of a setting's lengths before the candle of `ago` bars ago stands. */
export const totalIndex = (setting: number, ago: number) => setting * MOST_CANDLES + ago;

export const TOTALS = SETTING_NAMES.length * MOST_CANDLES;

const NUMBER = Object.fromEntries(SETTING_NAMES.map((name, i) => [name, i])) as Record<
  CandleSettingName,
  number
>;

export const settingNumber = (name: CandleSettingName) => NUMBER[name];

const {
  bodyLong,
  bodyShort,
  bodyDoji,
  shadowLong,
  shadowVeryLong,
  shadowShort,
  shadowVeryShort,
  near,
  far,
  equal,
} = NUMBER;

/** Above this share of what stays in a sum, what leaves it takes digits along. */
const SPIKE = 2 ** 20;

const NO_VALUES: Float64Array = new Float64Array(0);
const NO_SETTINGS: SettingTable = {
  bars: new Int32Array(0),
  factor: NO_VALUES,
  of: new Uint8Array(0),
};

/**
 * The candles around one bar, as the rules of patterns speak of them: `ago` counts from the current candle, 0, to the
 * earlier ones. A view of the rings of one kernel at a time; it holds nothing of its own.
 */
export class Candles {
  #open: Float64Array = NO_VALUES;
  #high: Float64Array = NO_VALUES;
  #low: Float64Array = NO_VALUES;
  #close: Float64Array = NO_VALUES;
  #mask = 0;
  #totals: Float64Array = NO_VALUES;
  #settings = NO_SETTINGS;
  /** What a rule keeps from bar to bar. */
  memory: Float64Array = NO_VALUES;
  /** Number of the current bar. */
  bar = 0;

  look(
    rings: readonly Float64Array[],
    mask: number,
    totals: Float64Array,
    memory: Float64Array,
    settings: SettingTable,
  ): void {
    [this.#open, this.#high, this.#low, this.#close] = rings;
    this.#mask = mask;
    this.#totals = totals;
    this.memory = memory;
    this.#settings = settings;
  }

  open(ago: number): number {
    return this.#open[(this.bar - ago) & this.#mask];
  }

  high(ago: number): number {
    return this.#high[(this.bar - ago) & this.#mask];
  }

  low(ago: number): number {
    return this.#low[(this.bar - ago) & this.#mask];
  }

  close(ago: number): number {
    return this.#close[(this.bar - ago) & this.#mask];
  }

  /** The body's upper end. */
  top(ago: number): number {
    return Math.max(this.open(ago), this.close(ago));
  }

  /** The body's lower end. */
  bottom(ago: number): number {
    return Math.min(this.open(ago), this.close(ago));
  }

  body(ago: number): number {
    return Math.abs(this.close(ago) - this.open(ago));
  }

  range(ago: number): number {
    return this.high(ago) - this.low(ago);
  }

  upperShadow(ago: number): number {
    return this.high(ago) - this.top(ago);
  }

  lowerShadow(ago: number): number {
    return this.bottom(ago) - this.low(ago);
  }

  /** 1 for a white candle, -1 for a black one; one that closes where it opened is white. */
  color(ago: number): 1 | -1 {
    return this.close(ago) >= this.open(ago) ? 1 : -1;
  }

  isWhite(ago: number): boolean {
    return this.color(ago) === 1;
  }

  isBlack(ago: number): boolean {
    return this.color(ago) === -1;
  }

  /** True when the body of the later candle is above that of the earlier one. */
  bodyGapsUp(later: number, earlier: number): boolean {
    return this.bottom(later) > this.top(earlier);
  }

  bodyGapsDown(later: number, earlier: number): boolean {
    return this.top(later) < this.bottom(earlier);
  }

  /** True when the later candle is above the earlier one, shadows and all. */
  gapsUp(later: number, earlier: number): boolean {
    return this.low(later) > this.high(earlier);
  }

  gapsDown(later: number, earlier: number): boolean {
    return this.high(later) < this.low(earlier);
  }

  isLong(ago: number): boolean {
    return this.body(ago) > this.#limit(bodyLong, ago);
  }

  /** Not longer than short. */
  isShort(ago: number): boolean {
    return this.body(ago) <= this.#limit(bodyShort, ago);
  }

  isMoreThanShort(ago: number): boolean {
    return this.body(ago) > this.#limit(bodyShort, ago);
  }

  /** Shorter than short. */
  isSmall(ago: number): boolean {
    return this.body(ago) < this.#limit(bodyShort, ago);
  }

  /** `limitAgo`: the candle whose limit counts. */
  isDoji(ago: number, limitAgo = ago): boolean {
    return this.body(ago) <= this.#limit(bodyDoji, limitAgo);
  }

  hasLongUpperShadow(ago: number): boolean {
    return this.upperShadow(ago) > this.#limit(shadowLong, ago);
  }

  hasLongLowerShadow(ago: number): boolean {
    return this.lowerShadow(ago) > this.#limit(shadowLong, ago);
  }

  hasVeryLongUpperShadow(ago: number): boolean {
    return this.upperShadow(ago) > this.#limit(shadowVeryLong, ago);
  }

  hasVeryLongLowerShadow(ago: number): boolean {
    return this.lowerShadow(ago) > this.#limit(shadowVeryLong, ago);
  }

  hasShortUpperShadow(ago: number): boolean {
    return this.upperShadow(ago) < this.#limit(shadowShort, ago);
  }

  hasShortLowerShadow(ago: number): boolean {
    return this.lowerShadow(ago) < this.#limit(shadowShort, ago);
  }

  /** An upper shadow that is more than short. */
  hasUpperShadow(ago: number): boolean {
    return this.upperShadow(ago) > this.#limit(shadowShort, ago);
  }

  hasNoUpperShadow(ago: number): boolean {
    return this.upperShadow(ago) < this.#limit(shadowVeryShort, ago);
  }

  hasNoLowerShadow(ago: number): boolean {
    return this.lowerShadow(ago) < this.#limit(shadowVeryShort, ago);
  }

  /** An upper shadow that is more than very short. */
  hasSomeUpperShadow(ago: number): boolean {
    return this.upperShadow(ago) > this.#limit(shadowVeryShort, ago);
  }

  hasSomeLowerShadow(ago: number): boolean {
    return this.lowerShadow(ago) > this.#limit(shadowVeryShort, ago);
  }

  /** How far apart is near, by the candles before the one of `ago` bars ago. */
  near(ago: number): number {
    return this.#limit(near, ago);
  }

  far(ago: number): number {
    return this.#limit(far, ago);
  }

  equal(ago: number): number {
    return this.#limit(equal, ago);
  }

  /** True when two prices differ by no more than what counts as equal at the candle of `ago` bars ago. */
  areEqual(price: number, other: number, ago: number): boolean {
    const limit = this.equal(ago);
    return price <= other + limit && price >= other - limit;
  }

  // In TA-Lib's order of operations: on prices of coarse ticks the last bit decides many ties.
  #limit(setting: number, ago: number): number {
    const { bars, factor, of } = this.#settings;
    const count = bars[setting];
    const average =
      count === 0
        ? this.#length(of[setting], this.bar - ago)
        : this.#totals[totalIndex(setting, ago)] / count;
    const limit = factor[setting] * average;
    return of[setting] === 2 ? limit / 2 : limit;
  }

  /** Sums a setting's lengths before the candle of `ago` bars ago. */
  begin(setting: number, ago: number): void {
    const { bars, of } = this.#settings;
    const end = this.bar - ago;
    let total = 0;
    for (let b = end - bars[setting]; b < end; b++) total += this.#length(of[setting], b);
    this.#totals[totalIndex(setting, ago)] = total;
  }

  /**
   * The same sum a bar later, in O(1) as TA-Lib adds it up, where a rounding error stays for good; unless `lasting` is
   * wanted, afresh once a window by bar number, and after a spike, which takes digits along. After a gap always afresh.
   */
  step(setting: number, ago: number, lasting: boolean): void {
    const { bars, of } = this.#settings;
    const count = bars[setting];
    const entering = this.bar - ago - 1;
    const leaves = this.#length(of[setting], entering - count);
    const index = totalIndex(setting, ago);
    const total = this.#totals[index] + (this.#length(of[setting], entering) - leaves);
    const kept = lasting || (this.bar % count !== 0 && leaves <= SPIKE * total);
    if (kept && Number.isFinite(total)) this.#totals[index] = total;
    else this.begin(setting, ago);
  }

  #length(of: number, bar: number): number {
    const p = bar & this.#mask;
    if (of === 0) return Math.abs(this.#close[p] - this.#open[p]);
    if (of === 1) return this.#high[p] - this.#low[p];
    const open = this.#open[p];
    const close = this.#close[p];
    return this.#high[p] - Math.max(open, close) + (Math.min(open, close) - this.#low[p]);
  }
}

export type SettingUse = { readonly [K in keyof typeof CANDLE_SETTINGS]?: readonly number[] };
