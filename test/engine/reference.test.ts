import fc from 'fast-check';
import {
  backtest,
  crossOver,
  highest,
  type IntrabarPolicy,
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
  readonly intrabar: IntrabarPolicy;
  readonly leverage: number;
  readonly funding: number;
}

/** Prices as shares of the data's last close; a market order without. */
interface AtPrice {
  readonly limit?: number;
  readonly stop?: number;
  readonly trailPercent?: number;
  readonly timeInForce?: TimeInForce;
  readonly valid?: string;
  readonly type?: 'close';
  /** Index among the open orders. */
  readonly oco?: number;
}

/** Distances of a bracket's exits, as shares: of the entry's price, of the last close for a fixed price. */
interface Exits {
  readonly fixed: boolean;
  readonly loss: number;
  readonly profit: number;
  readonly trails: boolean;
}

type Decision =
  | ({
      readonly kind: 'buy' | 'sell';
      readonly data: number;
      readonly size?: number;
      readonly quote?: number;
      readonly exits?: Exits;
    } & AtPrice)
  | ({ readonly kind: 'close'; readonly data: number } & AtPrice)
  | { readonly kind: 'cancel'; readonly which: number };

/** What a strategy does at step number `step`: drawn from the number alone, so both engines ask the same oracle. */
function decisions(seed: number, step: number, datas: number): Decision[] {
  const next = mulberry32(seed * 7919 + step);
  const made: Decision[] = [];
  for (let n = next() < 0.6 ? 0 : Math.ceil(next() * 3); n > 0; n--) {
    const dice = next();
    const data = Math.floor(next() * datas);
    const kind = next() < 0.5 ? 'buy' : 'sell';
    const at = atPrice(next, kind);
    if (dice < 0.2) made.push({ kind, data, size: next() * 30, ...at });
    else if (dice < 0.4) made.push({ kind, data, quote: next() * 3000, ...at });
    else if (dice < 0.7) {
      const exits = { fixed: next() < 0.5, loss: next() * 0.02, profit: next() * 0.02, trails: next() < 0.3 };
      const amount = next() < 0.5 ? { size: next() * 30 } : { quote: next() * 3000 };
      const { oco, type, ...entry } = at;
      made.push({ kind, data, ...amount, ...entry, exits });
    } else if (dice < 0.85) made.push({ kind: 'close', data, ...at });
    else made.push({ kind: 'cancel', which: Math.floor(next() * 3) });
  }
  return made;
}

/** A fixed price of an exit as a share of the last close: `share` beyond all prices of the entry, up or down. */
function beyond({ limit = 1, stop = 1 }: AtPrice, share: number, up: boolean): number {
  return up ? Math.max(1, limit, stop) * (1 + share) : Math.min(1, limit, stop) * (1 - share);
}

function atPrice(next: () => number, kind: 'buy' | 'sell'): AtPrice {
  const dice = next();
  const near = () => 0.98 + next() * 0.04;
  const away = kind === 'buy' ? 1 : -1;
  const stop = 1 + away * (next() * 0.02 - 0.002);
  const forces = ['GTC', 'GTC', 'GTC', 'IOC', 'FOK'] as const;
  const timeInForce = forces[Math.floor(next() * forces.length)]!;
  const rest = {
    ...(next() < 0.3 ? { valid: `${Math.ceil(next() * 600)}m` } : {}),
    ...(next() < 0.2 ? { oco: Math.floor(next() * 3) } : {}),
  };
  if (dice < 0.3) return next() < 0.5 ? {} : rest;
  if (dice < 0.5) return { limit: near(), timeInForce, ...rest };
  if (dice < 0.65) return { stop, ...rest };
  if (dice < 0.8) return { stop, limit: stop + (next() - 0.5) * 0.01, ...rest };
  if (dice < 0.9) return { trailPercent: 0.001 + next() * 0.02, ...rest };
  if (dice < 0.95) return { trailPercent: 0.001 + next() * 0.02, limit: 1 - away * next() * 0.02, ...rest };
  return { type: 'close', ...rest };
}

