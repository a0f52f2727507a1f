import fc from 'fast-check';
import {
  backtest,
  crossOver,
  highest,
  type MemoryOptions,
  makerTakerCommission,
  type Order,
  rsi,
  sma,
  strategy,
  type TimeInForce,
} from 'qt-trader';
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
  readonly tickSize: number;
  readonly lotStep: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly minNotional: number;
  readonly maker: number;
  readonly taker: number;
  readonly feeIn: 'quote' | 'base';
  readonly slippage: number;
  readonly cash: number;
}

/** A limit as a share of the data's last close; a market order without. */
interface AtLimit {
  readonly share?: number;
  readonly timeInForce?: TimeInForce;
}

type Decision =
  | ({
      readonly kind: 'buy' | 'sell';
      readonly data: number;
      readonly size?: number;
      readonly quote?: number;
    } & AtLimit)
  | ({ readonly kind: 'close'; readonly data: number } & AtLimit)
  | { readonly kind: 'cancel'; readonly which: number };

/** What a strategy does at step number `step`: drawn from the number alone, so both engines ask the same oracle. */
function decisions(seed: number, step: number, datas: number): Decision[] {
  const next = mulberry32(seed * 7919 + step);
  const made: Decision[] = [];
  for (let n = next() < 0.6 ? 0 : Math.ceil(next() * 3); n > 0; n--) {
    const dice = next();
    const data = Math.floor(next() * datas);
    const kind = next() < 0.5 ? 'buy' : 'sell';
    const forces = ['GTC', 'GTC', 'GTC', 'IOC', 'FOK'] as const;
    const timeInForce = forces[Math.floor(next() * forces.length)]!;
    const limit = next() < 0.5 ? {} : { share: 0.98 + next() * 0.04, timeInForce };
    if (dice < 0.4) made.push({ kind, data, size: next() * 30, ...limit });
    else if (dice < 0.7) made.push({ kind, data, quote: next() * 3000, ...limit });
    else if (dice < 0.85) made.push({ kind: 'close', data, ...limit });
    else made.push({ kind: 'cancel', which: Math.floor(next() * 3) });
  }
  return made;
}

/** A bar that orders may match in a step. */
interface Current {
  readonly columns: Input['columns'];
  readonly bar: { readonly open: number; readonly i: number };
  readonly low: number;
  readonly high: number;
}

interface Step {
  readonly time: number;
  readonly lengths: number[];
  readonly seen: number[];
  readonly told: string[];
  readonly open: number[];
  readonly cash: number;
  readonly freeCash: number;
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
        } else {
          const { kind, data: which, share, timeInForce, ...amount } = made;
          const data = this.datas[which]!;
          const limit = data.length === 0 || share === undefined ? {} : { limit: data.close.now * share };
          this[kind]({ data, ...amount, ...limit, ...('limit' in limit ? { timeInForce } : {}) });
        }
      }
      steps.push({
        time: this.time,
        lengths: this.datas.map(({ length }) => length),
        seen,
        told,
        open: this.openOrders.map(({ id }) => id),
        cash: this.cash,
        freeCash: this.freeCash,
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
    override notifyOrder({ id, status, filled, price, maker, reason }: Order) {
      told.push(`${id} ${status} ${filled} ${price} ${maker ? 'maker' : ''} ${reason?.code ?? ''}`);
    }
  }
  const feeds = inputs.map(({ symbol, stepMs, stamps, columns }, i) => {
    const time = columns.time.map(open => (stamps === 'open' ? open : open + stepMs));
    const instrument = { symbol, base: symbol, quote: 'Q', ...terms };
    const options = { instrument, interval: `${stepMs / 1000}s`, stamps } as MemoryOptions;
    return chunked({ ...columns, time }, cuts[i], options);
  });
  const { cash, maker, taker, slippage, feeIn } = terms;
  const commission = makerTakerCommission({ maker, taker });
  const result = await backtest({ strategy: Traced, data: feeds, cash, commission, slippage, feeIn });
  return { steps, result };
}

interface PlainOrder {
  readonly id: number;
  readonly symbol: string;
  readonly sign: 1 | -1;
  readonly size: number | undefined;
  readonly quote: number;
  readonly limit: number | undefined;
  readonly timeInForce: TimeInForce;
  readonly at: number;
  readonly reduce: boolean;
  cancelled?: number;
  /** Of a limit order: it has met its first price. */
  resting?: boolean;
  /** Quote of a purchase, base of a sale. */
  reserved?: number;
}

