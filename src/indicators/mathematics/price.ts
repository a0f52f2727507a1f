import { indicator } from '../definition.ts';
import { pointwise } from './pointwise.ts';

/** Mean of open, high, low and close, in price units. */
export const averagePrice = indicator({
  name: 'averagePrice',
  label: 'AvgPrice',
  title: 'Average price',
  group: 'price',
  formula: '(high + low + close + open) ÷ 4',
  source: 'TA-Lib AVGPRICE',
  inputs: ['open', 'high', 'low', 'close'],
  parameters: {},
  lines: ['price'],
  build: (_, ...bar) => ({
    price: pointwise('AvgPrice', bar, (open, high, low, close) => (high + low + close + open) / 4),
  }),
});

/** Middle of high and low, in price units. */
export const medianPrice = indicator({
  name: 'medianPrice',
  label: 'MedPrice',
  title: 'Median price',
  group: 'price',
  formula: '(high + low) ÷ 2',
  source: 'TA-Lib MEDPRICE',
  inputs: ['high', 'low'],
  parameters: {},
  lines: ['price'],
  build: (_, ...bar) => ({ price: pointwise('MedPrice', bar, (high, low) => (high + low) / 2) }),
});

/** Mean of high, low and close, in price units. */
export const typicalPrice = indicator({
  name: 'typicalPrice',
  label: 'TypPrice',
  title: 'Typical price',
  group: 'price',
  formula: '(high + low + close) ÷ 3',
  source: 'TA-Lib TYPPRICE',
  inputs: ['high', 'low', 'close'],
  parameters: {},
  lines: ['price'],
  build: (_, ...bar) => ({
    price: pointwise('TypPrice', bar, (high, low, close) => (high + low + close) / 3),
  }),
});

/** Mean of high, low and twice the close, in price units. */
export const weightedClose = indicator({
  name: 'weightedClose',
  label: 'WclPrice',
  title: 'Weighted close price',
  group: 'price',
  formula: '(high + low + 2 · close) ÷ 4',
  source: 'TA-Lib WCLPRICE',
  inputs: ['high', 'low', 'close'],
  parameters: {},
  lines: ['price'],
  build: (_, ...bar) => ({
    price: pointwise('WclPrice', bar, (high, low, close) => (high + low + close * 2) / 4),
  }),
});

export const PRICE = [averagePrice, medianPrice, typicalPrice, weightedClose] as const;
