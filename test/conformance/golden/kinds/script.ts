import type { BracketOptions, Data, Order, OrderOptions } from '../../../../src/index.ts';
import { parseMoment } from '../moments.ts';
import { Recorded } from '../recorded.ts';
import { type Asked, typeOf } from '../recording.ts';

type Valid = Readonly<Record<string, unknown>>;

/** One action of a script; see the vocabulary in docs/conformance.md. */
interface Action {
  readonly bar: number;
  readonly op: string;
  readonly id?: string;
  readonly ids?: readonly string[];
  readonly data?: number;
  readonly size?: number;
  readonly exectype?: string;
  readonly price?: number;
  readonly pricelimit?: number;
  readonly trailamount?: number;
  readonly trailpercent?: number;
  readonly tradeid?: number;
  readonly transmit?: boolean;
  readonly valid?: Valid;
  readonly oco?: string;
  readonly parent?: string;
  readonly target?: number;
  readonly target_id?: string;
  readonly amount?: number;
  readonly stopprice?: number;
  readonly limitprice?: number;
  readonly no_stop?: boolean;
  readonly no_limit?: boolean;
  readonly stop_trailpercent?: number;
}

const FIELDS = new Set([
  ...[
    'bar',
    'op',
    'id',
    'ids',
    'data',
    'size',
    'exectype',
    'price',
    'pricelimit',
    'trailamount',
    'trailpercent',
  ],
  ...[
    'tradeid',
    'transmit',
    'valid',
    'oco',
    'parent',
    'target',
    'target_id',
    'amount',
    'stopprice',
    'limitprice',
  ],
  ...['no_stop', 'no_limit', 'stop_trailpercent'],
]);
const MINUTE = 60_000;
const DAY = 86_400_000;

/** Executes the actions whose bar is the number of bars that the first data has. */
export class Script extends Recorded<{ readonly actions: readonly Action[] }> {
  static override readonly defaults = { actions: [] };
  readonly #actions = Map.groupBy(this.values.actions.map(checked), action => action.bar);
  readonly #orders = new Map<string, Order>();

  override logic(): void {
    this.act();
  }

  protected act(): void {
    for (const action of this.#actions.get(this.data.length) ?? []) this.#do(action);
  }

  #do(action: Action): void {
    const data = this.datas[action.data ?? 0];
    if (data === undefined)
      throw new Error(`an action names data ${action.data}, there are ${this.datas.length}`);
    const { op, target = Number.NaN } = action;
    if (op === 'buy' || op === 'sell') {
      const [options, asked] = this.#options(action, data);
      if (action.size !== 0) this.#name(action, this.place(op, options, asked));
    } else if (op === 'close') {
      const [options, asked] = this.#options(action, data);
      this.#name(action, this.placeClose(options, asked));
    } else if (op === 'target_size' || op === 'target_value' || op === 'target_percent') {
      const kind = op.slice('target_'.length) as 'size' | 'value' | 'percent';
      this.#name(action, this.placeTarget(kind, target, data, { id: action.id }));
    } else if (op === 'cancel') {
      const order = this.#orders.get(action.target_id ?? '');
      if (order !== undefined) this.cancel(order);
    } else if (op === 'add_cash') {
      this.addCash(action.amount ?? Number.NaN);
    } else if (op === 'buy_bracket' || op === 'sell_bracket') {
      this.#bracket(action, data);
    } else throw new Error(`the action ${op} is not known`);
  }

