import { choice, float, type Parameter } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { type Indicator, indicator } from '../definition.ts';
import { Candles, type SettingUse, settingNumber, TOTALS } from './candles.ts';
import type { CandleSettingName, SettingTable } from './settings.ts';

/** A pattern as its file declares it. */
export interface PatternSpec {
  readonly title: string;
  /** The rule in words; what follows its last colon is the value. */
  readonly formula: string;
  /** Candles that it is made of. */
  readonly candles: number;
  /** Bars by which its first value comes later than those candles need. */
  readonly waits?: number;
  /** Which settings it measures by, each at the candles of so many bars ago. */
  readonly uses: SettingUse;
  /** How far into the first body a later candle must come, as a share of that body: the default. */
  readonly penetration?: number;
  /** Bars before its first value from which the rule already runs, for what it keeps in `memory`. */
  readonly leadIn?: number;
  /** 0, or the pattern's value: above 0 bullish, below it bearish. May keep numbers in `candles.memory`. */
  readonly rule: (candles: Candles, penetration: number) => number;
}

type None = Record<never, never>;
type Summed<S extends PatternSpec> = None extends S['uses']
  ? None
  : { readonly convention: Parameter<'exact' | 'talib'> };
type Penetrated<S extends PatternSpec> = S extends { readonly penetration: number }
  ? { readonly penetration: Parameter<number> }
  : None;

/** The indicator that a pattern's declaration makes. */
export type PatternIndicator<S extends PatternSpec> = Indicator<
  typeof COLUMNS,
  Penetrated<S> & Summed<S>,
  readonly ['pattern']
>;

const COLUMNS = ['open', 'high', 'low', 'close'] as const;

const HOW_SUMMED = choice(['exact', 'talib'], {
  help: 'talib keeps the rounding errors of its running sums, which on prices of coarse ticks decide ties',
});

/** One view for all: rules run one at a time. */
const candles = new Candles();

/** Numbers that a rule may keep. */
const MEMORY = 2;

class Pattern extends Kernel<'pattern'> {
  private readonly totals = new Float64Array(TOTALS);
  private readonly memory = new Float64Array(MEMORY);
  private readonly lasting: boolean;
  private readonly fixed: PatternTerms;

  constructor(label: string, inputs: readonly Line[], terms: PatternTerms, lasting: boolean) {
    super({ label, inputs, outputs: ['pattern'], warmup: terms.lookback, depth: terms.depth });
    this.lasting = lasting;
    this.fixed = terms;
  }

  compute(from: number, to: number): void {
    const { spec, settings, sums, penetration, lookback } = this.fixed;
    const out = ringOf(this.outputs.pattern);
    const { mask } = this.clock;
    const first = this.start + lookback;
    const begins = first - (spec.leadIn ?? 0);
    candles.look(this.inputs.map(ringOf), mask, this.totals, this.memory, settings);
    for (let i = from; i < to; i++) {
      let value = Number.NaN;
      if (i >= begins) {
        candles.bar = i;
        for (let k = 0; k < sums.length; k += 2) {
          if (i === begins) candles.begin(sums[k], sums[k + 1]);
          else candles.step(sums[k], sums[k + 1], this.lasting);
        }
        value = spec.rule(candles, penetration);
      }
      out[i & mask] = i < first ? Number.NaN : value;
    }
  }
}

/** What a pattern comes to with given settings: nothing in it changes. */
interface PatternTerms {
  readonly spec: PatternSpec;
  readonly settings: SettingTable;
  /** Pairs of a setting's number and how many bars ago the candle is. */
  readonly sums: readonly number[];
  readonly penetration: number;
  readonly lookback: number;
  readonly depth: number;
}

interface Given {
  readonly penetration?: number;
  readonly convention?: string;
}

/** Makes a pattern's indicator, measured by the given settings. */
export function patternIndicator<S extends PatternSpec>(
  name: string,
  spec: S,
  settings: SettingTable,
): PatternIndicator<S> {
  const uses = Object.entries(spec.uses) as [CandleSettingName, readonly number[]][];
  const periods = uses.map(([setting]) => settings.bars[settingNumber(setting)]);
  const lookback = Math.max(0, ...periods) + spec.candles - 1 + (spec.waits ?? 0);
  const sums = uses
    .map(([setting, agos]) => [settingNumber(setting), agos] as const)
    .filter(([setting]) => settings.bars[setting] > 0)
    .flatMap(([setting, agos]) => agos.flatMap(ago => [setting, ago]));
  const parameters = {
    ...(spec.penetration === undefined ? {} : { penetration: float(spec.penetration, { min: 0 }) }),
    ...(uses.length === 0 ? {} : { convention: HOW_SUMMED }),
  };
  return indicator({
    name,
    label: spec.title,
    title: spec.title,
    group: 'candlestick patterns',
    formula: spec.formula,
    source:
      'Nison, Japanese Candlestick Charting Techniques, 1991; Morris, Candlestick Charting Explained, 1992; TA-Lib',
    inputs: COLUMNS,
    parameters,
    lines: ['pattern'],
    build: (values, ...inputs) => {
      // Reading a parameter that was not declared throws.
      const { penetration = 0, convention }: Given = { ...values };
      const terms = { spec, settings, sums, penetration, lookback, depth: lookback + 1 };
      return new Pattern(spec.title, inputs, Object.freeze(terms), convention === 'talib').outputs;
    },
  }) as unknown as PatternIndicator<S>;
}
