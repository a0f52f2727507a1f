import type { Answer, ExchangeTrade, OrderSnapshot, TradingPort } from '../../brokers/binance/port.ts';
import type { Inbox } from './inbox.ts';

/** Asks the exchange for the truth about single orders, and hands on what it says. */
export class Questions {
  /** Questions asked, and those that were not answered. */
  asked = 0;
  failed = 0;
  readonly #port: TradingPort;
  readonly #inbox: Inbox;

  constructor(port: TradingPort, inbox: Inbox) {
    this.#port = port;
    this.#inbox = inbox;
  }

  /** The state of one order, with the executions that are not known yet. */
  async order(symbol: string, clientOrderId: string): Promise<Answer<OrderSnapshot>> {
    const answer = this.#count(await this.#port.order(symbol, clientOrderId));
    if (answer.ok) await this.take(answer.value);
    return answer;
  }

  /** The same of all orders of a list. */
  async list(symbol: string, listClientOrderId: string): Promise<Answer<readonly OrderSnapshot[]>> {
    const answer = this.#count(await this.#port.orderList(symbol, listClientOrderId));
    if (answer.ok) for (const order of answer.value) await this.take(order);
    return answer;
  }

  /** Hands on an order's state, with executions that nobody has told; false when these could not be had. */
  async take(order: OrderSnapshot): Promise<boolean> {
    if (!this.#inbox.misses(order)) {
      this.#inbox.order(order, []);
      return true;
    }
    const { symbol, orderId } = order;
    const answer: Answer<readonly ExchangeTrade[]> = this.#count(
      await this.#port.trades(symbol, { orderId }),
    );
    this.#inbox.order(order, answer.ok ? answer.value : []);
    return answer.ok;
  }

  #count<T>(answer: Answer<T>): Answer<T> {
    this.asked++;
    if (!answer.ok && answer.failure.class !== 'notFound') this.failed++;
    return answer;
  }
}
