import fc from 'fast-check';
import {
  type Bars,
  type DataFeed,
  type DataFrameLike,
  dataFrameFeed,
  type FrameInput,
  QtError,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { syntheticBars } from '../../src/feeds/synthetic/synthetic.ts';

/** A danfojs DataFrame from outside. */
function frame(columns: Record<string, unknown[]>, index?: (string | number)[]): DataFrameLike {
  const names = Object.keys(columns);
  const rows = columns[names[0]].length;
  return {
    columns: names,
    index: index ?? Array.from({ length: rows }, (_, row) => row),
    shape: [rows, names.length],
    column: name => ({ values: columns[name] }),
  };
}

async function barsOf(feed: DataFeed): Promise<Bars> {
  for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
    if (event.kind === 'bars') return event.bars;
  }
  throw new Error('the feed has no bars');
}

/** What the feed of `input` refuses. */
function refusal(input: unknown): { code: string; message: string } {
  try {
    dataFrameFeed(input as FrameInput);
  } catch (error) {
    expect(error).toBeInstanceOf(QtError);
    return error as QtError;
  }
  throw new Error('it was taken');
}

const BARS = syntheticBars({ interval: '1h', bars: 50, from: Date.UTC(2024, 0, 31) });
const ISO = Array.from(BARS.time, time => new Date(time).toISOString());
const PRICES = {
  Close: [...BARS.close],
  HIGH: [...BARS.high],
  low: [...BARS.low],
  Open: [...BARS.open],
  Volume: [...BARS.volume],
};

const WRITINGS: Readonly<Record<string, (time: number) => unknown>> = {
  'epoch seconds': time => time / 1000,
  'epoch ms': time => time,
  'epoch µs': time => time * 1000,
  'epoch ns': time => time * 1e6,
  'epoch ns as bigints': time => BigInt(time) * 1_000_000n,
  'epoch ms as text': time => String(time),
  Dates: time => new Date(time),
  'ISO text': time => new Date(time).toISOString(),
  'ISO text without zone': time => new Date(time).toISOString().slice(0, 19).replace('T', ' '),
  'ISO text with another zone': time => `${new Date(time + 7_200_000).toISOString().slice(0, 19)}+02:00`,
};

test.each(Object.entries(WRITINGS))('times may be %s, in a column or the index', async (_, write) => {
  const times = Array.from(BARS.time, write);
  const rows = times.map((datetime, i) => ({
    datetime,
    ...Object.fromEntries(Object.entries(PRICES).map(([name, values]) => [name, values[i]])),
  }));
  const inputs: FrameInput[] = [
    { datetime: times, ...PRICES },
    rows,
    frame({ ...PRICES, DateTime: times }),
    frame({ ...PRICES, openTime: times }),
  ];
  if (typeof times[0] === 'string' || typeof times[0] === 'number') {
    inputs.push(frame(PRICES, times as string[]));
  }
  for (const input of inputs) {
    const feed = dataFrameFeed(input, { symbol: 'BTCUSDT' });
    expect([feed.instrument.symbol, feed.interval, feed.columns]).toEqual(['BTCUSDT', '1h', []]);
    expect(await barsOf(feed)).toEqual({ ...BARS, extra: {} });
  }
});

test('milliseconds survive every unit that can hold them', async () => {
  const exact = Object.keys(WRITINGS).filter(name => !/zone/.test(name));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2100, 0) }),
      fc.constantFrom(...exact),
      async (from, writing) => {
        const stamps = [0, 1, 2, 3].map(i => from + i * 60_001);
        const one = [1, 1, 1, 1];
        const given = { time: stamps.map(WRITINGS[writing]), open: one, high: one, low: one, close: one };
        const { time } = await barsOf(dataFrameFeed(given, { interval: '1m' }));
        expect([...time]).toEqual(stamps);
      },
    ),
  );
});

test('the layout close, high, low, open, volume, baseVolume, datetime is read, with what is numeric as extra columns', async () => {
  const { close, high, low, open, volume } = BARS;
  const baseVolume = volume.map((amount, i) => amount * close[i]);
  const exchange = ISO.map(() => 'binance');
  const feed = dataFrameFeed(
    { close, high, low, open, volume, baseVolume, exchange, datetime: ISO },
    { symbol: 'ETHUSDT' },
  );
  expect(feed.columns).toEqual(['baseVolume']);
  expect(feed.notes!()).toEqual(['column "exchange" is not numeric and was left out']);
  expect(await barsOf(feed)).toEqual({ ...BARS, extra: { baseVolume } });
});