/** A bar that orders may match in a step. */
interface Current {
  readonly open: number;
  /** The prices that are new in it. */
  readonly low: number;
  readonly high: number;
  readonly close: number;
  readonly opensAt: number;
  readonly endsAt: number;
  /** True for a longer bar of which only the open is known. */
  readonly begun: boolean;
  /** False when the open was known at an earlier step. */
  readonly isOpenNews: boolean;
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
          const {
            kind,
            data: which,
            limit,
            stop,
            oco,
            exits,
            timeInForce,
            ...rest
          } = { exits: undefined, ...made };
          const data = this.datas[which]!;
          const { now } = data.close;
          const partner = oco === undefined ? undefined : this.openOrders[oco];
          const options = {
            data,
            ...rest,
            // Before its first bar a data has no price.
            ...(data.length === 0 || limit === undefined ? {} : { limit: now * limit }),
            ...(data.length === 0 || stop === undefined ? {} : { stop: now * stop }),
            ...(data.length === 0 || timeInForce === undefined ? {} : { timeInForce }),
            ...(partner === undefined ? {} : { oco: partner }),
          };
          if (rest.trailPercent !== undefined && data.length === 0) continue;
          if (exits === undefined) this[kind](options);
          else if (data.length > 0) {
            const { fixed, loss, profit, trails } = exits;
            const away = kind === 'buy' ? 1 : -1;
            const { oco: _, ...entry } = options;
            const price = (share: number, up: boolean) =>
              fixed ? now * beyond(made, share, up) : { percent: share };
            const bracket = {
              ...entry,
              stopLoss: trails ? { trailPercent: loss + 0.001 } : price(loss + 0.0001, away < 0),
              takeProfit: price(profit + 0.0001, away > 0),
            };
            if (kind === 'buy') this.buyBracket(bracket);
            else this.sellBracket(bracket);
          }
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
  const { cash, maker, taker, slippage, feeIn, intrabar, leverage, funding } = terms;
  const commission = makerTakerCommission({ maker, taker });
  const account = { cash, commission, slippage, feeIn, intrabar, leverage, funding };
  const result = await backtest({ strategy: Traced, data: feeds, ...account });
  return { steps, result };
}

interface PlainOrder {
  readonly id: number;
  readonly symbol: string;
  readonly sign: 1 | -1;
  readonly size: number | undefined;
  readonly quote: number;
  readonly timeInForce: TimeInForce;
  readonly at: number;
  readonly until: number;
  readonly reduce: boolean;
  readonly trail: number;
  readonly atClose: boolean;
  /** Of a child: how far its price lies from that of its parent's fill, as a share. */
  readonly offset?: number;
  parent: PlainOrder | undefined;
  limit: number;
  stop: number;
  /** From the trigger of a trailing order to its limit. */
  gap: number;
  /** It waits for its trigger. */
  armed: boolean;
  /** Orders of which one cancels the others, all in one set. */
  group?: Set<PlainOrder>;
  /** What a liquidation leaves alone: a market order that nothing belongs to. */
  plain: boolean;
  cancelled?: number;
  /** It has met its first price. */
  resting?: boolean;
  /** Quote of a purchase, base of a sale. */
  reserved?: number;
}

