import { Decimal } from '../decimal.ts';
import type { AccountSnapshot, Balance, CommissionRates, KeyPermissions } from '../port.ts';
import { Fields, listOf } from './fields.ts';

/** An answer of `GET /api/v3/account`. Throws DataError `ANSWER_UNREADABLE`, as all here do. */
export function readAccount(json: unknown): AccountSnapshot {
  const fields = new Fields(json, 'the account');
  const uid = fields.raw('uid');
  return {
    uid: uid === undefined || uid === null ? '' : String(uid),
    canTrade: fields.flag('canTrade'),
    balances: fields.list('balances').map(entry => readBalance(entry, 'asset', 'free', 'locked')),
    time: fields.whole('updateTime'),
  };
}

/** A balance whose fields have these names. */
export function readBalance(json: unknown, asset: string, free: string, locked: string): Balance {
  const fields = new Fields(json, 'a balance');
  return { asset: fields.text(asset), free: fields.decimal(free), locked: fields.decimal(locked) };
}

/** An answer of `GET /sapi/v1/account/apiRestrictions`. */
export function readPermissions(json: unknown): KeyPermissions {
  const fields = new Fields(json, "the key's permissions");
  return {
    spotTrading: fields.flag('enableSpotAndMarginTrading'),
    withdrawals: fields.flag('enableWithdrawals'),
    ipRestricted: fields.flag('ipRestrict'),
  };
}

const PARTS = ['standardCommission', 'specialCommission', 'taxCommission'];

/**
 * An answer of `GET /api/v3/account/commission`: standard, special and tax together, for the dearer of the two sides, and
 * before what paying in BNB takes off.
 */
export function readCommission(json: unknown): CommissionRates {
  const fields = new Fields(json, 'the commission');
  const parts = PARTS.filter(name => fields.has(name)).map(name => fields.object(name));
  const sum = (name: string) =>
    parts.reduce((total, part) => total.plus(Decimal.of(part.decimalOr(name, '0'))), Decimal.ZERO);
  const buyer = sum('buyer');
  const seller = sum('seller');
  const side = buyer.compare(seller) > 0 ? buyer : seller;
  const discount = fields.has('discount') ? fields.object('discount') : undefined;
  return {
    maker: sum('maker').plus(side).toString(),
    taker: sum('taker').plus(side).toString(),
    inBnb:
      discount?.flagOr('enabledForAccount', false) === true &&
      discount.flagOr('enabledForSymbol', false) &&
      discount.textOr('discountAsset', 'BNB') === 'BNB',
  };
}

/** The last price of `GET /api/v3/ticker/price`, of one symbol. */
export function readPrice(json: unknown): string {
  const one = Array.isArray(json) ? listOf(json, 'the prices')[0] : json;
  return new Fields(one, 'the price').decimal('price');
}