function theirs(inputs: readonly Input[], terms: Terms, seed: number): Step[] {
  const { market, tickSize, lotStep, minSize, maxSize, minNotional, maker, taker, slippage } = terms;
  const spot = market === 'spot';
  const bars = inputs.map(({ columns, stepMs }) =>
    Array.from(columns.time, (open, i) => ({ open, known: open + stepMs, i })),
  );
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
  const sizeOf = (symbol: string) => held.get(symbol) ?? 0;
  const value = (prices: ReadonlyMap<string, number>) =>
    [...held].reduce((sum, [symbol, size]) => sum + (size === 0 ? 0 : size * prices.get(symbol)!), cash);
  const reserving = () =>
    pending.filter(order => spot && order.limit !== undefined && !('cancelled' in order));
  const sum = (orders: PlainOrder[]) => orders.reduce((all, { reserved = 0 }) => all + reserved, 0);
  const freeCash = () => cash - sum(reserving().filter(({ sign }) => sign > 0));
  const freeSize = (symbol: string) =>
    sizeOf(symbol) - sum(reserving().filter(order => order.sign < 0 && order.symbol === symbol));
  const closable = ({ symbol, sign }: PlainOrder) => {
    const size = -sign * sizeOf(symbol);
    const free = size > 0 && spot ? freeSize(symbol) : size;
    return free < 1e-9 ? 0 : free;
  };
  const nothing = ({ symbol, sign }: PlainOrder) =>
    sign < 0 && sizeOf(symbol) > 0 ? 'rejected SPOT_SHORT' : 'rejected NOTHING_TO_CLOSE';
  const inBase = (sign: number) => terms.feeIn === 'base' && spot && sign > 0;
  const lots = (size: number) => (lotStep === 0 ? size : Math.floor(size / lotStep + 1e-9) * lotStep);
  const filtered = (size: number, price: number) => {
    if (size === 0) return 'rejected SIZE_ZERO';
    if (size < minSize - 1e-9) return 'rejected MIN_SIZE';
    if (maxSize > 0 && size > maxSize + 1e-9) return 'rejected MAX_SIZE';
    return size * price < minNotional ? 'rejected MIN_NOTIONAL' : '';
  };
  const refuse = ({ id }: PlainOrder, refusal: string) => {
    const [status, code] = refusal.split(' ');
    coming.push(`${id} ${status} 0 NaN  ${code}`);
  };
  /** Books a fill of `asked` at `price`, or says why it cannot be. */
  const fill = (order: PlainOrder, asked: number, price: number, rate: number) => {
    const { id, symbol, sign } = order;
    const before = sizeOf(symbol);
    let size = asked;
    if (Math.abs(before + sign * size) < 1e-10) size = Math.abs(before);
    const fee = size * price * rate;
    const net = inBase(sign) ? size - fee / price : size;
    const after = before + sign * net;
    if (spot && sign < 0 && size > freeSize(symbol) + 1e-9) return refuse(order, 'rejected SPOT_SHORT');
    if (spot && sign > 0 && net * price + fee > freeCash() + 1e-8) {
      return refuse(order, 'margin INSUFFICIENT_CASH');
    }
    if (!spot && Math.abs(after) > Math.abs(before)) {
      const equity = value(new Map(marks).set(symbol, price)) - fee;
      const others = [...held].reduce(
        (all, [other, amount]) =>
          all + (other === symbol || amount === 0 ? 0 : Math.abs(amount) * marks.get(other)!),
        0,
      );
      if (others + Math.abs(after) * price > equity * (1 + 1e-12)) {
        return refuse(order, 'margin INSUFFICIENT_CASH');
      }
    }
    held.set(symbol, after);
    if (!marks.has(symbol)) marks.set(symbol, firstPrice(symbol));
    cash -= sign * net * price + fee;
    coming.push(`${id} completed ${size} ${price} ${order.resting ? 'maker' : ''} `);
  };
  /** What is bought before its first bar has closed is valued at that bar's open. */
  const firstPrice = (symbol: string) => inputs[matching.get(symbol)!].columns.open[0];
  /** What a limit order is in the book, or why it is not taken. */
  const rest = (order: PlainOrder): PlainOrder | string => {
    const { sign, size, quote, reduce, symbol } = order;
    const asked = order.limit! / (tickSize || 1);
    const whole = sign > 0 ? Math.floor(asked + 1e-9) : Math.ceil(asked - 1e-9);
    const limit = tickSize === 0 ? order.limit! : whole * tickSize;
    if (limit === 0) return 'rejected PRICE_INVALID';
    const dearer = Math.max(maker, taker);
    let wanted = size ?? quote / (limit * (inBase(sign) ? 1 : 1 + dearer));
    if (reduce) {
      const most = closable(order);
      if (!(most > 0)) return nothing(order);
      wanted = Math.min(wanted, most);
    }
    const rounded = lots(wanted);
    const refusal = filtered(rounded, limit);
    if (refusal !== '') return refusal;
    const reserved = sign < 0 ? rounded : rounded * limit * (inBase(sign) ? 1 : 1 + dearer);
    if (spot && sign < 0 && reserved > freeSize(symbol) + 1e-9) return 'rejected SPOT_SHORT';
    if (spot && sign > 0 && reserved > freeCash() + 1e-8) return 'margin INSUFFICIENT_CASH';
    return { ...order, limit, size: rounded, reserved };
  };
  const at = inputs.map(() => 0);
  let earlier = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    const closed = new Map<string, Current>();
    /** What orders may match: the bars that close now, and of longer ones that have opened since the last step the open. */
    const current = new Map<string, Current>();
    /** Instruments whose open is news. */
    const opens = new Set<string>();
    for (const [i, { symbol, columns }] of inputs.entries()) {
      if (matching.get(symbol) !== i) continue;
      while (bars[i][at[i]]?.known < time) at[i]++;
      const bar = bars[i][at[i]];
      if (bar !== undefined && bar.open >= earlier) opens.add(symbol);
      if (bar?.known === time) {
        closed.set(symbol, { columns, bar, low: columns.low[bar.i], high: columns.high[bar.i] });
        current.set(symbol, closed.get(symbol)!);
      } else if (bar !== undefined && bar.open >= earlier && bar.open < time) {
        const open = columns.open[bar.i];
        current.set(symbol, { columns, bar, low: open, high: open });
      }
    }
    earlier = time;
    const opened = ({ symbol }: PlainOrder) => current.get(symbol)?.bar.open ?? Number.NaN;
    const atOpen: PlainOrder[] = [];
    const within: PlainOrder[] = [];
    const takes = ({ symbol, sign, limit }: PlainOrder) => {
      const { columns, bar } = current.get(symbol)!;
      return sign * (limit! - columns.open[bar.i]) >= 0;
    };
    for (const order of pending) {
      if (!(order.resting ? current.has(order.symbol) : opened(order) >= order.at)) continue;
      if (order.limit === undefined || order.cancelled !== undefined) atOpen.push(order);
      else if (order.resting && opens.has(order.symbol) && takes(order)) atOpen.push(order);
      else if (!order.resting && (takes(order) || order.timeInForce !== 'GTC')) atOpen.push(order);
      else {
        order.resting = true;
        const { low, high } = current.get(order.symbol)!;
        const touched = order.sign > 0 ? low <= order.limit : high >= order.limit;
        if (touched) within.push(order);
      }
    }
    atOpen.sort((a, b) => opened(a) - opened(b) || a.id - b.id);
    for (const order of atOpen) {
      const { symbol, sign, limit } = order;
      const { columns, bar } = current.get(symbol)!;
      pending = pending.filter(one => one !== order);
      const before = order.cancelled === undefined || bar.open < order.cancelled;
      const first = columns.open[bar.i];
      const price = first * (1 + sign * slippage);
      if (limit !== undefined) {
        const size = order.reduce ? Math.min(order.size!, closable(order)) : order.size!;
        if (order.resting ? order.cancelled === undefined : before && takes(order)) {
          if (!(size > 0)) refuse(order, nothing(order));
          else if (order.resting) fill(order, size, limit, maker);
          else fill(order, size, sign * Math.min(sign * price, sign * limit), taker);
        } else if (order.cancelled !== undefined) coming.push(`${order.id} canceled 0 NaN  `);
        else refuse(order, `expired ${order.timeInForce}_NOT_FILLED`);
        continue;
      }
      if (!before) {
        coming.push(`${order.id} canceled 0 NaN  `);
        continue;
      }
      const most = closable(order);
      if (order.reduce && !(most > 0)) {
        refuse(order, nothing(order));
        continue;
      }
      const asked = order.reduce ? Math.min(order.size!, most) : order.size;
      const wanted = asked ?? order.quote / (price * (inBase(sign) ? 1 : 1 + taker));
      const size = lots(wanted);
      const refusal = filtered(size, price);
      if (refusal !== '') refuse(order, refusal);
      else fill(order, size, price, taker);
    }
    for (const order of within) {
      pending = pending.filter(one => one !== order);
      const size = order.reduce ? Math.min(order.size!, closable(order)) : order.size!;
      if (size > 0) fill(order, size, order.limit!, maker);
      else refuse(order, nothing(order));
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
      const { symbol, columns } = inputs[made.data];
      const size = sizeOf(symbol);
      const closes = made.kind === 'close';
      const dust = spot && Math.abs(size) < Math.max(lotStep, minSize) * (1 - 1e-9);
      if (closes && (size === 0 || dust)) continue;
      const close = columns.close[lengths[made.data] - 1];
      const atLimit = made.share !== undefined && close !== undefined;
      const order: PlainOrder = {
        id: ++ids,
        symbol,
        sign: (closes ? size < 0 : made.kind === 'buy') ? 1 : -1,
        size: closes ? Math.abs(size) : made.size,
        quote: (closes ? undefined : made.quote) ?? Number.NaN,
        limit: atLimit ? close * made.share! : undefined,
        timeInForce: made.timeInForce ?? 'GTC',
        at: time,
        reduce: closes,
      };
      coming.push(`${order.id} submitted 0 NaN  `);
      const taken = atLimit ? rest(order) : order;
      if (typeof taken === 'string') {
        refuse(order, taken);
        openBefore.push(order);
        continue;
      }
      coming.push(`${order.id} accepted 0 NaN  `);
      pending.push(taken);
      openBefore.push(taken);
    }
    const sizes = inputs.map(({ symbol }) => held.get(symbol) ?? 0);
    const open = openBefore.map(({ id }) => id);
    const freed = freeCash();
    steps.push({ time, lengths, seen, told, open, cash, freeCash: freed, value: value(marks), sizes });
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
    freeCash: undefined,
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

/** Long, and under all rules at once: orders of this run go every way. */
const BUSY: [
  [typeof input extends fc.Arbitrary<infer I> ? I : never, number[]][],
  Omit<Terms, 'market' | 'cash'>,
  number,
] = [
  (['A', 'B'] as const).map((symbol, i) => [
    { symbol, stepMs: 60_000, stamps: 'open', bars: 1500, late: 0, gaps: 0, seed: i + 1 },
    [1024],
  ]),
  {
    tickSize: 0.25,
    lotStep: 0.1,
    minSize: 2,
    maxSize: 25,
    minNotional: 300,
    maker: 0.0005,
    taker: 0.001,
    feeIn: 'base',
    slippage: 0.002,
  },
  1,
];

const WAYS = [
  'completed ',
  'completed maker',
  'canceled ',
  'expired IOC_NOT_FILLED',
  'expired FOK_NOT_FILLED',
  'rejected SIZE_ZERO',
  'rejected MIN_SIZE',
  'rejected MAX_SIZE',
  'rejected MIN_NOTIONAL',
  'rejected NOTHING_TO_CLOSE',
  'margin INSUFFICIENT_CASH',
];

test.each(['spot', 'usdm'] as const)(
  '%s: a plain second engine sees and does the same',
  async market => {
    /** How often orders went each way; what never happens is not tested. */
    const ways = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(input, chunkSizes), { minLength: 1, maxLength: 3 }),
        fc.record({
          tickSize: fc.constantFrom(0, 0.25),
          lotStep: fc.constantFrom(0, 0.1, 1),
          minSize: fc.constantFrom(0, 2),
          maxSize: fc.constantFrom(0, 25),
          minNotional: fc.constantFrom(0, 50),
          maker: fc.constantFrom(0, 0.0005, 0.002),
          taker: fc.constantFrom(0, 0.001),
          feeIn: fc.constantFrom('quote' as const, 'base' as const),
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
          for (const line of expected.flatMap(({ told }) => told)) {
            const [, status, , , role, code] = line.split(' ');
            const way = `${status} ${role}${code}`;
            ways.set(way, (ways.get(way) ?? 0) + 1);
          }
          expect(steps.length).toBe(expected.length);
          for (const [i, step] of steps.entries()) {
            expect(rounded(step)).toEqual(rounded(expected[i]));
            expect(Math.abs(step.cash - expected[i].cash)).toBeLessThan(1e-6);
            expect(Math.abs(step.freeCash - expected[i].freeCash)).toBeLessThan(1e-6);
            expect(Math.abs(step.value - expected[i].value)).toBeLessThan(1e-6);
          }
          // What is ordered in a step is not filled in it, so the value the strategy saw is the step's.
          expect(Array.from(result.equity.value)).toEqual(steps.map(({ value }) => value));
          expect(Array.from(result.equity.time)).toEqual(steps.map(({ time }) => time));
        },
      ),
      { numRuns: 30, examples: [BUSY] },
    );
    for (const way of market === 'spot' ? [...WAYS, 'rejected SPOT_SHORT'] : WAYS) {
      expect([way, ways.get(way) ?? 0]).toEqual([way, expect.toSatisfy((count: number) => count > 0)]);
    }
  },
  120_000,
);
