import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readAccount, readCommission } from '../../src/brokers/binance/gateway/decode-account.ts';
import { readStreamMessage } from '../../src/brokers/binance/gateway/decode-events.ts';
import {
  readCancelled,
  readListMembers,
  readOrder,
  readPlaced,
  readPlacedList,
  readTrades,
} from '../../src/brokers/binance/gateway/decode-orders.ts';
import { readTradingSymbols } from '../../src/brokers/binance/gateway/decode-symbols.ts';
import { classify } from '../../src/brokers/binance/gateway/failures.ts';
import { readRateLimits } from '../../src/brokers/binance/gateway/rate-limits.ts';
import type { FailureClass, NewOrderList } from '../../src/brokers/binance/port.ts';
import { requireShared } from '../support/shared.ts';

const folder = new URL('../../../shared/fixtures/binance/', import.meta.url);
const present = existsSync(folder);
requireShared(present, "Binance's official examples");

type Json = Readonly<Record<string, unknown>>;
interface Block {
  readonly heading: string;
  readonly json: unknown;
}

const FILES = [
  'rest-api.json',
  'user-data-stream.json',
  'web-socket-api.json',
  'errors.json',
  'enums.json',
  'filters.json',
  'faqs__commission_faq.json',
  'faqs__market_orders_faq.json',
  'faqs__pegged_orders.json',
  'faqs__price_range_execution_rules.json',
  'faqs__stp_faq.json',
];

function blocks(file: string): Block[] {
  return (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { blocks: Block[] }).blocks;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every object within a document, the document first. */
function* objects(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const item of value) yield* objects(item);
  if (!isObject(value)) return;
  yield value;
  for (const field of Object.values(value)) yield* objects(field);
}

/** Codes of the examples, and what each of them means for a request. */
const CLASSES: Readonly<Record<number, FailureClass>> = {
  [-1003]: 'limits',
  [-1013]: 'rejected',
  [-1015]: 'limits',
  [-1121]: 'rejected',
  [-1145]: 'rejected',
  [-2010]: 'rejected',
  [-2011]: 'race',
  [-2015]: 'auth',
  [-2021]: 'partial',
  [-2022]: 'partial',
  // No request of ours can be answered with it, so that it is one of the unknown ones.
  [-2043]: 'unknown',
};

test.skipIf(!present)('every official example of orders, lists, accounts, reports and errors decodes', () => {
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  for (const file of FILES) {
    for (const { heading, json } of blocks(file)) {
      const where = `${file}: ${heading}`;
      for (const one of objects(json)) {
        try {
          decode(one, count);
        } catch (error) {
          throw new Error(`${where}: ${(error as Error).message}\n${JSON.stringify(one)}`);
        }
      }
      if (isObject(json) && ('event' in json || ('id' in json && 'status' in json))) {
        const message = readStreamMessage(JSON.stringify(json));
        expect([where, message.kind]).not.toEqual([where, 'unreadable']);
        count(`messages: ${message.kind}`);
      }
    }
  }
  console.log(
    Object.entries(counts)
      .map(([what, number]) => `${what} ${number}`)
      .join('; '),
  );
  for (const what of [
    'orders',
    'orders with fills',
    'lists',
    'list queries',
    'trades',
    'accounts',
    'commissions',
  ]) {
    expect([what, counts[what] ?? 0]).not.toEqual([what, 0]);
  }
  expect(counts['messages: event']).toBeGreaterThan(1);
  expect(counts.errors).toBeGreaterThan(10);
});

