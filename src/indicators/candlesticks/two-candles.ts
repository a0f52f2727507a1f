import type { Candles } from './candles.ts';
import type { PatternSpec } from './pattern.ts';

/** Where the second body lies in the first: 100 inside, 80 with one end or both in common, else 0. */
function inside(c: Candles): number {
  if (c.top(0) < c.top(1) && c.bottom(0) > c.bottom(1)) return 100;
  return c.top(0) <= c.top(1) && c.bottom(0) >= c.bottom(1) ? 80 : 0;
}

const isMarubozu = (c: Candles, ago: number) =>
  c.isLong(ago) && c.hasNoUpperShadow(ago) && c.hasNoLowerShadow(ago);

/** Two marubozu of opposite colors with a gap from the first in the direction of the second. */
const isKicking = (c: Candles) =>
  c.color(1) === -c.color(0) &&
  isMarubozu(c, 1) &&
  isMarubozu(c, 0) &&
  (c.isBlack(1) ? c.gapsUp(0, 1) : c.gapsDown(0, 1));

/** A long black candle and a white one that opens below its low: in neck, on neck, thrusting. */
const opensBelowLongBlack = (c: Candles) =>
  c.isBlack(1) && c.isLong(1) && c.isWhite(0) && c.open(0) < c.low(1);

