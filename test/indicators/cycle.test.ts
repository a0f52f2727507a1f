import {
  cyclePeriod,
  cyclePhase,
  cycleTrendline,
  div,
  mama,
  memoryFeed,
  phasor,
  sineWave,
  talib,
  trendMode,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { closes, walk } from '../support/bars.ts';
import { readLines } from '../support/lines.ts';

const wave = (bars: number, period: number, trend = 0) =>
  Array.from({ length: bars }, (_, i) => 100 + trend * i + Math.sin((2 * Math.PI * i) / period));

describe('on a pure wave', () => {
  test.each([12, 20, 30])(
    'of %i bars the period is found, and the phase goes round with it',
    async period => {
      const lines = await readLines(memoryFeed(closes(wave(600, period))), data => ({
        period: cyclePeriod(data),
        phase: cyclePhase(data),
        trendline: cycleTrendline(data),
        mode: trendMode(data),
      }));
      const last = lines.period.slice(-50);
      expect(Math.max(...last.map(value => Math.abs(value - period)))).toBeLessThan(0.06 * period);
      expect(Math.max(...lines.trendline.slice(-50).map(value => Math.abs(value - 100)))).toBeLessThan(0.5);
      const turns = lines.phase
        .slice(-50)
        .map((value, i, all) => (i === 0 ? 0 : (value - all[i - 1] + 360) % 360));
      const mean = turns.reduce((a, b) => a + b, 0) / 49;
      expect(Math.abs(mean - 360 / period)).toBeLessThan(0.1 * (360 / period));
      expect(lines.mode.slice(-50).every(mode => mode === 0)).toBe(true);
    },
  );

  test('sine and lead are the sines of the phase and of 45 degrees ahead', async () => {
    const lines = await readLines(memoryFeed(closes(wave(300, 20))), data => ({
      phase: cyclePhase(data),
      ...sineWave(data),
    }));
    for (let i = 100; i < 300; i++) {
      expect(lines.sine[i]).toBeCloseTo(Math.sin((lines.phase[i] * Math.PI) / 180), 12);
      expect(lines.lead[i]).toBeCloseTo(Math.sin(((lines.phase[i] + 45) * Math.PI) / 180), 12);
    }
  });
});

test('a price that only rises is in a trend', async () => {
  const rising = Array.from({ length: 400 }, (_, i) => 100 * 1.01 ** i);
  const { trend } = await readLines(memoryFeed(closes(rising)), data => ({ trend: trendMode(data) }));
  expect(trend.slice(-100).every(value => value === 1)).toBe(true);
});

test('on a flat price components are 0, the averages are the price, and the phase goes on evenly', async () => {
  const lines = await readLines(memoryFeed(closes(new Array(600).fill(50))), data => ({
    ...phasor(data),
    ...mama(data),
    period: cyclePeriod(data),
    phase: cyclePhase(data),
    trendline: cycleTrendline(data),
  }));
  expect(lines.inPhase.at(-1)).toBe(0);
  expect(lines.quadrature.at(-1)).toBe(0);
  expect(lines.mama.at(-1)).toBeCloseTo(50, 9);
  expect(lines.trendline.at(-1)).toBeCloseTo(50, 12);
  const [a, b] = lines.phase.slice(-2);
  expect((b - a + 360) % 360).toBeCloseTo(360 / (lines.period.at(-1) ?? 0), 6);
});

test('a NaN is passed over: it gives NaN, and the values after it are those without it', async () => {
  const prices = wave(300, 18, 0.01);
  const gap = 150;
  const gapped = [...prices.slice(0, gap), 100, ...prices.slice(gap)];
  const whole = await readLines(memoryFeed(closes(prices)), data => ({
    ...mama(data),
    phase: cyclePhase(data),
  }));
  const columns = { ...closes(gapped), volume: gapped.map((_, i) => (i === gap ? 0 : 1)) };
  for (const one of ['mama', 'fama', 'phase'] as const) {
    const lines = await readLines(memoryFeed(columns), data => {
      const line = div(data.close, data.volume);
      return { ...mama(line), phase: cyclePhase(line) };
    });
    expect(lines[one][gap]).toBeNaN();
    expect(lines[one].filter((_, i) => i !== gap)).toEqual(whole[one]);
  }
});

test('how the price is smoothed shows in the last digits alone', async () => {
  const lines = await readLines(memoryFeed(walk(2000, 5)), data => ({
    ours: cyclePeriod(data),
    theirs: talib.HT_DCPERIOD(data),
  }));
  for (let i = 32; i < 2000; i++) expect(lines.ours[i]).toBeCloseTo(lines.theirs[i], 6);
});
