import type { OrderReason } from '../../model/order.ts';
import type { Group } from '../simulated/families.ts';
import type { WorkingOrder } from '../simulated/working-orders.ts';
import { Decimal } from './decimal.ts';
import type { ExchangeOrder } from './exchange-order.ts';

/** A strategy's order in force, or waiting for its parent, at a real exchange. */
export interface RealOrder extends WorkingOrder {
  placement: Placement;
  readonly postOnly: boolean;
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK';
  /** Only ever makes a position smaller. */
  readonly reduces: boolean;
  /** What to spend or to bring; NaN for an order in base units. */
  readonly quote: number;
  /** Of a trailing order: where the strategy said that it begins; NaN for the market. */
  readonly beginsAt: number;
  /** What the whole of it keeps for itself: quote of a purchase, base of a sale. */
  needed: number;
  /** Base units and quote executed, fees in quote. */
  filled: Decimal;
  spent: Decimal;
  fees: number;
  /** The average price of its executions; NaN before the first. */
  price: number;
  /** The exchange has it, and the strategy has been told. */
  accepted: boolean;
  /** It was executed since the strategy was last told. */
  untold: boolean;
}

/** How something ended without all of its executions. */
export interface Ending {
  /** A number of `Status`. */
  readonly status: number;
  readonly reason: OrderReason | undefined;
  /** Whose end it is, where it is one order's; the others are cancelled. */
  readonly of?: RealOrder | undefined;
}

/**
 * What is to be in force at the exchange for one order of the strategy, or for a pair of which one cancels the other. What
 * is there (its parts) is compared with it after everything that happens, and what is missing is placed.
 */
export class Placement {
  readonly instrument: number;
  readonly sell: boolean;
  /** One order, or two of which one cancels the other. */
  readonly members: RealOrder[];
  /** The placement whose executions bring this one into force. */
  readonly parent: Placement | undefined;
  /** Exits that come into force with its executions. */
  exits: Placement | undefined;
  group: Group | undefined;
  /** False while it waits for its parent's first execution. */
  active: boolean;
  over = false;
  /** Base units to be executed in all; undefined for an order in quote whose size the exchange decides. */
  target: Decimal | undefined;
  executed = Decimal.ZERO;
  /** What is at the exchange, or on its way there. */
  parts: Part[] = [];
  ending: Ending | undefined;
  /** True for exits that the strategy has cancelled, or that were valid for so long only: none come in their place. */
  dismissed = false;
  /** The one of two that is alone from now on: its trigger was reached, or the exchange takes no pair. */
  only: RealOrder | undefined;
  /** The one whose execution came last. */
  last: RealOrder | undefined;
  /** How often something was placed for it. */
  attempts = 0;
  /** How often the exchange has refused it. */
  failures = 0;
  /** The exchange does not take its exits with it, for what they would sell is not there yet. */
  goesAlone = false;
  /** It waits for the market to open, and that was told. */
  isShutOut = false;
  /** True once something was placed for it in the stead of what may exist or not. */
  wasDoubtful = false;
  /** How often the exchange has ended what rested of it. */
  renewals = 0;
  /** How often the rest of an entry was placed again, since a part of it had to be protected. */
  splits = 0;
  /** By how much its executions have moved the position, fees in base taken off. */
  moved = Decimal.ZERO;
  /** When it came into force, epoch ms UTC. */
  since = Number.NEGATIVE_INFINITY;

  constructor(members: RealOrder[], parent: Placement | undefined) {
    this.members = members;
    this.instrument = members[0].instrument;
    this.sell = members[0].sell;
    this.parent = parent;
    this.active = parent === undefined;
  }

  /** True for what takes a position down, or is there to: it is placed also when nothing else is. */
  get protective(): boolean {
    const [first] = this.members;
    if (this.parent !== undefined) return this.sell !== this.parent.sell;
    return first.reduces || (this.sell && this.members.some(order => order.type.startsWith('stop')));
  }

  /** The orders that are to be at the exchange. */
  get wanted(): readonly RealOrder[] {
    return this.only === undefined ? this.members : [this.only];
  }
}

/** Orders that were placed together for one placement. */
export class Part {
  readonly placement: Placement;
  /** One for each order of the strategy that it serves, in the same order. */
  readonly orders: readonly ExchangeOrder[];
  readonly serves: readonly RealOrder[];
  /** The entry that these exits wait for at the exchange. */
  readonly behind: Part | undefined;
  /** The exits that wait for this entry at the exchange. */
  ahead: Part | undefined;
  /** Base units that it was meant to have; undefined for an order in quote. */
  readonly quantity: Decimal | undefined;
  /** It was told to the exchange that it should go, epoch ms UTC; NaN if not. */
  cancelledAt = Number.NaN;
  /** It turned out to exist after others may have been placed in its stead. */
  found = false;

  constructor(
    placement: Placement,
    serves: readonly RealOrder[],
    orders: readonly ExchangeOrder[],
    quantity: Decimal | undefined,
    behind?: Part,
  ) {
    this.placement = placement;
    this.serves = serves;
    this.orders = orders;
    this.quantity = quantity;
    this.behind = behind;
    if (behind !== undefined) behind.ahead = this;
  }

  /** True when nobody knows whether it exists, and others are placed in its stead: it counts as if it were not there. */
  get doubtful(): boolean {
    return this.orders.some(order => order.doubtful);
  }

  set doubtful(doubtful: boolean) {
    for (const order of this.orders) order.doubtful = doubtful;
  }

  /** True when the exchange has told of each of its orders, and none has ended. */
  get known(): boolean {
    return this.orders.every(({ state }) => state === 'alive');
  }

  get cancelling(): boolean {
    return !Number.isNaN(this.cancelledAt);
  }

  get ended(): boolean {
    return this.orders.every(order => order.ended);
  }

  /** Base units that it has executed, as far as they are known. */
  get executed(): Decimal {
    return this.orders.reduce((sum, order) => sum.plus(order.booked), Decimal.ZERO);
  }

  /**
   * Base units that it may still execute: of two orders either can. Undefined while only the exchange knows: of an order in
   * quote, and of exits that get what their entry has brought.
   */
  get remaining(): Decimal | undefined {
    if (this.ended) return Decimal.ZERO;
    const whole = this.orders[0].quantity;
    if (whole === undefined) return undefined;
    const rest = whole.minus(this.executed);
    return rest.sign < 0 ? Decimal.ZERO : rest;
  }

  /** True for exits whose entry has not brought them into force yet. */
  get waits(): boolean {
    return this.behind !== undefined && !this.behind.orders[0].filled;
  }
}