test('prices may be text, as exchanges write them, and a missing value of an extra column is NaN', async () => {
  const text = (values: Float64Array) => Array.from(values, value => value.toFixed(8));
  const signal = [null, undefined, Number.NaN, '', 5, ...BARS.time.slice(5)];
  const feed = dataFrameFeed({
    openTime: BARS.time,
    open: text(BARS.open),
    high: text(BARS.high),
    low: text(BARS.low),
    close: text(BARS.close),
    volume: text(BARS.volume),
    signal,
  });
  const { open, extra } = await barsOf(feed);
  expect(open).toEqual(BARS.open);
  expect([...extra.signal.slice(0, 6)]).toEqual([NaN, NaN, NaN, NaN, 5, BARS.time[5]]);
});

test('a day and a time of day may stand in two columns', async () => {
  const date = ISO.map(text => text.slice(0, 10));
  const time = ISO.map(text => text.slice(11, 16));
  expect((await barsOf(dataFrameFeed({ date, time, ...PRICES }))).time).toEqual(BARS.time);
});

test('options name columns that cannot be guessed', async () => {
  const feed = dataFrameFeed(
    { when: ISO, ...PRICES, settled: PRICES.Close.map((_, i) => PRICES.low[i]) },
    { columns: { datetime: 'when', close: 'Settled' } },
  );
  expect(feed.columns).toEqual(['Close']);
  expect((await barsOf(feed)).close).toEqual(BARS.low);
});

test('what is given may be changed afterwards', async () => {
  const open = BARS.open.slice();
  const feed = dataFrameFeed({ time: BARS.time, ...PRICES, Open: open });
  open.fill(0);
  expect((await barsOf(feed)).open).toEqual(BARS.open);
});

test('each column of a frame is taken out once, since danfojs copies it each time', () => {
  const asked: string[] = [];
  const columns = { ...PRICES, datetime: ISO };
  const given = { ...frame(columns) };
  dataFrameFeed({
    ...given,
    column(name) {
      asked.push(name);
      return given.column(name);
    },
  });
  expect(asked).toEqual(Object.keys(columns));
});

const with_ = (changed: Record<string, unknown>) =>
  ({ datetime: ISO, ...PRICES, ...changed }) as Record<string, unknown[]>;
const at = (values: readonly unknown[], row: number, value: unknown) => values.with(row, value);

