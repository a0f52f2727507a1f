import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { symbolInfo } from '../../../src/exchange/exchange-info.ts';
import { loadMarket } from '../../../src/exchange/market.ts';
import type { AccountOptions } from '../../../src/exchange/trading/account.ts';
import { memoryFeed } from '../../../src/feeds/memory.ts';
import { listenTo, START } from '../support.ts';
import { type Scene, scene } from './scene.ts';
import { API_KEY, account, bars, type Payload, Trader } from './support.ts';

const QUIET = [100, 101, 99, 100] as const;
const BODY = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '1',
  price: '90',
};

async function refusal(at: Scene, parameters: Payload, path = '/api/v3/order') {
  const { status, body } = await at.settle(at.trader.ask('POST', path, parameters));
  return [status, body.code];
}

describe('a signed request', () => {
  test('may have its parameters in the query, in the body, and in both', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const { trader, settle } = at;
    const form = trader.query(BODY);
    expect((await settle(trader.send('POST', '/api/v3/order', form))).status).toBe(200);
    const [query, body] = [
      'symbol=BTCUSDT&side=BUY&type=LIMIT',
      `timeInForce=GTC&quantity=1&price=91&timestamp=${START}`,
    ];
    const signature = trader.sign(query + body);
    const mixed = await settle(
      trader.send('POST', `/api/v3/order?${query}`, `${body}&signature=${signature}`),
    );
    expect([mixed.status, mixed.body.price]).toEqual([200, '91.00000000']);
    const upper = `${query}&${body}&signature=${trader.sign(`${query}&${body}`).toUpperCase()}`;
    expect((await settle(trader.send('POST', `/api/v3/order?${upper}`))).status).toBe(200);
  });

  test('that was changed, is not signed, or is signed by another is refused', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const { trader, settle, network, url } = at;
    const query = trader.query(BODY);
    const changed = await settle(
      trader.send('POST', `/api/v3/order?${query.replace('quantity=1', 'quantity=2')}`),
    );
    expect([changed.status, changed.body]).toEqual([
      400,
      { code: -1022, msg: 'Signature for this request is not valid.' },
    ]);
    const unsigned = await settle(trader.send('POST', `/api/v3/order?${query.replace(/&signature.*/, '')}`));
    expect([unsigned.status, unsigned.body.code]).toEqual([400, -1102]);
    const stranger = new Trader(network, url, () => START, 'stranger00', 'x');
    expect(await settle(stranger.place(BODY))).toMatchObject({ status: 401, body: { code: -2015 } });
    const nobody = new Trader(network, url, () => START, '', 'x');
    expect(await settle(nobody.place(BODY))).toMatchObject({ status: 401, body: { code: -2014 } });
    expect(at.exchange.accounts[0].orders).toEqual([]);
  });

  test('is signed with RSA or Ed25519 as well', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ed = generateKeyPairSync('ed25519');
    const pem = (key: typeof rsa.publicKey) => key.export({ type: 'spki', format: 'pem' }) as string;
    const at = await scene(bars(QUIET, QUIET), {
      accounts: [
        account({
          keys: [
            { apiKey: 'rsa00000', publicKey: pem(rsa.publicKey) },
            { apiKey: 'ed255190', publicKey: pem(ed.publicKey) },
          ],
        }),
      ],
    });
    for (const [apiKey, algorithm, key] of [
      ['rsa00000', 'RSA-SHA256', rsa.privateKey],
      ['ed255190', null, ed.privateKey],
    ] as const) {
      const ask = (payload: string, signed: string) => {
        const signature = encodeURIComponent(sign(algorithm, Buffer.from(signed), key).toString('base64'));
        return at.settle(
          at.network.http({
            url: `${at.url}/api/v3/account?${payload}&signature=${signature}`,
            headers: { 'x-mbx-apikey': apiKey },
            timeoutMs: 1000,
          }),
        );
      };
      const payload = `timestamp=${START}&recvWindow=10000`;
      expect((await ask(payload, payload)).status).toBe(200);
      expect(JSON.parse((await ask(payload, `${payload}0`)).body).code).toBe(-1022);
    }
  });

  test('counts for as long as it says, and not from the future', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const ask = (timestamp: number | string, recvWindow?: number | string) =>
      at.settle(at.trader.ask('GET', '/api/v3/account', { timestamp, recvWindow }));
    const now = at.exchange.status.time;
    expect((await ask(now - 5000)).status).toBe(200);
    expect((await ask(now + 999)).status).toBe(200);
    expect((await ask(now * 1000)).status).toBe(200);
    expect((await ask(now + 1000)).body).toEqual({
      code: -1021,
      msg: "Timestamp for this request was 1000ms ahead of the server's time.",
    });
    // Before the beginning of time nothing can have been signed.
    const late = { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' };
    expect((await ask(now - 5001)).body).toEqual(late);
    expect((await ask(now - 5001, '5001.5')).status).toBe(200);
    expect((await ask(now, 60_001)).body.code).toBe(-1102);
    expect((await ask('soon')).body.code).toBe(-1100);
  });

  test('in lockstep is too old when its moment has passed for longer than its window', async () => {
    const at = await scene(bars(...Array(20).fill(QUIET)));
    await at.close(2);
    const timestamp = at.exchange.status.time;
    await at.close(4);
    const ask = () => at.settle(at.trader.ask('GET', '/api/v3/account', { timestamp }));
    // Two minutes of the market, and some milliseconds of anybody's time.
    expect((await ask()).status).toBe(200);
    await at.pass(5000);
    expect((await ask()).body.code).toBe(-1021);
  });

  test('may carry this machine’s time instead of the market’s', async () => {
    const at = await scene(bars(QUIET, QUIET));
    expect(
      (await at.settle(at.trader.ask('GET', '/api/v3/account', { timestamp: at.timers.now() }))).status,
    ).toBe(200);
  });

  test.each([
    ['an unknown symbol', { symbol: 'DOGEUSDT' }, -1121],
    ['a symbol that is none', { symbol: 'btc' }, -1100],
    ['no symbol', { symbol: undefined }, -1102],
    ['another side', { side: 'HOLD' }, -1117],
    ['another type', { type: 'ICEBERG' }, -1116],
    ['no time in force', { timeInForce: undefined }, -1102],
    ['another time in force', { timeInForce: 'GTX' }, -1115],
    ['no price', { price: undefined }, -1102],
    ['a price with an exponent', { price: '1e2' }, -1100],
    ['a price with nine decimals', { price: '90.000000001' }, -1111],
    ['a price of nothing', { price: '0' }, -1013],
    ['a negative quantity', { quantity: '-1' }, -1100],
    ['a quantity of nothing', { quantity: '0.000' }, -1013],
    ['a stop price, which a limit order has not', { stopPrice: '80' }, -1106],
    ['an id with a space', { newClientOrderId: 'a b' }, -1100],
    ['an id of 37 characters', { newClientOrderId: 'a'.repeat(37) }, -1100],
    ['an empty id', { newClientOrderId: '' }, -1105],
    ['a parameter that nobody knows', { colour: 'red' }, -1104],
    ['another kind of answer', { newOrderRespType: 'MAYBE' }, -1130],
    ['a pegged price', { pegPriceType: 'PRIMARY_PEG' }, -1013],
    ['a strategy type below a million', { strategyType: 5 }, -1134],
    ['an iceberg that is larger than the order', { icebergQty: '2' }, -1013],
  ])('with %s is refused, and nothing is placed', async (_, change, code) => {
    const at = await scene(bars(QUIET, QUIET));
    expect(await refusal(at, { ...BODY, ...change })).toEqual([400, code]);
    expect(at.exchange.accounts[0].orders).toEqual([]);
    expect(at.has('USDT')).toEqual([10_000, 0]);
  });

  test.each([
    ['with both amounts', { quantity: 1, quoteOrderQty: 100 }, -1128],
    ['with none', {}, -1102],
    ['with a price', { quantity: 1, price: 100 }, -1106],
  ])('for a market order %s is refused', async (_, change, code) => {
    const at = await scene(bars(QUIET, QUIET));
    expect(await refusal(at, { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', ...change })).toEqual([
      400,
      code,
    ]);
  });
});

