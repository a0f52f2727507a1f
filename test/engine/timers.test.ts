import { readFileSync } from 'node:fs';
import { memoryFeed, type Order, sma, strategy, type Timer, type TimerOptions } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { SimulatedBroker } from '../../src/brokers/simulated/broker.ts';
import { instrumentsOf } from '../../src/engine/cursors.ts';
import { Engine } from '../../src/engine/engine.ts';
import { fixedSize } from '../../src/engine/sizers/fixed.ts';
import { ListedDays } from '../../src/engine/timers/listed-days.ts';
import { closes, walk } from '../support/bars.ts';
import { engineRun } from '../support/engine-run.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2024, 0, 1);

interface Recorded {
  /** Time of bar 0, and the distance of bars, ms. */
  readonly start: number;
  readonly step: number;
  /** The bars that are there. */
  readonly bars: readonly number[];
  /** Start and end of the session, ms after midnight. */
  readonly session: readonly [number, number];
  readonly timer: TimerOptions;
  /** The moment for which the timer fired, and how many bars there were by then. */
  readonly calls: readonly (readonly [number, number])[];
}

/** A strategy that keeps when its timers fired. */
function timed(...timers: TimerOptions[]) {
  const calls: [number, number][] = [];
  class Timed extends strategy() {
    timers = timers.map(options => this.addTimer(options));
    next() {}
    override notifyTimer(timer: Timer, when: number) {
      expect(this.timers).toContain(timer);
      calls.push([when, this.data.length]);
    }
  }
  return { Timed, calls };
}

function feedOf(
  times: readonly number[],
  stepMs: number,
  stamps: 'open' | 'close',
  day?: readonly [number, number],
) {
  const flat = closes(times.map(() => 100));
  return memoryFeed(
    { ...flat, time: Float64Array.from(times) },
    {
      stamps,
      interval: `${stepMs / MINUTE}m`,
      ...(day === undefined ? {} : { tradingDay: { start: day[0], end: day[1] } }),
    },
  );
}

describe('timers fire when those of backtrader 1.9.78.123 do', () => {
  const cases: Recorded[] = JSON.parse(
    readFileSync(new URL('../expected/timers.json', import.meta.url), 'utf8'),
  );

  test.each(cases.map(one => [JSON.stringify(one.timer), one] as const))('%s', async (_, recorded) => {
    const { start, step, bars, session, timer } = recorded;
    const { Timed, calls } = timed(timer);
    const times = bars.map(bar => start + bar * step);
    await engineRun(Timed, feedOf(times, step, 'close', session), { whole: true });
    expect(calls).toEqual(recorded.calls);
  });

  test('in hundreds of calls', () => {
    expect(cases.flatMap(({ calls }) => calls).length).toBeGreaterThan(500);
  });
});

/** Hours of bars that begin at `from` hours after the start. */
const hours = (count: number, from = 0) => Array.from({ length: count }, (_, i) => START + (from + i) * HOUR);

/** When the timers of a strategy fire on bars of an hour, in hours after the start. */
async function hoursOf(times: readonly number[], ...timers: TimerOptions[]) {
  const { Timed, calls } = timed(...timers);
  await engineRun(Timed, feedOf(times, HOUR, 'open'));
  return calls.map(([when]) => (when - START) / HOUR);
}

