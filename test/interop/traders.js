import { Spot } from '@binance/spot';
import { MainClient, WebsocketAPIClient } from 'binance';
import binanceApiNode from 'binance-api-node';
import ccxt from 'ccxt';

const QUIET = { trace() {}, info() {}, error() {} };
const SYMBOL = 'BTCUSDT';

/**
 * One entry a library: made with the exchange's URL and a key (`apiKey`, and `secret` or a private key as PEM), each places
 * orders, asks for them, cancels them, and hears of them. `hear` returns once it listens; events come as Binance's own
 * execution reports have it: `{ order, status }`.
 */
export const TRADERS = {
  'binance-api-node': (url, { apiKey, secret, privateKey }) => {
    const client = binanceApiNode.default({
      ...{
        httpBase: url,
        wsBase: `${url.replace('http', 'ws')}/ws`,
        wsApi: `${url.replace('http', 'ws')}/ws-api/v3`,
      },
      ...{ apiKey, ...(secret === undefined ? { privateKey } : { apiSecret: secret }) },
    });
    let stop = () => {};
    return {
      market: async (side, quantity) =>
        told(await client.order({ symbol: SYMBOL, side, type: 'MARKET', quantity })),
      limit: async (side, quantity, price, id) =>
        told(
          await client.order({ symbol: SYMBOL, side, type: 'LIMIT', quantity, price, newClientOrderId: id }),
        ),
      order: async id => told(await client.getOrder({ symbol: SYMBOL, origClientOrderId: id })),
      open: async () => (await client.openOrders({ symbol: SYMBOL })).map(told),
      cancel: async id => told(await client.cancelOrder({ symbol: SYMBOL, origClientOrderId: id })),
      oco: async (quantity, price, stopPrice) => {
        const list = await client.orderOco({
          ...{ symbol: SYMBOL, side: 'SELL', quantity, price, stopPrice },
          ...{ stopLimitPrice: stopPrice, stopLimitTimeInForce: 'GTC' },
        });
        return { list: list.orderListId, orders: list.orderReports.map(told) };
      },
      cancelList: async list =>
        (await client.cancelOrderOco({ symbol: SYMBOL, orderListId: list })).listOrderStatus,
      balance: async asset => {
        const { balances } = await client.accountInfo();
        return amountOf(balances.find(one => one.asset === asset));
      },
      trades: async () => (await client.myTrades({ symbol: SYMBOL })).map(({ orderId }) => Number(orderId)),
      refuse: () => client.order({ symbol: SYMBOL, side: 'SELL', type: 'MARKET', quantity: '1000' }),
      code: error => error.code,
      hear: async push => {
        stop = await client.ws.user(event => {
          if (event.eventType === 'executionReport')
            push({ order: Number(event.orderId), status: event.orderStatus });
        });
      },
      close: () => stop({ delay: 0, fastClose: true }),
    };
  },

  binance: (url, { apiKey, secret, privateKey }) => {
    const keys = { api_key: apiKey, api_secret: secret ?? privateKey };
    const client = new MainClient({ ...keys, baseUrl: url });
    const socket = new WebsocketAPIClient(
      { ...keys, wsUrl: url.replace('http', 'ws'), beautify: false, attachEventListeners: false },
      QUIET,
    );
    return {
      market: async (side, quantity) =>
        told(await client.submitNewOrder({ symbol: SYMBOL, side, type: 'MARKET', quantity })),
      limit: async (side, quantity, price, id) =>
        told(
          await client.submitNewOrder({
            ...{
              symbol: SYMBOL,
              side,
              type: 'LIMIT',
              timeInForce: 'GTC',
              quantity,
              price,
              newClientOrderId: id,
            },
          }),
        ),
      order: async id => told(await client.getOrder({ symbol: SYMBOL, origClientOrderId: id })),
      open: async () => (await client.getOpenOrders({ symbol: SYMBOL })).map(told),
      cancel: async id => told(await client.cancelOrder({ symbol: SYMBOL, origClientOrderId: id })),
      oco: async (quantity, price, stopPrice) => {
        const list = await client.submitNewOrderList({
          ...{ symbol: SYMBOL, side: 'SELL', quantity, aboveType: 'LIMIT_MAKER', abovePrice: price },
          ...{ belowType: 'STOP_LOSS', belowStopPrice: stopPrice },
        });
        return { list: list.orderListId, orders: list.orderReports.map(told) };
      },
      cancelList: async list =>
        (await client.cancelOCO({ symbol: SYMBOL, orderListId: list })).listOrderStatus,
      balance: async asset => {
        const { balances } = await client.getAccountInformation();
        return amountOf(balances.find(one => one.asset === asset));
      },
      trades: async () =>
        (await client.getAccountTradeList({ symbol: SYMBOL })).map(({ orderId }) => orderId),
      refuse: () => client.submitNewOrder({ symbol: SYMBOL, side: 'SELL', type: 'MARKET', quantity: 1000 }),
      code: error => error.code,
      hear: async push => {
        const wsClient = socket.getWSClient();
        wsClient.on('message', message => {
          const event = message.event ?? message;
          if (event.e === 'executionReport') push({ order: event.i, status: event.X });
        });
        wsClient.on('exception', () => {});
        await socket.subscribeUserDataStream('mainWSAPI');
      },
      close: () => socket.disconnectAll(),
    };
  },

  '@binance/spot': (url, { apiKey, secret, privateKey }) => {
    const keys = { apiKey, ...(secret === undefined ? { privateKey } : { apiSecret: secret }) };
    const client = new Spot({
      configurationRestAPI: { ...keys, basePath: url },
      configurationWebsocketAPI: { ...keys, wsURL: `${url.replace('http', 'ws')}/ws-api/v3` },
    });
    const { restAPI } = client;
    const of = async answer => (await answer).data();
    let connection;
    return {
      market: async (side, quantity) =>
        told(
          await of(restAPI.newOrder({ symbol: SYMBOL, side, type: 'MARKET', quantity: Number(quantity) })),
        ),
      limit: async (side, quantity, price, id) =>
        told(
          await of(
            restAPI.newOrder({
              ...{ symbol: SYMBOL, side, type: 'LIMIT', timeInForce: 'GTC', newClientOrderId: id },
              ...{ quantity: Number(quantity), price: Number(price) },
            }),
          ),
        ),
      order: async id => told(await of(restAPI.getOrder({ symbol: SYMBOL, origClientOrderId: id }))),
      open: async () => (await of(restAPI.getOpenOrders({ symbol: SYMBOL }))).map(told),
      cancel: async id => told(await of(restAPI.deleteOrder({ symbol: SYMBOL, origClientOrderId: id }))),
      oco: async (quantity, price, stopPrice) => {
        const list = await of(
          restAPI.orderListOco({
            ...{ symbol: SYMBOL, side: 'SELL', quantity: Number(quantity) },
            ...{ aboveType: 'LIMIT_MAKER', abovePrice: Number(price) },
            ...{ belowType: 'STOP_LOSS', belowStopPrice: Number(stopPrice) },
          }),
        );
        return { list: Number(list.orderListId), orders: list.orderReports.map(told) };
      },
      cancelList: async list =>
        (await of(restAPI.deleteOrderList({ symbol: SYMBOL, orderListId: list }))).listOrderStatus,
      balance: async asset => {
        const { balances } = await of(restAPI.getAccount());
        return amountOf(balances.find(one => one.asset === asset));
      },
      trades: async () =>
        (await of(restAPI.myTrades({ symbol: SYMBOL }))).map(({ orderId }) => Number(orderId)),
      refuse: () => restAPI.newOrder({ symbol: SYMBOL, side: 'SELL', type: 'MARKET', quantity: 1000 }),
      code: error => error.code,
      hear: async push => {
        connection = await client.websocketAPI.connect();
        const { stream } = await connection.userDataStreamSubscribeSignature();
        stream.on('message', message => {
          const event = message.event ?? message;
          if (event.e === 'executionReport') push({ order: Number(event.i), status: event.X });
        });
      },
      close: () => connection?.disconnect(),
    };
  },

  ccxt: (url, { apiKey, secret, privateKey }) => {
    const client = new ccxt.pro.binance({
      ...{ apiKey, secret: secret ?? privateKey },
      options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
    });
    client.urls.api.public = `${url}/api/v3`;
    client.urls.api.private = `${url}/api/v3`;
    client.urls.api.sapi = `${url}/sapi/v1`;
    client.urls.api.ws.spot = `${url.replace('http', 'ws')}/ws`;
    client.urls.api.ws['ws-api'].spot = `${url.replace('http', 'ws')}/ws-api/v3`;
    const pair = 'BTC/USDT';
    const order = ({ info }) => told(info);
    let isOver = false;
    return {
      market: async (side, quantity) =>
        order(await client.createOrder(pair, 'market', side.toLowerCase(), Number(quantity))),
      limit: async (side, quantity, price, id) =>
        order(
          await client.createOrder(pair, 'limit', side.toLowerCase(), Number(quantity), Number(price), {
            newClientOrderId: id,
          }),
        ),
      order: async id => order(await client.fetchOrder(undefined, pair, { origClientOrderId: id })),
      open: async () => (await client.fetchOpenOrders(pair)).map(order),
      cancel: async id => order(await client.cancelOrder(undefined, pair, { origClientOrderId: id })),
      oco: async (quantity, price, stopPrice) => {
        const list = await client.privatePostOrderListOco({
          ...{ symbol: SYMBOL, side: 'SELL', quantity, aboveType: 'LIMIT_MAKER', abovePrice: price },
          ...{ belowType: 'STOP_LOSS', belowStopPrice: stopPrice },
        });
        return { list: Number(list.orderListId), orders: list.orderReports.map(told) };
      },
      cancelList: async list =>
        (await client.privateDeleteOrderList({ symbol: SYMBOL, orderListId: list })).listOrderStatus,
      balance: async asset => {
        const { free, used } = (await client.fetchBalance())[asset];
        return [free, used];
      },
      trades: async () => (await client.fetchMyTrades(pair)).map(trade => Number(trade.order)),
      refuse: () => client.createOrder(pair, 'market', 'sell', 1000),
      code: error => (error instanceof ccxt.InsufficientFunds ? -2010 : error.message),
      hear: async push => {
        await client.loadMarkets();
        // Without it no ws: address works, with or without a proxy.
        await client.loadHttpProxyAgent();
        await client.authenticate({ type: 'spot' });
        const watch = async () => {
          while (!isOver) {
            for (const { info } of await client.watchOrders(pair))
              push({ order: Number(info.i), status: info.X });
          }
        };
        watch().catch(() => {});
      },
      close: () => {
        isOver = true;
        return client.close();
      },
    };
  },
};

function told({ orderId, status, executedQty }) {
  return { order: Number(orderId), status, executed: Number(executedQty) };
}

function amountOf({ free, locked }) {
  return [Number(free), Number(locked)];
}
