import type { OrderReason } from '../../model/order.ts';

/** Why an order is refused: what is wrong, then what to do. */
export function refusal(code: string, problem: string, fix: string): OrderReason {
  return { code, message: `${problem}: ${fix}` };
}