describe('an order', () => {
  test('has an id that no other open order has; one that is over may give its own away', async () => {
    const at = await scene(bars(QUIET, [100, 101, 89, 100], QUIET));
    const order = { ...BODY, newClientOrderId: 'mine' };
    expect(await refusal(at, order)).toEqual([200, undefined]);
    expect((await at.settle(at.trader.place(order))).body).toEqual({
      code: -2010,
      msg: 'Duplicate order sent.',
    });
    await at.toEnd();
    expect((await at.settle(at.trader.order({ origClientOrderId: 'mine' }))).body.status).toBe('FILLED');
    expect(await refusal(at, order)).toEqual([200, undefined]);
    const { body } = await at.settle(at.trader.order({ origClientOrderId: 'mine' }));
    expect([body.orderId, body.status]).toEqual([2, 'NEW']);
  });

  test('is answered with a word, its result or all of it, as its type has it unless it says otherwise', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const place = async (more: Payload) => Object.keys((await at.settle(at.trader.place(more))).body);
    const ack = ['symbol', 'orderId', 'orderListId', 'clientOrderId', 'transactTime'];
    const stop = { side: 'SELL', type: 'STOP_LOSS', quantity: '1', stopPrice: '90' };
    expect(await place(stop)).toEqual(ack);
    expect(await place({ ...stop, newOrderRespType: 'RESULT' })).toContain('stopPrice');
    expect(await place({ ...BODY, newOrderRespType: 'ACK' })).toEqual(ack);
    expect(await place(BODY)).toContain('fills');
    expect(await place({ ...BODY, newOrderRespType: 'RESULT' })).not.toContain('fills');
  });

  test('is found by its number and by its id, and by both only if they belong together', async () => {
    const at = await scene(bars(QUIET, QUIET));
    await at.settle(at.trader.place({ ...BODY, newClientOrderId: 'a' }));
    await at.settle(at.trader.place({ ...BODY, newClientOrderId: 'b' }));
    const find = async (by: Payload) => (await at.settle(at.trader.order(by))).body;
    expect((await find({ orderId: 2 })).clientOrderId).toBe('b');
    expect((await find({ origClientOrderId: 'a' })).orderId).toBe(1);
    expect((await find({ orderId: 1, origClientOrderId: 'b' })).code).toBe(-2039);
    expect(await find({ orderId: 3 })).toEqual({ code: -2013, msg: 'Order does not exist.' });
    expect((await find({})).code).toBe(-1102);
  });

  test('is cancelled once', async () => {
    const at = await scene(bars(QUIET, QUIET));
    await at.settle(at.trader.place({ ...BODY, newClientOrderId: 'a' }));
    const cancel = () => at.settle(at.trader.cancel({ origClientOrderId: 'a', newClientOrderId: 'b' }));
    expect((await cancel()).body).toMatchObject({
      origClientOrderId: 'a',
      clientOrderId: 'b',
      status: 'CANCELED',
    });
    expect(await cancel()).toMatchObject({ status: 400, body: { code: -2011, msg: 'Unknown order sent.' } });
    expect(at.has('USDT')).toEqual([10_000, 0]);
    const all = await at.settle(at.trader.ask('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }));
    expect(all.body.code).toBe(-2011);
  });

  test('is checked without being placed', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const check = (more: Payload) =>
      at.settle(at.trader.ask('POST', '/api/v3/order/test', { ...BODY, ...more }));
    expect(await check({})).toMatchObject({ status: 200, body: {} });
    expect((await check({ computeCommissionRates: true })).body).toMatchObject({
      standardCommissionForOrder: { maker: '0.00000000' },
      discount: { discountAsset: 'BNB' },
    });
    expect((await check({ price: undefined })).body.code).toBe(-1102);
    expect(at.exchange.accounts[0].orders).toEqual([]);
  });

  test('is cancelled and replaced in one, wholly, partly or not at all', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const replace = async (more: Payload) => {
      const { status, body } = await at.settle(
        at.trader.ask('POST', '/api/v3/order/cancelReplace', { ...BODY, ...more }),
      );
      const { cancelResult, newOrderResult } = body.data ?? body;
      return [status, body.code, cancelResult, newOrderResult];
    };
    await at.settle(at.trader.place({ ...BODY, newClientOrderId: 'a' }));
    const stop = { cancelReplaceMode: 'STOP_ON_FAILURE' };
    const go = { cancelReplaceMode: 'ALLOW_FAILURE' };
    const next = { newClientOrderId: 'b', cancelOrigClientOrderId: 'a' };
    expect(await replace({ ...stop, ...next })).toEqual([200, undefined, 'SUCCESS', 'SUCCESS']);
    expect(await replace({ ...stop, ...next })).toEqual([400, -2022, 'FAILURE', 'NOT_ATTEMPTED']);
    const third = { newClientOrderId: 'c', cancelOrigClientOrderId: 'a' };
    expect(await replace({ ...stop, ...third })).toEqual([400, -2022, 'FAILURE', 'NOT_ATTEMPTED']);
    expect(await replace({ ...go, ...third })).toEqual([409, -2021, 'FAILURE', 'SUCCESS']);
    const dear = { newClientOrderId: 'd', cancelOrigClientOrderId: 'b', quantity: '1000' };
    expect(await replace({ ...go, ...dear })).toEqual([409, -2021, 'SUCCESS', 'FAILURE']);
    expect(await replace({ ...go, ...dear })).toEqual([400, -2022, 'FAILURE', 'FAILURE']);
  });

  test('may be made smaller, and keeps its place', async () => {
    const at = await scene(bars(QUIET, [100, 101, 89, 95]));
    await at.close(1);
    for (const newClientOrderId of ['a', 'b']) {
      await at.settle(at.trader.place({ ...BODY, quantity: 2, newClientOrderId }));
    }
    const amend = (newQty: string) =>
      at.settle(
        at.trader.ask('PUT', '/api/v3/order/amend/keepPriority', {
          ...{ symbol: 'BTCUSDT', origClientOrderId: 'a', newClientOrderId: 'a', newQty },
        }),
      );
    expect((await amend('0.5')).body).toMatchObject({ amendedOrder: { qty: '0.50000000', status: 'NEW' } });
    expect(at.has('USDT')).toEqual([9775, 225]);
    expect((await amend('3')).body.code).toBe(-2038);
    await at.toEnd();
    expect(at.exchange.accounts[0].trades).toMatchObject([{ orderId: 1, qty: '0.50000000' }, { orderId: 2 }]);
  });
});