describe('around the clock', () => {
  test('a session begins and ends at midnight, at the step of the bar that closes then', async () => {
    // The first day has begun before the first bar closes: its start is told late.
    expect(await hoursOf(hours(60), { when: 'sessionStart' })).toEqual([0, 24, 48]);
    expect(await hoursOf(hours(60), { when: 'sessionEnd' })).toEqual([24, 48]);
    const { Timed, calls } = timed({ when: 'sessionEnd' });
    await engineRun(Timed, feedOf(hours(60), HOUR, 'open'));
    expect(calls).toEqual([
      [START + DAY, 24],
      [START + 2 * DAY, 48],
    ]);
  });

  test('a timer that repeats begins anew with each day', async () => {
    expect(await hoursOf(hours(48), { when: '07:00', repeat: '8h' })).toEqual([7, 15, 23, 31, 39, 47]);
    expect(await hoursOf(hours(30), { when: 'sessionStart', repeat: '6h' })).toEqual([0, 6, 12, 18, 24, 30]);
  });

  test('an offset moves it either way', async () => {
    expect(await hoursOf(hours(48), { when: 'sessionEnd', offset: '-90m' })).toEqual([22.5, 46.5]);
    expect(await hoursOf(hours(48), { when: '06:00', offset: 2 * HOUR })).toEqual([8, 32]);
  });

  test('a moment without a step is told by the next step of the day, else not at all', async () => {
    const times = [...hours(5), ...hours(5, 12), ...hours(3, 24), ...hours(3, 40)];
    expect(await hoursOf(times, { when: '08:00' })).toEqual([8, 32]);
    expect(await hoursOf([...hours(5), ...hours(10, 24)], { when: '08:00' })).toEqual([32]);
  });
});

describe('listed days', () => {
  test('are days of the week, Monday first', async () => {
    // 2024-01-01 was a Monday.
    const fired = await hoursOf(hours(24 * 15), { when: '12:00', weekdays: [1, 6] });
    expect(fired.map(hour => (hour - 12) / 24)).toEqual([0, 5, 7, 12, 14]);
  });

  test('are days of the month', async () => {
    const fired = await hoursOf(hours(24 * 40), { when: '12:00', monthDays: [1, 31], monthCarry: false });
    expect(fired.map(hour => (hour - 12) / 24)).toEqual([0, 30, 31]);
  });

  const run = (days: ListedDays, seen: readonly (readonly [number, number])[]) =>
    seen.filter(([period, day]) => days.includes(period, day));

  test('that have no step are left out, or happen on the next day that has one', () => {
    const seen = [
      [0, 1],
      [0, 3],
      [0, 5],
      [1, 2],
      [1, 3],
    ] as const;
    expect(run(new ListedDays([2, 3, 6], false, false), seen)).toEqual([
      [0, 3],
      [1, 2],
      [1, 3],
    ]);
    expect(run(new ListedDays([2, 6], true, false), seen)).toEqual([
      [0, 3],
      [1, 2],
    ]);
    expect(run(new ListedDays([4, 5], true, false), seen)).toEqual([[0, 5]]);
  });

  test('of a run that begins among them wait for the next one, which backtrader tells at once and then leaves out', () => {
    const seen = [
      [0, 10],
      [0, 15],
      [1, 1],
      [1, 15],
    ] as const;
    expect(run(new ListedDays([1, 15], false, false), seen)).toEqual([
      [0, 15],
      [1, 1],
      [1, 15],
    ]);
    expect(run(new ListedDays([1, 15], false, true), seen)).toEqual([
      [0, 10],
      [1, 1],
      [1, 15],
    ]);
  });

  test('may be narrowed by a function, asked once a day', async () => {
    const asked: string[] = [];
    const allow = (day: Date) => {
      asked.push(day.toISOString());
      return day.getUTCDate() !== 8;
    };
    const fired = await hoursOf(hours(24 * 15), { when: '12:00', weekdays: [1], allow });
    expect(fired).toEqual([12, 12 + 14 * 24]);
    expect(asked).toEqual([
      '2024-01-01T00:00:00.000Z',
      '2024-01-08T00:00:00.000Z',
      '2024-01-15T00:00:00.000Z',
    ]);
  });
});

/** What happens in a run whose strategy orders in its timers and in next. */
async function story(timer: Partial<TimerOptions>, whole = false) {
  const told: string[] = [];
  class Story extends strategy() {
    timer = this.addTimer({ when: '00:03', ...timer });
    next() {
      told.push(`${this.data.length} next`);
      if (this.data.length === 2) this.buy({ size: 1, tag: 'next' });
    }
    override notifyTimer() {
      told.push(`${this.data.length} timer, ${this.position.size} held`);
      this.buy({ size: 1, tag: 'timer' });
    }
    override notifyOrder({ tag, status }: Order) {
      if (status === 'completed') told.push(`${this.data.length} ${tag} filled`);
    }
    override notifyCashValue() {
      told.push(`${this.data.length} account`);
    }
  }
  const { broker } = await engineRun(Story, closes([10, 11, 12, 13, 14]), { whole });
  return { told, prices: [...broker.account.fills].map(fill => fill.price) };
}

