import type { MarketRecord } from '../../model/records.ts';

/** Of what type members are: what a reader must be able to rely on. `?` may be null. */
const HEAD = {
  venue: 'string',
  symbol: 'string',
  native: 'string',
  exchangeTime: 'number?',
  receiveTime: 'number',
  publishTime: 'number',
  sequence: 'string?',
} as const;

const MEMBERS: { readonly [Kind in MarketRecord['kind']]: Readonly<Record<string, string>> } = {
  trade: {
    id: 'string?',
    side: 'string?',
    price: 'number',
    priceText: 'string',
    size: 'number',
    sizeText: 'string',
    isHistory: 'boolean',
  },
  book: { type: 'string', bids: 'array', asks: 'array' },
  order: { action: 'string', orderId: 'string', side: 'string', priceText: 'string?', sizeText: 'string?' },
  kline: {
    ...{
      interval: 'string',
      openTime: 'number',
      open: 'number',
      high: 'number',
      low: 'number',
      close: 'number',
    },
    ...{ volume: 'number', texts: 'array', quoteVolume: 'number?', trades: 'number?', isClosed: 'boolean?' },
  },
  ticker: { bid: 'string?', ask: 'string?', last: 'string?' },
  gap: { channel: 'string?', gap: 'number', state: 'string', cause: 'string', from: 'number', to: 'number?' },
  metrics: { from: 'number', to: 'number', isWhole: 'boolean' },
};

export function encodeRecord(record: MarketRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** The record in a message, or why it is none. */
export function decodeRecord(value: Buffer): MarketRecord | string {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(value.toString('utf8')) as Record<string, unknown>;
  } catch {
    return 'it is no JSON';
  }
  if (typeof record !== 'object' || record === null) return 'it is no object';
  const { kind } = record;
  if (typeof kind !== 'string' || !Object.hasOwn(MEMBERS, kind)) return `its kind is ${JSON.stringify(kind)}`;
  const wrong = firstWrong(record, HEAD) ?? firstWrong(record, MEMBERS[kind as MarketRecord['kind']]);
  return wrong === undefined
    ? (record as unknown as MarketRecord)
    : `its ${wrong} is ${typeof record[wrong]}`;
}

function firstWrong(
  record: Readonly<Record<string, unknown>>,
  members: Readonly<Record<string, string>>,
): string | undefined {
  for (const name in members) {
    const type = members[name];
    const value = record[name];
    if (value === null) {
      if (!type.endsWith('?')) return name;
    } else if (type === 'array') {
      if (!Array.isArray(value)) return name;
    } else if (!type.startsWith(typeof value)) return name;
  }
  return undefined;
}