describe('an account', () => {
  test('tells its balances, its rates and what its key may do', async () => {
    const at = await scene(bars(QUIET, QUIET), {
      accounts: [
        account({
          commission: { standard: { maker: '0.001', taker: '0.002' } },
          permissions: { withdraw: true },
        }),
      ],
      more: { ETHUSDT: bars(QUIET, QUIET) },
    });
    const ask = async (path: string, parameters: Payload = {}) =>
      (await at.settle(at.trader.ask('GET', path, parameters))).body;
    const { balances, ...rest } = await ask('/api/v3/account');
    expect(rest).toMatchObject({
      makerCommission: 10,
      takerCommission: 20,
      canTrade: true,
      accountType: 'SPOT',
      uid: 1,
    });
    expect(balances.map(({ asset }: { asset: string }) => asset)).toEqual(['USDT', 'BTC', 'ETH']);
    expect((await ask('/api/v3/account', { omitZeroBalances: true })).balances).toHaveLength(2);
    expect(await ask('/api/v3/account/commission', { symbol: 'BTCUSDT' })).toMatchObject({
      standardCommission: { maker: '0.00100000', taker: '0.00200000' },
      discount: { enabledForAccount: false },
    });
    expect(await ask('/sapi/v1/account/apiRestrictions')).toMatchObject({
      ipRestrict: false,
      enableWithdrawals: true,
      enableSpotAndMarginTrading: true,
    });
    expect(await ask('/api/v3/rateLimit/order')).toMatchObject([
      { interval: 'SECOND', count: 0 },
      { interval: 'DAY' },
    ]);
  });

  test('pages through its orders and executions, from a number on or the last ones', async () => {
    const at = await scene(bars(QUIET, ...Array(6).fill(QUIET)));
    for (let i = 0; i < 5; i++) {
      await at.settle(at.trader.market('BUY', '0.1'));
      await at.step();
    }
    const ids = async (path: string, parameters: Payload) => {
      const { body } = await at.settle(at.trader.ask('GET', path, { symbol: 'BTCUSDT', ...parameters }));
      return body.code ?? body.map(({ id, orderId }: Payload) => id ?? orderId);
    };
    expect(await ids('/api/v3/myTrades', {})).toEqual([1, 2, 3, 4, 5]);
    expect(await ids('/api/v3/myTrades', { limit: 2 })).toEqual([4, 5]);
    expect(await ids('/api/v3/myTrades', { fromId: 2, limit: 2 })).toEqual([2, 3]);
    expect(await ids('/api/v3/myTrades', { orderId: 4 })).toEqual([4]);
    expect(await ids('/api/v3/myTrades', { startTime: START, endTime: START + 20_000 })).toEqual([1, 2]);
    expect(await ids('/api/v3/myTrades', { startTime: START, endTime: START + 86_400_001 })).toEqual(-1127);
    expect(await ids('/api/v3/allOrders', { orderId: 4 })).toEqual([4, 5]);
    expect(await ids('/api/v3/allOrders', { limit: 1 })).toEqual([5]);
    expect(await ids('/api/v3/openOrders', {})).toEqual([]);
  });

  test('whose key may not trade may only ask', async () => {
    const at = await scene(bars(QUIET, QUIET), { accounts: [account({ permissions: { trade: false } })] });
    expect(await refusal(at, BODY)).toEqual([401, -2015]);
    expect((await at.settle(at.trader.ask('GET', '/api/v3/account'))).status).toBe(200);
  });

  test('does not see another’s orders', async () => {
    const other = account({ apiKey: 'other000', apiSecret: 'y' });
    const at = await scene(bars(QUIET, QUIET), { accounts: [account(), other] });
    await at.settle(at.trader.place({ ...BODY, newClientOrderId: 'a' }));
    const second = new Trader(at.network, at.url, () => at.exchange.status.time, 'other000', 'y');
    expect((await at.settle(second.order({ origClientOrderId: 'a' }))).body.code).toBe(-2013);
    expect((await at.settle(second.cancel({ origClientOrderId: 'a' }))).body.code).toBe(-2011);
    expect((await at.settle(second.place({ ...BODY, newClientOrderId: 'a' }))).status).toBe(200);
  });

  test('is not there unless it is given', async () => {
    const told: string[] = [];
    const at = await scene(bars(QUIET, QUIET), {
      accounts: [],
      onEvent: ({ kind, code, message }) => kind === 'warning' && told.push(`${code} ${message}`),
    });
    for (let i = 0; i < 3; i++) expect(await refusal(at, BODY)).toEqual([401, -2015]);
    // Once, to the person who watches: the client hears what Binance would say.
    expect(told).toEqual([expect.stringContaining('NO_ACCOUNT')]);
    expect(told[0]).toContain('--balance');
  });

  test.each<[string, Partial<AccountOptions>]>([
    ['no key', { apiKey: '' }],
    ['two kinds of secrets', { publicKey: 'x' }],
    ['a balance that is no decimal', { balances: { USDT: '1e3' } }],
    ['a commission that is none', { commission: { standard: { taker: '1.5' } } }],
  ])('with %s is ACCOUNT_INVALID', async (_, change) => {
    await expect(scene(bars(QUIET), { accounts: [account(change)] })).rejects.toMatchObject({
      code: 'ACCOUNT_INVALID',
    });
  });
});

