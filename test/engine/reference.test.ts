import fc from 'fast-check';
import { backtest, crossOver, highest, type MemoryOptions, type Order, rsi, sma, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { type Columns, chunked, chunkSizes, walk } from '../support/bars.ts';
import { mulberry32 } from '../support/random-walk.ts';

/*
 * A second engine, as plain as possible: it looks at whole arrays, keeps nothing incremental and shares no code with
 * the first. Both are asked to make the same random decisions; what the strategy sees at every step, what becomes of
 * every order, and the account after every step must be the same.
 */

interface Input {
  readonly symbol: string;
  readonly stepMs: number;
  readonly stamps: 'open' | 'close';
  /** Bars are stamped by their open time here, whatever the feed does. */
  readonly columns: Columns;
}

interface Terms {
  readonly market: 'spot' | 'usdm';
  readonly lotStep: number;
  readonly minNotional: number;
  readonly commission: number;
  readonly slippage: number;
  readonly cash: number;
}

type Decision =
  | { readonly kind: 'buy' | 'sell'; readonly data: number; readonly size?: number; readonly quote?: number }
  | { readonly kind: 'close'; readonly data: number }
  | { readonly kind: 'cancel'; readonly which: number };

/** What a strategy does at step number `step`: drawn from the number alone, so both engines ask the same oracle. */
function decisions(seed: number, step: number, datas: number): Decision[] {
  const next = mulberry32(seed * 7919 + step);
  const made: Decision[] = [];
  for (let n = next() < 0.6 ? 0 : Math.ceil(next() * 3); n > 0; n--) {
    const dice = next();
    const data = Math.floor(next() * datas);
    const kind = next() < 0.5 ? 'buy' : 'sell';
    if (dice < 0.4) made.push({ kind, data, size: next() * 30 });
    else if (dice < 0.7) made.push({ kind, data, quote: next() * 3000 });
    else if (dice < 0.85) made.push({ kind: 'close', data });
    else made.push({ kind: 'cancel', which: Math.floor(next() * 3) });
  }
  return made;
}

interface Step {
  readonly time: number;
  readonly lengths: number[];
  readonly seen: number[];
  readonly told: string[];
  readonly open: number[];
  readonly cash: number;
  readonly value: number;
  readonly sizes: number[];
}

const AGO = [0, 1, 7, 1000];

async function ours(inputs: readonly Input[], cuts: readonly number[][], terms: Terms, seed: number) {
  const steps: Step[] = [];
  let told: string[] = [];
  class Traced extends strategy() {
    lines = this.datas.map(({ close, high }) => [
      close,
      sma(rsi(sma(close, 3), 4), 5),
      highest(high, 6),
      crossOver(sma(close, 2), sma(close, 5)),
    ]);
    step() {
      const seen = this.lines.flatMap(lines => lines.flatMap(line => AGO.map(bars => line.ago(bars))));
      // A column that nothing reads until the run is well on its way.
      if (steps.length > 1100) for (const { volume } of this.datas) seen.push(volume.now, volume.ago(40));
      for (const made of decisions(seed, steps.length, this.datas.length)) {
        if (made.kind === 'cancel') {
          const order = this.openOrders[made.which];
          if (order !== undefined) this.cancel(order);
        } else if (made.kind === 'close') this.close({ data: this.datas[made.data] });
        else {
          const { kind, data, ...amount } = made;
          this[kind]({ data: this.datas[data], ...amount });
        }
      }
      steps.push({
        time: this.time,
        lengths: this.datas.map(({ length }) => length),
        seen,
        told,
        open: this.openOrders.map(({ id }) => id),
        cash: this.cash,
        value: this.value,
        sizes: this.datas.map(data => this.positionOf(data).size),
      });
      told = [];
    }
    override prenext() {
      this.step();
    }
    next() {
      this.step();
    }
    override notifyOrder({ id, status, filled, price, reason }: Order) {
      told.push(`${id} ${status} ${filled} ${price} ${reason?.code ?? ''}`);
    }
  }
  const feeds = inputs.map(({ symbol, stepMs, stamps, columns }, i) => {
    const time = columns.time.map(open => (stamps === 'open' ? open : open + stepMs));
    const instrument = { symbol, base: symbol, quote: 'Q', tickSize: 0, minSize: 0, maxSize: 0, ...terms };
    const options = { instrument, interval: `${stepMs / 1000}s`, stamps } as MemoryOptions;
    return chunked({ ...columns, time }, cuts[i], options);
  });
  const { cash, commission, slippage } = terms;
  const result = await backtest({ strategy: Traced, data: feeds, cash, commission, slippage });
  return { steps, result };
}

interface PlainOrder {
  readonly id: number;
  readonly symbol: string;
  readonly sign: 1 | -1;
  readonly size: number | undefined;
  readonly quote: number;
  readonly at: number;
  readonly reduce: boolean;
  cancelled?: number;
}

function theirs(inputs: readonly Input[], terms: Terms, seed: number): Step[] {
  const { market, lotStep, minNotional, commission, slippage } = terms;
  const bars = inputs.map(({ columns, stepMs }) =>
    Array.from(columns.time, (open, i) => ({ open, known: open + stepMs, i })),
  );
  const byTime = bars.map(list => new Map(list.map(bar => [bar.known, bar])));
  const matching = new Map<string, number>();
  inputs.forEach(({ symbol, stepMs }, i) => {
    const other = matching.get(symbol);
    if (other === undefined || stepMs < inputs[other].stepMs) matching.set(symbol, i);
  });
  const lines = inputs.map(({ columns: { close, high } }) => plainLines([...close], [...high]));
  const times = [...new Set(bars.flatMap(list => list.map(({ known }) => known)))].sort((a, b) => a - b);
  const steps: Step[] = [];
  const held = new Map<string, number>();
  const marks = new Map<string, number>();
  let cash = terms.cash;
  let pending: PlainOrder[] = [];
  let coming: string[] = [];
  let ids = 0;
  const value = (prices: ReadonlyMap<string, number>) =>
    [...held].reduce((sum, [symbol, size]) => sum + (size === 0 ? 0 : size * prices.get(symbol)!), cash);
  const at = inputs.map(() => 0);
  for (const time of times) {
    type Current = { columns: Input['columns']; bar: { open: number; i: number } };
    const closed = new Map<string, Current>();
    /** Bars that have opened before this moment: those that close now, and longer ones that are still open. */
    const begun = new Map<string, Current>();
    for (const [i, { symbol, columns }] of inputs.entries()) {
      if (matching.get(symbol) !== i) continue;
      const bar = byTime[i].get(time);
      if (bar !== undefined) closed.set(symbol, { columns, bar });
      while (bars[i][at[i]]?.known < time) at[i]++;
      const current = bars[i][at[i]];
      if (current !== undefined && current.open < time) begun.set(symbol, { columns, bar: current });
    }
    const opened = ({ symbol }: PlainOrder) => begun.get(symbol)?.bar.open ?? Number.NaN;
    const ready = pending.filter(order => opened(order) >= order.at);
    ready.sort((a, b) => opened(a) - opened(b) || a.id - b.id);
    for (const order of ready) {
      const { symbol } = order;
      const { columns, bar } = begun.get(symbol)!;
      pending = pending.filter(one => one !== order);
      if (order.cancelled !== undefined && bar.open >= order.cancelled) {
        coming.push(`${order.id} canceled 0 NaN `);
        continue;
      }
      const price = columns.open[bar.i] * (1 + order.sign * slippage);
      const before = held.get(symbol) ?? 0;
      if (order.reduce && before * order.sign >= 0) {
        coming.push(`${order.id} rejected 0 NaN NOTHING_TO_CLOSE`);
        continue;
      }
      const asked = order.reduce ? Math.min(order.size!, Math.abs(before)) : order.size;
      const wanted = asked ?? order.quote / (price * (1 + commission));
      let size = lotStep === 0 ? wanted : Math.floor(wanted / lotStep + 1e-9) * lotStep;
      if (Math.abs(before + order.sign * size) < 1e-10) size = Math.abs(before);
      const after = before + order.sign * size;
      const fee = size * price * commission;
      let refusal = '';
      if (size === 0) refusal = 'rejected SIZE_ZERO';
      else if (size * price < minNotional) refusal = 'rejected MIN_NOTIONAL';
      else if (market === 'spot' && after < 0) refusal = 'rejected SPOT_SHORT';
      else if (market === 'spot' && order.sign > 0 && size * price + fee > cash * (1 + 1e-12))
        refusal = 'margin INSUFFICIENT_CASH';
      else if (market === 'usdm' && Math.abs(after) > Math.abs(before)) {
        const equity = value(new Map(marks).set(symbol, price)) - fee;
        const others = [...held].reduce(
          (sum, [other, amount]) =>
            sum + (other === symbol || amount === 0 ? 0 : Math.abs(amount) * marks.get(other)!),
          0,
        );
        if (others + Math.abs(after) * price > equity * (1 + 1e-12)) refusal = 'margin INSUFFICIENT_CASH';
      }
      if (refusal !== '') {
        const [status, code] = refusal.split(' ');
        coming.push(`${order.id} ${status} 0 NaN ${code}`);
        continue;
      }
      held.set(symbol, after);
      if (!marks.has(symbol)) marks.set(symbol, columns.open[bar.i]);
      cash -= order.sign * size * price + fee;
      coming.push(`${order.id} completed ${size} ${price} `);
    }
    for (const [symbol, { columns, bar }] of closed) marks.set(symbol, columns.close[bar.i]);
    const lengths = bars.map(list => {
      const unknown = list.findIndex(({ known }) => known > time);
      return unknown < 0 ? list.length : unknown;
    });
    const seen = lengths.flatMap((length, i) =>
      lines[i].flatMap(line => AGO.map(back => line[length - 1 - back] ?? Number.NaN)),
    );
    if (steps.length > 1100) {
      for (const [i, length] of lengths.entries()) {
        const { volume } = inputs[i].columns;
        seen.push(volume[length - 1] ?? Number.NaN, volume[length - 41] ?? Number.NaN);
      }
    }
    const told = coming;
    coming = [];
    const openBefore = [...pending];
    for (const made of decisions(seed, steps.length, inputs.length)) {
      if (made.kind === 'cancel') {
        const order = openBefore[made.which];
        if (order !== undefined && pending.includes(order)) order.cancelled ??= time;
        continue;
      }
      const { symbol } = inputs[made.data];
      const size = held.get(symbol) ?? 0;
      if (made.kind === 'close' && size === 0) continue;
      const sign = made.kind === 'close' ? (size > 0 ? -1 : 1) : made.kind === 'buy' ? 1 : -1;
      const order: PlainOrder =
        made.kind === 'close'
          ? { id: ++ids, symbol, sign, size: Math.abs(size), quote: Number.NaN, at: time, reduce: true }
          : {
              id: ++ids,
              symbol,
              sign,
              size: made.size,
              quote: made.quote ?? Number.NaN,
              at: time,
              reduce: false,
            };
      coming.push(`${order.id} submitted 0 NaN `, `${order.id} accepted 0 NaN `);
      pending.push(order);
      openBefore.push(order);
    }
    const sizes = inputs.map(({ symbol }) => held.get(symbol) ?? 0);
    const open = openBefore.map(({ id }) => id);
    steps.push({ time, lengths, seen, told, open, cash, value: value(marks), sizes });
  }
  return steps;
}

/** The same four lines as `Traced` has, each value from the whole past. */
function plainLines(close: number[], high: number[]): number[][] {
  const means = (x: readonly number[], bars: number) =>
    x.map((_, i) => {
      const window = x.slice(Math.max(0, i - bars + 1), i + 1);
      return window.length < bars ? Number.NaN : window.reduce((a, b) => a + b) / bars;
    });
  const strength = (x: readonly number[], bars: number) => {
    const first = x.findIndex(value => !Number.isNaN(value));
    let up = 0;
    let down = 0;
    return x.map((value, i) => {
      const n = i - first;
      if (first < 0 || n < 1) return Number.NaN;
      const weight = 1 / bars;
      const fade = n <= bars ? 1 : 1 - 1 / bars;
      up = up * fade + Math.max(0, value - x[i - 1]) * weight;
      down = down * fade + Math.max(0, x[i - 1] - value) * weight;
      return n < bars ? Number.NaN : up + down === 0 ? 0 : (100 * up) / (up + down);
    });
  };
  const [fast, slow] = [means(close, 2), means(close, 5)];
  let side = 0;
  const cross = close.map((_, i) => {
    if (i < 4) return Number.NaN;
    const now = Math.sign(fast[i] - slow[i]);
    const crossed = now !== 0 && side !== 0 && now !== side ? now : 0;
    if (now !== 0) side = now;
    return i === 4 ? Number.NaN : crossed;
  });
  return [
    close,
    means(strength(means(close, 3), 4), 5),
    high.map((_, i) => (i < 5 ? Number.NaN : Math.max(...high.slice(i - 5, i + 1)))),
    cross,
  ];
}

/** Texts and numbers alike, numbers to nine digits; money is compared apart, by distance. */
function rounded(step: Step): unknown {
  const round = (value: number) =>
    Number.isNaN(value) ? 'NaN' : Math.abs(value) < 1e-7 ? 0 : Number(value.toPrecision(9));
  const text = (line: string) =>
    line
      .split(' ')
      .map(word => (word === '' || Number.isNaN(Number(word)) ? word : round(Number(word))))
      .join(' ');
  return {
    ...step,
    seen: step.seen.map(round),
    told: step.told.map(text),
    sizes: step.sizes.map(round),
    cash: undefined,
    value: undefined,
  };
}

/** Prices in 64ths: plain sums of them are exact, so a tie of two averages is one in both engines. */
function dyadic(columns: Columns): Columns {
  const round = (values: Float64Array) => values.map(value => Math.round(value * 64) / 64);
  const { open, high, low, close } = columns;
  return { ...columns, open: round(open), high: round(high), low: round(low), close: round(close) };
}

const START = Date.UTC(2024, 0, 1);
const input = fc.record({
  symbol: fc.constantFrom('A', 'B', 'C'),
  stepMs: fc.constantFrom(60_000, 60_000, 300_000, 3_600_000),
  stamps: fc.constantFrom('open' as const, 'close' as const),
  bars: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1500 })),
  late: fc.integer({ min: 0, max: 30 }),
  gaps: fc.constantFrom(0, 0.1),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test.each(['spot', 'usdm'] as const)(
  '%s: a plain second engine sees and does the same',
  async market => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(input, chunkSizes), { minLength: 1, maxLength: 3 }),
        fc.record({
          lotStep: fc.constantFrom(0, 0.1, 1),
          minNotional: fc.constantFrom(0, 50),
          commission: fc.constantFrom(0, 0.001),
          slippage: fc.constantFrom(0, 0.002),
        }),
        fc.integer({ min: 1, max: 1e6 }),
        async (given, some, seed) => {
          const terms: Terms = { market, cash: 10_000, ...some };
          const inputs = given.map(([one]) => ({
            ...one,
            columns: dyadic(
              walk(one.bars, one.seed, {
                start: START + one.late * one.stepMs,
                stepMs: one.stepMs,
                gaps: one.gaps,
              }),
            ),
          }));
          const cuts = given.map(([, sizes]) => sizes);
          const { steps, result } = await ours(inputs, cuts, terms, seed);
          const expected = theirs(inputs, terms, seed);
          expect(steps.length).toBe(expected.length);
          for (const [i, step] of steps.entries()) {
            expect(rounded(step)).toEqual(rounded(expected[i]));
            expect(Math.abs(step.cash - expected[i].cash)).toBeLessThan(1e-6);
            expect(Math.abs(step.value - expected[i].value)).toBeLessThan(1e-6);
          }
          // What is ordered in a step is not filled in it, so the value the strategy saw is the step's.
          expect(Array.from(result.equity.value)).toEqual(steps.map(({ value }) => value));
          expect(Array.from(result.equity.time)).toEqual(steps.map(({ time }) => time));
        },
      ),
      { numRuns: 30 },
    );
  },
  120_000,
);
