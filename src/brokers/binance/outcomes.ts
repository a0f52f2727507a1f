import type { OrderReason } from '../../model/order.ts';
import { Status } from '../orders.ts';
import { refusal, takesReason } from '../simulated/refusal.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import type { Ending, RealOrder } from './real-orders.ts';

/** What an exchange means by refusing an order, where it makes a difference. */
export type Objection = 'triggers' | 'takes' | 'prices' | 'balance' | 'closed' | 'other';

/** Reads what an exchange says to an order that it does not take. */
export function objectionOf(message: string): Objection {
  if (/would trigger immediately/i.test(message)) return 'triggers';
  if (/would immediately match/i.test(message)) return 'takes';
  if (/relationship of the prices/i.test(message)) return 'prices';
  if (/insufficient balance/i.test(message)) return 'balance';
  if (/market is closed/i.test(message)) return 'closed';
  return 'other';
}

/** Why an order was not sent: what it was to take the place of is there after all. */
export const NOT_NEEDED = 'NOT_NEEDED';

export const CANCELED: Ending = { status: Status.canceled, reason: undefined };

export const EXPIRED: OrderReason = refusal(
  'EXPIRED',
  'its validity was over before it was filled',
  'give a longer "valid", or none',
);

/** How an order has ended that nobody here has asked to end. */
export function endingOf(sent: ExchangeOrder, order: RealOrder): Ending {
  if (sent.refused !== undefined) return rejection(sent.refused.code, sent.refused.message, order);
  const { status, reason } = sent;
  const because = reason === '' || reason === 'NONE' ? '' : ` (${reason})`;
  switch (status) {
    case 'REJECTED':
      return rejection('EXCHANGE_REJECTED', `the exchange has rejected it${because}`, order);
    case 'EXPIRED':
      return { status: Status.expired, reason: expiry(because, order) };
    case 'EXPIRED_IN_MATCH': {
      const problem = `it would have met an order of the same account${because}`;
      return { status: Status.expired, reason: refusal('SELF_TRADE', problem, 'cancel that one first') };
    }
    default: {
      const fix = 'cancel by the strategy, or end the session before you trade by hand';
      const problem = 'it was cancelled at the exchange, and not by this session';
      return { status: Status.canceled, reason: refusal('CANCELED_OUTSIDE', problem, fix) };
    }
  }
}

function expiry(because: string, { type, timeInForce }: RealOrder): OrderReason {
  if (type === 'limit' && timeInForce !== 'GTC') {
    const problem = `the market did not fill it at once${because}`;
    const fix = 'give a limit that the market meets at once, or leave timeInForce at GTC';
    return refusal(`${timeInForce}_NOT_FILLED`, problem, fix);
  }
  const fix = 'see what the exchange says of the symbol, and order again';
  return refusal('EXPIRED_AT_EXCHANGE', `the exchange has ended it${because}`, fix);
}

function rejection(code: string, message: string, order: RealOrder): Ending {
  switch (objectionOf(message)) {
    case 'balance':
      return order.sell
        ? { status: Status.rejected, reason: { code: 'SPOT_SHORT', message } }
        : { status: Status.margin, reason: { code: 'INSUFFICIENT_CASH', message } };
    case 'takes':
      if (order.postOnly) {
        return { status: Status.rejected, reason: takesReason(order.limit, Number.NaN) };
      }
      break;
    default:
  }
  return { status: Status.rejected, reason: { code, message } };
}