test.each<[string, unknown, string, RegExp]>([
  [
    'text for a price',
    with_({ Open: at(PRICES.Open, 7, 'abc') }),
    'FRAME_NOT_A_NUMBER',
    /"Open": row 7 is "abc"/,
  ],
  ['a missing price', with_({ low: at(PRICES.low, 3, null) }), 'FRAME_NOT_A_NUMBER', /"low": row 3 is null/],
  [
    'NaN for a price',
    with_({ HIGH: at(PRICES.HIGH, 4, Number.NaN) }),
    'VALUE_NOT_FINITE',
    /"HIGH": row 4 is NaN/,
  ],
  [
    'a negative volume',
    with_({ Volume: at(PRICES.Volume, 2, -1) }),
    'FRAME_NEGATIVE',
    /"Volume": row 2 is -1/,
  ],
  ['a high below the rest', with_({ HIGH: at(PRICES.HIGH, 9, 1) }), 'BAR_CONTRADICTORY', /"HIGH": row 9 has/],
  ['a time twice', with_({ datetime: at(ISO, 5, ISO[4]) }), 'TIME_NOT_ASCENDING', /"datetime": row 5/],
  [
    'no time',
    with_({ datetime: at(ISO, 6, 'soon') }),
    'FRAME_TIME_INVALID',
    /"datetime": row 6 is "soon", no time/,
  ],
  ['a missing time', with_({ datetime: at(ISO, 6, undefined) }), 'FRAME_TIME_INVALID', /row 6 is undefined/],
  [
    'times in two writings',
    with_({ datetime: at(ISO, 6, BARS.time[6]) }),
    'FRAME_TIME_MIXED',
    /"datetime": row 6 writes 1706680800000, unlike "2024-01-31T00:00:00.000Z"/,
  ],
  [
    'times in two units',
    with_({ datetime: at([...BARS.time], 6, BARS.time[6] / 1000) }),
    'FRAME_TIME_MIXED',
    /row 6 writes 1706680800, unlike 1706659200000/,
  ],
  [
    'columns of two lengths',
    with_({ low: PRICES.low.slice(1) }),
    'COLUMN_LENGTH',
    /"low": has 49 values, datetime has 50/,
  ],
  ['no column of times', PRICES, 'FRAME_NO_TIME', /no column of times: .*datetime.*Close, HIGH/],
  ['an index of row numbers', frame(PRICES), 'FRAME_NO_TIME', /the index begins with 0/],
  [
    'row numbers for times',
    with_({ datetime: PRICES.Open.map((_, i) => i) }),
    'FRAME_NO_TIME',
    /begins with 0/,
  ],
  ['no close', { datetime: ISO, ...PRICES, Close: ISO }, 'FRAME_NOT_A_NUMBER', /"Close": row 0/],
  [
    'a misspelt column',
    { datetime: ISO, ...PRICES, Close: undefined, Clsoe: PRICES.Close },
    'FRAME_SHAPE',
    /"Close": is undefined/,
  ],
  [
    'two columns of one name',
    with_({ CLOSE: PRICES.Close }),
    'FRAME_COLUMN_AMBIGUOUS',
    /"Close" and "CLOSE"/,
  ],
  ['no rows', { datetime: [], open: [], high: [], low: [], close: [] }, 'FRAME_NO_ROWS', /no rows/],
  ['nothing', [], 'FRAME_NO_ROWS', /no rows/],
  ['no object', 'bars.csv', 'FRAME_SHAPE', /given as "bars\.csv"/],
  ['rows that are arrays', [[1, 2, 3]], 'FRAME_SHAPE', /row 0 is an array/],
])('%s is an error that names column and row', (_, input, code, message) => {
  const { code: found, message: text } = refusal(input);
  expect([found, text]).toEqual([code, expect.stringMatching(message)]);
});

test('a column that is not there is named, with the nearest one that is', () => {
  const { Close, ...others } = PRICES;
  expect(() => dataFrameFeed({ datetime: ISO, ...others, Clsoe: Close })).toThrow(
    /there is no column "close": did you mean "Clsoe"\? columns: \{ close: "Clsoe" \}/,
  );
});

test('times that went through float32 are refused, those that only look like it are not', () => {
  const rounded = (times: Float64Array) => Array.from(times, Math.fround);
  const seconds = BARS.time.map(time => time / 1000);
  for (const datetime of [rounded(BARS.time), rounded(seconds)]) {
    expect(refusal({ datetime, ...PRICES }).code).toBe('FRAME_FLOAT32');
  }
  const daily = Array.from(BARS.time, (_, i) => Date.UTC(2024, 0, 1 + i) / 1000);
  expect(daily.every(time => Math.fround(time) === time)).toBe(true);
  expect(dataFrameFeed({ datetime: daily, ...PRICES }).interval).toBe('1d');
});

test('prices that danfojs has calculated are told of, with what they have lost', () => {
  const Close = PRICES.Close.map((_, i) => Math.fround((PRICES.low[i] + PRICES.HIGH[i]) / 2));
  const notes = dataFrameFeed({ datetime: ISO, ...PRICES, Close }).notes!();
  expect(notes).toEqual([
    'column "Close" is rounded to float32 (7 digits), as danfojs\'s arithmetic leaves it',
  ]);
  expect(dataFrameFeed({ datetime: ISO, ...PRICES }).notes!()).toEqual([]);
  const above = PRICES.HIGH.map((high, i) => (i === 20 ? Math.fround(high) + 2 ** -8 : Math.fround(high)));
  expect(refusal({ datetime: ISO, ...PRICES, Close: above })).toMatchObject({
    code: 'FRAME_FLOAT32',
    column: 'Close',
  });
});
