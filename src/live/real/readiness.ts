import type {
  AccountSnapshot,
  Answer,
  CommissionRates,
  Failure,
  KeyPermissions,
  OrderSnapshot,
  TradingPort,
  TradingSymbol,
} from '../../brokers/binance/port.ts';
import { clockProblem } from './checks.ts';

/** One thing that was looked at before real orders may be sent. */
export interface Check {
  /** Stable: `CLOCK`, `ACCOUNT`, … */
  readonly code: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** One line: what was found. */
  readonly text: string;
  /** What to do; empty where nothing is to be done. */
  readonly fix: string;
}

/** What the exchange says of an account and the symbols it is to trade. */
export interface Readiness {
  readonly checks: readonly Check[];
  readonly account: AccountSnapshot | undefined;
  readonly permissions: KeyPermissions | undefined;
  readonly symbols: readonly TradingSymbol[];
  readonly commissions: ReadonlyMap<string, CommissionRates>;
  readonly openOrders: readonly OrderSnapshot[];
}

export interface ReadinessOptions {
  readonly port: TradingPort;
  readonly symbols: readonly string[];
  /** Quote that the strategy is to be given; not looked at where undefined. */
  readonly cash?: number | undefined;
  /** True for an exchange whose time is not this world's: clocks are not compared. */
  readonly simulatedTime?: boolean | undefined;
  /** Hears of each check as soon as it is made. */
  readonly onCheck?: ((check: Check) => void) | undefined;
}

/**
 * Looks at everything that has to be right before real orders may be sent: connection, clock, key, permissions, symbols,
 * their filters, fees, balances, orders that are open. Nothing is changed by it. Asks no further once the exchange
 * cannot be reached or the key is refused.
 */
export async function readiness(options: ReadinessOptions): Promise<Readiness> {
  return await new Inspection(options).run();
}

