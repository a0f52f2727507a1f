import {
  backtest,
  bool,
  crossOver,
  type Data,
  div,
  ema,
  float,
  type Indicator,
  indicator,
  int,
  type Line,
  memoryFeed,
  sma,
  strategy,
  sub,
} from 'qt-trader';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { closes, walk } from '../support/bars.ts';
import { expectChunksAgree, expectGrowingAgrees, readLines } from '../support/lines.ts';

const N = Number.NaN;

/** A mean weighted with volume that fades: state in numbers. */
const fadingVwap = indicator({
  name: 'fadingVwap',
  inputs: ['close', 'volume'],
  parameters: { keep: float(0.9, { min: 0, max: 1 }) },
  start: () => ({ paid: 0, traded: 0 }),
  next: (state, { close, volume }, { keep }) => {
    state.paid = state.paid * keep + close * volume;
    state.traded = state.traded * keep + volume;
    return state.paid / state.traded;
  },
});

/** Median and range of the last bars: state in a list, in a typed array and in objects in a list. */
const window = indicator({
  name: 'medianWindow',
  label: 'Window',
  inputs: 'line',
  parameters: { bars: int(5, { min: 1 }), reversed: bool(false) },
  lines: ['median', 'range', 'rises'],
  warmup: ({ bars }) => bars - 1,
  start: ({ bars }) => ({
    values: [] as number[],
    ring: new Float64Array(bars),
    at: 0,
    days: [{ rises: 0 }],
  }),
  next: (state, value, { bars, reversed }, lines) => {
    const rose = value > (state.values.at(-1) ?? value);
    state.values.push(value);
    if (state.values.length > bars) state.values.shift();
    state.ring[state.at++ % bars] = value;
    if (state.at % 7 === 0) state.days.push({ rises: 0 });
    state.days[state.days.length - 1]!.rises += rose ? 1 : 0;
    const sorted = [...state.values].sort((a, b) => (reversed ? b - a : a - b));
    lines.median = sorted[sorted.length >> 1]!;
    lines.range = Math.max(...state.ring) - Math.min(...state.ring);
    lines.rises = state.days.reduce((sum, day) => sum + day.rises, 0);
  },
});

/** Nothing to remember, two lines in an object. */
const body = indicator({
  name: 'candleBody',
  inputs: ['open', 'close'],
  lines: ['size', 'direction'],
  next: (_, { open, close }) => ({ size: Math.abs(close - open), direction: Math.sign(close - open) }),
});

/** Above or below a line or a level, and since when. */
const bias = indicator({
  name: 'bias',
  inputs: 'line and level',
  start: () => ({ since: 0 }),
  next: (state, { a, b }) => {
    state.since = a > b ? Math.max(1, state.since + 1) : Math.min(-1, state.since - 1);
    return state.since;
  },
});

/** Made of others. */
const spread = indicator({
  name: 'spread',
  inputs: 'line',
  parameters: { fast: int(3), slow: int(9) },
  lines: ['distance', 'cross'],
  build: ({ fast, slow }, input) => {
    const [quick, calm] = [ema(input, fast), sma(input, slow)];
    return { distance: sub(quick, calm), cross: crossOver(quick, calm) };
  },
});

const builds: readonly [string, (data: Data) => Readonly<Record<string, Line>>][] = [
  ['numbers as state', data => ({ vwap: fadingVwap(data) })],
  ['lists and arrays as state', data => window(data, { bars: 6, reversed: true })],
  ['no state', data => body(data)],
  ['a line and a level', data => ({ line: bias(data, data.open), level: bias(data.close, 100) })],
  ['a composition', data => spread(data)],
  [
    'a custom indicator of custom indicators',
    data => ({ line: fadingVwap({ ...pick(data), close: bias(data, 100) }) }),
  ],
];
const pick = ({ volume }: Data) => ({ volume });

