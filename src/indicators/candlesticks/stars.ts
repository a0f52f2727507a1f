import type { Candles } from './candles.ts';
import type { PatternSpec } from './pattern.ts';

/** The third candle turns the first's course: of the opposite color, not short, and well into the first body. */
const turnsDown = (c: Candles, penetration: number) =>
  c.isLong(2) &&
  c.isWhite(2) &&
  c.isMoreThanShort(0) &&
  c.isBlack(0) &&
  c.close(0) < c.close(2) - c.body(2) * penetration;

const turnsUp = (c: Candles, penetration: number) =>
  c.isLong(2) &&
  c.isBlack(2) &&
  c.isMoreThanShort(0) &&
  c.isWhite(0) &&
  c.close(0) > c.close(2) + c.body(2) * penetration;

/** A small body with a long upper shadow and no lower one. */
const isInverted = (c: Candles) => c.isSmall(0) && c.hasLongUpperShadow(0) && c.hasNoLowerShadow(0);

const isHammerShaped = (c: Candles) => c.isSmall(0) && c.hasLongLowerShadow(0) && c.hasNoUpperShadow(0);

/** Stars, hammers and their kin: small bodies where a trend may turn. */
export const STARS = {
  abandonedBaby: {
    title: 'Abandoned baby',
    formula:
      'a long candle, a doji that gaps away from it, and a candle of the opposite color, not short, that gaps back and closes more than `penetration` of the first body into it; gaps with the shadows: the third’s color · 100',
    candles: 3,
    uses: { bodyLong: [2], bodyDoji: [1], bodyShort: [0] },
    penetration: 0.3,
    rule: (c, penetration) => {
      if (!c.isDoji(1)) return 0;
      if (turnsDown(c, penetration) && c.gapsUp(1, 2) && c.gapsDown(0, 1)) return -100;
      return turnsUp(c, penetration) && c.gapsDown(1, 2) && c.gapsUp(0, 1) ? 100 : 0;
    },
  },
  dojiStar: {
    title: 'Doji star',
    formula:
      'a long body, then a doji whose body gaps away in its direction: against the first’s color, · 100',
    candles: 2,
    uses: { bodyLong: [1], bodyDoji: [0] },
    rule: c =>
      c.isLong(1) && c.isDoji(0) && (c.isWhite(1) ? c.bodyGapsUp(0, 1) : c.bodyGapsDown(0, 1))
        ? -c.color(1) * 100
        : 0,
  },
  eveningDojiStar: {
    title: 'Evening doji star',
    formula:
      'a long white candle, a doji whose body gaps up, and a black candle, not short, that closes more than `penetration` of the first body into it: −100',
    candles: 3,
    uses: { bodyLong: [2], bodyDoji: [1], bodyShort: [0] },
    penetration: 0.3,
    rule: (c, penetration) => (turnsDown(c, penetration) && c.isDoji(1) && c.bodyGapsUp(1, 2) ? -100 : 0),
  },
  eveningStar: {
    title: 'Evening star',
    formula:
      'a long white candle, a short body that gaps up, and a black candle, not short, that closes more than `penetration` of the first body into it: −100',
    candles: 3,
    uses: { bodyLong: [2], bodyShort: [1, 0] },
    penetration: 0.3,
    rule: (c, penetration) => (turnsDown(c, penetration) && c.isShort(1) && c.bodyGapsUp(1, 2) ? -100 : 0),
  },
  hammer: {
    title: 'Hammer',
    formula:
      'a small body with a long lower shadow and no upper one, near or below the low of the candle before: 100',
    candles: 2,
    uses: { bodyShort: [0], shadowLong: [0], shadowVeryShort: [0], near: [1] },
    rule: c => (isHammerShaped(c) && c.bottom(0) <= c.low(1) + c.near(1) ? 100 : 0),
  },
  hangingMan: {
    title: 'Hanging man',
    formula:
      'a small body with a long lower shadow and no upper one, near or above the high of the candle before: −100',
    candles: 2,
    uses: { bodyShort: [0], shadowLong: [0], shadowVeryShort: [0], near: [1] },
    rule: c => (isHammerShaped(c) && c.bottom(0) >= c.high(1) - c.near(1) ? -100 : 0),
  },
  invertedHammer: {
    title: 'Inverted hammer',
    formula:
      'a small body with a long upper shadow and no lower one, that gaps down from the body before: 100',
    candles: 2,
    uses: { bodyShort: [0], shadowLong: [0], shadowVeryShort: [0] },
    rule: c => (isInverted(c) && c.bodyGapsDown(0, 1) ? 100 : 0),
  },
  morningDojiStar: {
    title: 'Morning doji star',
    formula:
      'a long black candle, a doji whose body gaps down, and a white candle, not short, that closes more than `penetration` of the first body into it: 100',
    candles: 3,
    uses: { bodyLong: [2], bodyDoji: [1], bodyShort: [0] },
    penetration: 0.3,
    rule: (c, penetration) => (turnsUp(c, penetration) && c.isDoji(1) && c.bodyGapsDown(1, 2) ? 100 : 0),
  },
  morningStar: {
    title: 'Morning star',
    formula:
      'a long black candle, a short body that gaps down, and a white candle, not short, that closes more than `penetration` of the first body into it: 100',
    candles: 3,
    uses: { bodyLong: [2], bodyShort: [1, 0] },
    penetration: 0.3,
    rule: (c, penetration) => (turnsUp(c, penetration) && c.isShort(1) && c.bodyGapsDown(1, 2) ? 100 : 0),
  },
  shootingStar: {
    title: 'Shooting star',
    formula:
      'a small body with a long upper shadow and no lower one, that gaps up from the body before: −100',
    candles: 2,
    uses: { bodyShort: [0], shadowLong: [0], shadowVeryShort: [0] },
    rule: c => (isInverted(c) && c.bodyGapsUp(0, 1) ? -100 : 0),
  },
  tristar: {
    title: 'Tristar',
    formula:
      'three doji, measured by the first’s limit, the second gapping away from the first and the third not beyond it: 100 after a gap down, −100 after one up',
    candles: 3,
    uses: { bodyDoji: [2] },
    rule: c => {
      if (!c.isDoji(2) || !c.isDoji(1, 2) || !c.isDoji(0, 2)) return 0;
      if (c.bodyGapsUp(1, 2) && c.top(0) < c.top(1)) return -100;
      return c.bodyGapsDown(1, 2) && c.bottom(0) > c.bottom(1) ? 100 : 0;
    },
  },
} as const satisfies Readonly<Record<string, PatternSpec>>;
