import { cci } from '../../momentum/channel-index.ts';
import { hurst } from '../../momentum/hurst.ts';
import { laguerreFilter, laguerreRsi } from '../../momentum/laguerre.ts';
import { dv2, percentRank } from '../../momentum/percent-rank.ts';
import { momentum, roc } from '../../momentum/rate-of-change.ts';
import { stochastic, stochasticFast, stochasticFull, williamsR } from '../../momentum/stochastic.ts';
import { prettyGoodOscillator, tsi } from '../../momentum/true-strength.ts';
import { ultimateOscillator } from '../../momentum/ultimate.ts';
import { williamsAd } from '../../momentum/williams-ad.ts';
import { heikinAshiDelta } from '../../trend/heikin-ashi.ts';
import { dialect } from '../dialect.ts';
import { MOVAVS } from './movavs.ts';

const PERIOD = { period: 'bars' } as const;

/** Without `safediv` backtrader ends where a range is 0; here `safezero` always takes its place. */
const STOCHASTIC = { upperband: 80, lowerband: 20, safediv: false } as const;

/** backtrader's momentum indicators. */
export const MOMENTUM = {
  CommodityChannelIndex: dialect(cci, {
    aliases: ['CCI'],
    parameters: { period: 'bars', factor: 'factor', movav: 'average' },
    defaults: { period: 20 },
    values: { movav: MOVAVS },
    fixed: { convention: 'backtrader' },
    ignored: { upperband: 100, lowerband: -100 },
    lines: { cci: 'cci' },
  }),
  DV2: dialect(dv2, {
    parameters: { period: 'bars', maperiod: 'smoothing', _movav: 'average' },
    values: { _movav: MOVAVS },
    lines: { dv2: 'dv2' },
  }),
  haDelta: dialect(heikinAshiDelta, {
    aliases: ['haD'],
    parameters: { period: 'bars', movav: 'average', autoheikin: 'candles' },
    values: { movav: MOVAVS },
    fixed: { convention: 'backtrader' },
    lines: { haDelta: 'delta', smoothed: 'smoothed' },
  }),
  HurstExponent: dialect(hurst, {
    aliases: ['Hurst'],
    parameters: { period: 'bars', lag_start: 'shortest', lag_end: 'end' },
    lines: { hurst: 'hurst' },
  }),
  LaguerreFilter: dialect(laguerreFilter, {
    aliases: ['LAGF'],
    parameters: { period: 'bars', gamma: 'gamma' },
    lines: { lfilter: 'laguerreFilter' },
  }),
  LaguerreRSI: dialect(laguerreRsi, {
    aliases: ['LRSI'],
    parameters: { period: 'bars', gamma: 'gamma' },
    lines: { lrsi: 'laguerreRsi' },
  }),
  Momentum: dialect(momentum, {
    parameters: PERIOD,
    defaults: { period: 12 },
    fixed: { direction: 'up' },
    lines: { momentum: 'momentum' },
  }),
  MomentumOscillator: dialect(roc, {
    aliases: ['MomentumOsc'],
    parameters: PERIOD,
    defaults: { period: 12 },
    fixed: { unit: 'ratio in percent' },
    ignored: { band: 100 },
    lines: { momosc: 'roc' },
  }),
  PercentChange: dialect(roc, {
    aliases: ['PctChange'],
    parameters: PERIOD,
    defaults: { period: 30 },
    fixed: { unit: 'share' },
    lines: { pctchange: 'roc' },
  }),
  PercentRank: dialect(percentRank, {
    aliases: ['PctRank'],
    parameters: PERIOD,
    lines: { pctrank: 'percentRank' },
  }),
  PrettyGoodOscillator: dialect(prettyGoodOscillator, {
    aliases: ['PGO', 'PrettyGoodOsc'],
    parameters: { period: 'bars', _movav: 'average' },
    values: { _movav: MOVAVS },
    lines: { pgo: 'prettyGoodOscillator' },
  }),
  RateOfChange: dialect(roc, {
    aliases: ['ROC'],
    parameters: PERIOD,
    defaults: { period: 12 },
    fixed: { unit: 'share' },
    lines: { roc: 'roc' },
  }),
  RateOfChange100: dialect(roc, {
    aliases: ['ROC100'],
    parameters: PERIOD,
    defaults: { period: 12 },
    fixed: { unit: 'percent' },
    lines: { roc100: 'roc' },
  }),
  Stochastic: dialect(stochastic, {
    aliases: ['StochasticSlow'],
    parameters: {
      period: 'bars',
      period_dfast: 'smoothing',
      movav: 'average',
      safezero: 'still',
      period_dslow: 'signal',
    },
    defaults: { period: 14 },
    values: { movav: MOVAVS },
    fixed: { convention: 'backtrader' },
    ignored: STOCHASTIC,
    lines: { percK: 'k', percD: 'd' },
  }),
  StochasticFast: dialect(stochasticFast, {
    parameters: { period: 'bars', period_dfast: 'signal', movav: 'average', safezero: 'still' },
    defaults: { period: 14 },
    values: { movav: MOVAVS },
    fixed: { convention: 'backtrader' },
    ignored: STOCHASTIC,
    lines: { percK: 'k', percD: 'd' },
  }),
  StochasticFull: dialect(stochasticFull, {
    parameters: {
      period: 'bars',
      period_dfast: 'smoothing',
      movav: 'average',
      safezero: 'still',
      period_dslow: 'signal',
    },
    values: { movav: MOVAVS },
    fixed: { convention: 'backtrader' },
    ignored: STOCHASTIC,
    lines: { percK: 'k', percD: 'd', percDSlow: 'slow' },
  }),
  TrueStrengthIndicator: dialect(tsi, {
    aliases: ['TSI'],
    parameters: { period1: 'slow', period2: 'fast', pchange: 'distance', _movav: 'average' },
    values: { _movav: MOVAVS },
    lines: { tsi: 'tsi' },
  }),
  UltimateOscillator: dialect(ultimateOscillator, {
    parameters: { p1: 'fast', p2: 'middle', p3: 'slow' },
    fixed: { convention: 'backtrader' },
    ignored: { upperband: 70, lowerband: 30 },
    lines: { uo: 'ultimateOscillator' },
  }),
  WilliamsAD: dialect(williamsAd, { parameters: {}, lines: { ad: 'williamsAd' } }),
  WilliamsR: dialect(williamsR, {
    parameters: PERIOD,
    ignored: { upperband: -20, lowerband: -80 },
    lines: { percR: 'williamsR' },
  }),
} as const;