describe.each(builds)('an indicator of one’s own with %s', (_, build) => {
  test('gives the same bits whole, in chunks of any sizes, and bar by bar', () =>
    expectChunksAgree(walk(3000, 5), build));

  test('shows bars that grow as if each were the last one, and then as if it had come whole', () =>
    expectGrowingAgrees(walk(200, 6), build));
});

describe('an indicator that is computed bar by bar', () => {
  test('gives what its code gives, NaN before its warm-up, and counts it towards the minimum period', async () => {
    const columns = closes([1, 2, 3, 4, 3, 2]);
    let period = 0;
    const { median, range, rises } = await readLines(memoryFeed(columns), data => {
      const lines = window(data, 3);
      period = lines.median.minPeriod;
      return lines;
    });
    expect(period).toBe(3);
    expect(median).toEqual([N, N, 2, 3, 3, 3]);
    expect(range).toEqual([N, N, 2, 2, 1, 2]);
    expect(rises).toEqual([N, N, 2, 3, 3, 3]);
  });

  test('is named with its parameters, in lines and kernels', async () => {
    const labels: string[] = [];
    await readLines(memoryFeed(closes([1, 2, 3])), data => {
      const lines = window(data, 3);
      labels.push(lines.median.label, fadingVwap(data, 0.5).label, bias(data, 2).label);
      return lines;
    });
    expect(labels).toEqual(['Window(3).median', 'FADINGVWAP(0.5)', 'BIAS(close, 2)']);
  });

  test('is not asked about a bar with an input that is NaN, and gives NaN there; what is not finite is NaN', async () => {
    const columns = walk(8, 1);
    columns.volume.fill(2);
    columns.volume[3] = 0;
    const asked: number[] = [];
    const seen = indicator({
      name: 'seen',
      inputs: 'line',
      start: () => ({ count: 0 }),
      next: (state, value) => {
        asked.push(value);
        return 1 / (state.count++ - 1);
      },
    });
    const { line } = await readLines(memoryFeed(columns), data => ({
      line: seen(div(data.volume, data.volume)),
    }));
    expect(asked).toEqual(new Array(7).fill(1));
    expect(line).toEqual([-1, N, 1, N, 1 / 2, 1 / 3, 1 / 4, 1 / 5]);
  });

  test('begins where its inputs have values', async () => {
    const first: number[] = [];
    const echo = indicator({
      name: 'echo',
      inputs: 'line',
      next: (_, value) => {
        first.push(value);
        return value;
      },
    });
    await readLines(memoryFeed(closes([1, 2, 3, 4])), data => ({ line: echo(sma(data, 3)) }));
    expect(first).toEqual([2, 3]);
  });

  test('shares nothing between its uses', async () => {
    const { a, b } = await readLines(memoryFeed(walk(50, 2)), data => ({
      a: fadingVwap(data),
      b: fadingVwap(data),
    }));
    expect(a).toEqual(b);
  });
});

