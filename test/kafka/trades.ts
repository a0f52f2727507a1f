import type { TradeRecord } from '../../src/model/records.ts';

const SYMBOLS = ['BTC-USDT', 'ETH-USDT', 'SOL-USDT', 'XRP-USDT', 'ADA-USDT'] as const;
const VENUES = ['okx', 'kraken'] as const;

/** Trade number `n` of a made-up market of ten instruments. Every other one has no id: nothing but its place tells it from a double. */
export function tradeOf(n: number): TradeRecord {
  const symbol = SYMBOLS[n % SYMBOLS.length];
  const price = 100 + ((n * 7919) % 10_000) / 100;
  const size = 1 + ((n * 104_729) % 1000) / 1000;
  const time = 1_700_000_000_000_000 + n * 137;
  return {
    ...{ kind: 'trade', venue: VENUES[n % VENUES.length], symbol, native: symbol.replace('-', '') },
    ...{
      exchangeTime: time,
      receiveTime: time + 900,
      publishTime: time + 950,
      sequence: String(n),
      id: `t${n}`,
    },
    side: n % 3 === 0 ? 'buy' : 'sell',
    ...{
      price,
      priceText: price.toFixed(2),
      size,
      sizeText: size.toFixed(3),
      isHistory: false,
      isLate: false,
      fills: null,
    },
  };
}

export function* tradesOf(from: number, to: number, chunk = 5000): Generator<TradeRecord[]> {
  for (let n = from; n < to; n += chunk) {
    yield Array.from({ length: Math.min(chunk, to - n) }, (_, i) => tradeOf(n + i));
  }
}
