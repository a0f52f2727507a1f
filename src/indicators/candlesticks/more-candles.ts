import type { Candles } from './candles.ts';
import type { PatternSpec } from './pattern.ts';

const isBlackMarubozu = (c: Candles, ago: number) =>
  c.isBlack(ago) && c.hasNoLowerShadow(ago) && c.hasNoUpperShadow(ago);

/** A candle that opens within the body before it, or near it. */
const opensInOrNear = (c: Candles, ago: number) =>
  c.open(ago) >= c.bottom(ago + 1) - c.near(ago + 1) && c.open(ago) <= c.top(ago + 1) + c.near(ago + 1);

/** Some of the body lies within the range of the first of five candles. */
const holdsWithinFirst = (c: Candles, ago: number) => c.bottom(ago) < c.high(4) && c.top(ago) > c.low(4);

const isInsideBar = (c: Candles, ago: number) => c.high(ago) < c.high(ago + 1) && c.low(ago) > c.low(ago + 1);

const BAR = 0;
const VALUE = 1;

/**
 * What a hikkake found now (`found`: 100, -100 or 0) or at most three bars ago and confirmed now comes to: its value, or
 * twice that on confirmation by a close beyond the candle before it.
 */
function hikkakeValue(c: Candles, found: number): number {
  if (found !== 0) {
    c.memory[BAR] = c.bar;
    c.memory[VALUE] = found;
    return found;
  }
  const value = c.memory[VALUE];
  const ago = c.bar - c.memory[BAR];
  if (value === 0 || ago > 3) return 0;
  if (value > 0 ? c.close(0) > c.high(ago + 1) : c.close(0) < c.low(ago + 1)) {
    c.memory[VALUE] = 0;
    return 2 * value;
  }
  return 0;
}

/** 100 for a candle that breaks below the one before, high and low; -100 for one that breaks above. */
function falseBreak(c: Candles): number {
  if (c.high(0) < c.high(1) && c.low(0) < c.low(1)) return 100;
  return c.high(0) > c.high(1) && c.low(0) > c.low(1) ? -100 : 0;
}

