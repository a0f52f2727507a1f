import { Spot } from '@binance/spot';
import { MainClient, WebsocketClient } from 'binance';
import binanceApiNode from 'binance-api-node';
import ccxt from 'ccxt';

/**
 * One entry a library: made with the exchange's URL, each says the symbol's assets and the time, reads klines by REST,
 * and waits for so many that close on a stream. Klines are `[open time, open, high, low, close, volume]`.
 */
export const CLIENTS = {
  'binance-api-node': url => {
    const streams = url.replace('http', 'ws');
    const client = binanceApiNode.default({ httpBase: url, wsBase: `${streams}/ws` });
    return {
      symbol: async () => {
        const { symbols } = await client.exchangeInfo({ symbol: 'BTCUSDT' });
        return { base: symbols[0].baseAsset, quote: symbols[0].quoteAsset };
      },
      time: () => client.time(),
      klines: async options => {
        const candles = await client.candles({ symbol: 'BTCUSDT', interval: '1m', ...options });
        return candles.map(({ openTime, open, high, low, close, volume }) =>
          numbers([openTime, open, high, low, close, volume]),
        );
      },
      closedKlines: count =>
        collect(count, async push => {
          const stop = client.ws.candles('BTCUSDT', '1m', candle => {
            const { isFinal, startTime, open, high, low, close, volume } = candle;
            if (isFinal) push(numbers([startTime, open, high, low, close, volume]));
          });
          return () => stop({ delay: 0, fastClose: true });
        }),
    };
  },

  binance: url => {
    const client = new MainClient({ baseUrl: url });
    return {
      symbol: async () => {
        const { symbols } = await client.getExchangeInfo({ symbol: 'BTCUSDT' });
        return { base: symbols[0].baseAsset, quote: symbols[0].quoteAsset };
      },
      // Its getServerTime() asks Binance, whatever the baseUrl.
      time: async () => (await client.get('api/v3/time')).serverTime,
      klines: async options => {
        const rows = await client.getKlines({ symbol: 'BTCUSDT', interval: '1m', ...options });
        return rows.map(row => numbers(row.slice(0, 6)));
      },
      closedKlines: count =>
        collect(count, async push => {
          const socket = new WebsocketClient({ wsUrl: url.replace('http', 'ws'), beautify: true }, QUIET);
          socket.on('formattedMessage', ({ kline }) => {
            if (kline?.final) {
              const { startTime, open, high, low, close, volume } = kline;
              push(numbers([startTime, open, high, low, close, volume]));
            }
          });
          socket.on('exception', () => {});
          await socket.subscribe(['btcusdt@kline_1m'], 'main');
          return () => socket.closeAll(true);
        }),
    };
  },

  '@binance/spot': url => {
    const client = new Spot({
      configurationRestAPI: { apiKey: '', basePath: url },
      configurationWebsocketStreams: { wsURL: url.replace('http', 'ws') },
    });
    return {
      symbol: async () => {
        const answer = await client.restAPI.exchangeInfo({ symbol: 'BTCUSDT' });
        const { symbols } = await answer.data();
        return { base: symbols[0].baseAsset, quote: symbols[0].quoteAsset };
      },
      time: async () => {
        const answer = await client.restAPI.time();
        return Number((await answer.data()).serverTime);
      },
      klines: async options => {
        const answer = await client.restAPI.klines({ symbol: 'BTCUSDT', interval: '1m', ...options });
        return (await answer.data()).map(row => numbers(row.slice(0, 6)));
      },
      closedKlines: count =>
        collect(count, async push => {
          const connection = await client.websocketStreams.connect();
          const stream = connection.kline({ symbol: 'btcusdt', interval: '1m' });
          stream.on('message', ({ k }) => {
            if (k.x) push(numbers([k.t, k.o, k.h, k.l, k.c, k.v]));
          });
          return () => connection.disconnect();
        }),
    };
  },

  ccxt: url => {
    const client = new ccxt.pro.binance({
      options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
    });
    client.urls.api.public = `${url}/api/v3`;
    client.urls.api.ws.spot = `${url.replace('http', 'ws')}/ws`;
    return {
      symbol: async () => {
        const { base, quote } = (await client.loadMarkets())['BTC/USDT'];
        return { base, quote };
      },
      time: () => client.fetchTime(),
      klines: ({ startTime, limit }) => client.fetchOHLCV('BTC/USDT', '1m', startTime, limit),
      // It does not tell whether a kline has closed: all but the last one have.
      closedKlines: count =>
        collect(count, async (push, fail) => {
          let isOver = false;
          let last;
          const watch = async () => {
            // Without it no ws: address works, with or without a proxy.
            await client.loadHttpProxyAgent();
            while (!isOver) {
              const [row] = (await client.watchOHLCV('BTC/USDT', '1m')).slice(-1);
              if (last !== undefined && row[0] > last[0]) push(last);
              last = [...row];
            }
          };
          watch().catch(error => isOver || fail(error));
          return () => {
            isOver = true;
            return client.close();
          };
        }),
    };
  },
};

const QUIET = { trace() {}, info() {}, error() {} };

function numbers(values) {
  return values.map(Number);
}

/** The first `count` that are pushed, within 30 seconds. `start` returns what ends it, and may fail later. */
async function collect(count, start) {
  const found = [];
  let done;
  let fail;
  const enough = new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${found.length} of ${count} klines came in 30 s`)),
      30_000,
    );
    fail = error => {
      clearTimeout(timer);
      reject(error);
    };
    done = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  // It is awaited below; until then its failing is no one's.
  enough.catch(() => {});
  const stop = await start(bar => {
    if (found.length < count) found.push(bar);
    if (found.length === count) done();
  }, fail);
  await enough;
  await stop();
  return found;
}
