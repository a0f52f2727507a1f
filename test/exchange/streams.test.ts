import { describe, expect, test } from 'vitest';
import { parseStreamPath, StreamSession } from '../../src/exchange/streams.ts';

/** A session, and what it did. */
function session(url = '/ws', lockstep = false) {
  const sent: unknown[] = [];
  const ended: [number, string][] = [];
  const subscribed: string[] = [];
  const unsubscribed: string[] = [];
  const acknowledged: number[] = [];
  const one = new StreamSession(parseStreamPath(url)!, lockstep, {
    send: text => sent.push(JSON.parse(text)),
    close: (code, reason) => ended.push([code, reason]),
    subscribed: streams => subscribed.push(...streams),
    unsubscribed: streams => unsubscribed.push(...streams),
    acknowledged: tick => acknowledged.push(tick),
  });
  let now = 0;
  const receive = (message: unknown, after = 1000) => {
    now += after;
    one.receive(typeof message === 'string' ? message : JSON.stringify(message), now);
    return sent.at(-1);
  };
  return { one, sent, ended, subscribed, unsubscribed, acknowledged, receive };
}

describe('the address of a connection', () => {
  test.each([
    ['/ws', false, []],
    ['/ws/', false, []],
    ['/ws/btcusdt@kline_1m', false, ['btcusdt@kline_1m']],
    ['/ws/a@trade/b@trade', false, ['a@trade', 'b@trade']],
    ['/ws/btcusdt%40kline_1m', false, ['btcusdt@kline_1m']],
    ['/stream', true, []],
    ['/stream?streams=', true, []],
    ['/stream?streams=a@trade/b@trade/a@trade', true, ['a@trade', 'b@trade']],
    ['/stream?timeUnit=MILLISECOND&streams=!replay', true, ['!replay']],
  ])('%s', (url, combined, streams) => {
    expect(parseStreamPath(url)).toEqual({ combined, streams });
  });

  test.each(['/', '/wss', '/ws-api/v3', '/streams?streams=a'])('%s leads nowhere', url => {
    expect(parseStreamPath(url)).toBeUndefined();
  });
});

test('streams are subscribed to, listed and left', () => {
  const { receive, subscribed, unsubscribed } = session('/ws/a@trade');
  expect(receive({ method: 'SUBSCRIBE', params: ['a@trade', 'b@trade', 'b@trade'], id: 1 })).toEqual({
    result: null,
    id: 1,
  });
  expect(subscribed).toEqual(['b@trade']);
  expect(receive({ method: 'LIST_SUBSCRIPTIONS', id: 'x-1' })).toEqual({
    result: ['a@trade', 'b@trade'],
    id: 'x-1',
  });
  expect(receive({ method: 'UNSUBSCRIBE', params: ['a@trade', 'c@trade'], id: null })).toEqual({
    result: null,
    id: null,
  });
  expect(unsubscribed).toEqual(['a@trade']);
  expect(receive({ method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual({ result: ['b@trade'], id: 2 });
});

test('payloads are wrapped on combined streams, and where the property says so', () => {
  const { one, receive } = session('/ws');
  expect(one.framed('a@trade', '{"e":1}')).toBe('{"e":1}');
  expect(receive({ method: 'GET_PROPERTY', params: ['combined'], id: 1 })).toEqual({ result: false, id: 1 });
  expect(receive({ method: 'SET_PROPERTY', params: ['combined', true], id: 2 })).toEqual({
    result: null,
    id: 2,
  });
  expect(one.framed('a@trade', '{"e":1}')).toBe('{"stream":"a@trade","data":{"e":1}}');
  expect(session('/stream').one.framed('a', '1')).toBe('{"stream":"a","data":1}');
});

test.each([
  ['{', 3],
  ['[]', 3],
  [{ method: 'SUBSCRIBE', params: ['a'] }, 2],
  [{ method: 'SUBSCRIBE', params: ['a'], id: 1.5 }, 2],
  [{ params: ['a'], id: 1 }, 2],
  [{ method: 'subscribe', params: ['a'], id: 1 }, 2],
  [{ method: 'SUBSCRIBE', params: 'a', id: 1 }, 2],
  [{ method: 'SUBSCRIBE', params: [1], id: 1 }, 2],
  [{ method: 'SET_PROPERTY', params: ['color', 'red'], id: 1 }, 0],
  [{ method: 'SET_PROPERTY', params: ['combined', 'yes'], id: 1 }, 1],
  [{ method: 'GET_PROPERTY', params: [1], id: 1 }, 2],
  [{ method: 'ACK', params: [1], id: 1 }, 2],
])('what cannot be understood is refused and changes nothing: %j', (message, code) => {
  const { receive, ended, subscribed } = session('/ws');
  expect(receive(message)).toMatchObject({ error: { code, msg: expect.any(String) } });
  expect([ended, subscribed]).toEqual([[], []]);
});

test('more than five messages within a second end the connection', () => {
  const { receive, ended } = session();
  const list = { method: 'LIST_SUBSCRIPTIONS', id: 1 };
  for (let i = 0; i < 50; i++) receive(list, 200);
  expect(ended).toEqual([]);
  for (let i = 0; i < 5; i++) receive(list, 100);
  expect(ended).toEqual([[1008, 'too many messages']]);
});

test('acknowledgements of lockstep are not counted and not answered', () => {
  const { receive, ended, acknowledged, sent } = session('/ws/!replay', true);
  for (let tick = 0; tick < 100; tick++) receive({ method: 'ACK', params: [tick] }, 0);
  expect([ended, sent, acknowledged.length]).toEqual([[], [], 100]);
});

test('more than 1024 streams end the connection', () => {
  const names = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `s${from + i}@trade`);
  const { receive, ended } = session();
  receive({ method: 'SUBSCRIBE', params: names(1024), id: 1 });
  expect(ended).toEqual([]);
  receive({ method: 'SUBSCRIBE', params: names(1, 2000), id: 2 });
  expect(ended).toEqual([[1008, 'more than 1024 streams']]);
  expect(session(`/stream?streams=${names(1025).join('/')}`).ended).toHaveLength(1);
});
