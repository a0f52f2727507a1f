import { decimalText } from '../../model/decimal-text.ts';
import type { OrderReason } from '../../model/order.ts';
import { Decimal } from './decimal.ts';
import { clientOrderId } from './identity.ts';
import { type LegalAmounts, type Legalised, legalise } from './legalise.ts';
import { isMoved, type Look, lookOf } from './looks.ts';
import type { NewOrder, NewOrderList, TradingSymbol } from './port.ts';
import type { Placement, RealOrder } from './real-orders.ts';
import type { TradingState } from './state.ts';

/** What is to be sent for a placement. */
export interface Composed {
  /** In the order of `serves`. */
  readonly orders: readonly NewOrder[];
  readonly serves: readonly RealOrder[];
  /** The exits that wait behind it at the exchange. */
  readonly exits:
    | {
        readonly orders: readonly NewOrder[];
        readonly serves: readonly RealOrder[];
        readonly quantity: Decimal | undefined;
      }
    | undefined;
  /** Undefined for an order alone. */
  readonly list: NewOrderList | undefined;
  /** Base units; undefined where the exchange decides the size. */
  readonly quantity: Decimal | undefined;
}

/** Writes orders as the exchange takes them: types, lists, legal amounts, ids. */
export class Composer {
  readonly #session: string;
  readonly #state: TradingState;
  readonly #collar: number;
  /** What is left of a purchase after the dearest fee: less than 1 where fees are taken off it. */
  readonly #keeps: Decimal;
  /** What of an amount in quote is left for what is bought, when the fee is to come out of it, too. */
  readonly #spends: number;

  /** `maker`, `taker`: rates of fees; `inBase`: they are taken off what is bought. */
  constructor(
    session: string,
    state: TradingState,
    fees: { readonly maker: number; readonly taker: number; readonly inBase: boolean },
    collar: number,
  ) {
    this.#session = session;
    this.#state = state;
    this.#collar = collar;
    const rate = Math.max(fees.maker, fees.taker);
    this.#keeps = Decimal.of(1).minus(fees.inBase ? Decimal.of(rate) : Decimal.ZERO);
    this.#spends = fees.inBase ? 1 : 1 / (1 + fees.taker);
  }

