import { createPublicKey, type KeyObject } from 'node:crypto';
import { InputError } from '../../model/errors.ts';
import { type Amount, ONE, parseAmount } from './amount.ts';
import { type CommissionTerms, NO_RATES, type Rates } from './commission.ts';
import { OrderRate } from './order-rate.ts';
import { Wallet } from './wallet.ts';

/** A key to an account: an HMAC secret, or the public half (PEM) of an RSA or Ed25519 key. */
export interface AccountKey {
  readonly apiKey: string;
  readonly apiSecret?: string | undefined;
  readonly publicKey?: string | undefined;
}

/** Fractions as decimal texts; what is left out is 0. */
export interface RatesOptions {
  readonly maker?: string;
  readonly taker?: string;
  readonly buyer?: string;
  readonly seller?: string;
}

/** An account of the local exchange. */
export interface AccountOptions extends Partial<AccountKey> {
  /** More keys to the same account, or all of them. */
  readonly keys?: readonly AccountKey[] | undefined;
  /** What it begins with: decimal texts by asset. */
  readonly balances: Readonly<Record<string, string>>;
  /** Default: standard commission of 0.001 for maker and taker, not in BNB. */
  readonly commission?:
    | {
        readonly standard?: RatesOptions;
        readonly special?: RatesOptions;
        readonly tax?: RatesOptions;
        /** True: fees are taken in BNB while there is some. */
        readonly inBnb?: boolean;
        /** By what the standard commission is multiplied in BNB; default 0.75. */
        readonly discount?: string;
      }
    | undefined;
  /** What its keys may do; default: trade, not withdraw, from any address. */
  readonly permissions?:
    | { readonly trade?: boolean; readonly withdraw?: boolean; readonly ipRestrict?: boolean }
    | undefined;
  /** Default: counted from 1. */
  readonly uid?: number | undefined;
}

export type KeyKind = 'hmac' | 'rsa' | 'ed25519';

/** A key as requests are checked with it. */
export interface Key {
  readonly apiKey: string;
  readonly kind: KeyKind;
  readonly secret: string | KeyObject;
  readonly account: Account;
}

/** One account: what it has, what it pays, and who may act for it. */
export class Account {
  readonly uid: number;
  readonly wallet: Wallet;
  readonly keys: readonly Key[];
  readonly commission: CommissionTerms;
  readonly mayTrade: boolean;
  readonly mayWithdraw: boolean;
  readonly ipRestricted: boolean;
  readonly rate = new OrderRate();
  /** When its balances changed last, epoch ms UTC; 0 before. */
  updateTime = 0;

  constructor(options: AccountOptions, number: number) {
    this.uid = options.uid ?? number;
    const { apiKey, apiSecret, publicKey, keys = [] } = options;
    const all = apiKey === undefined ? keys : [{ apiKey, apiSecret, publicKey }, ...keys];
    if (all.length === 0)
      throw invalid('it has no key', undefined, 'give an apiKey and an apiSecret or a publicKey');
    this.keys = all.map(key => readKey(key, this));
    this.wallet = new Wallet(
      Object.entries(options.balances).map(([asset, text]) => [
        asset,
        readAmount(`the balance of ${asset}`, text),
      ]),
    );
    const {
      standard = { maker: '0.001', taker: '0.001' },
      special,
      tax,
      inBnb,
      discount,
    } = options.commission ?? {};
    this.commission = {
      standard: readRates(standard),
      special: readRates(special),
      tax: readRates(tax),
      inBnb: inBnb ?? false,
      discount: readAmount('the discount', discount ?? '0.75'),
    };
    const { trade = true, withdraw = false, ipRestrict = false } = options.permissions ?? {};
    this.mayTrade = trade;
    this.mayWithdraw = withdraw;
    this.ipRestricted = ipRestrict;
  }
}

function readKey({ apiKey, apiSecret, publicKey }: AccountKey, account: Account): Key {
  if (!/^[A-Za-z0-9]{8,128}$/.test(apiKey)) {
    throw invalid('its apiKey is none', undefined, 'give 8 to 128 letters and digits');
  }
  if ((apiSecret === undefined) === (publicKey === undefined)) {
    throw invalid(
      `the key ${apiKey.slice(0, 4)}… has no secret, or two`,
      undefined,
      'give an apiSecret or a publicKey',
    );
  }
  if (apiSecret !== undefined) return { apiKey, kind: 'hmac', secret: apiSecret, account };
  let key: KeyObject;
  try {
    key = createPublicKey(publicKey!);
  } catch (cause) {
    throw invalid(
      'its publicKey cannot be read',
      undefined,
      'give a PEM that begins with BEGIN PUBLIC KEY',
      cause,
    );
  }
  const kind = key.asymmetricKeyType;
  if (kind !== 'rsa' && kind !== 'ed25519')
    throw invalid(`its publicKey is ${kind}`, kind, 'give an RSA or Ed25519 key');
  return { apiKey, kind, secret: key, account };
}

function readAmount(what: string, text: string): Amount {
  const amount = typeof text === 'string' ? parseAmount(text) : undefined;
  if (amount === undefined) {
    throw invalid(
      `${what} was ${JSON.stringify(text)}`,
      text,
      'give a decimal text with at most 8 decimals, as "0.5"',
    );
  }
  return amount;
}

function readRates(options: RatesOptions = {}): Rates {
  const read = (name: keyof RatesOptions) => {
    const rate =
      options[name] === undefined ? NO_RATES[name] : readAmount(`the ${name} commission`, options[name]);
    if (rate >= ONE / 10n)
      throw invalid(`the ${name} commission was ${options[name]}`, options[name], 'give less than 0.1');
    return rate;
  };
  return { maker: read('maker'), taker: read('taker'), buyer: read('buyer'), seller: read('seller') };
}

function invalid(problem: string, value: unknown, fix: string, cause?: unknown): InputError {
  return new InputError('ACCOUNT_INVALID', `the account cannot be used: ${problem}`, { value, fix, cause });
}
