import type { OrderReason } from '../../model/order.ts';

/** Why an order is refused: what is wrong, then what to do. */
export function refusal(code: string, problem: string, fix: string): OrderReason {
  return { code, message: `${problem}: ${fix}` };
}

/** Why an order that may only rest is rejected. `market`: where the market stands, if that is known. */
export function takesReason(limit: number, market: number): OrderReason {
  const where = Number.isNaN(market) ? '' : ` at ${market}`;
  return refusal(
    'POST_ONLY_TAKES',
    `it may only rest, and at its limit ${limit} it would take from the market${where}`,
    'give a limit that the market has not reached, or order without postOnly',
  );
}