  /** The orders for `quantity` base units of a placement (undefined: for its amount in quote), or why there can be none. */
  compose(placement: Placement, quantity: Decimal | undefined): Composed | OrderReason {
    const { instrument, wanted, attempts } = placement;
    const { symbol } = this.#state.terms[instrument];
    const serves = sorted(wanted);
    const legal = this.#legal(placement, serves, quantity);
    if ('code' in legal) return legal;
    const orders = serves.map((order, i) => written(symbol, legal.orders[i], this.#id(order, attempts)));
    const size = legal.quantity;
    const plain = { orders, serves, exits: undefined, quantity: size };
    const listId = clientOrderId(this.#session, wanted[0].id, 'list', attempts);
    if (orders.length === 2) {
      return { ...plain, list: { kind: 'oco', symbol, listClientOrderId: listId, orders } };
    }
    if (size === undefined || !this.#carries(placement)) return { ...plain, list: undefined };
    return this.#withExits(placement, placement.exits!, plain, size, listId);
  }

  /** True for an entry with which the exchange itself can take its exits. */
  #carries({ exits, instrument, sell, only, goesAlone, members: [entry] }: Placement): boolean {
    const terms = this.#state.terms[instrument];
    if (goesAlone || exits === undefined || exits.over || exits.ending !== undefined || only !== undefined)
      return false;
    if (exits.sell === sell || !(terms.otoAllowed || terms.opoAllowed)) return false;
    if (entry.type !== 'limit' || entry.timeInForce !== 'GTC') return false;
    return exits.wanted.every(exit => !isMoved(exit, terms) && isPriced(exit));
  }

  #withExits(
    placement: Placement,
    exits: Placement,
    entry: Omit<Composed, 'list'>,
    quantity: Decimal,
    listClientOrderId: string,
  ): Composed | OrderReason {
    const terms = this.#state.terms[placement.instrument];
    const pays = terms.opoAllowed;
    const brought = placement.sell
      ? quantity
      : quantity.times(this.#keeps).down(this.#state.lot(placement.instrument));
    const serves = sorted(exits.wanted);
    const legal = this.#legal(exits, serves, brought);
    if ('code' in legal) return legal;
    const orders = serves.map((order, i) => {
      const { quantity: _, ...unsized } = legal.orders[i];
      const id = this.#id(order, exits.attempts);
      return written(terms.symbol, pays ? unsized : legal.orders[i], id);
    });
    const kind = `${pays ? 'opo' : 'oto'}${orders.length === 2 ? 'co' : ''}` as NewOrderList['kind'];
    const list = { kind, symbol: terms.symbol, listClientOrderId, orders: [...entry.orders, ...orders] };
    return { ...entry, exits: { orders, serves, quantity: legal.quantity }, list };
  }

  #id(order: RealOrder, attempt: number): string {
    return clientOrderId(this.#session, order.id, 'order', attempt);
  }

  /** The orders with legal amounts, all of one size. */
  #legal(
    placement: Placement,
    serves: readonly RealOrder[],
    quantity: Decimal | undefined,
  ): { readonly orders: readonly LegalLook[]; readonly quantity: Decimal | undefined } | OrderReason {
    const terms = this.#state.terms[placement.instrument];
    const looks = serves.map(order => {
      const look = lookOf(order, terms, serves.length === 2, this.#collar);
      // A target that is there already is taken; what the price has left again is to rest with its stop, not without.
      return look.type === 'LIMIT' && leftItsStop(placement)
        ? { ...look, timeInForce: 'IOC' as const }
        : look;
    });
    let size = quantity;
    for (let again = 0; ; again++) {
      const amounts = looks.map(look => this.#amounts(placement, terms, look, size));
      const refused = amounts.find(one => !one.ok);
      if (refused !== undefined && !refused.ok) {
        const { code, message } = refused.refusal;
        return { code, message };
      }
      const legal = amounts.map(one => (one as Extract<Legalised, { ok: true }>).amounts);
      const sizes = legal.map(one => one.quantity).filter(one => one !== undefined);
      if (sizes.length === 0 || sizes.every(one => one === sizes[0]) || again > 0) {
        const orders = looks.map(({ side, type, timeInForce }, i) => ({
          side,
          type,
          timeInForce,
          ...legal[i],
        }));
        return { orders, quantity: sizes.length === 0 ? undefined : Decimal.of(sizes[0]) };
      }
      // The steps of market orders may be coarser: both take the smaller size.
      size = sizes.map(one => Decimal.of(one)).reduce((a, b) => (a.compare(b) < 0 ? a : b));
    }
  }

  #amounts(placement: Placement, terms: TradingSymbol, look: Look, size: Decimal | undefined): Legalised {
    const { timeInForce: _, ...wanted } = look;
    const last = this.#state.last[placement.instrument];
    // What protects is judged by the exchange, which knows the price of the moment.
    const reference = placement.protective || Number.isNaN(last) ? undefined : decimalText(last);
    if (size !== undefined) return legalise(terms, { ...wanted, quantity: size.toString() }, reference);
    const quote = placement.members[0].quote * this.#spends;
    if (look.type === 'MARKET' && terms.quoteQuantityAllowed) {
      return legalise(terms, { ...wanted, quoteQuantity: quote }, reference);
    }
    return legalise(terms, { ...wanted, quantity: quote / dearest(look, last, terms) }, reference);
  }
}

/** What a unit may cost of what only the exchange's market orders are given in quote for, in quote. */
function dearest(look: Look, last: number, { filters }: TradingSymbol): number {
  const { price, stopPrice = last, trailingDelta = 0 } = look;
  const dear = price ?? Number(stopPrice) * (1 + trailingDelta / 10_000);
  const tick = Decimal.of(filters.tickSize ?? 0);
  return tick.sign > 0 ? (Decimal.parse(dear)?.up(tick).toNumber() ?? Number.NaN) : Number(dear);
}

interface LegalLook extends LegalAmounts {
  readonly side: Look['side'];
  readonly type: Look['type'];
  readonly timeInForce: NewOrder['timeInForce'] | undefined;
}

/** True for exits of which the limit order goes alone, though there is a stop as well. */
function leftItsStop({ only, members, parent }: Placement): boolean {
  return (
    parent !== undefined && only?.armed === false && members.some(order => order !== only && order.armed)
  );
}

/** What an order does not have is left out. */
function written(symbol: string, look: LegalLook, id: string): NewOrder {
  const { side, type, timeInForce, ...amounts } = look;
  const order = { symbol, side, type, clientOrderId: id, ...amounts };
  return timeInForce === undefined ? order : { ...order, timeInForce };
}

/** The one above the price first, as lists have it: a sale's limit and a purchase's stop are above. */
function sorted(orders: readonly RealOrder[]): readonly RealOrder[] {
  if (orders.length < 2) return [...orders];
  const [a, b] = orders;
  return (a.type === 'limit') === a.sell ? [a, b] : [b, a];
}

/** True when the price does not depend on that of the fill to come. */
function isPriced({ type, stop, limit, trailPercent }: RealOrder): boolean {
  if (type === 'limit') return !Number.isNaN(limit);
  return !Number.isNaN(stop) || !Number.isNaN(trailPercent);
}