/** Patterns of two candles, without those of small bodies after a trend. */
export const TWO_CANDLES = {
  counterattack: {
    title: 'Counterattack',
    formula: 'two long candles of opposite colors with equal closes: the second’s color · 100',
    candles: 2,
    uses: { equal: [1], bodyLong: [1, 0] },
    rule: c =>
      c.color(1) === -c.color(0) && c.isLong(1) && c.isLong(0) && c.areEqual(c.close(0), c.close(1), 1)
        ? c.color(0) * 100
        : 0,
  },
  darkCloudCover: {
    title: 'Dark cloud cover',
    formula:
      'a long white candle, then a black one that opens above its high and closes within its body, deeper than `penetration` of it: −100',
    candles: 2,
    uses: { bodyLong: [1] },
    penetration: 0.5,
    rule: (c, penetration) =>
      c.isWhite(1) &&
      c.isLong(1) &&
      c.isBlack(0) &&
      c.open(0) > c.high(1) &&
      c.close(0) > c.open(1) &&
      c.close(0) < c.close(1) - c.body(1) * penetration
        ? -100
        : 0,
  },
  engulfing: {
    title: 'Engulfing',
    formula:
      'a body of the opposite color that covers the one before: the second’s color · 100, or · 80 where one end is the same; first value a bar later than it needs, as in TA-Lib',
    candles: 2,
    waits: 1,
    uses: {},
    rule: c => {
      if (c.color(0) !== -c.color(1)) return 0;
      if (c.isWhite(0)) {
        if (c.close(0) > c.open(1) && c.open(0) < c.close(1)) return 100;
        const touches = c.close(0) >= c.open(1) && c.open(0) < c.close(1);
        return touches || (c.close(0) > c.open(1) && c.open(0) <= c.close(1)) ? 80 : 0;
      }
      if (c.open(0) > c.close(1) && c.close(0) < c.open(1)) return -100;
      const touches = c.open(0) >= c.close(1) && c.close(0) < c.open(1);
      return touches || (c.open(0) > c.close(1) && c.close(0) <= c.open(1)) ? -80 : 0;
    },
  },
  harami: {
    title: 'Harami',
    formula:
      'a long body, then a short one inside it: against the first’s color, · 100, or · 80 where an end is the same',
    candles: 2,
    uses: { bodyLong: [1], bodyShort: [0] },
    rule: c => (c.isLong(1) && c.isShort(0) ? -c.color(1) * inside(c) || 0 : 0),
  },
  haramiCross: {
    title: 'Harami cross',
    formula:
      'a long body, then a doji inside it: against the first’s color, · 100, or · 80 where an end is the same',
    candles: 2,
    uses: { bodyLong: [1], bodyDoji: [0] },
    rule: c => (c.isLong(1) && c.isDoji(0) ? -c.color(1) * inside(c) || 0 : 0),
  },
  homingPigeon: {
    title: 'Homing pigeon',
    formula: 'a long black body, then a short black one inside it: 100',
    candles: 2,
    uses: { bodyLong: [1], bodyShort: [0] },
    rule: c =>
      c.isBlack(1) &&
      c.isBlack(0) &&
      c.isLong(1) &&
      c.isShort(0) &&
      c.open(0) < c.open(1) &&
      c.close(0) > c.close(1)
        ? 100
        : 0,
  },
  inNeck: {
    title: 'In neck',
    formula:
      'a long black candle, then a white one that opens below its low and closes at its close or equally little above: −100',
    candles: 2,
    uses: { equal: [1], bodyLong: [1] },
    rule: c =>
      opensBelowLongBlack(c) && c.close(0) <= c.close(1) + c.equal(1) && c.close(0) >= c.close(1) ? -100 : 0,
  },
  kicking: {
    title: 'Kicking',
    formula:
      'two marubozu of opposite colors with a gap between them towards the second: the second’s color · 100',
    candles: 2,
    uses: { shadowVeryShort: [1, 0], bodyLong: [1, 0] },
    rule: c => (isKicking(c) ? c.color(0) * 100 : 0),
  },
  kickingByLength: {
    title: 'Kicking by length',
    formula:
      'two marubozu of opposite colors with a gap between them towards the second: the longer one’s color · 100',
    candles: 2,
    uses: { shadowVeryShort: [1, 0], bodyLong: [1, 0] },
    rule: c => (isKicking(c) ? c.color(c.body(0) > c.body(1) ? 0 : 1) * 100 : 0),
  },
  matchingLow: {
    title: 'Matching low',
    formula: 'two black candles with equal closes: 100',
    candles: 2,
    uses: { equal: [1] },
    rule: c => (c.isBlack(1) && c.isBlack(0) && c.areEqual(c.close(0), c.close(1), 1) ? 100 : 0),
  },
  onNeck: {
    title: 'On neck',
    formula:
      'a long black candle, then a white one that opens below its low and closes at a price equal to that low: −100',
    candles: 2,
    uses: { equal: [1], bodyLong: [1] },
    rule: c => (opensBelowLongBlack(c) && c.areEqual(c.close(0), c.low(1), 1) ? -100 : 0),
  },
  piercing: {
    title: 'Piercing line',
    formula:
      'a long black candle, then a long white one that opens below its low and closes within its body, above the middle: 100',
    candles: 2,
    uses: { bodyLong: [1, 0] },
    rule: c =>
      opensBelowLongBlack(c) &&
      c.isLong(0) &&
      c.close(0) < c.open(1) &&
      c.close(0) > c.close(1) + c.body(1) * 0.5
        ? 100
        : 0,
  },
  separatingLines: {
    title: 'Separating lines',
    formula:
      'a candle, then a belt hold of the opposite color that opens at an equal price: the second’s color · 100',
    candles: 2,
    uses: { shadowVeryShort: [0], bodyLong: [0], equal: [1] },
    rule: c =>
      c.color(1) === -c.color(0) &&
      c.areEqual(c.open(0), c.open(1), 1) &&
      c.isLong(0) &&
      (c.isWhite(0) ? c.hasNoLowerShadow(0) : c.hasNoUpperShadow(0))
        ? c.color(0) * 100
        : 0,
  },
  thrusting: {
    title: 'Thrusting',
    formula:
      'a long black candle, then a white one that opens below its low and closes within its body, above its close by more than equal and not above the middle: −100',
    candles: 2,
    uses: { equal: [1], bodyLong: [1] },
    rule: c =>
      opensBelowLongBlack(c) &&
      c.close(0) > c.close(1) + c.equal(1) &&
      c.close(0) <= c.close(1) + c.body(1) * 0.5
        ? -100
        : 0,
  },
} as const satisfies Readonly<Record<string, PatternSpec>>;
