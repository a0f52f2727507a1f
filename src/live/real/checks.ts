import type {
  AccountSnapshot,
  Answer,
  ClockReading,
  CommissionRates,
  TradingPort,
  TradingSymbol,
} from '../../brokers/binance/port.ts';
import { InputError, NetworkError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Timers } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import type { Notify } from './notice.ts';

/** Attempts to ask something that nothing can begin without, and the first pause between them, ms. */
const TRIES = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** What this machine's clock may be wrong by, ms. */
const CLOCK_WARN_MS = 500;
const CLOCK_HALT_MS = 1000;

/** Asks again, with growing pauses, what was not answered. Throws `KEY_REFUSED`, `EXCHANGE_REFUSED`, `EXCHANGE_UNREACHABLE`. */
export async function insist<T>(
  what: string,
  ask: () => Promise<Answer<T>>,
  {
    timers,
    port,
    signal,
  }: { timers: Timers; port: Pick<TradingPort, 'now'>; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const answer = await ask();
    if (answer.ok) return answer.value;
    const { failure } = answer;
    signal?.throwIfAborted();
    if (failure.class === 'auth') {
      throw new InputError('KEY_REFUSED', `the exchange refuses the key: ${failure.message}`, {
        value: failure.code,
        fix: 'check the key, its permissions (reading, spot trading) and the addresses that it may be used from',
      });
    }
    if (failure.class === 'rejected' || failure.class === 'notFound') {
      throw new InputError('EXCHANGE_REFUSED', `the exchange does not tell ${what}: ${failure.message}`, {
        value: failure.code,
        fix: 'check symbol and key',
      });
    }
    if (tries >= TRIES) {
      throw new NetworkError(
        'EXCHANGE_UNREACHABLE',
        `${what} could not be had from the exchange: ${failure.message}`,
        {
          value: failure.code,
          limit: TRIES,
          fix: 'check the network, then run the same command again: the session goes on',
        },
      );
    }
    const asked = failure.retryAt === undefined ? 0 : failure.retryAt - port.now();
    const pause = Math.max(asked, FIRST_PAUSE_MS * 2 ** (tries - 1));
    await sleep(timers, Math.min(LONGEST_PAUSE_MS, pause), signal);
    signal?.throwIfAborted();
  }
}

/** What is wrong with this machine's clock, in one line; undefined for one that is right. */
export function clockProblem(
  { offsetMs, errorMs }: ClockReading,
  before: ClockReading | undefined,
): { readonly off: number; readonly message: string; readonly fatal: boolean } | undefined {
  // Later on it is a jump that matters: by how much the clock was off at the start is known, and allowed for.
  const off = before === undefined ? Math.abs(offsetMs) : Math.abs(offsetMs - before.offsetMs);
  // What the measurement itself may be wrong by speaks for nobody.
  const certain = off - errorMs;
  const worst = Math.max(certain, errorMs);
  if (!(worst > CLOCK_WARN_MS)) return undefined;
  const message =
    certain >= errorMs
      ? `this machine's clock ${before === undefined ? 'is' : 'has jumped'} ${off.toFixed(0)} ms off the exchange's`
      : `the exchange's clock cannot be told better than to ${errorMs.toFixed(0)} ms: the connection is slow`;
  return { off, message, fatal: worst > CLOCK_HALT_MS };
}

/** Throws `CLOCK_OFF` when this machine's clock is too far off the exchange's to trade by. */
export function checkClock(reading: ClockReading, notice: Notify): void {
  const problem = clockProblem(reading, undefined);
  if (problem === undefined) return;
  if (!problem.fatal) {
    notice('warning', 'CLOCK_OFF', problem.message);
    return;
  }
  throw new InputError('CLOCK_OFF', problem.message, {
    value: reading.offsetMs,
    limit: CLOCK_HALT_MS,
    fix: "have the system's clock set by the network, then run the same command again",
  });
}

/**
 * The terms of all instruments, in their order. Throws `SYMBOL_UNKNOWN`, `SYMBOL_NOT_TRADING`, `MARKET_UNSUPPORTED`,
 * `QUOTE_MIXED`.
 */
export function checkSymbols(
  instruments: readonly Instrument[],
  symbols: readonly TradingSymbol[],
): TradingSymbol[] {
  const quotes = new Set(instruments.map(({ quote }) => quote));
  if (quotes.size > 1) {
    throw new InputError('QUOTE_MIXED', 'the symbols of a session are paid in different assets', {
      value: [...quotes],
      fix: 'run a session for each quote asset',
    });
  }
  return instruments.map(({ symbol, market }) => {
    if (market !== 'spot') {
      throw new InputError('MARKET_UNSUPPORTED', `${symbol} is no spot symbol`, {
        value: market,
        limit: 'spot',
        fix: 'real orders are sent to spot markets only',
      });
    }
    const terms = symbols.find(one => one.symbol === symbol);
    if (terms === undefined) {
      throw new InputError('SYMBOL_UNKNOWN', `the exchange does not trade ${symbol}`, {
        value: symbol,
        fix: 'check the spelling',
      });
    }
    if (terms.status !== 'TRADING') {
      throw new InputError('SYMBOL_NOT_TRADING', `${symbol} is in the state ${terms.status}`, {
        value: terms.status,
        limit: 'TRADING',
        fix: 'wait until the exchange trades it again',
      });
    }
    return terms;
  });
}

/** Throws `ACCOUNT_CANNOT_TRADE`. */
export function checkAccount({ canTrade }: AccountSnapshot): void {
  if (canTrade) return;
  throw new InputError('ACCOUNT_CANNOT_TRADE', 'the account may not trade', {
    value: canTrade,
    fix: 'let the key trade on spot, or ask the exchange why the account may not',
  });
}

/** Commission rates of all symbols, in their order. */
export function askCommissions(
  port: TradingPort,
  symbols: readonly TradingSymbol[],
  timers: Timers,
  signal?: AbortSignal,
): Promise<CommissionRates[]> {
  return symbols.reduce<Promise<CommissionRates[]>>(async (all, { symbol }) => {
    const before = await all;
    const rates = await insist('the commission', () => port.commission(symbol), { timers, port, signal });
    return [...before, rates];
  }, Promise.resolve([]));
}
