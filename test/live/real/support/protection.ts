import { Decimal } from '../../../../src/brokers/binance/decimal.ts';
import type { InjectedFault } from '../../../../src/exchange/faults.ts';
import type { Report } from './exchange-record.ts';
import type { Promised } from './restless-trader.ts';

/** What of a symbol decides how little cannot be protected: no order can be so small. */
export interface Least {
  readonly step: string;
  readonly notional: number;
}

/** A time in which less protected a position than its brackets had promised; epoch ms UTC of this machine's clock. */
export interface Gap {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  /** True when a purchase was open meanwhile, which might have brought more to sell. */
  readonly buys: boolean;
}

export interface ProtectionOptions {
  readonly reports: readonly Report[];
  readonly brackets: Iterable<Promised>;
  /** Whose order an id stands for. */
  readonly owners: ReadonlyMap<string, number>;
  /** Since when exits are not wanted any more, by the entry's number. */
  readonly released: ReadonlyMap<number, number>;
  readonly least: ReadonlyMap<string, Least>;
  /** Until when is looked. */
  readonly end: number;
}

/** A process was not there, or the exchange took nothing; epoch ms UTC of this machine's clock. */
export interface Downtime {
  readonly from: number;
  to: number;
}

/** What had been down is there again: whatever has ended before it had begun counts until now. */
export function endDowntimes(downtimes: readonly Downtime[], now: number): void {
  for (const down of downtimes) if (down.to === Number.POSITIVE_INFINITY) down.to = now;
}

/**
 * What the rules of docs/live.md allow. An execution that nobody told is seen by the next comparison of open orders, 10 s
 * later at most, and its exits are placed in the same moment.
 */
export const NOTICE_MS = 12_000;
/**
 * One outcome that is unknown, or one question that is not answered: an answer is waited for 15 s, and that an order does not
 * exist is certain 60 s after it was sent.
 */
export const RESOLUTION_MS = 80_000;
/**
 * The same where the account cannot sell twice: an order is asked for after 2 s, a question waits 5 s for its answer and is
 * asked again 2 s later, and what is not found is placed anew; what is refused for a lack of base is tried again 8 s later.
 */
export const EXCLUSIVE_MS = 20_000;
/** Faults after which it has to be found out whether something was done. */
const UNKNOWN = /^order-(lost|503|503-not|late|never)$/;
/** Paths of what is asked and done for an account; trouble with others is none of it. */
const OF_THE_ACCOUNT = /\/api\/v3\/(order|openOrders|myTrades|account)/;

/**
 * What has gone wrong with what an account asks and orders, and when. Reports that are lost, late or twice, and streams that
 * are cut or silent, are no excuse: whatever they would have told is asked for within {@link NOTICE_MS}.
 */
export class Troubles {
  /** `cost`: how long something may be held up by it, ms; undefined for what takes a resolution. */
  readonly all: { readonly at: number; readonly cost: number | undefined }[] = [];
  /** Times in which the exchange had banned this address, or took nothing but cancels. */
  readonly shut: Downtime[] = [];
  readonly #speed: number;
  #seen = 0;

  /** `speed`: ms of the market in a ms of this machine. */
  constructor(speed = 1) {
    this.#speed = speed;
  }

