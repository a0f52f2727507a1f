import type { OrderType } from '../../../model/order.ts';
import type { OrderTable } from '../../orders.ts';
import type { LastBar } from './last-bars.ts';

/** An order that can still change. Only these are objects; what has ended is in the tables. */
export class WorkingOrder {
  readonly id: number;
  readonly instrument: number;
  readonly sell: boolean;
  readonly type: OrderType;
  readonly parentId: number;
  /** Left to fill; negative for a sale. */
  remaining: number;
  /** The price that it was placed with, for which the cash is checked; of an order with a trigger, the trigger. */
  price: number;
  /** NaN without one. */
  limit: number;
  readonly trailAmount: number;
  readonly trailPercent: number;
  /** How far the limit of a trailing stop-limit lies below the stop, for good. */
  readonly #limitGap: number;
  /** Close of the bar on which it was placed. */
  readonly placedClose: number;
  /** Time of that bar, epoch ms UTC. */
  readonly placedAt: number;
  readonly validUntil: number;
  /** End of the session of an order at the close, epoch ms UTC. */
  readonly sessionEnd: number;
  /** The last close before that end; NaN without one. */
  sessionClose = Number.NaN;
  /** Of an order with a trigger and a limit: the trigger was reached. */
  triggered = false;
  /** False for a child whose parent has not been filled. */
  active: boolean;
  /** False once it has ended; an order that is handed over again comes to life again. */
  alive = true;
  /** True when it ended with all of its fills. */
  completed = false;
  /** True once it was handed over. */
  placed = false;
  /** True when it was handed over more than once, and stands in the queue more than once. */
  repeated = false;
  /** False once the orders that it began as a group have been cancelled. */
  leads = true;
  /** Base units, negative for a sale; it may be a last place more or less than what was ordered. */
  filled = 0;
  average = 0;
  fees = 0;

  constructor(orders: OrderTable, id: number, bar: LastBar, sessionEnd: number) {
    this.id = id;
    this.instrument = orders.instrument(id);
    this.sell = orders.isSell(id);
    this.type = orders.type(id);
    this.parentId = orders.parentId(id);
    this.active = this.parentId === 0;
    const size = orders.size(id);
    this.remaining = this.sell ? -size : size;
    this.placedClose = bar.close;
    this.placedAt = bar.time;
    this.validUntil = orders.isOfDay(id) ? dayStart(bar.time) + DAY_ENDS : orders.validUntil(id);
    this.sessionEnd = sessionEnd;
    this.trailAmount = orders.trailAmount(id);
    this.trailPercent = orders.trailPercent(id);
    this.limit = orders.limit(id);
    const stop = orders.stop(id);
    this.price = [stop, this.limit, orders.checkPrice(id), bar.close].find(price => !Number.isNaN(price))!;
    this.#limitGap = this.price - this.limit;
    if (this.trails) {
      const start = this.price;
      this.price = this.sell ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      this.follow(start);
    }
  }

  get trails(): boolean {
    return this.type === 'stopTrail' || this.type === 'stopTrailLimit';
  }

  /** Lets the trigger of a trailing order follow the price, if that is in its favour. */
  follow(price: number): void {
    const { sell, trailAmount, trailPercent } = this;
    const distance = Number.isNaN(trailAmount) ? price * trailPercent : trailAmount;
    const next = sell ? price - distance : price + distance;
    if (sell ? next <= this.price : next >= this.price) return;
    this.price = next;
    if (this.type === 'stopTrailLimit') this.limit = next - this.#limitGap;
  }

  /** Moves the price of a child to `price`, which is known since its parent was filled. */
  reprice(price: number): void {
    if (this.trails) {
      this.price = this.sell ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      this.follow(price);
    } else this.price = price;
    if (this.type === 'limit') this.limit = price;
  }
}

const DAY = 86_400_000;
/** An order of the day ends at 23:59:59.009999, which is before the stamp of that day's bar. */
const DAY_ENDS = 86_399_009.999;

export function dayStart(time: number): number {
  return Math.floor(time / DAY) * DAY;
}

/** The end of the session in which `time` lies, or of the next one: `end` is given in ms after midnight. */
export function sessionEndOf(time: number, end: number): number {
  const today = dayStart(time) + end;
  return today < time ? today + DAY : today;
}
