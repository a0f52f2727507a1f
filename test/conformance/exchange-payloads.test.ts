import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Account } from '../../src/exchange/trading/account.ts';
import { isSigned, signedParameters, signedPart } from '../../src/exchange/trading/signature.ts';
import { type Scene, scene } from '../exchange/trading/scene.ts';
import { account, bars, type Payload } from '../exchange/trading/support.ts';
import { requireShared } from '../support/shared.ts';

const folder = new URL('../../../shared/fixtures/binance/', import.meta.url);
const present = existsSync(folder);
requireShared(present, "Binance's example payloads");

const QUIET = [100, 101, 99, 100] as const;

interface Block {
  readonly heading: string;
  readonly label: string;
  readonly json: unknown;
}

const blocks = (file: string): Block[] =>
  JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8')).blocks;

/** The official example under a heading, by the label that stands before it. */
function example(file: string, heading: string, label = 'Response'): unknown {
  const found = blocks(file).find(
    block => block.heading.endsWith(heading) && block.label.startsWith(label) && !isEmpty(block.json),
  );
  if (found === undefined) throw new Error(`there is no example of ${heading}, ${label}`);
  return found.json;
}

const isEmpty = (json: unknown) =>
  typeof json === 'object' && json !== null && Object.keys(json).length === 0;