class Inspection {
  readonly #options: ReadinessOptions;
  readonly #checks: Check[] = [];

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  async run(): Promise<Readiness> {
    const { port } = this.#options;
    const nothing: Readiness = {
      checks: this.#checks,
      account: undefined,
      permissions: undefined,
      symbols: [],
      commissions: new Map(),
      openOrders: [],
    };
    if (!(await this.#clock())) return nothing;
    const account = this.#value(await port.account(), 'ACCOUNT', 'the account cannot be read');
    if (account === undefined) return nothing;
    this.#judgeAccount(account);
    const permissions = await this.#permissions();
    const symbols = await this.#symbols(account);
    const commissions = new Map<string, CommissionRates>();
    const openOrders: OrderSnapshot[] = [];
    for (const { symbol } of symbols) {
      const rates = this.#value(
        await port.commission(symbol),
        'FEES',
        `the fees of ${symbol} cannot be read`,
      );
      if (rates !== undefined) {
        commissions.set(symbol, rates);
        const inBnb = rates.inBnb ? ', taken in BNB while there is some' : '';
        this.#add(
          'FEES',
          'ok',
          `${symbol}: maker ${percent(rates.maker)}, taker ${percent(rates.taker)}${inBnb}`,
        );
      }
      const open = this.#value(
        await port.openOrders(symbol),
        'OPEN_ORDERS',
        `open orders of ${symbol} cannot be read`,
      );
      if (open === undefined) continue;
      openOrders.push(...open);
      this.#add(
        'OPEN_ORDERS',
        'ok',
        `${symbol}: ${open.length === 0 ? 'no open orders' : `${open.length} open`}`,
      );
    }
    return { ...nothing, account, permissions, symbols, commissions, openOrders };
  }

  async #clock(): Promise<boolean> {
    const { port } = this.#options;
    const reading = this.#value(await port.syncClock(), 'CONNECTION', `${port.name} cannot be reached`);
    if (reading === undefined) return false;
    this.#add('CONNECTION', 'ok', `${port.name} answers in ${Math.round(reading.errorMs * 2)} ms`);
    if (this.#options.simulatedTime === true) return true;
    const problem = clockProblem(reading, undefined);
    const fix = 'have the clock of this machine set by the network';
    if (problem !== undefined) this.#add('CLOCK', problem.fatal ? 'failed' : 'warning', problem.message, fix);
    else {
      const { offsetMs, errorMs } = reading;
      this.#add('CLOCK', 'ok', `the clocks agree to ${Math.ceil(Math.abs(offsetMs) + errorMs)} ms`);
    }
    return true;
  }

  #judgeAccount({ canTrade, uid }: AccountSnapshot): void {
    const name = uid === '' ? 'the account' : `account ${uid}`;
    if (canTrade) this.#add('ACCOUNT', 'ok', `${name} may trade`);
    else this.#add('ACCOUNT', 'failed', `${name} may not trade`, 'ask the exchange why');
  }

  async #permissions(): Promise<KeyPermissions | undefined> {
    const answer = await this.#options.port.permissions();
    if (!answer.ok) {
      const fix = 'see which permissions the key has on the exchange’s own page';
      this.#add('PERMISSIONS', 'warning', `what the key may do is not told: ${answer.failure.message}`, fix);
      return undefined;
    }
    const { value } = answer;
    if (value === undefined) {
      this.#add('PERMISSIONS', 'ok', 'this exchange does not tell what a key may do');
      return undefined;
    }
    if (value.spotTrading) this.#add('PERMISSIONS', 'ok', 'the key may trade on spot');
    else {
      const fix = 'allow "Spot & Margin Trading" for the key';
      this.#add('PERMISSIONS', 'failed', 'the key may not trade on spot', fix);
    }
    if (value.withdrawals) {
      const fix = 'make a key without withdrawals: no strategy needs them';
      this.#add('WITHDRAWALS', 'warning', 'the key may withdraw: whoever has it can take everything', fix);
    } else this.#add('WITHDRAWALS', 'ok', 'the key may not withdraw');
    if (value.ipRestricted) this.#add('ADDRESSES', 'ok', 'the key works from certain addresses only');
    else {
      const fix = 'restrict the key to the address of this machine';
      this.#add('ADDRESSES', 'warning', 'the key works from every address', fix);
    }
    return value;
  }

  async #symbols({ balances }: AccountSnapshot): Promise<readonly TradingSymbol[]> {
    const { port, symbols: wanted, cash } = this.#options;
    if (wanted.length === 0) return [];
    const found = this.#value(await port.symbols(wanted), 'SYMBOL', 'the symbols cannot be read');
    if (found === undefined) return [];
    const free = new Map(balances.map(one => [one.asset, one.free]));
    for (const name of wanted) {
      const terms = found.find(({ symbol }) => symbol === name);
      if (terms === undefined) {
        this.#add('SYMBOL', 'failed', `${name} is not traded on ${port.name}`, 'check the symbol: BTCUSDT');
        continue;
      }
      this.#judgeSymbol(terms);
      const text = `${free.get(terms.quote) ?? '0'} ${terms.quote} and ${free.get(terms.base) ?? '0'} ${terms.base} are free`;
      const short = cash !== undefined && !(Number(free.get(terms.quote) ?? 0) >= cash);
      if (!short) this.#add('BALANCE', 'ok', `${name}: ${text}`);
      else {
        const fix = `give --cash ${free.get(terms.quote) ?? 0} or less, or deposit ${terms.quote}`;
        this.#add(
          'BALANCE',
          'failed',
          `${name}: ${text}, the strategy is to have ${cash} ${terms.quote}`,
          fix,
        );
      }
    }
    return found;
  }

  #judgeSymbol({ symbol, status, filters, orderTypes, ...allowed }: TradingSymbol): void {
    if (status === 'TRADING') this.#add('SYMBOL', 'ok', `${symbol} is trading`);
    else this.#add('SYMBOL', 'failed', `${symbol} is ${status}`, 'wait until the exchange trades it again');
    const { tickSize, stepSize, minQuantity, minNotional } = filters;
    const rules = [
      ['tick', tickSize],
      ['step', stepSize],
      ['least size', minQuantity],
      ['least value', minNotional],
    ].filter(([, value]) => value !== undefined);
    const text = rules.map(([name, value]) => `${name} ${short(value!)}`).join(', ');
    this.#add('FILTERS', 'ok', `${symbol}: ${text === '' ? 'no filters' : text}`);
    const lacks = [
      orderTypes.includes('STOP_LOSS') ? '' : 'stop orders at the market (a stop with a far limit stands in)',
      allowed.trailingStopAllowed ? '' : 'trailing stops (a resting stop is moved instead)',
      allowed.ocoAllowed ? '' : 'pairs of exits (OCO)',
      allowed.otoAllowed || allowed.opoAllowed ? '' : 'entries with exits (exits are placed on the fill)',
    ].filter(one => one !== '');
    if (lacks.length > 0) this.#add('ORDER_TYPES', 'warning', `${symbol} has no ${lacks.join(', no ')}`);
  }

  #value<T>(answer: Answer<T>, code: string, problem: string): T | undefined {
    if (answer.ok) return answer.value;
    this.#add(code, 'failed', `${problem}: ${answer.failure.message}`, remedy(answer.failure));
    return undefined;
  }

  #add(code: string, state: Check['state'], text: string, fix = ''): void {
    const check = { code, state, text, fix };
    this.#checks.push(check);
    this.#options.onCheck?.(check);
  }
}

function remedy({ class: kind, code }: Failure): string {
  if (kind === 'auth' && code === -2015)
    return 'check the key, its permissions, the addresses it works from, and that it belongs to this exchange';
  if (kind === 'auth') return 'check the key and its secret, and that both belong together';
  if (kind === 'time') return 'set the clock by NTP';
  if (kind === 'limits') return 'wait a while: this address or account has asked too much';
  return 'check the connection, and try again';
}

/** A fraction in percent, exact: `0.00100000` is `0.1 %`. */
function percent(fraction: string): string {
  return `${Number((Number(fraction) * 100).toPrecision(10))} %`;
}

function short(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
