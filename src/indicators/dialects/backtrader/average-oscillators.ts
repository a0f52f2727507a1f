import type { Line } from '../../../series/line.ts';
import { sub } from '../../../series/operators.ts';
import { indicator, sourceOf } from '../../definition.ts';
import { macd } from '../../momentum/macd.ts';
import {
  acceleration,
  awesome,
  detrendedPrice,
  percentMacd,
  priceOscillator,
} from '../../momentum/price-oscillators.ts';
import { knowSureThing, trix, trixSignal } from '../../momentum/rate-oscillators.ts';
import { dialect } from '../dialect.ts';
import { MOVAVS } from './movavs.ts';

const FIXED = { convention: 'backtrader' } as const;

const MACD = {
  parameters: { period_me1: 'fast', period_me2: 'slow', period_signal: 'signal', movav: 'average' },
  values: { movav: MOVAVS },
  fixed: FIXED,
} as const;

const PPO = {
  parameters: { period1: 'fast', period2: 'slow', _movav: 'average', period_signal: 'signal' },
  values: { _movav: MOVAVS },
  lines: { ppo: 'percent', signal: 'signal', histo: 'histogram' },
} as const;

const TRIX = {
  values: { _movav: MOVAVS },
  defaults: { period: 15 },
  fixed: FIXED,
} as const;

/** Given an indicator's line alone, what that was computed from less the line; given two lines, their difference. */
const oscillator = indicator({
  name: 'oscillator',
  label: 'Oscillator',
  title: 'Distance from an indicator',
  group: 'momentum',
  formula: 'what the line was computed from − the line',
  source: 'backtrader Oscillator',
  inputs: 'line',
  parameters: {},
  lines: ['distance'],
  build: (_, ...lines: readonly Line[]) => {
    const [line, around] = lines;
    return { distance: around === undefined ? sub(sourceOf(line), line) : sub(line, around) };
  },
});

/** backtrader's differences of moving averages. */
export const AVERAGE_OSCILLATORS = {
  AccelerationDecelerationOscillator: dialect(acceleration, {
    aliases: ['AccDeOsc'],
    parameters: { period: 'bars', movav: 'average' },
    values: { movav: MOVAVS },
    fixed: FIXED,
    lines: { accde: 'acceleration' },
  }),
  AwesomeOscillator: dialect(awesome, {
    aliases: ['AwesomeOsc', 'AO'],
    parameters: { fast: 'fast', slow: 'slow', movav: 'average' },
    values: { movav: MOVAVS },
    fixed: FIXED,
    lines: { ao: 'awesome' },
  }),
  DetrendedPriceOscillator: dialect(detrendedPrice, {
    aliases: ['DPO'],
    parameters: { period: 'bars', movav: 'average' },
    values: { movav: MOVAVS },
    fixed: FIXED,
    lines: { dpo: 'detrended' },
  }),
  KnowSureThing: dialect(knowSureThing, {
    aliases: ['KST'],
    parameters: {
      rp1: 'rate1',
      rp2: 'rate2',
      rp3: 'rate3',
      rp4: 'rate4',
      rma1: 'bars1',
      rma2: 'bars2',
      rma3: 'bars3',
      rma4: 'bars4',
      rsignal: 'signal',
      rfactors: 'factors',
      _rmovav: 'average',
      _smovav: 'signalAverage',
    },
    values: { _rmovav: MOVAVS, _smovav: MOVAVS },
    fixed: FIXED,
    lines: { kst: 'kst', signal: 'signal' },
  }),
  MACD: dialect(macd, { ...MACD, lines: { macd: 'macd', signal: 'signal' } }),
  MACDHisto: dialect(macd, {
    ...MACD,
    aliases: ['MACDHistogram'],
    lines: { macd: 'macd', signal: 'signal', histo: 'histogram' },
  }),
  Oscillator: dialect(oscillator, { parameters: {}, lines: { osc: 'distance' } }),
  PercentagePriceOscillator: dialect(percentMacd, {
    ...PPO,
    aliases: ['PPO', 'PercPriceOsc'],
    fixed: { ...FIXED, base: 'slow' },
  }),
  PercentagePriceOscillatorShort: dialect(percentMacd, {
    ...PPO,
    aliases: ['PPOShort', 'PercPriceOscShort'],
    fixed: { ...FIXED, base: 'fast' },
  }),
  PriceOscillator: dialect(priceOscillator, {
    aliases: ['PriceOsc', 'AbsolutePriceOscillator', 'APO', 'AbsPriceOsc'],
    parameters: { period1: 'fast', period2: 'slow', _movav: 'average' },
    values: { _movav: MOVAVS },
    defaults: { _movav: 'EMA' },
    fixed: FIXED,
    lines: { po: 'difference' },
  }),
  Trix: dialect(trix, {
    ...TRIX,
    aliases: ['TRIX'],
    parameters: { period: 'bars', _rocperiod: 'lag', _movav: 'average' },
    lines: { trix: 'trix' },
  }),
  TrixSignal: dialect(trixSignal, {
    ...TRIX,
    parameters: { period: 'bars', _rocperiod: 'lag', _movav: 'average', sigperiod: 'signal' },
    lines: { trix: 'trix', signal: 'signal' },
  }),
} as const;