  /** Looks at what an exchange has injected since the last time. */
  see(injected: readonly InjectedFault[], at: number): void {
    for (; this.#seen < injected.length; this.#seen++) {
      const { kind, target, amount } = injected[this.#seen]!;
      const cost = costOf(kind, target, amount);
      if (cost !== 0) this.all.push({ at, cost });
      const shutFor = kind === 'rest-418' ? amount : kind === 'cancel-only' ? amount / this.#speed : 0;
      if (shutFor > 0) this.shut.push({ from: at, to: at + shutFor });
    }
  }

  /**
   * How long a gap may be: until it is noticed, and for each trouble in its reach one resolution; what the process was down comes
   * on top, and with it the resolution of the one command that may be in doubt. `isExclusive`: the account has nothing to sell
   * beside what is to be protected.
   */
  allowanceOf({ from, to, buys }: Gap, downtimes: readonly Downtime[], isExclusive = false): number {
    const resolution = isExclusive && !buys ? EXCLUSIVE_MS : RESOLUTION_MS;
    let allowed = NOTICE_MS;
    for (const { at, cost = resolution } of this.all) if (at >= from - cost && at <= to) allowed += cost;
    for (const down of downtimes) {
      const [begin, end] = [Math.max(from, down.from), Math.min(to, down.to)];
      if (end > begin) allowed += end - begin + resolution;
    }
    return allowed;
  }

  /** What of a gap passed while the process was there and the exchange took orders, ms. */
  openPart({ from, to }: Gap, downtimes: readonly Downtime[]): number {
    let open = to - from;
    let covered = from;
    for (const one of [...this.shut, ...downtimes].sort((a, b) => a.from - b.from)) {
      const [begin, end] = [Math.max(covered, one.from), Math.min(to, one.to)];
      if (end <= begin) continue;
      open -= end - begin;
      covered = end;
    }
    return open;
  }
}

interface Held {
  readonly promised: Promised;
  readonly symbol: string;
  bought: Decimal;
  sold: Decimal;
}

/** ms; undefined for what takes a resolution, 0 for what holds up nothing. */
function costOf(kind: InjectedFault['kind'], target: string, amount: number): number | undefined {
  if (UNKNOWN.test(kind)) return undefined;
  if (kind === 'order-429' || kind === 'order-unseen') return amount + 2000;
  if (kind === 'cancel-only') return amount + NOTICE_MS;
  if (kind === 'rest-418') return amount + NOTICE_MS;
  return kind.startsWith('rest-') && OF_THE_ACCOUNT.test(target) ? undefined : 0;
}

/**
 * When the exchange held a position that a bracket had bought, and no stop (or, of a bracket without one, no target) for as
 * much of it. Judged by the exchange's own record alone, after each of its events.
 */
export function gapsOf(options: ProtectionOptions): Gap[] {
  return new ProtectionRecord(options).gaps();
}

class ProtectionRecord {
  readonly #options: ProtectionOptions;
  readonly #orders = new Map<string, Report>();
  readonly #positions = new Map<string, Decimal>();
  readonly #prices = new Map<string, number>();
  readonly #held = new Map<number, Held>();
  readonly #entries = new Map<number, Promised>();
  readonly #exits = new Map<number, Promised>();

  constructor(options: ProtectionOptions) {
    this.#options = options;
    for (const promised of options.brackets) {
      this.#entries.set(promised.entry, promised);
      for (const exit of [promised.stopLoss, promised.takeProfit])
        if (exit !== undefined) this.#exits.set(exit, promised);
    }
  }

