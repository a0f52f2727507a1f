import { expect, test } from 'vitest';
import { endpointsOf } from '../../src/venues/binance/endpoints.ts';

test('each environment has its own market data, orders and account stream', () => {
  const names = ['binance', 'testnet', 'demo', 'local'];
  const all = names.map(endpointsOf);
  expect(all.map(({ name }) => name)).toEqual(names);
  const hosts = all.map(({ trading }) => [new URL(trading.rest).host, new URL(trading.account).host]);
  expect(hosts).toEqual([
    ['api.binance.com', 'ws-api.binance.com'],
    ['testnet.binance.vision', 'ws-api.testnet.binance.vision'],
    ['demo-api.binance.com', 'demo-ws-api.binance.com'],
    ['127.0.0.1:9876', '127.0.0.1:9876'],
  ]);
  for (const { local, rest, stream, trading } of all) {
    // Nothing that holds a key leaves this machine in the clear.
    for (const url of [rest, stream, trading.rest, trading.account]) {
      expect(new URL(url).protocol).toBe(
        local ? (url.startsWith('ws') ? 'ws:' : 'http:') : url.startsWith('ws') ? 'wss:' : 'https:',
      );
    }
    expect(new URL(trading.account).pathname).toBe('/ws-api/v3');
  }
});

test('a URL serves all, with its path', () => {
  expect(endpointsOf('https://exchange.test:99/a/b/')).toMatchObject({
    name: 'exchange.test:99',
    rest: 'https://exchange.test:99/a/b',
    stream: 'wss://exchange.test:99/a/b',
    trading: { rest: 'https://exchange.test:99/a/b', account: 'wss://exchange.test:99/a/b/ws-api/v3' },
    local: true,
  });
});