const { NaN: NONE, POSITIVE_INFINITY: EVER, NEGATIVE_INFINITY: LONG_AGO } = Number;

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
  const symbols = [...new Set(inputs.map(({ symbol }) => symbol))];
  const steps: Step[] = [];
  const held = new Map<string, number>();
  const marks = new Map<string, number>();
  const paidUntil = new Map<string, number>();
  let cash = terms.cash;
  /** In force, in the order in which they came into it. */
  let live: PlainOrder[] = [];
  /** Children whose parents are not filled yet. */
  let dormant: PlainOrder[] = [];
  let coming: string[] = [];
  let ids = 0;
  /** What orders may match in this step: bars that close, and of longer ones that have opened since the last step the open. */
  let current = new Map<string, Current>();
  const sizeOf = (symbol: string) => held.get(symbol) ?? 0;
  const value = (prices: ReadonlyMap<string, number>) =>
    [...held].reduce((sum, [symbol, size]) => sum + (size === 0 ? 0 : size * prices.get(symbol)!), cash);

  // What orders keep for themselves; a group keeps the most that one of it needs, once.
  const keeping = (sign: number, symbol?: string, without?: Set<PlainOrder>) => {
    const needs = new Map<unknown, number>();
    for (const order of live) {
      if (!spot || order.sign !== sign || order.cancelled !== undefined) continue;
      if (symbol !== undefined && order.symbol !== symbol) continue;
      const { reserved = 0, group = order } = order;
      if (without === undefined || group !== without)
        needs.set(group, Math.max(needs.get(group) ?? 0, reserved));
    }
    return [...needs.values()].reduce((a, b) => a + b, 0);
  };
  const freeCash = (without?: Set<PlainOrder>) => cash - keeping(1, undefined, without);
  const freeSize = (symbol: string, without?: Set<PlainOrder>) =>
    sizeOf(symbol) - keeping(-1, symbol, without);
  const closable = ({ symbol, sign }: PlainOrder) => {
    const size = -sign * sizeOf(symbol);
    const free = size > 0 && spot ? freeSize(symbol) : size;
    return free < 1e-9 ? 0 : free;
  };
  const nothing = ({ symbol, sign }: PlainOrder) =>
    sign < 0 && sizeOf(symbol) > 0 ? 'rejected SPOT_SHORT' : 'rejected NOTHING_TO_CLOSE';
  const inBase = (sign: number) => terms.feeIn === 'base' && spot && sign > 0;
  const lots = (size: number) => (lotStep === 0 ? size : Math.floor(size / lotStep + 1e-9) * lotStep);
  const ticks = (price: number, up: boolean) => {
    if (tickSize === 0) return price;
    return (up ? Math.ceil(price / tickSize - 1e-9) : Math.floor(price / tickSize + 1e-9)) * tickSize;
  };
  const filtered = (size: number, price: number) => {
    if (size === 0) return 'rejected SIZE_ZERO';
    if (size < minSize - 1e-9) return 'rejected MIN_SIZE';
    if (maxSize > 0 && size > maxSize + 1e-9) return 'rejected MAX_SIZE';
    return size * price < minNotional ? 'rejected MIN_NOTIONAL' : '';
  };
  const say = ({ id }: PlainOrder, refusal: string) => {
    const [status, code = ''] = refusal.split(' ');
    coming.push(`${id} ${status} 0 NaN  ${code}`);
  };

  // Families.
  const alive = (order: PlainOrder) => live.includes(order) || dormant.includes(order);
  const join = (order: PlainOrder, other: PlainOrder) => {
    other.group ??= new Set([other]);
    const members = order.group ?? new Set([order]);
    for (const member of members) {
      other.group.add(member);
      member.group = other.group;
    }
    other.plain = false;
  };
  const remove = (order: PlainOrder) => {
    live = live.filter(one => one !== order);
    dormant = dormant.filter(one => one !== order);
  };
  const cancelRelatives = (order: PlainOrder, filled = false) => {
    const { group } = order;
    group?.delete(order);
    for (const member of [...(group ?? [])]) cancelNow(member);
    if (!filled) for (const child of dormant.filter(one => one.parent === order)) cancelNow(child);
  };
  const cancelNow = (order: PlainOrder) => {
    if (alive(order)) drop(order, 'canceled');
  };
  const drop = (order: PlainOrder, how: string) => {
    remove(order);
    say(order, how);
    cancelRelatives(order);
  };

  /** Books a fill of `asked` at `price`; false when it cannot be, which is told. */
  const fill = (order: PlainOrder, asked: number, price: number, rate: number, time: number): boolean => {
    const { symbol, sign } = order;
    const refuse = (refusal: string) => {
      say(order, refusal);
      return false;
    };
    const before = sizeOf(symbol);
    let size = asked;
    if (Math.abs(before + sign * size) < 1e-10) size = Math.abs(before);
    const fee = size * price * rate;
    const net = inBase(sign) ? size - fee / price : size;
    const after = before + sign * net;
    if (spot && sign < 0 && size > freeSize(symbol) + 1e-9) return refuse('rejected SPOT_SHORT');
    if (spot && sign > 0 && net * price + fee > freeCash() + 1e-8) return refuse('margin INSUFFICIENT_CASH');
    if (!spot && Math.abs(after) > Math.abs(before)) {
      const equity = value(new Map(marks).set(symbol, price)) - fee;
      const others = [...held].reduce(
        (all, [other, amount]) =>
          all + (other === symbol || amount === 0 ? 0 : Math.abs(amount) * marks.get(other)!),
        0,
      );
      if (others + Math.abs(after) * price > equity * terms.leverage * (1 + 1e-12)) {
        return refuse('margin INSUFFICIENT_CASH');
      }
    }
    book(order, size, sign * net, price, fee, time);
    return true;
  };
  const book = (order: PlainOrder, size: number, moved: number, price: number, fee: number, time: number) => {
    const { id, symbol } = order;
    if (sizeOf(symbol) === 0) paidUntil.set(symbol, time);
    held.set(symbol, sizeOf(symbol) + moved);
    if (!marks.has(symbol)) marks.set(symbol, current.get(symbol)!.open);
    cash -= moved * price + fee;
    coming.push(`${id} completed ${size} ${price} ${order.resting && !order.armed ? 'maker' : ''} `);
  };
  const reached = (order: PlainOrder, price: number) =>
    order.armed ? order.sign * (price - order.stop) >= 0 : order.sign * (order.limit - price) >= 0;
  const waitsFor = ({ armed, stop, limit }: PlainOrder) => (armed ? stop : limit);
  const isBelow = ({ armed, sign }: PlainOrder) => (armed ? sign < 0 : sign > 0);

  /** Fills an order that takes `price`, or is taken at its limit; then partners go and children come. */
  const complete = (order: PlainOrder, price: number, time: number, take: boolean, match: number): void => {
    const { sign, symbol, limit, quote } = order;
    remove(order);
    for (const member of order.group ?? []) member.reserved = 0;
    const slipped = price * (1 + sign * slippage);
    const at = !take ? limit : Number.isNaN(limit) ? slipped : sign * Math.min(sign * slipped, sign * limit);
    const before = sizeOf(symbol);
    let size = order.size ?? NONE;
    let refusal = '';
    if (order.reduce) {
      const most = closable(order);
      if (!(most > 0)) refusal = nothing(order);
      size = Math.min(size, most);
    }
    const atMarket = Number.isNaN(limit) && (Number.isNaN(order.stop) || Number.isNaN(size));
    if (refusal === '' && atMarket) {
      if (Number.isNaN(size)) size = quote / (at * (inBase(sign) ? 1 : 1 + taker));
      size = lots(size);
      refusal = filtered(size, at);
    }
    // Who takes is no maker, whether it rested before its trigger or not.
    order.resting = !take;
    order.armed = false;
    if (refusal !== '') say(order, refusal);
    if (refusal !== '' || !fill(order, size, at, take ? taker : maker, time)) {
      cancelRelatives(order);
      return;
    }
    const children = dormant.filter(child => child.parent === order);
    cancelRelatives(order, true);
    for (const child of children) {
      if (!dormant.includes(child)) continue;
      dormant = dormant.filter(one => one !== child);
      child.parent = undefined;
      const away = at * (1 + (child.offset ?? NONE));
      const own = { ...child, size: Math.abs(sizeOf(symbol) - before) };
      // The size of the entry as it was asked for, which is what the child was given, or what was filled.
      Object.assign(child, {
        size: child.size === undefined || child.size === order.size ? own.size : child.size,
      });
      if (!Number.isNaN(away)) {
        if (child.armed) child.stop = away;
        else child.limit = away;
      }
      const refused = admit(child, price);
      if (refused !== '') {
        say(child, refused);
        cancelRelatives(child);
        continue;
      }
      live.push(child);
      meet(child, price, time, match);
    }
  };
  /** The first price that an order meets. */
  const meet = (order: PlainOrder, price: number, time: number, match: number) => {
    if (order.armed) {
      if (reached(order, price)) trigger(order, price, time, match);
      else {
        order.resting = true;
        follow(order, price);
      }
    } else if (Number.isNaN(order.limit)) {
      if (!order.atClose) complete(order, price, time, true, match);
    } else if (reached(order, price)) complete(order, price, time, true, match);
    else if (order.timeInForce === 'GTC') order.resting = true;
    else drop(order, `expired ${order.timeInForce}_NOT_FILLED`);
  };
  const trigger = (order: PlainOrder, price: number, time: number, match: number) => {
    order.armed = false;
    if (Number.isNaN(order.limit) || reached(order, price)) complete(order, price, time, true, match);
    else order.resting = true;
  };
  /** A trailing trigger goes after the price, and takes its limit along. */
  const follow = (order: PlainOrder, price: number) => {
    if (Number.isNaN(order.trail)) return;
    const stop = ticks(price * (1 + order.sign * order.trail), order.sign > 0);
    if (order.sign * (order.stop - stop) <= 0) return;
    order.stop = stop;
    if (!Number.isNaN(order.gap)) order.limit = ticks(stop + order.gap, order.sign < 0);
  };
  /** Puts prices on ticks and the size into lots, and keeps what the order needs; or says why it is not taken. */
  const admit = (order: PlainOrder, now: number): string => {
    const { sign, quote, reduce, symbol, group } = order;
    if (!Number.isNaN(order.trail)) {
      const from = Number.isNaN(order.stop) ? now : order.stop;
      order.stop = from * (1 + sign * order.trail);
    }
    if (order.armed) order.stop = ticks(order.stop, sign > 0);
    if (!Number.isNaN(order.limit)) order.limit = ticks(order.limit, sign < 0);
    if (!Number.isNaN(order.trail)) order.gap = order.limit - order.stop;
    const { limit, stop } = order;
    if (order.armed && Number.isNaN(stop)) return 'rejected PRICE_UNKNOWN';
    if (limit <= 0 || stop <= 0) return 'rejected PRICE_INVALID';
    const limited = !Number.isNaN(limit);
    if (!limited && !order.armed) return '';
    const price = limited ? limit : stop;
    const rate = limited ? Math.max(maker, taker) : taker;
    let wanted = order.size ?? NONE;
    if (order.size === undefined && (limited || sign < 0)) {
      wanted = quote / (price * (inBase(sign) ? 1 : 1 + rate));
    } else if (reduce) {
      const most = closable(order);
      if (!(most > 0)) return nothing(order);
      wanted = Math.min(wanted, most);
    }
    const rounded = lots(wanted);
    const refusal = Number.isNaN(rounded * price) ? '' : filtered(rounded, price);
    if (refusal !== '') return refusal;
    const cost = Number.isNaN(rounded) ? quote : rounded * price * (inBase(sign) ? 1 : 1 + rate);
    const reserved = sign < 0 ? rounded : Number.isNaN(cost) ? 0 : cost;
    if (spot && sign < 0 && reserved > freeSize(symbol, group) + 1e-9) return 'rejected SPOT_SHORT';
    if (spot && sign > 0 && reserved > freeCash(group) + 1e-8) return 'margin INSUFFICIENT_CASH';
    Object.assign(order, { size: Number.isNaN(rounded) ? undefined : rounded, reserved });
    return '';
  };

  const ruin = (symbol: string) => {
    const size = sizeOf(symbol);
    if (spot || size === 0) return NONE;
    let rest = cash;
    for (const [other, amount] of held) {
      if (other !== symbol && amount !== 0) rest += (amount - 0.005 * Math.abs(amount)) * marks.get(other)!;
    }
    const price = rest / (0.005 * Math.abs(size) - size);
    return price > 0 ? price : size < 0 ? 1e-300 : NONE;
  };
  const liquidate = (symbol: string, price: number, time: number) => {
    for (const order of live.filter(one => one.symbol === symbol && !one.plain)) cancelNow(order);
    const size = sizeOf(symbol);
    const rest = value(new Map(marks).set(symbol, 0));
    const zero = -rest / size;
    const at = size > 0 ? Math.max(price, zero) : zero > 0 ? Math.min(price, zero) : price;
    const fee = Math.min(Math.max(0, rest + size * at), Math.abs(size) * at * 0.005);
    const order = { id: ++ids, symbol } as PlainOrder;
    say(order, 'submitted');
    say(order, 'accepted');
    book(order, Math.abs(size), -size, at, fee, time);
  };

  /** The rest of a bar: from extreme to extreme to the close. */
  const walkThrough = (symbol: string, match: number, spared: ReadonlySet<PlainOrder>) => {
    const { open, low, high, close, endsAt } = current.get(symbol)!;
    const goals = { low, high, close };
    // Of an order that came into force at the open, and lasts shorter than the bar, nothing is known but the open.
    const counting = () =>
      live.filter(one => one.symbol === symbol && one.resting && !spared.has(one) && one.until >= endsAt - 1);
    const been = new Set<string>();
    let todo: ('low' | 'high' | 'close')[] = [];
    const plan = (first: 'low' | 'high') => {
      const second = first === 'low' ? 'high' : 'low';
      todo = been.has(second) ? [first, 'close'] : [first, second, 'close'];
    };
    const entry = counting().find(order => reached(order, isBelow(order) ? low : high));
    const position = Math.sign(sizeOf(symbol));
    const side = position === 0 ? (entry?.sign ?? 0) : position;
    const bad = side > 0 ? 'low' : 'high';
    const good = side > 0 ? 'high' : 'low';
    const { intrabar } = terms;
    if (intrabar === 'ohlc') plan('high');
    else if (intrabar === 'olhc') plan('low');
    else if (intrabar === 'nearest' || side === 0) plan(high - open <= open - low ? 'high' : 'low');
    else if (intrabar === 'worst') plan(position === 0 ? good : bad);
    else plan(position === 0 ? bad : good);
    while (todo.length > 0) {
      const [goal] = todo;
      const to = goals[goal];
      const passed = counting().filter(
        order => (goal === 'close' || isBelow(order) === (goal === 'low')) && reached(order, to),
      );
      const below = passed.length > 0 && isBelow(passed[0]);
      const sorted = passed
        .filter(order => isBelow(order) === below)
        .sort((a, b) => (below ? waitsFor(b) - waitsFor(a) : waitsFor(a) - waitsFor(b)));
      const next = sorted[0];
      const before = sizeOf(symbol);
      let end = ruin(symbol);
      const long = before > 0;
      const past = long ? end >= to : end <= to;
      if (!past || goal === (long ? 'high' : 'low')) end = NONE;
      end = long ? Math.min(end, high) : Math.max(end, low);
      const first =
        next !== undefined &&
        isBelow(next) === long &&
        (long ? waitsFor(next) >= end : waitsFor(next) <= end);
      if (!Number.isNaN(end) && !first) liquidate(symbol, end, endsAt);
      else if (next === undefined) {
        for (const order of counting()) if (order.armed) follow(order, to);
        been.add(goal);
        todo.shift();
        continue;
      } else if (next.armed) trigger(next, next.stop, endsAt, match);
      else complete(next, next.limit, endsAt, false, match);
      const after = sizeOf(symbol);
      if (after === 0 || (Math.abs(after) <= Math.abs(before) && after > 0 === before > 0)) continue;
      if (intrabar === 'worst') plan(after > 0 ? 'low' : 'high');
      if (intrabar === 'best') plan(after > 0 ? 'high' : 'low');
    }
  };
  const fund = (symbol: string, until: number, price: number) => {
    const from = paidUntil.get(symbol) ?? LONG_AGO;
    if (spot || !(until > from)) return;
    for (let at = START; at <= until; at += 8 * 3_600_000) {
      if (at > from) cash -= sizeOf(symbol) * price * terms.funding;
    }
    paidUntil.set(symbol, until);
  };

  const at = inputs.map(() => 0);
  let earlier = LONG_AGO;
  for (const [match, time] of times.entries()) {
    const closed = new Map<string, number>();
    current = new Map();
    for (const [i, { symbol, columns }] of inputs.entries()) {
      if (matching.get(symbol) !== i) continue;
      while (bars[i][at[i]]?.known < time) at[i]++;
      const bar = bars[i][at[i]];
      if (bar === undefined) continue;
      const [open, close] = [columns.open[bar.i], columns.close[bar.i]];
      const isOpenNews = bar.open >= earlier;
      // Of what the bar has shown before nothing is new but what goes beyond it.
      const low = isOpenNews || columns.low[bar.i] < open ? columns.low[bar.i] : close;
      const high = isOpenNews || columns.high[bar.i] > open ? columns.high[bar.i] : close;
      const one = { open, low, high, close, opensAt: bar.open, endsAt: time, begun: false, isOpenNews };
      if (bar.known === time) {
        closed.set(symbol, close);
        current.set(symbol, one);
      } else if (isOpenNews && bar.open < time) {
        current.set(symbol, { ...one, low: open, high: open, close: open, endsAt: bar.open, begun: true });
      }
    }
    earlier = time;
    const opened = ({ symbol }: PlainOrder) => current.get(symbol)?.opensAt ?? NONE;
    for (const [symbol, { opensAt, open }] of current) fund(symbol, opensAt, open);
    const atOpen: PlainOrder[] = [];
    const atClose: PlainOrder[] = [];
    const expiring: PlainOrder[] = [];
    const spared = new Set<PlainOrder>();
    for (const order of live) {
      const now = current.get(order.symbol);
      if (now === undefined || !(order.resting || opened(order) >= order.at)) continue;
      const { open, begun, endsAt, isOpenNews, opensAt } = now;
      const happens = order.resting
        ? isOpenNews && reached(order, open)
        : order.armed || !Number.isNaN(order.limit)
          ? reached(order, open) || order.timeInForce !== 'GTC'
          : !order.atClose;
      if (happens || order.cancelled !== undefined || opensAt > order.until) {
        atOpen.push(order);
        continue;
      }
      if (endsAt > order.until && !begun) {
        expiring.push(order);
        if (endsAt - 1 > order.until) {
          spared.add(order);
          continue;
        }
      }
      if (order.atClose) {
        if (!begun) atClose.push(order);
        continue;
      }
      if (order.armed && (!order.resting || isOpenNews)) follow(order, open);
      order.resting = true;
    }
    atOpen.sort((a, b) => opened(a) - opened(b) || a.id - b.id);
    for (const order of atOpen) {
      if (!live.includes(order)) continue;
      const { open, opensAt } = current.get(order.symbol)!;
      if (order.cancelled !== undefined && (order.resting || opensAt >= order.cancelled))
        drop(order, 'canceled');
      else if (opensAt > order.until) drop(order, 'expired EXPIRED');
      else if (!order.resting) meet(order, open, opensAt, match);
      else if (order.armed) trigger(order, open, opensAt, match);
      else complete(order, open, opensAt, false, match);
      if (live.includes(order) && order.cancelled !== undefined) drop(order, 'canceled');
    }
    for (const symbol of symbols) {
      const { open, opensAt } = current.get(symbol) ?? { open: NONE, opensAt: NONE };
      const size = sizeOf(symbol);
      if (size > 0 ? open <= ruin(symbol) : open >= ruin(symbol)) liquidate(symbol, open, opensAt);
    }
    for (const symbol of symbols) if (current.has(symbol)) walkThrough(symbol, match, spared);
    for (const order of atClose) {
      if (live.includes(order)) complete(order, current.get(order.symbol)!.close, time, true, match);
    }
    for (const order of expiring) if (live.includes(order)) drop(order, 'expired EXPIRED');
    for (const [symbol, { close, begun }] of current) if (!begun) fund(symbol, time - 1, close);
    for (const [symbol, close] of closed) marks.set(symbol, close);
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
    const openBefore = [...live, ...dormant].sort((a, b) => a.id - b.id);
    for (const made of decisions(seed, steps.length, inputs.length)) {
      if (made.kind === 'cancel') {
        const order = openBefore[made.which];
        if (order === undefined) continue;
        if (dormant.includes(order)) cancelNow(order);
        else if (live.includes(order)) {
          for (const one of order.group ?? [order]) if (live.includes(one)) one.cancelled ??= time;
        }
        continue;
      }
      const { symbol, columns } = inputs[made.data];
      const size = sizeOf(symbol);
      const closes = made.kind === 'close';
      const dust = spot && Math.abs(size) < Math.max(lotStep, minSize) * (1 - 1e-9);
      const close = columns.close[lengths[made.data] - 1];
      const isPriced = close !== undefined;
      const partner = made.oco === undefined ? undefined : openBefore[made.oco];
      const exits = made.kind === 'close' ? undefined : made.exits;
      if (!isPriced && (made.trailPercent !== undefined || exits !== undefined)) continue;
      if (closes && (size === 0 || dust)) continue;
      const blank = {
        plain: false,
        quote: NONE,
        limit: NONE,
        stop: NONE,
        gap: NONE,
        trail: NONE,
        parent: undefined,
      };
      const order: PlainOrder = {
        ...blank,
        id: ++ids,
        symbol,
        sign: (closes ? size < 0 : made.kind === 'buy') ? 1 : -1,
        size: closes ? Math.abs(size) : made.size,
        quote: (closes ? undefined : made.quote) ?? NONE,
        limit: isPriced && made.limit !== undefined ? close * made.limit : NONE,
        stop: isPriced && made.stop !== undefined ? close * made.stop : NONE,
        trail: made.trailPercent ?? NONE,
        armed: (isPriced && made.stop !== undefined) || made.trailPercent !== undefined,
        timeInForce: (isPriced ? made.timeInForce : undefined) ?? 'GTC',
        atClose: made.type === 'close',
        until: made.valid === undefined ? EVER : time + Number.parseInt(made.valid, 10) * 60_000,
        at: time,
        reduce: closes,
      };
      order.plain =
        Number.isNaN(order.limit) &&
        !order.armed &&
        !order.atClose &&
        order.until === EVER &&
        exits === undefined;
      say(order, 'submitted');
      openBefore.push(order);
      const children: PlainOrder[] = [];
      if (exits !== undefined) {
        const { fixed, loss, profit, trails } = exits;
        const { sign } = order;
        const exit = (share: number): PlainOrder => ({
          ...blank,
          id: ++ids,
          symbol,
          sign: sign > 0 ? -1 : 1,
          size: made.kind === 'close' ? undefined : made.size,
          timeInForce: 'GTC',
          at: time,
          until: EVER,
          reduce: false,
          atClose: false,
          armed: false,
          parent: order,
          ...(fixed ? {} : { offset: share }),
        });
        const down = -sign * (loss + 0.0001);
        const stop = { ...exit(trails ? NONE : down), armed: true };
        if (trails) stop.trail = loss + 0.001;
        else if (fixed) stop.stop = close * beyond(made, loss + 0.0001, sign < 0);
        const up = sign * (profit + 0.0001);
        const target = exit(up);
        if (fixed) target.limit = close * beyond(made, profit + 0.0001, sign > 0);
        children.push(trails ? { ...stop, offset: NONE } : stop, target);
        for (const child of children) say(child, 'submitted');
        openBefore.push(...children);
      }
      if (partner !== undefined && !alive(partner)) {
        say(order, 'rejected OCO_ENDED');
        continue;
      }
      if (partner !== undefined) {
        order.plain = false;
        join(order, partner);
      }
      const refused = admit(order, marks.get(symbol) ?? NONE);
      if (refused !== '') {
        say(order, refused);
        cancelRelatives(order);
        for (const child of children) say(child, 'rejected FAMILY_REFUSED');
        continue;
      }
      live.push(order);
      say(order, 'accepted');
      for (const child of children) {
        dormant.push(child);
        if (child !== children[0]) join(child, children[0]);
        say(child, 'accepted');
      }
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

/** Long runs: under all rules at once, and under few of them. Between them orders go every way. */
const LONG = (['A', 'B'] as const).map(
  (symbol, i): [typeof input extends fc.Arbitrary<infer I> ? I : never, number[]] => [
    { symbol, stepMs: 60_000, stamps: 'open', bars: 1500, late: 0, gaps: 0, seed: i + 1 },
    [1024],
  ],
);
const STRICT: Omit<Terms, 'market' | 'cash'> = {
  tickSize: 0.25,
  lotStep: 0.1,
  minSize: 2,
  maxSize: 25,
  minNotional: 300,
  maker: 0.0005,
  taker: 0.001,
  feeIn: 'base',
  slippage: 0.002,
  intrabar: 'worst',
  leverage: 5,
  funding: 0.01,
};
const LENIENT: typeof STRICT = {
  ...{ ...STRICT, tickSize: 0, lotStep: 0, minSize: 0, maxSize: 0, minNotional: 0 },
  feeIn: 'quote',
};
const EXAMPLES: [typeof LONG, typeof STRICT, number][] = [
  [LONG, STRICT, 4],
  [LONG, LENIENT, 3],
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
  'rejected OCO_ENDED',
  'rejected FAMILY_REFUSED',
  'expired EXPIRED',
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
          intrabar: fc.constantFrom<IntrabarPolicy>('worst', 'worst', 'best', 'nearest', 'ohlc', 'olhc'),
          leverage: fc.constantFrom(1, 5, 20),
          funding: fc.constantFrom(0, 0.01),
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
      { numRuns: 30, examples: EXAMPLES },
    );
    for (const way of market === 'spot' ? [...WAYS, 'rejected SPOT_SHORT'] : WAYS) {
      expect([way, ways.get(way) ?? 0]).toEqual([way, expect.toSatisfy((count: number) => count > 0)]);
    }
  },
  120_000,
);
