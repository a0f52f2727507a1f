import { InputError, NetworkError, suggest, suggestion } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Network } from '../../net/network.ts';
import type { Endpoints } from '../../venues/binance/endpoints.ts';
import { exchangeInfoInstruments } from '../../venues/binance/exchange-info.ts';
import { INFO_PATH, type LocalInfo } from '../../venues/binance/replay.ts';
import {
  EXCHANGE_INFO_WEIGHT,
  exchangeInfoPath,
  REFUSED_SYMBOL,
  requestWeightLimit,
} from '../../venues/binance/rest.ts';
import { MarketClock } from './market-clock.ts';
import { HttpStatusError, type MarketRest, withoutExchange } from './market-rest.ts';

export interface OpeningOptions {
  readonly endpoints: Endpoints;
  readonly network: Network;
  readonly rest: MarketRest;
  readonly symbols: readonly string[];
  /** One attempt at each question, instead of asking until there is an answer. */
  readonly once: boolean;
}

/** What has to be known before klines can be asked for. */
export interface Opening {
  /** What a local exchange replays; undefined when it is none. */
  readonly info: LocalInfo | undefined;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly clock: MarketClock;
}

/**
 * Asks an exchange who it is, what its symbols' terms are and what time it is there. Throws `SYMBOL_UNKNOWN`, and,
 * where only one attempt is wanted, `EXCHANGE_UNREACHABLE`.
 */
export async function openMarket(options: OpeningOptions): Promise<Opening> {
  const { endpoints, network, once, rest, symbols } = options;
  const ask = <T>(what: string, attempt: () => Promise<T>): Promise<T> => {
    if (!once) return rest.persist(what, attempt, refusedSymbol);
    return attempt().catch(error => {
      throw error instanceof NetworkError && !refusedSymbol(error) ? unreachable(endpoints, error) : error;
    });
  };
  const info = endpoints.local ? await ask('who it is', () => localInfo(rest)) : undefined;
  const instruments = await ask('the terms of its symbols', () => terms(rest, symbols)).catch(error => {
    if (!refusedSymbol(error)) throw error;
    return ask('all of its symbols', () => terms(rest, []));
  });
  const unknown = symbols.filter(symbol => !instruments.has(symbol));
  if (unknown.length > 0) {
    // A list of what was asked for does not tell what there is.
    const all = await ask('all of its symbols', () => terms(rest, []));
    throw symbolUnknown(endpoints, unknown[0], [...all.keys()]);
  }
  const clock = new MarketClock(network.timers, info === undefined ? 1 : (info.speed ?? 0));
  await ask('the time', () => rest.measure(clock));
  return { info, instruments, clock };
}

async function terms(rest: MarketRest, symbols: readonly string[]): Promise<Map<string, Instrument>> {
  const document = await rest.get(exchangeInfoPath(symbols), EXCHANGE_INFO_WEIGHT);
  const weight = requestWeightLimit(document);
  if (weight !== undefined) rest.allow(weight);
  try {
    return exchangeInfoInstruments(document);
  } catch (cause) {
    throw new NetworkError('ANSWER_UNREADABLE', 'the answer holds no symbols', { cause });
  }
}

/** Whatever an exchange of its own kind answers to a question that only a local one understands, it is none. */
async function localInfo(rest: MarketRest): Promise<LocalInfo | undefined> {
  let document: unknown;
  try {
    document = await rest.get(INFO_PATH, 1);
  } catch (error) {
    const answered =
      error instanceof HttpStatusError && error.status < 500 && ![418, 429].includes(error.status);
    if (answered || (error instanceof NetworkError && error.code === 'ANSWER_UNREADABLE')) return undefined;
    throw error;
  }
  const info = document as Partial<LocalInfo> | null;
  const speed = info?.speed;
  const known =
    typeof info?.lockstep === 'boolean' && (info.lockstep || (typeof speed === 'number' && speed > 0));
  return known ? (info as LocalInfo) : undefined;
}

function refusedSymbol(error: unknown): boolean {
  return error instanceof HttpStatusError && REFUSED_SYMBOL.includes(error.venueCode ?? 0);
}

/** Symbols that a message can name. */
const MOST_NAMED = 10;

function symbolUnknown(endpoints: Endpoints, symbol: string, known: readonly string[]): InputError {
  const plain = symbol.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  const near = [suggest(plain, known), ...known.filter(name => name.startsWith(plain.slice(0, 3)))];
  const few = known.length <= MOST_NAMED ? known : [...new Set(near)].filter(name => name !== undefined);
  const named = few.slice(0, MOST_NAMED);
  return new InputError('SYMBOL_UNKNOWN', `${endpoints.name} has no symbol "${symbol}"`, {
    value: symbol,
    limit: named,
    fix: named.length === 0 ? 'look it up at the exchange' : suggestion(plain, named),
  });
}

export function unreachable(endpoints: Endpoints, error: NetworkError): NetworkError {
  return new NetworkError(
    'EXCHANGE_UNREACHABLE',
    `${endpoints.rest} could not be reached (${error.message})`,
    {
      value: endpoints.rest,
      limit: error.code,
      fix: withoutExchange(endpoints),
      cause: error,
    },
  );
}
