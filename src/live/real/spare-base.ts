import type { Command, ExchangeBroker } from '../../brokers/binance/commands.ts';
import { Decimal } from '../../brokers/binance/decimal.ts';
import type { AccountSnapshot, NewOrder, TradingPort } from '../../brokers/binance/port.ts';
import type { Instrument } from '../../model/instrument.ts';
import { placedIds, symbolOf } from './commands.ts';

export interface SpareBaseOptions {
  readonly port: Pick<TradingPort, 'account'>;
  readonly instruments: readonly Instrument[];
  readonly broker: Pick<ExchangeBroker, 'account' | 'holdings' | 'known' | 'orderOf'>;
  /** True for an order whose command waits to be sent: while a sale is in doubt no purchase on its symbol is. */
  readonly waits: (clientOrderId: string) => boolean;
}

/**
 * The share of a sale that may be left of the session's own base, such as what earlier sales could not sell, or what has no exits
 * yet. So much more of it may be sold if the first of two was executed in part, and ended, before the second came: of what rests
 * that takes a trigger and a market that runs dry within a moment, and without a second one a position is bare for a minute.
 */
const LEFT_SHARE = 0.25;
/** Less is missing by rounding, in base units. */
const LEAST = 1e-7;
/** What an account may have told late counts for so many comparisons. */
const REMEMBERED = 3;

/**
 * What the account holds of a session's base assets beside what is the session's own. An order to sell locks what it sells. So
 * where there is nothing to sell beside that, and no purchase can bring more, the exchange takes one of two sales of the same
 * at most, whether the first is open, was executed, in part or in whole, or is still on its way: then a second one doubles
 * nothing.
 */
export class SpareBase {
  readonly #options: SpareBaseOptions;
  /** The last ones that were seen, in base units, by symbol. */
  readonly #seen = new Map<string, Decimal[]>();

  constructor(options: SpareBaseOptions) {
    this.#options = options;
  }

  /** The account as it was told while nothing was on its way. */
  see(account: AccountSnapshot): void {
    for (const { symbol, base } of this.#options.instruments) {
      // What a purchase has just brought, and nobody has told, is the session's.
      const isBuying = this.#options.broker.holdings(symbol).purchases.length > 0;
      if (!isBuying || !this.#seen.has(symbol)) this.#remember(symbol, this.#now(symbol, base, account));
    }
  }

  /** Base units beside a symbol's position, as an earlier process saw it. */
  recall(symbol: string, spare: number): void {
    this.#remember(symbol, Decimal.of(spare));
  }

  /** Base units, the most that were seen lately; undefined before anything was. */
  of(symbol: string): Decimal | undefined {
    return this.#seen.get(symbol)?.reduce((most, one) => (one.compare(most) > 0 ? one : most));
  }

  /** True for a sale that counts as there, though nobody has told of it. */
  isAwaited(command: Command): boolean {
    const ids = new Set(placedIds(command));
    if (saleOf(command) === undefined) return false;
    const known = [...this.#options.broker.known()].filter(({ clientOrderId }) => ids.has(clientOrderId));
    return known.length > 0 && known.every(({ state, doubtful }) => state === 'sent' && !doubtful);
  }

  /**
   * True when the account, asked anew, has nothing to sell beside these. What is not known for certain is false; undefined when
   * the account was not told.
   */
  async excludesAnother(commands: readonly Command[]): Promise<boolean | undefined> {
    const [{ port, instruments }, symbol] = [this.#options, symbolOf(commands[0])];
    const ends = commands.some(endsAtOnce);
    if (!this.#isAll(symbol, commands, this.of(symbol), ends)) return false;
    const answer = await port.account();
    const terms = instruments.find(one => one.symbol === symbol);
    const known = this.of(symbol);
    if (!answer.ok) return undefined;
    if (terms === undefined || known === undefined) return false;
    const now = this.#now(symbol, terms.base, answer.value);
    // Something was sold that nobody has told of: a part of these, perhaps, and a second one would sell the whole.
    if (now.toNumber() <= -Math.max(terms.lotStep, LEAST)) return false;
    // The account may be behind what was done in it: the larger of both is the more careful.
    return this.#isAll(symbol, commands, now.compare(known) > 0 ? now : known, ends);
  }

  /** The strategy's order that a sale is for; undefined for anything else. */
  ownerOf(command: Command): number | undefined {
    return saleOf(command) === undefined ? undefined : this.#options.broker.orderOf(placedIds(command)[0]);
  }

  /** True when there is nothing to sell beside what a command sells. */
  isAll(command: Command): boolean {
    const symbol = symbolOf(command);
    return this.#isAll(symbol, [command], this.of(symbol));
  }

  /** `isStrict`: where nothing may be left that could be sold by itself. */
  #isAll(
    symbol: string,
    commands: readonly Command[],
    spare: Decimal | undefined,
    isStrict = false,
  ): boolean {
    const { broker, instruments, waits } = this.#options;
    const at = instruments.findIndex(one => one.symbol === symbol);
    if (spare === undefined || at < 0) return false;
    const { lotStep, minNotional } = instruments[at];
    const { unlocked, purchases } = broker.holdings(symbol);
    if (spare.toNumber() >= lotStep) return false;
    if (purchases.some(id => !waits(id))) return false;
    let sold = Decimal.ZERO;
    for (const command of commands) {
      const size = saleOf(command);
      if (size === undefined) return false;
      sold = sold.plus(size);
    }
    const left = unlocked.minus(sold).toNumber();
    if (left < lotStep) return true;
    if (isStrict && !(left * broker.account.marks[at] < minNotional)) return false;
    return left < LEFT_SHARE * sold.toNumber();
  }

  /** Negative where the account holds less than the session. */
  #now(symbol: string, base: string, { balances }: AccountSnapshot): Decimal {
    const found = balances.find(({ asset }) => asset === base);
    const all = found === undefined ? Decimal.ZERO : Decimal.of(found.free).plus(Decimal.of(found.locked));
    return all.minus(this.#options.broker.holdings(symbol).held);
  }

  #remember(symbol: string, spare: Decimal): void {
    const known = spare.sign < 0 ? Decimal.ZERO : spare;
    this.#seen.set(symbol, [...(this.#seen.get(symbol) ?? []), known].slice(-REMEMBERED));
  }
}

/** Base units that a command of protection would have sold, once; undefined for anything else. */
export function saleOf(command: Command): Decimal | undefined {
  if (command.kind === 'place') return command.protective ? sizeOf([command.order]) : undefined;
  // Of a pair one is executed at most; of other lists the exits come later, and in another size.
  if (command.kind !== 'placeList' || !command.protective || command.list.kind !== 'oco') return undefined;
  return sizeOf(command.list.orders);
}

/** True for what the exchange executes as far as it can, and ends: a part of it may be all that it does. */
function endsAtOnce(command: Command): boolean {
  if (command.kind !== 'place') return false;
  const { type, timeInForce } = command.order;
  return type === 'MARKET' || timeInForce === 'IOC';
}

function sizeOf(orders: readonly NewOrder[]): Decimal | undefined {
  const [{ quantity }] = orders;
  const isSale = orders.every(order => order.side === 'SELL' && order.quantity === quantity);
  return isSale && quantity !== undefined ? Decimal.of(quantity) : undefined;
}
