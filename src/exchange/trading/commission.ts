import { type Amount, amountText, timesRounded } from './amount.ts';

/** Fractions of what is received. Of an execution maker or taker, and buyer or seller, are added. */
export interface Rates {
  readonly maker: Amount;
  readonly taker: Amount;
  readonly buyer: Amount;
  readonly seller: Amount;
}

export interface CommissionTerms {
  readonly standard: Rates;
  readonly special: Rates;
  readonly tax: Rates;
  /** True when fees are taken in BNB, as far as there is some. */
  readonly inBnb: boolean;
  /** By what the standard commission is multiplied when it is taken in BNB. */
  readonly discount: Amount;
}

export const NO_RATES: Rates = { maker: 0n, taker: 0n, buyer: 0n, seller: 0n };

export interface Charge {
  readonly asset: string;
  readonly amount: Amount;
}

/** The rate of one kind for an execution on a side. */
export function rateOf(rates: Rates, buy: boolean, maker: boolean): Amount {
  return (maker ? rates.maker : rates.taker) + (buy ? rates.buyer : rates.seller);
}

/** What an execution costs in the asset that it brings: each kind of commission to the nearest 0.00000001. */
export function commissionOn(
  { standard, special, tax }: CommissionTerms,
  received: Amount,
  buy: boolean,
  maker: boolean,
): Amount {
  return [standard, special, tax].reduce(
    (sum, rates) => sum + timesRounded(received, rateOf(rates, buy, maker)),
    0n,
  );
}

/** The same in BNB, of which one is worth `price` of the asset received: the standard commission at its discount. */
export function commissionInBnb(
  { standard, special, tax, discount }: CommissionTerms,
  received: Amount,
  price: { readonly over: Amount; readonly under: Amount },
  buy: boolean,
  maker: boolean,
): Amount {
  const inBnb = (amount: Amount) => (amount * price.under + price.over / 2n) / price.over;
  const of = (rates: Rates) => timesRounded(received, rateOf(rates, buy, maker));
  return inBnb(timesRounded(of(standard), discount)) + inBnb(of(special) + of(tax));
}

export function ratesPayload(rates: Rates): object {
  return {
    maker: amountText(rates.maker),
    taker: amountText(rates.taker),
    buyer: amountText(rates.buyer),
    seller: amountText(rates.seller),
  };
}

export function discountPayload(terms: CommissionTerms): object {
  return {
    enabledForAccount: terms.inBnb,
    enabledForSymbol: true,
    discountAsset: 'BNB',
    discount: amountText(terms.discount),
  };
}
