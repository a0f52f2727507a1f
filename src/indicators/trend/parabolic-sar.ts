import { float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';

/** How fast the stop follows on one side: the factor's first value, its steps and its greatest value. */
interface Acceleration {
  readonly first: number;
  readonly step: number;
  readonly most: number;
}

interface SarTerms {
  readonly long: Acceleration;
  readonly short: Acceleration;
  /** Above 0 a long position with this stop to begin with, below 0 a short one; 0: the first two bars decide. */
  readonly begin: number;
  /** By which part of the stop it is moved away from prices where it turns. */
  readonly offset: number;
  /** True when the stop of a short position is given as a negative number. */
  readonly signed: boolean;
  /** True when closes, the third input, decide how to begin, and the second bar cannot turn: backtrader. */
  readonly byCloses: boolean;
  /** The first bar, counted from 1, that has a value. */
  readonly firstBar: number;
}

class ParabolicSar extends Kernel<'sar'> {
  private readonly terms: SarTerms;
  private long = true;
  private sar = 0;
  private extreme = 0;
  private factor = 0;
  /** Bars until now, no more than 2. */
  private seen = 0;
  private highBefore = 0;
  private lowBefore = 0;
  private closeBefore = 0;

  constructor(name: string, inputs: readonly Line[], terms: SarTerms) {
    super({
      label: name,
      inputs,
      outputs: ['sar'],
      warmup: terms.firstBar - 1,
      depth: 2,
      recursive: true,
    });
    this.terms = terms;
  }

  compute(from: number, to: number): void {
    const rings = this.inputs.map(ringOf);
    const [high, low] = rings;
    const close = rings[2] ?? low;
    const out = ringOf(this.outputs.sar);
    const { mask } = this.clock;
    const first = this.start + this.terms.firstBar - 1;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const value = this.next(high[p], low[p], close[p]);
      out[p] = i < first ? Number.NaN : this.terms.signed && !this.long ? -value : value;
    }
  }

  private next(high: number, low: number, close: number): number {
    if (Number.isNaN(high) || Number.isNaN(low) || Number.isNaN(close)) return Number.NaN;
    let { highBefore, lowBefore } = this;
    let value = Number.NaN;
    if (this.seen === 1) {
      this.begin(high, low, close);
      if (this.terms.byCloses) value = this.sar;
      else {
        // TA-Lib keeps the stop out of the second bar only.
        highBefore = high;
        lowBefore = low;
      }
    }
    if (this.seen > 0) {
      if (Number.isNaN(value)) value = this.turned(highBefore, lowBefore, high, low);
      this.follow(highBefore, lowBefore, high, low);
    }
    if (this.seen < 2) this.seen++;
    this.highBefore = high;
    this.lowBefore = low;
    this.closeBefore = close;
    return value;
  }

  private begin(high: number, low: number, close: number): void {
    const { begin, byCloses, long, short } = this.terms;
    const { highBefore, lowBefore, closeBefore } = this;
    const fall = lowBefore - low;
    const falling = byCloses ? close < closeBefore : fall > 0 && fall > high - highBefore;
    this.long = begin === 0 ? !falling : begin > 0;
    this.extreme = this.long ? high : low;
    this.sar = begin !== 0 ? Math.abs(begin) : this.long ? lowBefore : highBefore;
    this.factor = this.long ? long.first : short.first;
  }

  /** The stop at a bar, at the extreme where the bar has reached it. */
  private turned(highBefore: number, lowBefore: number, high: number, low: number): number {
    const { long, short, offset, byCloses } = this.terms;
    if (this.long && low <= this.sar) {
      this.long = false;
      this.sar = byCloses ? this.extreme : Math.max(this.extreme, highBefore, high);
      this.sar += this.sar * offset;
      this.extreme = low;
      this.factor = short.first;
    } else if (!this.long && high >= this.sar) {
      this.long = true;
      this.sar = byCloses ? this.extreme : Math.min(this.extreme, lowBefore, low);
      this.sar -= this.sar * offset;
      this.extreme = high;
      this.factor = long.first;
    } else if (this.long && high > this.extreme) {
      this.extreme = high;
      this.factor = Math.min(this.factor + long.step, long.most);
    } else if (!this.long && low < this.extreme) {
      this.extreme = low;
      this.factor = Math.min(this.factor + short.step, short.most);
    }
    return this.sar;
  }

  /** Where the stop will be at the next bar. */
  private follow(highBefore: number, lowBefore: number, high: number, low: number): void {
    this.sar += this.factor * (this.extreme - this.sar);
    this.sar = this.long ? Math.min(this.sar, lowBefore, low) : Math.max(this.sar, highBefore, high);
  }
}