describe('limits', () => {
  test('of weight: an order costs nothing when it is taken, and its weight when it is refused', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const used = async (answer: Promise<{ headers: Readonly<Record<string, string>> }>) =>
      Number((await at.settle(answer)).headers['x-mbx-used-weight-1m']);
    const before = await used(at.trader.ask('GET', '/api/v3/account'));
    expect(before).toBe(20);
    const order = at.trader.place(BODY);
    expect(await used(order)).toBe(20);
    expect((await order).headers).toMatchObject({
      'x-mbx-order-count-10s': '1',
      'x-mbx-order-count-1d': '1',
    });
    expect(await used(at.trader.place({ ...BODY, quantity: '5000' }))).toBe(21);
    expect(await used(at.trader.ask('GET', '/api/v3/openOrders'))).toBe(101);
    expect(await used(at.trader.ask('GET', '/api/v3/openOrders', { symbol: 'BTCUSDT' }))).toBe(107);
  });

  test('of orders: an executed one lowers the count, one that had rested by more', async () => {
    const at = await scene(bars(QUIET, [100, 101, 89, 95]));
    await at.close(1);
    const count = async (answer: Promise<{ headers: Readonly<Record<string, string>> }>) =>
      Number((await at.settle(answer)).headers['x-mbx-order-count-10s']);
    expect(await count(at.trader.market('BUY', 1))).toBe(0);
    for (let i = 1; i <= 7; i++) expect(await count(at.trader.limit('BUY', i === 1 ? 90 : 10, 1))).toBe(i);
    await at.toEnd();
    expect((await at.settle(at.trader.ask('GET', '/api/v3/rateLimit/order'))).body[0].count).toBe(2);
  });
});