describe('in its step a timer', () => {
  test('comes after the match, before the orders, the account and next() are told', async () => {
    const { told } = await story({});
    expect(told.slice(4, 9)).toEqual([
      '3 timer, 1 held',
      '3 next filled',
      '3 account',
      '3 next',
      '4 timer filled',
    ]);
  });

  test('that cheats comes before the match, and its orders still wait for the next bar', async () => {
    const { told, prices } = await story({ cheat: true });
    expect(told.slice(4, 9)).toEqual([
      '3 timer, 0 held',
      '3 next filled',
      '3 account',
      '3 next',
      '4 timer filled',
    ]);
    expect(prices).toEqual([11, 12]);
  });
});

test('timers fire in the order in which they were added, also while lines have no value', async () => {
  const told: string[] = [];
  class Two extends strategy() {
    average = sma(this.data.close, 3);
    late = this.addTimer({ when: '00:01', data: this.datas[0]! });
    early = this.addTimer({ when: 'sessionStart' });
    next() {}
    override notifyTimer({ id }: Timer) {
      told.push(`${id} at ${this.data.length}`);
    }
  }
  await engineRun(Two, closes([1, 2, 3]));
  expect(told).toEqual(['1 at 1', '2 at 1']);
});

test('a session that is driven step by step, as live, fires the same timers', async () => {
  const columns = walk(3000, 5, { gaps: 0.2, stepMs: 7 * MINUTE });
  const options = { when: 'sessionStart', repeat: '100m', weekdays: [1, 3, 4], offset: '45m' } as const;
  const whole = timed(options);
  await engineRun(whole.Timed, columns);
  const stepped = timed(options);
  const feed = memoryFeed(columns);
  const broker = new SimulatedBroker({ instruments: instrumentsOf([feed]), cash: 1000 });
  const engine = new Engine({
    strategy: stepped.Timed,
    feeds: [feed],
    broker,
    sizer: fixedSize(1),
    analyzers: [],
  });
  for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
    engine.take(0, event);
    while (engine.nextStep !== undefined) engine.step();
  }
  engine.finish();
  expect(whole.calls.length).toBeGreaterThan(50);
  expect(stepped.calls).toEqual(whole.calls);
});

test.each<[string, Partial<TimerOptions>]>([
  ['when', { when: '9:30' }],
  ['when', { when: '24:00' }],
  ['when', { when: 'noon' }],
  ['when', { when: 5 as never }],
  ['offset', { offset: '10 minutes' }],
  ['offset', { offset: Number.NaN }],
  ['repeat', { repeat: '-1h' }],
  ['weekdays', { weekdays: [0] }],
  ['weekdays', { weekdays: 3 as never }],
  ['monthDays', { monthDays: [32] }],
  ['allow', { allow: true as never }],
])('a timer whose %s cannot be is an error: %j', async (name, options) => {
  const { Timed } = timed({ when: '09:30', ...options });
  await expect(engineRun(Timed, closes([1, 2]))).rejects.toMatchObject({
    code: 'TIMER_INVALID',
    message: expect.stringContaining(name),
    limit: expect.any(String),
    fix: expect.any(String),
  });
});

test('a timer that is added while the strategy runs, or for a data of another run, is an error', async () => {
  class Late extends strategy() {
    next() {
      this.addTimer({ when: '09:30' });
    }
  }
  await expect(engineRun(Late, closes([1, 2]))).rejects.toMatchObject({ code: 'TIMER_OUTSIDE_INIT' });
  const { Timed } = timed({ when: '09:30', data: {} as never });
  await expect(engineRun(Timed, closes([1, 2]))).rejects.toMatchObject({ code: 'DATA_UNKNOWN' });
});