describe('what goes wrong in an indicator of one’s own', () => {
  const failing = (build: (data: Data) => Line | Readonly<Record<string, Line>>) => {
    class Uses extends strategy() {
      lines = build(this.data);
      next() {}
    }
    return expect(backtest({ strategy: Uses, data: memoryFeed(closes([1, 2, 3])) })).rejects;
  };

  test('an error thrown inside it names it and the bar', async () => {
    const broken = indicator({
      name: 'broken',
      inputs: 'line',
      parameters: { bars: int(2) },
      start: () => ({ count: 0 }),
      next: state => {
        if (state.count++ === 1) throw new Error('no such thing');
        return 0;
      },
    });
    await failing(data => broken(data)).toMatchObject({
      code: 'INDICATOR_THREW',
      message: expect.stringMatching(/BROKEN\(2\) threw at bar 1: Error: no such thing/),
    });
  });

  test('an error thrown while it is made names it', async () => {
    const broken = indicator({
      name: 'broken',
      inputs: 'line',
      lines: ['x'],
      build: () => {
        throw new TypeError('oh');
      },
    });
    await failing(data => broken(data)).toMatchObject({
      code: 'INDICATOR_THREW',
      message: expect.stringContaining('BROKEN threw as it was made: TypeError: oh'),
    });
  });

  test('a forgotten return is told', async () => {
    const forgetful = indicator({
      name: 'forgetful',
      inputs: 'line',
      next: (() => {}) as unknown as () => number,
    });
    await failing(data => forgetful(data)).toMatchObject({ code: 'INDICATOR_RETURNED', limit: 'a number' });
    const half = indicator({
      name: 'half',
      inputs: 'line',
      lines: ['a', 'b'],
      next: (() => ({ a: 1 })) as unknown as () => undefined,
    });
    await failing(data => half(data)).toMatchObject({ code: 'INDICATOR_RETURNED', limit: 'a number as b' });
  });

  test('state that cannot be copied is refused where bars grow, with the name of the indicator', async () => {
    const { growingFeed, randomLooks } = await import('../support/growing.ts');
    const mapped = indicator({
      name: 'mapped',
      inputs: 'line',
      start: () => ({ seen: new Map<number, number>() }),
      next: (state, value) => state.seen.set(value, 1).size,
    });
    class Uses extends strategy() {
      line = mapped(this.data);
      next() {}
    }
    const data = growingFeed(randomLooks(walk(5, 1), 60_000, 1));
    await expect(backtest({ strategy: Uses, data })).rejects.toMatchObject({
      code: 'STATE_NOT_COPIED',
      message: expect.stringContaining('MAPPED keeps a Map as state'),
    });
    expect((await backtest({ strategy: Uses, data: memoryFeed(walk(5, 1)) })).stats.bars).toBe(5);
  });
});

test('the types of inputs, parameters, state and lines follow from the declaration', () => {
  expectTypeOf(fadingVwap).returns.toEqualTypeOf<Line>();
  expectTypeOf(window).returns.toEqualTypeOf<{
    readonly median: Line;
    readonly range: Line;
    readonly rises: Line;
  }>();
  expectTypeOf(spread).returns.toEqualTypeOf<{ readonly distance: Line; readonly cross: Line }>();
  expectTypeOf(body).toExtend<Indicator<readonly ['open', 'close']>>();
  indicator({
    name: 'typed',
    inputs: ['high', 'low'],
    parameters: { bars: int(3), wide: bool(true) },
    lines: ['up', 'down'],
    warmup: parameters => {
      expectTypeOf(parameters).toEqualTypeOf<{ readonly bars: number; readonly wide: boolean }>();
      return parameters.bars;
    },
    start: ({ bars }) => ({ sum: 0, seen: new Float64Array(bars) }),
    next: (state, input, parameters, lines) => {
      expectTypeOf(state).toEqualTypeOf<{ sum: number; seen: Float64Array<ArrayBuffer> }>();
      expectTypeOf(input).toEqualTypeOf<{ readonly high: number; readonly low: number }>();
      expectTypeOf(parameters.wide).toBeBoolean();
      expectTypeOf(lines).toEqualTypeOf<{ up: number; down: number }>();
      return { up: 1, down: 2 };
    },
  });
  indicator({
    name: 'single',
    inputs: 'line',
    next: (_, value) => {
      expectTypeOf(value).toBeNumber();
      return value;
    },
  });
  // @ts-expect-error an only line's value must be returned
  indicator({ name: 'nothing', inputs: 'line', next: () => {} });
  // @ts-expect-error there is no line of that name
  indicator({ name: 'other', inputs: 'line', lines: ['a', 'b'], next: () => ({ a: 1, c: 2 }) });
  // @ts-expect-error volume is not among the inputs
  indicator({ name: 'unasked', inputs: ['close'], next: (_, { volume }) => volume });
  class Uses extends strategy() {
    // @ts-expect-error it has no such parameter
    line = fadingVwap(this.data, { kept: 3 });
    next() {}
  }
  expect(Uses.parameters).toEqual({});
});