/** Patterns of four candles and more, and those that are confirmed later. */
export const MORE_CANDLES = {
  breakaway: {
    title: 'Breakaway',
    formula:
      'a long candle, one of its color whose body gaps away, two that go on with their highs and lows, the second of them of the same color, and one of the other color that closes in the gap: the last’s color · 100',
    candles: 5,
    uses: { bodyLong: [4] },
    rule: c => {
      if (!c.isLong(4) || c.color(4) !== c.color(3) || c.color(3) !== c.color(1)) return 0;
      if (c.color(1) !== -c.color(0)) return 0;
      if (c.isBlack(4)) {
        const falls =
          c.high(2) < c.high(3) && c.low(2) < c.low(3) && c.high(1) < c.high(2) && c.low(1) < c.low(2);
        return c.bodyGapsDown(3, 4) && falls && c.close(0) > c.open(3) && c.close(0) < c.close(4) ? 100 : 0;
      }
      const rises =
        c.high(2) > c.high(3) && c.low(2) > c.low(3) && c.high(1) > c.high(2) && c.low(1) > c.low(2);
      return c.bodyGapsUp(3, 4) && rises && c.close(0) < c.open(3) && c.close(0) > c.close(4) ? -100 : 0;
    },
  },
  concealingBabySwallow: {
    title: 'Concealing baby swallow',
    formula:
      'two black candles without shadows, a black one whose body gaps down but whose upper shadow reaches into the second, and a black one that covers the third with its shadows: 100',
    candles: 4,
    uses: { shadowVeryShort: [3, 2, 1] },
    rule: c =>
      isBlackMarubozu(c, 3) &&
      isBlackMarubozu(c, 2) &&
      c.isBlack(1) &&
      c.isBlack(0) &&
      c.bodyGapsDown(1, 2) &&
      c.hasSomeUpperShadow(1) &&
      c.high(1) > c.close(2) &&
      c.high(0) > c.high(1) &&
      c.low(0) < c.low(1)
        ? 100
        : 0,
  },
  hikkake: {
    title: 'Hikkake',
    formula:
      'an inside bar, then a candle with both a lower high and a lower low: 100, with both higher: −100; twice that where one of the next three closes back beyond the inside bar',
    candles: 3,
    waits: 3,
    uses: {},
    leadIn: 3,
    rule: c => hikkakeValue(c, isInsideBar(c, 1) ? falseBreak(c) : 0),
  },
  ladderBottom: {
    title: 'Ladder bottom',
    formula:
      'three black candles with falling opens and closes, a black one with an upper shadow, and a white one that opens above its body and closes above its high: 100',
    candles: 5,
    uses: { shadowVeryShort: [1] },
    rule: c =>
      c.isBlack(4) &&
      c.isBlack(3) &&
      c.isBlack(2) &&
      c.open(4) > c.open(3) &&
      c.open(3) > c.open(2) &&
      c.close(4) > c.close(3) &&
      c.close(3) > c.close(2) &&
      c.isBlack(1) &&
      c.hasSomeUpperShadow(1) &&
      c.isWhite(0) &&
      c.open(0) > c.open(1) &&
      c.close(0) > c.high(1)
        ? 100
        : 0,
  },
  matHold: {
    title: 'Mat hold',
    formula:
      'a long white candle, a small black one whose body gaps up, two small falling bodies that reach into the first by less than `penetration` of it, and a white candle that opens above the last close and closes above their highs: 100',
    candles: 5,
    uses: { bodyLong: [4], bodyShort: [3, 2, 1] },
    penetration: 0.5,
    rule: (c, penetration) => {
      const floor = c.close(4) - c.body(4) * penetration;
      const holds =
        c.bottom(2) < c.close(4) && c.bottom(1) < c.close(4) && c.bottom(2) > floor && c.bottom(1) > floor;
      return c.isLong(4) &&
        c.isSmall(3) &&
        c.isSmall(2) &&
        c.isSmall(1) &&
        c.isWhite(4) &&
        c.isBlack(3) &&
        c.isWhite(0) &&
        c.bodyGapsUp(3, 4) &&
        holds &&
        c.top(2) < c.open(3) &&
        c.top(1) < c.top(2) &&
        c.open(0) > c.close(1) &&
        c.close(0) > Math.max(c.high(3), c.high(2), c.high(1))
        ? 100
        : 0;
    },
  },
  modifiedHikkake: {
    title: 'Modified hikkake',
    formula:
      'two inside bars, the first of which closes near its low, then a candle with both a lower high and a lower low: 100; near its high, then both higher: −100; twice that where one of the next three closes back beyond the second inside bar',
    candles: 4,
    waits: 2,
    uses: { near: [2] },
    leadIn: 3,
    rule: c => {
      const found = isInsideBar(c, 2) && isInsideBar(c, 1) ? falseBreak(c) : 0;
      const isSet =
        found > 0 ? c.close(2) <= c.low(2) + c.near(2) : found < 0 && c.close(2) >= c.high(2) - c.near(2);
      return hikkakeValue(c, isSet ? found : 0);
    },
  },
  risingFallingThreeMethods: {
    title: 'Rising or falling three methods',
    formula:
      'a long candle, three small ones of the other color that drift back within its range, and a long one of its color that opens beyond the last close and closes beyond the first: the first’s color · 100',
    candles: 5,
    uses: { bodyShort: [3, 2, 1], bodyLong: [4, 0] },
    rule: c => {
      const way = c.color(4);
      return c.isLong(4) &&
        c.isSmall(3) &&
        c.isSmall(2) &&
        c.isSmall(1) &&
        c.isLong(0) &&
        c.color(3) === -way &&
        c.color(2) === -way &&
        c.color(1) === -way &&
        c.color(0) === way &&
        holdsWithinFirst(c, 3) &&
        holdsWithinFirst(c, 2) &&
        holdsWithinFirst(c, 1) &&
        c.close(2) * way < c.close(3) * way &&
        c.close(1) * way < c.close(2) * way &&
        c.open(0) * way > c.close(1) * way &&
        c.close(0) * way > c.close(4) * way
        ? way * 100
        : 0;
    },
  },
  threeBlackCrows: {
    title: 'Three black crows',
    formula:
      'after a white candle, three black ones with falling closes and no lower shadows, the first closing below the white one’s high, the others opening within the body before: −100',
    candles: 4,
    uses: { shadowVeryShort: [2, 1, 0] },
    rule: c =>
      c.isWhite(3) &&
      c.isBlack(2) &&
      c.hasNoLowerShadow(2) &&
      c.isBlack(1) &&
      c.hasNoLowerShadow(1) &&
      c.isBlack(0) &&
      c.hasNoLowerShadow(0) &&
      c.open(1) < c.open(2) &&
      c.open(1) > c.close(2) &&
      c.open(0) < c.open(1) &&
      c.open(0) > c.close(1) &&
      c.high(3) > c.close(2) &&
      c.close(2) > c.close(1) &&
      c.close(1) > c.close(0)
        ? -100
        : 0,
  },
  threeLineStrike: {
    title: 'Three-line strike',
    formula:
      'three candles of one color, each opening in or near the body before and closing further, and one of the other color that opens beyond them and closes before the first’s open: the three’s color · 100',
    candles: 4,
    uses: { near: [3, 2] },
    rule: c => {
      const way = c.color(1);
      if (c.color(3) !== way || c.color(2) !== way || c.color(0) !== -way) return 0;
      if (!opensInOrNear(c, 2) || !opensInOrNear(c, 1)) return 0;
      const strikes =
        way === 1
          ? c.close(1) > c.close(2) &&
            c.close(2) > c.close(3) &&
            c.open(0) > c.close(1) &&
            c.close(0) < c.open(3)
          : c.close(1) < c.close(2) &&
            c.close(2) < c.close(3) &&
            c.open(0) < c.close(1) &&
            c.close(0) > c.open(3);
      return strikes ? way * 100 : 0;
    },
  },
} as const satisfies Readonly<Record<string, PatternSpec>>;