const STOP =
  'a stop that moves by f · (extreme − stop) a bar, never into the last two bars; f begins at `step` and grows by it, up to `most`, with every new extreme; where a bar reaches the stop it turns, and begins at the extreme';
const PASSED = 'a bar with a NaN is passed over';

/** Wilder's parabolic stop-and-reverse, a price. */
export const parabolicSar = indicator({
  name: 'parabolicSar',
  label: 'SAR',
  title: 'Parabolic stop and reverse',
  group: 'trend',
  formula: `${STOP}, out of the last two bars too. It begins long unless the second bar’s low has fallen, and more than its high has risen; ${PASSED}`,
  source: 'Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib SAR',
  inputs: ['high', 'low'],
  parameters: { step: float(0.02, { min: 0 }), most: float(0.2, { min: 0 }) },
  lines: ['sar'],
  build: ({ step, most }, high, low) => {
    const side = acceleration(step, step, most);
    const terms = {
      long: side,
      short: side,
      begin: 0,
      offset: 0,
      signed: false,
      byCloses: false,
      firstBar: 2,
    };
    return new ParabolicSar('SAR', [high, low], terms).outputs;
  },
});

/** The parabolic stop-and-reverse that closes begin, a price. */
export const parabolicSarByClose = indicator({
  name: 'parabolicSarByClose',
  label: 'SAR',
  title: 'Parabolic stop and reverse, begun by closes',
  group: 'trend',
  formula: `${STOP}. It begins long unless the second bar’s close has fallen, and does not turn on that bar; \`bars\` is the first with a value; ${PASSED}`,
  source: 'backtrader ParabolicSAR',
  inputs: ['high', 'low', 'close'],
  parameters: {
    step: float(0.02, { min: 0 }),
    most: float(0.2, { min: 0 }),
    bars: int(2, { min: 2, max: MOST_BARS }),
  },
  lines: ['sar'],
  build: ({ step, most, bars }, high, low, close) => {
    const side = { first: step, step, most };
    const terms = {
      long: side,
      short: side,
      begin: 0,
      offset: 0,
      signed: false,
      byCloses: true,
      firstBar: bars,
    };
    return new ParabolicSar('SAR', [high, low, close], terms).outputs;
  },
});

/** The parabolic stop-and-reverse with terms of its own for each side, a price; negative while short. */
export const parabolicSarExtended = indicator({
  name: 'parabolicSarExtended',
  label: 'SAREXT',
  title: 'Parabolic stop and reverse, extended',
  group: 'trend',
  formula:
    'as parabolicSar, and negative while short; `begin` above 0 is the stop of a long position to begin with, below 0 of a short one; where it turns, the stop is put off by the part `offset` of itself; each side has a first factor, a step and a greatest factor',
  source: 'TA-Lib SAREXT',
  inputs: ['high', 'low'],
  parameters: {
    begin: float(0),
    offset: float(0, { min: 0 }),
    firstLong: float(0.02, { min: 0 }),
    stepLong: float(0.02, { min: 0 }),
    mostLong: float(0.2, { min: 0 }),
    firstShort: float(0.02, { min: 0 }),
    stepShort: float(0.02, { min: 0 }),
    mostShort: float(0.2, { min: 0 }),
  },
  lines: ['sar'],
  build: (p, high, low) =>
    new ParabolicSar('SAREXT', [high, low], {
      long: acceleration(p.firstLong, p.stepLong, p.mostLong),
      short: acceleration(p.firstShort, p.stepShort, p.mostShort),
      begin: p.begin,
      offset: p.offset,
      signed: true,
      byCloses: false,
      firstBar: 2,
    }).outputs,
});

function acceleration(first: number, step: number, most: number): Acceleration {
  return { first: Math.min(first, most), step: Math.min(step, most), most };
}

/** This family, for the registry. */
export const PARABOLIC = [parabolicSar, parabolicSarByClose, parabolicSarExtended] as const;
