import { expect, test } from 'vitest';
import { amountText, parseAmount } from '../../../src/exchange/trading/amount.ts';
import { commissionInBnb, commissionOn, type Rates } from '../../../src/exchange/trading/commission.ts';

const amount = (text: string) => parseAmount(text)!;
const rates = (maker: string, taker: string, buyer: string, seller: string): Rates => ({
  ...{ maker: amount(maker), taker: amount(taker), buyer: amount(buyer), seller: amount(seller) },
});

/** The example of Binance's commission FAQ: 0.49975 BTC sold at 35,000, one BNB at 260. */
const TERMS = {
  standard: rates('0.00000010', '0.00000020', '0.00000030', '0.00000040'),
  special: rates('0.01000000', '0.02000000', '0.03000000', '0.04000000'),
  tax: rates('0.00000112', '0.00000114', '0.00000118', '0.00000116'),
  inBnb: true,
  discount: amount('0.25'),
};
const RECEIVED = amount('17491.25');

test('is the sum of its kinds, each to the nearest 0.00000001, as in the official example', () => {
  // 0.01049475 + 0.04022988 (from 0.040229875) + 1049.475
  expect(amountText(commissionOn(TERMS, RECEIVED, false, false))).toBe('1049.52572463');
});

test('in BNB has its standard part at the discount, as in the official example', () => {
  const price = { over: amount('260'), under: amount('1') };
  expect(amountText(commissionInBnb(TERMS, RECEIVED, price, false, false))).toBe('4.03660713');
});

test('of makers and buyers has their own rates', () => {
  const one = { ...TERMS, special: rates('0', '0', '0', '0'), tax: rates('0', '0', '0', '0') };
  expect(amountText(commissionOn(one, amount('1000000'), true, true))).toBe('0.40000000');
  expect(amountText(commissionOn(one, amount('1000000'), false, true))).toBe('0.50000000');
});
