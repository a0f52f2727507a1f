import type { Candles } from './candles.ts';
import type { PatternSpec } from './pattern.ts';

const allWhite = (c: Candles) => c.isWhite(2) && c.isWhite(1) && c.isWhite(0);

const allBlack = (c: Candles) => c.isBlack(2) && c.isBlack(1) && c.isBlack(0);

const closesRise = (c: Candles) => c.close(0) > c.close(1) && c.close(1) > c.close(2);

/** A white candle that opens within the white body before it, or near above. */
const opensInWhite = (c: Candles, ago: number) =>
  c.open(ago) > c.open(ago + 1) && c.open(ago) <= c.close(ago + 1) + c.near(ago + 1);

/** The advance loses its breath: bodies that shrink, or upper shadows that grow. */
const weakens = (c: Candles) => {
  const shrinks = c.body(0) < c.body(1);
  return (
    (c.body(1) < c.body(2) - c.far(2) && c.body(0) < c.body(1) + c.near(1)) ||
    c.body(0) < c.body(1) - c.far(1) ||
    (shrinks && c.body(1) < c.body(2) && (c.hasUpperShadow(0) || c.hasUpperShadow(1))) ||
    (shrinks && c.hasLongUpperShadow(0))
  );
};

/** Patterns of three candles that go on or turn; stars have a file of their own. */
export const THREE_CANDLES = {
  advanceBlock: {
    title: 'Advance block',
    formula:
      'three white candles with rising closes, each opening in or near the body before, the first long with a short upper shadow, the later ones weakening by much smaller bodies or by upper shadows: −100',
    candles: 3,
    uses: { shadowShort: [2, 1, 0], shadowLong: [1, 0], near: [2, 1], far: [2, 1], bodyLong: [2] },
    rule: c =>
      allWhite(c) &&
      closesRise(c) &&
      opensInWhite(c, 1) &&
      opensInWhite(c, 0) &&
      c.isLong(2) &&
      c.hasShortUpperShadow(2) &&
      weakens(c)
        ? -100
        : 0,
  },
  gapSideBySideWhite: {
    title: 'Gap side-by-side white lines',
    formula:
      'two white candles, alike in body and open, whose bodies both gap the same way from the candle before: 100 after a gap up, −100 after one down',
    candles: 3,
    uses: { near: [1], equal: [1] },
    rule: c => {
      const up = c.bodyGapsUp(1, 2) && c.bodyGapsUp(0, 2);
      const down = c.bodyGapsDown(1, 2) && c.bodyGapsDown(0, 2);
      const isAlike =
        c.body(0) >= c.body(1) - c.near(1) &&
        c.body(0) <= c.body(1) + c.near(1) &&
        c.areEqual(c.open(0), c.open(1), 1);
      return (up || down) && c.isWhite(1) && c.isWhite(0) && isAlike ? (up ? 100 : -100) : 0;
    },
  },
  gapThreeMethods: {
    title: 'Upside or downside gap three methods',
    formula:
      'two candles of one color with a gap between their bodies, then one of the other color from within the second body to within the first: the first’s color · 100',
    candles: 3,
    uses: {},
    rule: c =>
      c.color(2) === c.color(1) &&
      c.color(1) === -c.color(0) &&
      c.open(0) < c.top(1) &&
      c.open(0) > c.bottom(1) &&
      c.close(0) < c.top(2) &&
      c.close(0) > c.bottom(2) &&
      (c.isWhite(2) ? c.bodyGapsUp(1, 2) : c.bodyGapsDown(1, 2))
        ? c.color(2) * 100
        : 0,
  },
  identicalThreeCrows: {
    title: 'Identical three crows',
    formula:
      'three black candles with falling closes and no lower shadows, each opening at a price equal to the close before: −100',
    candles: 3,
    uses: { shadowVeryShort: [2, 1, 0], equal: [2, 1] },
    rule: c =>
      allBlack(c) &&
      c.hasNoLowerShadow(2) &&
      c.hasNoLowerShadow(1) &&
      c.hasNoLowerShadow(0) &&
      c.close(2) > c.close(1) &&
      c.close(1) > c.close(0) &&
      c.areEqual(c.open(1), c.close(2), 2) &&
      c.areEqual(c.open(0), c.close(1), 1)
        ? -100
        : 0,
  },
  stalled: {
    title: 'Stalled pattern',
    formula:
      'three white candles with rising closes: two long ones, the second without an upper shadow and opening in or near the first body, then a small one on its shoulder: −100',
    candles: 3,
    uses: { bodyLong: [2, 1], bodyShort: [0], shadowVeryShort: [1], near: [2, 1] },
    rule: c =>
      allWhite(c) &&
      closesRise(c) &&
      c.isLong(2) &&
      c.isLong(1) &&
      c.hasNoUpperShadow(1) &&
      opensInWhite(c, 1) &&
      c.isSmall(0) &&
      c.open(0) >= c.close(1) - c.body(0) - c.near(1)
        ? -100
        : 0,
  },
  stickSandwich: {
    title: 'Stick sandwich',
    formula:
      'a black candle, a white one that trades above its close alone, and a black one with a close equal to the first’s: 100',
    candles: 3,
    uses: { equal: [2] },
    rule: c =>
      c.isBlack(2) &&
      c.isWhite(1) &&
      c.isBlack(0) &&
      c.low(1) > c.close(2) &&
      c.areEqual(c.close(0), c.close(2), 2)
        ? 100
        : 0,
  },
  tasukiGap: {
    title: 'Tasuki gap',
    formula:
      'a body that gaps away in its color’s direction, then one of near size and the other color that opens within it and closes in the gap: the second’s color · 100',
    candles: 3,
    uses: { near: [1] },
    rule: c => {
      const isNearSize = Math.abs(c.body(1) - c.body(0)) < c.near(1);
      if (!isNearSize || c.color(1) === c.color(0)) return 0;
      if (c.isWhite(1)) {
        const isWithin = c.open(0) < c.close(1) && c.open(0) > c.open(1);
        return c.bodyGapsUp(1, 2) && isWithin && c.close(0) < c.open(1) && c.close(0) > c.top(2) ? 100 : 0;
      }
      const isWithin = c.open(0) < c.open(1) && c.open(0) > c.close(1);
      return c.bodyGapsDown(1, 2) && isWithin && c.close(0) > c.open(1) && c.close(0) < c.bottom(2)
        ? -100
        : 0;
    },
  },
  threeInside: {
    title: 'Three inside up or down',
    formula:
      'a long body, a short one inside it, and a candle against the first’s color that closes beyond its open: against the first’s color, · 100',
    candles: 3,
    uses: { bodyLong: [2], bodyShort: [1] },
    rule: c =>
      c.isLong(2) &&
      c.isShort(1) &&
      c.top(1) < c.top(2) &&
      c.bottom(1) > c.bottom(2) &&
      (c.isWhite(2) ? c.isBlack(0) && c.close(0) < c.open(2) : c.isWhite(0) && c.close(0) > c.open(2))
        ? -c.color(2) * 100
        : 0,
  },
  threeOutside: {
    title: 'Three outside up or down',
    formula:
      'a body that engulfs the one before, of the other color, and a candle that closes further in its direction: the second’s color · 100; first value a bar later than it needs, as in TA-Lib',
    candles: 3,
    waits: 1,
    uses: {},
    rule: c => {
      if (c.color(1) === c.color(2)) return 0;
      if (c.isWhite(1))
        return c.close(1) > c.open(2) && c.open(1) < c.close(2) && c.close(0) > c.close(1) ? 100 : 0;
      return c.open(1) > c.close(2) && c.close(1) < c.open(2) && c.close(0) < c.close(1) ? -100 : 0;
    },
  },
  threeStarsInTheSouth: {
    title: 'Three stars in the south',
    formula:
      'three black candles: a long one with a long lower shadow; a smaller one that opens above its close within its range, trades below its close but not its low, and has a lower shadow; a small one without shadows inside the second’s range: 100',
    candles: 3,
    uses: { bodyLong: [2], shadowLong: [2], shadowVeryShort: [1, 0], bodyShort: [0] },
    rule: c =>
      allBlack(c) &&
      c.isLong(2) &&
      c.hasLongLowerShadow(2) &&
      c.body(1) < c.body(2) &&
      c.open(1) > c.close(2) &&
      c.open(1) <= c.high(2) &&
      c.low(1) < c.close(2) &&
      c.low(1) >= c.low(2) &&
      c.hasSomeLowerShadow(1) &&
      c.isSmall(0) &&
      c.hasNoLowerShadow(0) &&
      c.hasNoUpperShadow(0) &&
      c.low(0) > c.low(1) &&
      c.high(0) < c.high(1)
        ? 100
        : 0,
  },
  threeWhiteSoldiers: {
    title: 'Three white soldiers',
    formula:
      'three white candles with rising closes and no upper shadows, each opening in or near the body before and not far shorter than it, the last not short: 100',
    candles: 3,
    uses: { shadowVeryShort: [2, 1, 0], near: [2, 1], far: [2, 1], bodyShort: [0] },
    rule: c =>
      allWhite(c) &&
      c.hasNoUpperShadow(2) &&
      c.hasNoUpperShadow(1) &&
      c.hasNoUpperShadow(0) &&
      closesRise(c) &&
      opensInWhite(c, 1) &&
      opensInWhite(c, 0) &&
      c.body(1) > c.body(2) - c.far(2) &&
      c.body(0) > c.body(1) - c.far(1) &&
      c.isMoreThanShort(0)
        ? 100
        : 0,
  },
  twoCrows: {
    title: 'Two crows',
    formula:
      'a long white candle, a black one whose body gaps up, and a black one from within the second body to within the first: −100',
    candles: 3,
    uses: { bodyLong: [2] },
    rule: c =>
      c.isWhite(2) &&
      c.isLong(2) &&
      c.isBlack(1) &&
      c.bodyGapsUp(1, 2) &&
      c.isBlack(0) &&
      c.open(0) < c.open(1) &&
      c.open(0) > c.close(1) &&
      c.close(0) > c.open(2) &&
      c.close(0) < c.close(2)
        ? -100
        : 0,
  },
  uniqueThreeRiver: {
    title: 'Unique three river',
    formula:
      'a long black candle, a black body inside it with a lower low, and a small white candle that opens above that low: 100',
    candles: 3,
    uses: { bodyLong: [2], bodyShort: [0] },
    rule: c =>
      c.isLong(2) &&
      c.isBlack(2) &&
      c.isBlack(1) &&
      c.close(1) > c.close(2) &&
      c.open(1) <= c.open(2) &&
      c.low(1) < c.low(2) &&
      c.isSmall(0) &&
      c.isWhite(0) &&
      c.open(0) > c.low(1)
        ? 100
        : 0,
  },
  upsideGapTwoCrows: {
    title: 'Upside gap two crows',
    formula:
      'a long white candle, a short black one whose body gaps up, and a black one that covers the second body and closes above the first: −100',
    candles: 3,
    uses: { bodyLong: [2], bodyShort: [1] },
    rule: c =>
      c.isWhite(2) &&
      c.isLong(2) &&
      c.isBlack(1) &&
      c.isShort(1) &&
      c.bodyGapsUp(1, 2) &&
      c.isBlack(0) &&
      c.open(0) > c.open(1) &&
      c.close(0) < c.close(1) &&
      c.close(0) > c.close(2)
        ? -100
        : 0,
  },
} as const satisfies Readonly<Record<string, PatternSpec>>;
