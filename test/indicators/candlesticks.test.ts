import { CANDLE_SETTINGS, candlePatterns, div, memoryFeed, patterns, talib } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { readLines } from '../support/lines.ts';

type Candle = readonly [open: number, high: number, low: number, close: number];

const feedOf = (candles: readonly Candle[]) => {
  const column = (k: number) => candles.map(candle => candle[k]);
  return memoryFeed({
    time: candles.map((_, i) => i * 60_000),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: candles.map(() => 1),
  });
};

/** Quiet candles with a body of 1 in a range of 2, which any limit is measured by. */
const quiet = (count: number): Candle[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? [100, 101.5, 99.5, 101] : [101, 101.5, 99.5, 100]));

const last = async (
  name: keyof typeof patterns,
  candles: readonly Candle[],
  options: object = {},
  from = patterns,
) => {
  const { pattern } = await readLines(feedOf([...quiet(20), ...candles]), data =>
    from[name].linesOf([data], options as Record<string, unknown>),
  );
  return pattern.at(-1);
};

describe('a pattern is found where its rule holds, and not where one word of it fails', () => {
  const found: [keyof typeof patterns, Candle[], number][] = [
    ['doji', [[100, 101, 99, 100.1]], 100],
    ['marubozu', [[100, 103, 100, 103]], 100],
    ['marubozu', [[103, 103, 100, 100]], -100],
    ['hammer', [[99.5, 99.8, 97, 99.7]], 100],
    [
      'engulfing',
      [
        [101, 101, 100, 100],
        [99.5, 102, 99, 101.5],
      ],
      100,
    ],
    [
      'engulfing',
      [
        [101, 101, 100, 100],
        [100, 102, 99, 101.5],
      ],
      80,
    ],
    [
      'harami',
      [
        [103, 103, 99, 99],
        [100, 101, 100, 100.5],
      ],
      100,
    ],
    [
      'harami',
      [
        [103, 103, 99, 99],
        [99, 101, 99, 99.5],
      ],
      80,
    ],
    [
      'darkCloudCover',
      [
        [100, 104, 100, 104],
        [105, 105, 101, 101],
      ],
      -100,
    ],
    [
      'morningStar',
      [
        [104, 104, 100, 100],
        [99, 99.2, 98.5, 98.8],
        [99.5, 103, 99.5, 103],
      ],
      100,
    ],
    [
      'eveningStar',
      [
        [100, 104, 100, 104],
        [105, 105.2, 104.8, 105.2],
        [104.5, 104.5, 101, 101],
      ],
      -100,
    ],
    [
      'threeWhiteSoldiers',
      [
        [100, 102, 100, 102],
        [101, 104, 101, 104],
        [103, 106, 103, 106],
      ],
      100,
    ],
    [
      'hikkake',
      [
        [100, 104, 96, 102],
        [100, 103, 97, 101],
        [100, 102, 96, 97],
      ],
      100,
    ],
    [
      'hikkake',
      [
        [100, 104, 96, 102],
        [100, 103, 97, 101],
        [100, 102, 96, 97],
        [99, 104, 98, 103.5],
      ],
      200,
    ],
  ];
  test.each(found)('%s', async (name, candles, value) => {
    expect(await last(name, candles)).toBe(value);
  });

  test('a dark cloud that comes less deep than asked is none', async () => {
    const cloud: Candle[] = [
      [100, 104, 100, 104],
      [105, 105, 101, 101],
    ];
    expect(await last('darkCloudCover', cloud, { penetration: 0.8 })).toBe(0);
    expect(await last('darkCloudCover', cloud, { penetration: 0.7 })).toBe(-100);
  });

  test('a hikkake is confirmed by one of the next three candles, and by no later one', async () => {
    const found: Candle[] = [
      [100, 104, 96, 102],
      [100, 103, 97, 101],
      [100, 102, 96, 97],
    ];
    const wait: Candle = [98, 105, 90, 99];
    const confirmed: Candle = [99, 105, 90, 103.5];
    expect(await last('hikkake', [...found, wait, wait, confirmed])).toBe(200);
    expect(await last('hikkake', [...found, wait, wait, wait, confirmed])).toBe(0);
    expect(await last('hikkake', [...found, confirmed, confirmed])).toBe(0);
  });
});

test('settings of one’s own change what a word means, and only that word', async () => {
  const own = candlePatterns({ bodyDoji: { factor: 0.01 } });
  const candle: Candle[] = [[100, 101, 99, 100.1]];
  expect(await last('doji', candle)).toBe(100);
  expect(await last('doji', candle, {}, own)).toBe(0);
  expect(await last('marubozu', [[100, 103, 100, 103]], {}, own)).toBe(100);
  const longer = candlePatterns({ bodyLong: { bars: 30 } });
  const lines = await readLines(feedOf(quiet(40)), data => ({
    usual: patterns.marubozu(data),
    longer: longer.marubozu(data),
  }));
  expect(lines.usual.indexOf(0)).toBe(10);
  expect(lines.longer.indexOf(0)).toBe(30);
  expect(CANDLE_SETTINGS.bodyLong.bars).toBe(10);
});

test('a setting that there is not, or that makes no sense, is refused with what to write', () => {
  const unknown = { bodyLonk: {} } as object;
  expect(() => candlePatterns(unknown)).toThrow(expect.objectContaining({ code: 'CANDLE_SETTING_UNKNOWN' }));
  for (const wrong of [{ of: 'wick' }, { bars: -1 }, { bars: 1.5 }, { factor: Number.NaN }]) {
    expect(() => candlePatterns({ near: wrong as object })).toThrow(
      expect.objectContaining({ code: 'CANDLE_SETTING_INVALID' }),
    );
  }
});

test('a gap gives no pattern while it is among the candles, and leaves nothing behind', async () => {
  const long: Candle = [100, 103, 100, 103];
  const candles = [...quiet(40), long, ...quiet(12), long];
  const isGap = candles.map((_, i) => i === 40 || i === 20);
  const columns = ['open', 'high', 'low', 'close'] as const;
  for (const convention of ['exact', 'talib'] as const) {
    const feed = memoryFeed({
      time: candles.map((_, i) => i * 60_000),
      open: candles.map(candle => candle[0]),
      high: candles.map(candle => candle[1]),
      low: candles.map(candle => candle[2]),
      close: candles.map(candle => candle[3]),
      volume: isGap.map(gap => (gap ? 0 : 1)),
    });
    const lines = await readLines(feed, data => {
      const [open, high, low, close] = columns.map(name => div(data[name], data.volume));
      const gapped = { open, high, low, close };
      return {
        marubozu: patterns.marubozu(gapped, { convention }),
        whole: patterns.marubozu(data, { convention }),
        threeInside: patterns.threeInside(gapped, { convention }),
      };
    });
    expect(lines.whole[40]).toBe(100);
    expect(lines.marubozu[40]).toBe(0);
    expect(lines.marubozu.at(-1)).toBe(100);
    expect(lines.threeInside.slice(12).every(value => value === 0)).toBe(true);
  }
});

test('after a spike limits are right at once, where TA-Lib keeps what the spike rounded away', async () => {
  const spike: Candle = [100, 1e18, 100, 1e18];
  const top: Candle = [100, 101.5, 99, 100.5];
  const lines = await readLines(feedOf([...quiet(20), spike, ...quiet(12), top]), data => ({
    ours: patterns.spinningTop(data),
    theirs: talib.CDLSPINNINGTOP(data),
  }));
  expect(lines.ours.at(-1)).toBe(100);
  expect(lines.theirs.at(-1)).toBe(0);
});
