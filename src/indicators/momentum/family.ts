import { cci } from './channel-index.ts';
import { hurst } from './hurst.ts';
import { laguerreFilter, laguerreRsi } from './laguerre.ts';
import { balanceOfPower, imi, mfi } from './money-flow.ts';
import { dv2, percentRank } from './percent-rank.ts';
import { momentum, roc } from './rate-of-change.ts';
import { fall, rise } from './rise-and-fall.ts';
import { stochastic, stochasticFast, stochasticFull, stochasticRsi, williamsR } from './stochastic.ts';
import { cmo, rsi } from './strength.ts';
import { prettyGoodOscillator, tsi } from './true-strength.ts';
import { ultimateOscillator } from './ultimate.ts';
import { williamsAd } from './williams-ad.ts';

/** This family, for the registry. */
export const MOMENTUM = [
  balanceOfPower,
  cci,
  cmo,
  dv2,
  fall,
  hurst,
  imi,
  laguerreFilter,
  laguerreRsi,
  mfi,
  momentum,
  percentRank,
  prettyGoodOscillator,
  rise,
  roc,
  rsi,
  stochastic,
  stochasticFast,
  stochasticFull,
  stochasticRsi,
  tsi,
  ultimateOscillator,
  williamsAd,
  williamsR,
] as const;
