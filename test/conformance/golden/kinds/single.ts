import { highest, type Order, rsi, sma } from '../../../../src/index.ts';
import { writeMoment } from '../moments.ts';
import { Recorded } from '../recorded.ts';
import { type Asked, typeOf } from '../recording.ts';
import { pricesOf } from './script.ts';

const DAY = 86_400_000;

/** Does nothing. */
export class Hold extends Recorded {}

/** Buys a dip by a bracket, once nothing is held and nothing waits. */
export class RsiBracket extends Recorded<{
  readonly period: number;
  readonly low: number;
  readonly off: number;
  readonly sl: number;
  readonly tp: number;
  readonly days: number;
  readonly size: number;
  readonly exectype: string;
}> {
  static override readonly defaults = {
    period: 14,
    low: 35,
    off: 0.005,
    sl: 0.02,
    tp: 0.03,
    days: 5,
    size: 10,
    exectype: 'Limit',
  };
  readonly #rsi = rsi(this.data.close, this.values.period);
  readonly #pending = new Set<number>();

  override changed(order: Order): void {
    if (order.alive) this.#pending.add(order.id);
    else this.#pending.delete(order.id);
  }

  override logic(): void {
    const { low, off, sl, tp, days, size, exectype } = this.values;
    if (this.position.size !== 0 || this.#pending.size > 0 || !(this.#rsi.now < low)) return;
    const { data } = this;
    const price = data.bar.close * (1 - off);
    const stop = price * (1 - sl);
    const limit = price * (1 + tp);
    const valid = days === 0 ? 'day' : data.bar.closeTime + days * DAY;
    const bracket = this.buyBracket({
      size,
      valid,
      ...pricesOf({ exectype, price }, data),
      stopLoss: { price: stop, valid },
      takeProfit: { price: limit, valid },
    });
    const asked = (at: number): Asked => ({
      price: at,
      valid: typeof valid === 'number' ? valid : undefined,
    });
    for (const order of this.recordBracket(bracket, data, asked(price), asked(stop), asked(limit))) {
      if (order !== undefined) this.#pending.add(order.id);
    }
  }
}

/** Buys at the highest high by a stop that is placed anew each bar, and leaves by a trailing stop. */
export class DonchianTrail extends Recorded<{
  readonly n: number;
  readonly size: number;
  readonly trailpercent: number | null;
  readonly trailamount: number | null;
  readonly exectype: string;
  readonly limoff: number;
}> {
  static override readonly defaults = {
    n: 20,
    size: 10,
    trailpercent: null,
    trailamount: null,
    exectype: 'StopTrail',
    limoff: 0,
  };
  readonly #highest = highest(this.data.high, this.values.n);
  #entry: Order | undefined;
  #exit: Order | undefined;

  override changed(order: Order): void {
    if (order.status === 'completed') {
      if (order.side === 'buy') {
        this.#entry = undefined;
        this.#leave();
      } else this.#exit = undefined;
    } else if (!order.alive && this.#entry?.id === order.id) this.#entry = undefined;
  }

  #leave(): void {
    const { size, exectype, limoff } = this.values;
    const trailamount = this.values.trailamount ?? undefined;
    const trailpercent = this.values.trailpercent ?? undefined;
    const { close } = this.data.bar;
    const limited = typeOf(exectype) === 'stopTrailLimit';
    const asked = {
      trailamount,
      trailpercent,
      price: limited ? close : undefined,
      pricelimit: limited ? close + limoff : undefined,
    };
    this.#exit = this.place('sell', { size, ...pricesOf({ exectype, ...asked }, this.data) }, asked);
  }

  override logic(): void {
    if (this.position.size !== 0 || this.#exit !== undefined) return;
    if (this.#entry !== undefined) this.cancel(this.#entry);
    const price = this.#highest.now;
    this.#entry = this.place('buy', { size: this.values.size, stop: price }, { price });
  }
}

/** Cancels everything every few bars, and places a grid of limit orders anew. */
export class Grid extends Recorded<{
  readonly every: number;
  readonly levels: number;
  readonly step: number;
  readonly size: number;
  readonly days: number;
}> {
  static override readonly defaults = { every: 5, levels: 3, step: 0.01, size: 5, days: 4 };
  readonly #open = new Map<number, Order>();

  override changed(order: Order): void {
    if (order.alive) this.#open.set(order.id, order);
    else this.#open.delete(order.id);
  }

  override logic(): void {
    const { every, levels, step, size, days } = this.values;
    const { data } = this;
    if ((data.length - 1) % every !== 0) return;
    for (const id of [...this.#open.keys()].sort((a, b) => a - b)) this.cancel(this.#open.get(id)!);
    const { close, closeTime } = data.bar;
    const valid = days === 0 ? 'day' : closeTime + days * DAY;
    const asked = (price: number): Asked => ({ price, valid: typeof valid === 'number' ? valid : undefined });
    for (let k = 1; k <= levels; k++) {
      const limit = close * (1 - step * k);
      this.place('buy', { limit, size, valid }, asked(limit));
    }
    const held = this.position.size;
    if (!(held > 0)) return;
    const limit = close * (1 + step);
    this.place('sell', { limit, size: held, valid }, asked(limit));
  }
}

/** Records the bars of every data with a moving average of the first one's closes, and follows their cross. */
export class RecOhlc extends Recorded<{
  readonly n: number;
  readonly trade: boolean;
  readonly size: number;
}> {
  static override readonly defaults = { n: 3, trade: true, size: 1 };
  readonly #sma = sma(this.data.close, this.values.n);
  readonly #rows: unknown[] = [];

  override init(): void {
    this.recording.extra.rows = this.#rows;
  }

  override early(): void {
    this.#record();
  }

  override logic(): void {
    this.#record();
    const { trade, size } = this.values;
    if (!trade) return;
    const { close } = this.data.bar;
    const mean = this.#sma.now;
    if (close > mean && this.position.size === 0) this.place('buy', { size });
    else if (close < mean && this.position.size !== 0) this.placeClose();
  }

  #record(): void {
    const rows: unknown[] = this.datas.map(({ length, bar }) => {
      if (length === 0) return [length];
      const { closeTime, open, high, low, close, volume } = bar;
      return [length, writeMoment(closeTime), open, high, low, close, volume];
    });
    this.#rows.push([...rows, this.#sma.now]);
  }
}
