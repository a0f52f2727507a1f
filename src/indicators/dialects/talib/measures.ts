import { averagePrice, medianPrice, typicalPrice, weightedClose } from '../../mathematics/price.ts';
import { atr, natr } from '../../volatility/average-true-range.ts';
import { trueRange } from '../../volatility/true-range.ts';
import { ad, chaikinOscillator, obv } from '../../volume/volume.ts';
import { dialect } from '../dialect.ts';

const PERIOD = { timeperiod: 'bars' } as const;
const PRICE = { parameters: {}, lines: { real: 'price' } } as const;

/** TA-Lib's volume, volatility and price transform functions. */
export const MEASURES = {
  AD: dialect(ad, { parameters: {}, lines: { real: 'ad' } }),
  ADOSC: dialect(chaikinOscillator, {
    parameters: { fastperiod: 'fast', slowperiod: 'slow' },
    lines: { real: 'oscillator' },
  }),
  ATR: dialect(atr, { parameters: PERIOD, lines: { real: 'atr' } }),
  AVGPRICE: dialect(averagePrice, PRICE),
  MEDPRICE: dialect(medianPrice, PRICE),
  NATR: dialect(natr, { parameters: PERIOD, fixed: { convention: 'talib' }, lines: { real: 'natr' } }),
  OBV: dialect(obv, { parameters: {}, lines: { real: 'obv' } }),
  TRANGE: dialect(trueRange, { parameters: {}, lines: { real: 'trueRange' } }),
  TYPPRICE: dialect(typicalPrice, PRICE),
  WCLPRICE: dialect(weightedClose, PRICE),
} as const;
