import type { PatternSpec } from './pattern.ts';

/** Patterns of one candle. */
export const ONE_CANDLE = {
  beltHold: {
    title: 'Belt hold',
    formula: 'a long body with no lower shadow on a white candle, no upper one on a black: its color · 100',
    candles: 1,
    uses: { bodyLong: [0], shadowVeryShort: [0] },
    rule: c =>
      c.isLong(0) && (c.isWhite(0) ? c.hasNoLowerShadow(0) : c.hasNoUpperShadow(0)) ? c.color(0) * 100 : 0,
  },
  closingMarubozu: {
    title: 'Closing marubozu',
    formula:
      'a long body that closes at its end: no upper shadow on a white candle, no lower one on a black: its color · 100',
    candles: 1,
    uses: { bodyLong: [0], shadowVeryShort: [0] },
    rule: c =>
      c.isLong(0) && (c.isWhite(0) ? c.hasNoUpperShadow(0) : c.hasNoLowerShadow(0)) ? c.color(0) * 100 : 0,
  },
  doji: {
    title: 'Doji',
    formula: 'the close is about the open: 100, which says nothing of a direction',
    candles: 1,
    uses: { bodyDoji: [0] },
    rule: c => (c.isDoji(0) ? 100 : 0),
  },
  dragonflyDoji: {
    title: 'Dragonfly doji',
    formula: 'a doji with a lower shadow and no upper one: 100',
    candles: 1,
    uses: { bodyDoji: [0], shadowVeryShort: [0] },
    rule: c => (c.isDoji(0) && c.hasNoUpperShadow(0) && c.hasSomeLowerShadow(0) ? 100 : 0),
  },
  gravestoneDoji: {
    title: 'Gravestone doji',
    formula: 'a doji with an upper shadow and no lower one: 100',
    candles: 1,
    uses: { bodyDoji: [0], shadowVeryShort: [0] },
    rule: c => (c.isDoji(0) && c.hasNoLowerShadow(0) && c.hasSomeUpperShadow(0) ? 100 : 0),
  },
  highWave: {
    title: 'High-wave candle',
    formula: 'a small body with two very long shadows: its color · 100',
    candles: 1,
    uses: { bodyShort: [0], shadowVeryLong: [0] },
    rule: c =>
      c.isSmall(0) && c.hasVeryLongUpperShadow(0) && c.hasVeryLongLowerShadow(0) ? c.color(0) * 100 : 0,
  },
  longLeggedDoji: {
    title: 'Long-legged doji',
    formula: 'a doji with at least one long shadow: 100',
    candles: 1,
    uses: { bodyDoji: [0], shadowLong: [0] },
    rule: c => (c.isDoji(0) && (c.hasLongLowerShadow(0) || c.hasLongUpperShadow(0)) ? 100 : 0),
  },
  longLine: {
    title: 'Long line',
    formula: 'a long body with two short shadows: its color · 100',
    candles: 1,
    uses: { bodyLong: [0], shadowShort: [0] },
    rule: c => (c.isLong(0) && c.hasShortUpperShadow(0) && c.hasShortLowerShadow(0) ? c.color(0) * 100 : 0),
  },
  marubozu: {
    title: 'Marubozu',
    formula: 'a long body without shadows: its color · 100',
    candles: 1,
    uses: { bodyLong: [0], shadowVeryShort: [0] },
    rule: c => (c.isLong(0) && c.hasNoUpperShadow(0) && c.hasNoLowerShadow(0) ? c.color(0) * 100 : 0),
  },
  rickshawMan: {
    title: 'Rickshaw man',
    formula: 'a doji near the middle of its range, with two long shadows: 100',
    candles: 1,
    uses: { bodyDoji: [0], shadowLong: [0], near: [0] },
    rule: c => {
      const middle = c.low(0) + c.range(0) / 2;
      const isCentral = c.bottom(0) <= middle + c.near(0) && c.top(0) >= middle - c.near(0);
      return c.isDoji(0) && c.hasLongLowerShadow(0) && c.hasLongUpperShadow(0) && isCentral ? 100 : 0;
    },
  },
  shortLine: {
    title: 'Short line',
    formula: 'a small body with two short shadows: its color · 100',
    candles: 1,
    uses: { bodyShort: [0], shadowShort: [0] },
    rule: c => (c.isSmall(0) && c.hasShortUpperShadow(0) && c.hasShortLowerShadow(0) ? c.color(0) * 100 : 0),
  },
  spinningTop: {
    title: 'Spinning top',
    formula: 'a small body with two shadows longer than itself: its color · 100',
    candles: 1,
    uses: { bodyShort: [0] },
    rule: c =>
      c.isSmall(0) && c.upperShadow(0) > c.body(0) && c.lowerShadow(0) > c.body(0) ? c.color(0) * 100 : 0,
  },
  takuri: {
    title: 'Takuri line',
    formula: 'a doji with a very long lower shadow and no upper one: 100',
    candles: 1,
    uses: { bodyDoji: [0], shadowVeryShort: [0], shadowVeryLong: [0] },
    rule: c => (c.isDoji(0) && c.hasNoUpperShadow(0) && c.hasVeryLongLowerShadow(0) ? 100 : 0),
  },
} as const satisfies Readonly<Record<string, PatternSpec>>;