/** Paths of the fields with their types; of lists the first entry. Null is of any type. */
function shape(value: unknown, path = ''): [string, string][] {
  if (Array.isArray(value)) return value.length === 0 ? [] : shape(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return [[path, value === null ? 'null' : typeof value]];
  return Object.entries(value).flatMap(([name, one]) => shape(one, `${path}.${name}`));
}

/** Each field of the example is told, with its type; `ours` may be more where Binance says that fields are conditional. */
function expectShape(told: unknown, official: unknown, without: readonly string[] = []): void {
  const ours = new Map(shape(told));
  const missing = shape(official).filter(([path, type]) => {
    if (without.includes(path)) return false;
    const own = ours.get(path);
    return own === undefined || (own !== type && own !== 'null' && type !== 'null');
  });
  expect(missing).toEqual([]);
}

describe.skipIf(!present)('the local exchange, beside Binance’s documentation', () => {
  const ask = async (
    at: Scene,
    method: 'GET' | 'POST' | 'DELETE' | 'PUT',
    path: string,
    parameters: Payload = {},
  ) => (await at.settle(at.trader.ask(method, path, parameters))).body;
  const symbol = 'BTCUSDT';
  const limit = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: 90, quantity: 1 };
  const oco = {
    ...{ symbol, side: 'SELL', quantity: 1, aboveType: 'LIMIT_MAKER', abovePrice: 110 },
    ...{ belowType: 'STOP_LOSS_LIMIT', belowStopPrice: 90, belowPrice: 89, belowTimeInForce: 'GTC' },
  };
  const entry = {
    symbol,
    workingType: 'LIMIT',
    workingSide: 'BUY',
    workingPrice: 90,
    workingQuantity: 1,
    workingTimeInForce: 'GTC',
  };
  const exits = {
    ...{ pendingSide: 'SELL', pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: 110 },
    ...{
      pendingBelowType: 'STOP_LOSS_LIMIT',
      pendingBelowStopPrice: 85,
      pendingBelowPrice: 84,
      pendingBelowTimeInForce: 'GTC',
    },
  };

  test('accepts the official signatures, and no others', () => {
    const { apiKey, secretKey, vectors } = JSON.parse(
      readFileSync(new URL('signing_vectors.json', folder), 'utf8'),
    ) as {
      apiKey: string;
      secretKey: string;
      vectors: { api: string; params: [string, string][]; payload: string; signature: string }[];
    };
    const [key] = new Account({ apiKey, apiSecret: secretKey, balances: {} }, 1).keys;
    expect(vectors.length).toBeGreaterThan(3);
    for (const { api, params, payload, signature } of vectors) {
      const signed =
        api === 'rest'
          ? signedPart(`${payload}&signature=${signature}`, '').payload
          : signedParameters(new Map([...params, ['signature', signature]]));
      expect(signed).toBe(payload);
      expect(isSigned(key!, signed, signature)).toBe(true);
      expect(isSigned(key!, `${signed}0`, signature)).toBe(false);
      expect(isSigned(key!, signed, createHmac('sha256', 'x').update(signed).digest('hex'))).toBe(false);
    }
  });

  test('tells single orders as in the examples', async () => {
    const at = await scene(bars(QUIET, [100, 101, 89, 95]));
    await at.close(1);
    const market = { symbol, side: 'SELL', type: 'MARKET', quantity: 1 };
    for (const type of ['ACK', 'RESULT', 'FULL']) {
      const told = await ask(at, 'POST', '/api/v3/order', { ...market, newOrderRespType: type });
      expectShape(told, example('rest-api', 'New order (TRADE)', `Response - ${type}`));
    }
    const rates = await ask(at, 'POST', '/api/v3/order/test', { ...limit, computeCommissionRates: true });
    expectShape(rates, example('rest-api', 'Test new order (TRADE)'));
    await ask(at, 'POST', '/api/v3/order', { ...limit, newClientOrderId: 'a' });
    const by = { symbol, origClientOrderId: 'a' };
    expectShape(await ask(at, 'GET', '/api/v3/order', by), example('rest-api', 'Query order (USER_DATA)'));
    expectShape(
      await ask(at, 'GET', '/api/v3/openOrders'),
      example('rest-api', 'Current open orders (USER_DATA)'),
    );
    expectShape(
      await ask(at, 'GET', '/api/v3/allOrders', { symbol }),
      example('rest-api', 'All orders (USER_DATA)'),
    );
    const amended = await ask(at, 'PUT', '/api/v3/order/amend/keepPriority', {
      ...by,
      newQty: 0.5,
      newClientOrderId: 'a',
    });
    expectShape(amended, example('rest-api', 'Order Amend Keep Priority (TRADE)', 'Response'));
    const replaced = await ask(at, 'POST', '/api/v3/order/cancelReplace', {
      ...{
        ...limit,
        newClientOrderId: 'b',
        cancelOrigClientOrderId: 'a',
        cancelReplaceMode: 'STOP_ON_FAILURE',
      },
    });
    const replacement = blocks('rest-api').find(
      ({ json }) => (json as Payload).newOrderResult === 'SUCCESS',
    )!;
    expectShape(replaced, replacement.json);
    const again = {
      ...limit,
      newClientOrderId: 'c',
      cancelOrigClientOrderId: 'a',
      cancelReplaceMode: 'STOP_ON_FAILURE',
    };
    const failure = blocks('rest-api').find(({ json }) => (json as Payload).code === -2022)!;
    expectShape(await ask(at, 'POST', '/api/v3/order/cancelReplace', again), failure.json);
    const cancelled = await ask(at, 'DELETE', '/api/v3/order', { symbol, origClientOrderId: 'b' });
    expectShape(cancelled, example('rest-api', 'Cancel order (TRADE)'));
  });

  test('tells lists of orders as in the examples', async () => {
    const at = await scene(bars(QUIET, [100, 101, 95, 98]));
    const lists: [string, string, string, Payload][] = [
      ['/api/v3/orderList/oco', 'New Order list - OCO (TRADE)', 'Response', oco],
      [
        '/api/v3/orderList/oto',
        'New Order list - OTO (TRADE)',
        'Response',
        { ...entry, pendingType: 'MARKET', pendingSide: 'SELL', pendingQuantity: 1 },
      ],
      [
        '/api/v3/orderList/otoco',
        'New Order list - OTOCO (TRADE)',
        'Response',
        { ...entry, ...exits, pendingQuantity: 1 },
      ],
      [
        '/api/v3/orderList/opo',
        'New Order List - OPO (TRADE)',
        'Response',
        { ...entry, pendingType: 'MARKET', pendingSide: 'SELL' },
      ],
      ['/api/v3/orderList/opoco', 'New Order List - OPOCO (TRADE)', 'Response', { ...entry, ...exits }],
    ];
    for (const [path, heading, label, parameters] of lists) {
      const told = await ask(at, 'POST', path, parameters);
      const official = example('rest-api', heading, label) as { orderReports: Payload[] };
      // Which of the two is told first differs from example to example: each has what its type has.
      expectShape({ ...told, orderReports: [] }, { ...official, orderReports: [] });
      for (const report of official.orderReports) {
        const same =
          told.orderReports.find(({ type }: Payload) => type === report.type) ?? told.orderReports.at(-1);
        const conditional = ['.icebergQty', ...(same.type === report.type ? [] : ['.stopPrice'])];
        expectShape(same, report, conditional);
      }
    }
    const [first] = await ask(at, 'GET', '/api/v3/openOrderList');
    expectShape(first, example('rest-api', 'Query Order list (USER_DATA)'));
    expectShape(
      await ask(at, 'GET', '/api/v3/allOrderList'),
      example('rest-api', 'Query all Order lists (USER_DATA)'),
    );
    const ended = await ask(at, 'DELETE', '/api/v3/orderList', { symbol, orderListId: first.orderListId });
    expectShape(ended, example('rest-api', 'Cancel Order list (TRADE)'));
  });

  test('tells accounts as in the examples', async () => {
    const at = await scene(bars(QUIET, QUIET));
    await ask(at, 'POST', '/api/v3/order', { symbol, side: 'BUY', type: 'MARKET', quantity: 1 });
    expectShape(
      await ask(at, 'GET', '/api/v3/account'),
      example('rest-api', 'Account information (USER_DATA)'),
    );
    expectShape(
      await ask(at, 'GET', '/api/v3/account/commission', { symbol }),
      example('rest-api', 'Query Commission Rates (USER_DATA)'),
    );
    expectShape(
      await ask(at, 'GET', '/api/v3/myTrades', { symbol }),
      example('rest-api', 'Account trade list (USER_DATA)'),
    );
    expectShape(
      await ask(at, 'GET', '/api/v3/rateLimit/order'),
      example('rest-api', 'Query Unfilled Order Count (USER_DATA)'),
    );
    const unknown = await ask(at, 'GET', '/api/v3/myTrades', { symbol: 'NONE' });
    expect(unknown).toEqual(example('errors', 'Error codes for Binance', ''));
  });

  test('tells the events of an account as in the examples', async () => {
    const at = await scene(bars(QUIET, QUIET), { accounts: [account()] });
    const stream = at.trader.listen();
    await at.until(() => stream.messages.length > 0);
    await ask(at, 'POST', '/api/v3/order', limit);
    await ask(at, 'POST', '/api/v3/orderList/oco', oco);
    at.exchange.transfer(1, 'USDT', '1');
    await at.pass(100);
    const told = (kind: string) =>
      (stream.messages as { event?: Payload }[]).find(({ event }) => event?.e === kind);
    const official = (kind: string) =>
      blocks('user-data-stream').find(({ json }) => (json as { event: Payload }).event.e === kind)!.json;
    for (const kind of ['outboundAccountPosition', 'balanceUpdate', 'listStatus']) {
      expectShape(told(kind), official(kind));
    }
    // "v" is there only for orders that self-trade prevention has ended.
    expectShape(told('executionReport'), official('executionReport'), ['.event.v']);
  });
});
