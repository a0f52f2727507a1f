import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Keys } from '../../src/brokers/binance/gateway/keys.ts';
import { orderParameters } from '../../src/brokers/binance/gateway/order-parameters.ts';
import {
  queryString,
  signedParameters,
  signedQuery,
  sortedPayload,
} from '../../src/brokers/binance/gateway/signing.ts';
import { legalise } from '../../src/brokers/binance/legalise.ts';
import type { ExchangeOrderType, ExchangeSide, TradingSymbol } from '../../src/brokers/binance/port.ts';
import { requireShared } from '../support/shared.ts';

const folder = new URL('../../../shared/fixtures/binance/', import.meta.url);
const present = existsSync(folder);
requireShared(present, "Binance's signing vectors");
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

interface Vector {
  readonly api: 'rest' | 'ws';
  readonly params: readonly (readonly [string, string])[];
  readonly payload: string;
  readonly signature: string;
}

test.skipIf(!present)('the official signing vectors come out as Binance has them', () => {
  const { apiKey, secretKey, vectors } = read('signing_vectors.json') as {
    apiKey: string;
    secretKey: string;
    vectors: Vector[];
  };
  const keys = new Keys({ apiKey, apiSecret: secretKey });
  const counts = { rest: 0, ws: 0 };
  for (const { api, params, payload, signature } of vectors) {
    counts[api]++;
    const all = Object.fromEntries(params);
    if (api === 'rest') {
      expect(queryString(all)).toBe(payload);
      expect(signedQuery(keys, all)).toBe(`${payload}&signature=${signature}`);
    } else {
      expect(sortedPayload(all)).toBe(payload);
      const { apiKey: own, ...others } = all;
      expect(own).toBe(apiKey);
      expect(signedParameters(keys, others).signature).toBe(signature);
    }
  }
  console.log(`${counts.rest} vectors of REST and ${counts.ws} of the WebSocket API`);
  expect(Math.min(counts.rest, counts.ws)).toBeGreaterThan(0);
});

interface RequestVector {
  readonly description: string;
  readonly path: string;
  readonly intent: {
    readonly symbol: string;
    readonly type: string;
    readonly side: string;
    readonly amount: number;
    readonly price?: number;
    readonly triggerPrice?: number;
    readonly postOnly?: boolean;
    readonly [other: string]: unknown;
  };
  readonly output: string;
}

/** Which of another client's order requests say what an order of ours can say. */
function ofOurs({ path, intent }: RequestVector): boolean {
  const known = ['symbol', 'type', 'side', 'amount', 'price', 'triggerPrice', 'postOnly'];
  return path === '/api/v3/order' && Object.keys(intent).every(name => known.includes(name));
}

test.skipIf(!present)("orders are written as another client's recorded requests are", () => {
  const { vectors } = read('spot_request_vectors.json') as { vectors: RequestVector[] };
  let compared = 0;
  for (const vector of vectors.filter(ofOurs)) {
    const { intent, output } = vector;
    const theirs = Object.fromEntries(new URLSearchParams(output));
    // Prices that it rounds to the nearest tick, we round to the side that is no worse.
    const symbol: TradingSymbol = {
      symbol: intent.symbol,
      base: intent.symbol.slice(0, 3),
      quote: 'USDT',
      status: 'TRADING',
      orderTypes: [],
      ocoAllowed: true,
      otoAllowed: true,
      opoAllowed: true,
      trailingStopAllowed: true,
      quoteQuantityAllowed: true,
      filters: {
        tickSize: '0.01',
        stepSize: intent.symbol === 'BTCUSDT' ? '0.00001' : '0.001',
        minNotionalOfMarket: false,
        maxNotionalOfMarket: false,
      },
    };
    const inQuote = theirs.quoteOrderQty !== undefined;
    const type = theirs.type as ExchangeOrderType;
    const side = theirs.side as ExchangeSide;
    const legal = legalise(symbol, {
      side,
      type,
      ...(inQuote ? { quoteQuantity: intent.amount * (intent.price ?? 1) } : { quantity: intent.amount }),
      ...(theirs.price === undefined ? {} : { price: intent.price! }),
      ...(theirs.stopPrice === undefined ? {} : { stopPrice: intent.triggerPrice! }),
    });
    if (!legal.ok) throw new Error(`${vector.description}: ${legal.refusal.message}`);
    const ours = orderParameters({
      symbol: intent.symbol,
      side,
      type,
      clientOrderId: 'id',
      ...legal.amounts,
    });
    const { newClientOrderId, ...rest } = ours;
    expect([newClientOrderId, vector.description, rest]).toEqual(['id', vector.description, { ...theirs }]);
    compared++;
  }
  console.log(`${compared} of ${vectors.length} recorded requests are of orders that we send`);
  expect(compared).toBeGreaterThan(5);
});