  gaps(): Gap[] {
    const { reports, end, released } = this.#options;
    const open = new Map<string, number>();
    const buying = new Set<string>();
    const gaps: Gap[] = [];
    const moments = [...new Set([...reports.map(({ at }) => at), ...released.values(), end])].sort(
      (a, b) => a - b,
    );
    let next = 0;
    for (const now of moments) {
      for (; next < reports.length && reports[next]!.at <= now; next++) this.#take(reports[next]!);
      for (const symbol of this.#options.least.keys()) {
        this.#writeOff(symbol, now);
        const isShort = now < end && this.#isShort(symbol, now);
        const from = open.get(symbol);
        if (isShort && from === undefined) {
          open.set(symbol, now);
          buying.delete(symbol);
        } else if (!isShort && from !== undefined) {
          open.delete(symbol);
          if (now > from) gaps.push({ symbol, from, to: now, buys: buying.has(symbol) });
        }
        if (isShort && this.#isBuying(symbol)) buying.add(symbol);
      }
    }
    return gaps;
  }

  #take(report: Report): void {
    const { symbol, clientOrderId, trade, side } = report;
    this.#orders.set(clientOrderId, report);
    if (trade === undefined) return;
    this.#prices.set(symbol, Number(trade.price));
    const isBase = symbol.startsWith(trade.asset) && trade.asset !== 'USDT';
    const quantity = Decimal.of(trade.quantity);
    const fee = isBase ? Decimal.of(trade.commission) : Decimal.ZERO;
    const moved = side === 'BUY' ? quantity.minus(fee) : Decimal.ZERO.minus(quantity.plus(fee));
    this.#positions.set(symbol, (this.#positions.get(symbol) ?? Decimal.ZERO).plus(moved));
    const owner = this.#options.owners.get(clientOrderId) ?? -1;
    const promised = this.#entries.get(owner) ?? this.#exits.get(owner);
    if (promised === undefined) return;
    const held = this.#held.get(promised.entry) ?? {
      promised,
      symbol,
      bought: Decimal.ZERO,
      sold: Decimal.ZERO,
    };
    this.#held.set(promised.entry, held);
    if (owner === promised.entry) held.bought = held.bought.plus(moved);
    else held.sold = held.sold.minus(moved);
  }

  /** What other orders have sold of what brackets had bought needs no protection any more, also when more is bought later. */
  #writeOff(symbol: string, now: number): void {
    const held = [...this.#held.values()].filter(one => one.symbol === symbol && !this.#isReleased(one, now));
    const needs = held.reduce((sum, { bought, sold }) => sum.plus(bought.minus(sold)), Decimal.ZERO);
    let missing = needs.minus(this.#positions.get(symbol) ?? Decimal.ZERO);
    for (const covered of [false, true]) {
      for (const one of held) {
        const need = one.bought.minus(one.sold);
        const open = covered ? need : need.minus(this.#resting(one.promised));
        const part = missing.compare(open) < 0 ? missing : open;
        if (part.sign <= 0) continue;
        one.sold = one.sold.plus(part);
        missing = missing.minus(part);
      }
    }
  }

  #isBuying(symbol: string): boolean {
    for (const { side, status, symbol: its } of this.#orders.values())
      if (side === 'BUY' && its === symbol && (status === 'NEW' || status === 'PARTIALLY_FILLED'))
        return true;
    return false;
  }

  #isReleased({ promised }: Held, now: number): boolean {
    return (this.#options.released.get(promised.entry) ?? Number.POSITIVE_INFINITY) <= now;
  }

  #isShort(symbol: string, now: number): boolean {
    const { least } = this.#options;
    const { step, notional } = least.get(symbol)!;
    const price = this.#prices.get(symbol) ?? Number.NaN;
    let needed = Decimal.ZERO;
    let covered = Decimal.ZERO;
    for (const held of this.#held.values()) {
      if (held.symbol !== symbol || this.#isReleased(held, now)) continue;
      const need = held.bought.minus(held.sold);
      const rest = need.minus(this.#resting(held.promised));
      // Less than any order can be is not to be protected.
      const isDust = rest.down(Decimal.of(step)).sign <= 0 || rest.toNumber() * price < notional;
      needed = needed.plus(need);
      covered = covered.plus(isDust ? need : need.minus(rest));
    }
    const short = needed.minus(covered);
    return short.down(Decimal.of(step)).sign > 0 && short.toNumber() * price >= notional;
  }

  /** Base units that the exchange has an order for that protects. */
  #resting({ stopLoss, takeProfit }: Promised): Decimal {
    const wanted = stopLoss ?? takeProfit;
    let resting = Decimal.ZERO;
    for (const { clientOrderId, status, quantity, executed } of this.#orders.values()) {
      if (status !== 'NEW' && status !== 'PARTIALLY_FILLED') continue;
      if (this.#options.owners.get(clientOrderId) !== wanted) continue;
      resting = resting.plus(Decimal.of(quantity)).minus(Decimal.of(executed));
    }
    return resting;
  }
}
