import { Decimal } from '../../brokers/binance/decimal.ts';
import { legalise } from '../../brokers/binance/legalise.ts';
import type { NewOrder, TradingPort, TradingSymbol } from '../../brokers/binance/port.ts';
import type { Timers } from '../../net/network.ts';
import type { Check } from './readiness.ts';

/** How long the account's stream may take to be there, ms. */
const STREAM_MS = 10_000;

/** Has the exchange check the smallest limit order that its filters allow, at the last price, without placing it. */
export async function rehearseOrder(
  port: TradingPort,
  terms: TradingSymbol,
  clientOrderId: string,
): Promise<Check> {
  const { symbol } = terms;
  const failed = (text: string, fix = ''): Check => ({ code: 'TEST_ORDER', state: 'failed', text, fix });
  const price = await port.price(symbol);
  if (!price.ok) {
    // A local exchange whose market has not begun has none.
    const text = `no test order: the price of ${symbol} cannot be read: ${price.failure.message}`;
    return { code: 'TEST_ORDER', state: 'warning', text, fix: 'look again once it is trading' };
  }
  const order = smallest(terms, price.value, clientOrderId);
  if (typeof order === 'string') return failed(`${symbol}: ${order}`);
  const answer = await port.test(order);
  const text = `${symbol}: a test order of ${order.quantity} at ${order.price}`;
  if (answer.ok) return { code: 'TEST_ORDER', state: 'ok', text: `${text} is legal`, fix: '' };
  return failed(
    `${text} is refused: ${answer.failure.message}`,
    'see the filters above, and what the key may do',
  );
}

/** The smallest legal order, or why there is none. */
function smallest(terms: TradingSymbol, price: string, clientOrderId: string): NewOrder | string {
  const { symbol, filters } = terms;
  const zero = Decimal.ZERO;
  const of = (text: string | undefined) => (text === undefined ? zero : Decimal.of(text));
  const step = of(filters.stepSize).sign > 0 ? of(filters.stepSize) : Decimal.unit(terms.basePrecision ?? 8);
  const tick = of(filters.tickSize);
  const limit = tick.sign > 0 ? Decimal.of(price).down(tick) : Decimal.of(price);
  if (limit.sign <= 0) return `the price ${price} is below a tick`;
  let quantity = step;
  if (of(filters.minQuantity).compare(quantity) > 0) quantity = of(filters.minQuantity).up(step);
  const worth = of(filters.minNotional);
  if (quantity.times(limit).compare(worth) < 0) {
    // One step more than goes into it whole: rounding must not make it too small.
    quantity = step.times(Decimal.of(String(worth.wholeTimes(step.times(limit)) + 1n)));
  }
  const wanted = { side: 'BUY', type: 'LIMIT', quantity: String(quantity), price: String(limit) } as const;
  const legal = legalise(terms, wanted, price);
  if (!legal.ok) return legal.refusal.message;
  return { symbol, side: 'BUY', type: 'LIMIT', clientOrderId, timeInForce: 'GTC', ...legal.amounts };
}

/** Whether the account's stream of events can be subscribed. */
export function rehearseStream(port: TradingPort, timers: Timers): Promise<Check> {
  return new Promise(resolve => {
    let last = '';
    const finish = (state: Check['state'], text: string, fix = '') => {
      timer.cancel();
      stream.close();
      resolve({ code: 'ACCOUNT_STREAM', state, text, fix });
    };
    const timer = timers.after(STREAM_MS, () => {
      const why = last === '' ? '' : `: ${last}`;
      const text = `the account's events cannot be heard within ${STREAM_MS / 1000} s${why}`;
      finish('failed', text, 'let this machine open websockets to the exchange');
    });
    const stream = port.listen({
      onEvent: () => {},
      onConnected: () => finish('ok', "the account's events can be heard"),
      onDisconnected: reason => {
        last = reason;
      },
      onRefused: ({ message }) => {
        finish('failed', `the account's events are refused: ${message}`, 'check the key and its permissions');
      },
      onTick: (_time, _end, done) => done(),
    });
  });
}