  #name({ id }: Action, order: Order | undefined): void {
    if (id !== undefined && order !== undefined) this.#orders.set(id, order);
  }

  /** The order's options, and what is recorded of what the action says. */
  #options(action: Action, data: Data): [OrderOptions, Asked] {
    const { size, price, pricelimit, trailamount, trailpercent, tradeid, transmit, oco, parent, id } = action;
    const valid = this.#valid(action.valid, data);
    const options: OrderOptions = {
      data,
      size,
      valid,
      transmit,
      tradeId: tradeid,
      oco: oco === undefined ? undefined : this.#orders.get(oco),
      parent: parent === undefined ? undefined : this.#orders.get(parent),
      ...pricesOf(action, data),
    };
    return [options, { id, price, pricelimit, trailamount, trailpercent, transmit, valid: momentOf(valid) }];
  }

  #bracket(action: Action, data: Data): void {
    const { ids = [], size, price, trailamount, stopprice, limitprice, stop_trailpercent } = action;
    const valid = this.#valid(action.valid, data);
    const { close } = data.bar;
    const options: BracketOptions = {
      data,
      size,
      valid,
      ...pricesOf({ exectype: action.exectype ?? 'Limit', price, trailamount }, data),
      stopLoss: action.no_stop
        ? undefined
        : { price: stopprice ?? close, valid, trailPercent: stop_trailpercent },
      takeProfit: action.no_limit ? undefined : { price: limitprice ?? close, valid },
    };
    const bracket = action.op === 'buy_bracket' ? this.buyBracket(options) : this.sellBracket(options);
    const common = { valid: momentOf(valid) };
    const orders = this.recordBracket(
      bracket,
      data,
      { ...common, id: ids[0], price, trailamount },
      { ...common, id: ids[1], price: stopprice, trailpercent: stop_trailpercent },
      { ...common, id: ids[2], price: limitprice },
    );
    for (const [i, id] of ids.entries()) {
      const order = orders[i];
      if (order !== undefined) this.#orders.set(id, order);
    }
  }

  #valid(valid: Valid | undefined, data: Data): OrderOptions['valid'] {
    if (valid == null) return undefined;
    const { days, minutes, date } = valid;
    const from = data.bar.closeTime;
    // No time at all is backtrader's word for the day.
    if ('day' in valid || days === 0 || minutes === 0) return 'day';
    // It sets out to store when an order given a number expires, and never does.
    if ('zero' in valid) return undefined;
    if (typeof days === 'number') return from + days * DAY;
    if (typeof minutes === 'number') return from + minutes * MINUTE;
    if (typeof date === 'string') return parseMoment(date);
    throw new Error(`the validity ${JSON.stringify(valid)} is not known`);
  }
}

/** The same at the open of the bar that the first data then has. */
export class ScriptCoo extends Script {
  override logic(): void {}

  override nextOpen(): void {
    this.act();
  }
}

export interface Prices {
  readonly exectype?: string | undefined;
  readonly price?: number | undefined;
  readonly pricelimit?: number | undefined;
  readonly trailamount?: number | undefined;
  readonly trailpercent?: number | undefined;
}

/** What an order of this type goes by of the prices that an action gives: one stands for the other, and the close for both. */
export function pricesOf(action: Prices, data: Data): OrderOptions {
  const type = typeOf(action.exectype ?? 'Market');
  const { price, pricelimit, trailamount, trailpercent } = action;
  const start = price ?? pricelimit;
  const at = start ?? data.bar.close;
  const trail = trailamount === undefined ? { trailPercent: trailpercent } : { trailAmount: trailamount };
  if (type === 'limit') return { type, limit: at };
  if (type === 'stop') return { type, stop: at };
  if (type === 'stopLimit') return { type, stop: at, limit: pricelimit ?? at };
  if (type === 'stopTrail') return { type, stop: start, ...trail };
  if (type === 'stopTrailLimit') return { type, stop: start, limit: pricelimit ?? at, ...trail };
  return { type, checkPrice: start };
}

function checked(action: Action): Action {
  for (const field of Object.keys(action)) {
    if (!FIELDS.has(field)) throw new Error(`the field ${field} of the action ${action.op} is not known`);
  }
  return action;
}

const momentOf = (valid: OrderOptions['valid']) => (typeof valid === 'number' ? valid : undefined);