function decode(one: Json, count: (what: string) => void): void {
  const has = (...names: string[]) => names.every(name => name in one);
  if (has('orderId', 'status', 'executedQty') && 'clientOrderId' in one) {
    const order = readOrder(one);
    expect(order.clientOrderId).toBe(one.origClientOrderId ?? one.clientOrderId);
    expect([order.symbol, order.orderId, order.status]).toEqual([one.symbol, one.orderId, one.status]);
    expect([order.executed, order.executedQuote]).toEqual([
      one.executedQty,
      one.cummulativeQuoteQty ?? one.cumulativeQuoteQty,
    ]);
    count('orders');
    if (Array.isArray(one.fills)) {
      const { trades } = readPlaced(one);
      expect(trades.map(({ tradeId }) => tradeId)).toEqual((one.fills as Json[]).map(fill => fill.tradeId));
      count('orders with fills');
    }
    if (has('origClientOrderId') && !has('fills')) expect(readCancelled(one).length).toBe(1);
  }
  if (has('orderListId', 'orders')) {
    const members = readListMembers(one);
    expect(members.length).toBeGreaterThan(1);
    count('list queries');
    if (has('orderReports')) {
      const reports = one.orderReports as Json[];
      const ids = reports.map(report => String(report.origClientOrderId ?? report.clientOrderId));
      expect(readCancelled(one).map(({ clientOrderId }) => clientOrderId)).toEqual(ids);
      const list = { orders: ids.toReversed().map(clientOrderId => ({ clientOrderId })) };
      const placed = readPlacedList(one, list as unknown as NewOrderList);
      expect(placed.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(ids.toReversed());
      count('lists');
    }
  }
  if (has('isBuyer', 'isMaker', 'commission', 'id')) {
    expect(readTrades([one])[0]).toMatchObject({ tradeId: one.id, quantity: one.qty, maker: one.isMaker });
    count('trades');
  }
  if (has('balances', 'canTrade')) {
    expect(readAccount(one).balances.length).toBe((one.balances as unknown[]).length);
    count('accounts');
  }
  if (has('standardCommission', 'discount', 'symbol')) {
    expect(Number(readCommission(one).taker)).toBeGreaterThan(0);
    count('commissions');
  }
  if (has('symbols', 'rateLimits')) {
    expect(readTradingSymbols(one).length).toBe((one.symbols as unknown[]).length);
    count('exchangeInfo');
  }
  if (has('rateLimitType')) {
    const [read] = readRateLimits([one]);
    // Connections are no requests; they have a budget of their own.
    if (one.rateLimitType === 'CONNECTIONS') expect(read).toBeUndefined();
    else expect(read).toMatchObject({ kind: one.rateLimitType, limit: one.limit });
    count('rate limits');
  }
  if (has('filterType')) {
    const symbol = { symbol: 'A', baseAsset: 'B', quoteAsset: 'C', status: 'TRADING', orderTypes: [] };
    readTradingSymbols({ symbols: [{ ...symbol, filters: [one] }] });
    count('filters');
  }
  if (has('code', 'msg') && typeof one.code === 'number') {
    const verdict = classify({ status: 400, headers: {}, json: one }, 0);
    const expected = /cancel restrictions/.test(String(one.msg)) ? 'rejected' : CLASSES[one.code];
    expect([one.code, verdict.class]).toEqual([one.code, expected]);
    count('errors');
  }
}

test.skipIf(!present)(
  'the execution reports of the examples say what the documents say of their fields',
  () => {
    const reports = FILES.flatMap(blocks).flatMap(({ json }) =>
      [...objects(json)].filter(({ e, x }) => e === 'executionReport' && typeof x === 'string'),
    );
    expect(reports.length).toBeGreaterThan(0);
    for (const report of reports) {
      const message = readStreamMessage(JSON.stringify({ subscriptionId: 0, event: report }));
      if (message.kind !== 'event' || message.event.kind !== 'order')
        throw new Error(JSON.stringify(message));
      const { order, trade } = message.event;
      expect(order).toMatchObject({
        clientOrderId: report.C === '' ? report.c : report.C,
        orderId: report.i,
        status: report.X,
        quantity: report.q,
        executed: report.z,
        executedQuote: report.Z,
        time: report.T,
      });
      expect(trade !== undefined).toBe(report.x === 'TRADE');
    }
    console.log(`${reports.length} execution reports`);
  },
);

test.skipIf(!present)('the filters of 1,695 real symbols are read as they stand', () => {
  const document = JSON.parse(
    gunzipSync(readFileSync(new URL('exchangeInfo-2021-10-11.json.gz', folder))).toString(),
  ) as { symbols: (Json & { filters: Json[] })[]; rateLimits: unknown[] };
  const symbols = readTradingSymbols(document);
  expect(symbols.length).toBe(1695);
  document.symbols.forEach((real, i) => {
    const filter = (type: string) => real.filters.find(({ filterType }) => filterType === type);
    expect(symbols[i].symbol).toBe(real.symbol);
    expect(symbols[i].filters.tickSize).toBe(filter('PRICE_FILTER')!.tickSize);
    expect(symbols[i].filters.stepSize).toBe(filter('LOT_SIZE')!.stepSize);
    expect(symbols[i].filters.minNotional).toBe(filter('MIN_NOTIONAL')!.minNotional);
    expect(symbols[i].filters.maxPosition).toBe(filter('MAX_POSITION')?.maxPosition);
    expect(symbols[i].filters.maxOrders).toBe(filter('MAX_NUM_ORDERS')!.maxNumOrders);
    expect(symbols[i].quoteQuantityAllowed).toBe(real.quoteOrderQtyMarketAllowed);
  });
  expect(readRateLimits(document.rateLimits).map(({ kind, spanMs, limit }) => [kind, spanMs, limit])).toEqual(
    [
      ['REQUEST_WEIGHT', 60_000, 1200],
      ['ORDERS', 10_000, 50],
      ['ORDERS', 86_400_000, 160_000],
      ['RAW_REQUESTS', 300_000, 6100],
    ],
  );
});