describe('the rules of a symbol', () => {
  const rules = async (filters: readonly object[], more: object = {}) => {
    const all = await loadMarket([memoryFeed(bars(QUIET), { symbol: 'BTCUSDT', interval: '1m' })]);
    return { ...symbolInfo(all.listings.get('BTCUSDT')!), filters, ...more };
  };
  const LIMIT = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '90' };
  const MARKET = { side: 'BUY', type: 'MARKET', quantity: '1' };
  const STOP = { side: 'SELL', type: 'STOP_LOSS', quantity: '1', stopPrice: '90' };

  test.each([
    [
      'PRICE_FILTER',
      { minPrice: '0.01', maxPrice: '95', tickSize: '0.10' },
      LIMIT,
      [{ price: '90.05' }, { price: '95.1' }, { price: '0.001' }],
    ],
    ['PRICE_FILTER', { minPrice: '0', maxPrice: '0', tickSize: '0.10' }, STOP, [{ stopPrice: '90.01' }]],
    [
      'PERCENT_PRICE',
      { multiplierUp: '1.1', multiplierDown: '0.9', avgPriceMins: 0 },
      LIMIT,
      [{ price: '110.01' }, { price: '89.99' }],
    ],
    [
      'PERCENT_PRICE_BY_SIDE',
      {
        bidMultiplierUp: '1.05',
        bidMultiplierDown: '0.8',
        askMultiplierUp: '2',
        askMultiplierDown: '0.9',
        avgPriceMins: 0,
      },
      LIMIT,
      [{ price: '105.01' }, { side: 'SELL', price: '89' }],
    ],
    [
      'LOT_SIZE',
      { minQty: '0.2', maxQty: '2', stepSize: '0.1' },
      LIMIT,
      [{ quantity: '0.1' }, { quantity: '2.1' }, { quantity: '1.05' }],
    ],
    ['MARKET_LOT_SIZE', { minQty: '0', maxQty: '2', stepSize: '0' }, MARKET, [{ quantity: '2.1' }]],
    [
      'MIN_NOTIONAL',
      { minNotional: '50', applyToMarket: true, avgPriceMins: 0 },
      MARKET,
      [{ quantity: '0.4' }],
    ],
    [
      'NOTIONAL',
      {
        minNotional: '50',
        applyMinToMarket: false,
        maxNotional: '500',
        applyMaxToMarket: true,
        avgPriceMins: 0,
      },
      LIMIT,
      [
        { quantity: '0.5' },
        { quantity: '6' },
        { ...MARKET, timeInForce: undefined, price: undefined, quantity: '6' },
      ],
    ],
    ['MAX_POSITION', { maxPosition: '11' }, LIMIT, [{ quantity: '1.1' }]],
    [
      'TRAILING_DELTA',
      {
        minTrailingAboveDelta: 10,
        maxTrailingAboveDelta: 200,
        minTrailingBelowDelta: 50,
        maxTrailingBelowDelta: 100,
      },
      { ...STOP, trailingDelta: 60 },
      [{ trailingDelta: 40 }, { trailingDelta: 101 }],
    ],
    ['ICEBERG_PARTS', { limit: 4 }, { ...LIMIT, icebergQty: '0.25' }, [{ icebergQty: '0.2' }]],
  ])('%s %j', async (filterType, filter, good, wrong) => {
    const symbols = [await rules([{ filterType, ...filter }])];
    const at = await scene(bars(QUIET, QUIET), { symbols });
    await at.close(1);
    for (const change of wrong) {
      const { status, body } = await at.settle(at.trader.place({ ...good, ...change }));
      expect([change, status, body]).toEqual([
        change,
        400,
        { code: -1013, msg: `Filter failure: ${filterType}` },
      ]);
    }
    expect((await at.settle(at.trader.place(good))).status).toBe(200);
  });

  test.each([
    ['MAX_NUM_ORDERS', { maxNumOrders: 2 }, LIMIT],
    ['MAX_NUM_ALGO_ORDERS', { maxNumAlgoOrders: 2 }, STOP],
  ])('%s', async (filterType, filter, order) => {
    const at = await scene(bars(QUIET, QUIET), { symbols: [await rules([{ filterType, ...filter }])] });
    const place = () => at.settle(at.trader.place(order));
    expect([(await place()).status, (await place()).status]).toEqual([200, 200]);
    expect((await place()).body.msg).toBe(`Filter failure: ${filterType}`);
  });

  test('what a symbol has not is refused', async () => {
    const symbols = [
      await rules([], {
        orderTypes: ['LIMIT', 'MARKET'],
        quoteOrderQtyMarketAllowed: false,
        ocoAllowed: false,
      }),
    ];
    const at = await scene(bars(QUIET, QUIET), { symbols });
    expect((await at.settle(at.trader.place(STOP))).body.msg).toBe(
      'Stop loss orders are not supported for this symbol.',
    );
    const quote = await at.settle(at.trader.place({ side: 'BUY', type: 'MARKET', quoteOrderQty: 100 }));
    expect(quote.body.msg).toBe('Quote order qty market orders are not support for this symbol.');
    const oco = { symbol: 'BTCUSDT', side: 'SELL', quantity: 1, price: 110, stopPrice: 90 };
    expect((await at.settle(at.trader.ask('POST', '/api/v3/order/oco', oco))).body.code).toBe(-1013);
  });

  test('are asked before an order is replaced: what breaks them cancels nothing', async () => {
    const filter = { filterType: 'LOT_SIZE', minQty: '0', maxQty: '5', stepSize: '0.1' };
    const at = await scene(bars(QUIET, QUIET), { symbols: [await rules([filter])] });
    await at.settle(at.trader.place(LIMIT));
    const replace = {
      symbol: 'BTCUSDT',
      ...LIMIT,
      quantity: '6',
      cancelOrderId: 1,
      cancelReplaceMode: 'ALLOW_FAILURE',
    };
    const { body } = await at.settle(at.trader.ask('POST', '/api/v3/order/cancelReplace', replace));
    expect(body.code).toBe(-1013);
    expect(at.exchange.accounts[0].openOrders).toHaveLength(1);
  });

  test('one that is not traded takes no orders', async () => {
    const at = await scene(bars(QUIET, QUIET), { symbols: [await rules([], { status: 'HALT' })] });
    expect((await at.settle(at.trader.place(LIMIT))).body).toEqual({ code: -1013, msg: 'Market is closed.' });
  });
});

test('the secret is nowhere to be seen', async () => {
  const at = await scene(bars(QUIET, QUIET));
  await at.settle(at.trader.place(BODY));
  const heard = listenTo(at.network, `${at.url.replace('http', 'ws')}/ws-api/v3`);
  await at.pass(100);
  const shown = JSON.stringify([at.exchange.accounts, at.exchange.status, heard.messages]);
  expect(shown).not.toContain('not a secret');
  expect(shown).not.toContain(API_KEY);
});
