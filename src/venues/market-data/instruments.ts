/** What a venue trades, in its words and in ours. */
export interface Instrument {
  /** As the venue writes it in its lists: `BTCUSDT`, `XBT/USDT`. */
  readonly native: string;
  /** `BTC-USDT`, `BTC-USDT-PERP`, `BTC-USD-261225`, `BTC-USD-261225-60000-C`. */
  readonly symbol: string;
  /** Decimals of prices and of sizes, where the venue's integers or checksums need them. */
  readonly priceDecimals?: number;
  readonly sizeDecimals?: number;
  /** Base (or quote, for inverse ones) that one contract stands for; undefined where sizes are in base. */
  readonly contractSize?: number;
}

/** The instruments of one venue that are known, from its lists or by their names alone. */
export class Instruments {
  readonly #guess: (native: string) => Instrument;
  readonly #byNative = new Map<string, Instrument>();

  constructor(guess: (native: string) => Instrument) {
    this.#guess = guess;
  }

  /** Adds or replaces. */
  add(instrument: Instrument): void {
    this.#byNative.set(instrument.native, instrument);
  }

  /** One by its native symbol: from a list, or else as its name says. */
  of(native: string): Instrument {
    const known = this.#byNative.get(native);
    if (known !== undefined) return known;
    const guessed = this.#guess(native);
    this.#byNative.set(native, guessed);
    return guessed;
  }

  has(native: string): boolean {
    return this.#byNative.has(native);
  }

  all(): IterableIterator<Instrument> {
    return this.#byNative.values();
  }
}

/** Quote assets, for symbols that are written without a separator; longer ones are tried first. */
const QUOTES = [
  ...['USDT', 'USDC', 'BUSD', 'TUSD', 'FDUSD', 'USD1', 'USDP', 'USDD', 'USDS', 'DAI', 'UST', 'PAX', 'USD'],
  ...['BTC', 'XBT', 'ETH', 'BNB', 'XRP', 'TRX', 'DOGE', 'DOT', 'SOL', 'HUSD', 'HT'],
  ...[
    'EUR',
    'GBP',
    'AUD',
    'TRY',
    'BRL',
    'RUB',
    'UAH',
    'NGN',
    'ZAR',
    'IDRT',
    'BIDR',
    'IDR',
    'BKRW',
    'BVND',
    'VAI',
  ],
  ...[
    'JPY',
    'KRW',
    'CAD',
    'CHF',
    'PLN',
    'RON',
    'ARS',
    'MXN',
    'COP',
    'CZK',
    'SGD',
    'NZD',
    'INR',
    'AEUR',
    'EURI',
  ],
].sort((one, other) => other.length - one.length);

/** `BTCUSDT` → BTC and USDT; undefined where no known quote asset is at its end. */
export function splitPair(native: string): { readonly base: string; readonly quote: string } | undefined {
  const upper = native.toUpperCase();
  const quote = QUOTES.find(one => upper.length > one.length && upper.endsWith(one));
  return quote === undefined ? undefined : { base: upper.slice(0, -quote.length), quote };
}
