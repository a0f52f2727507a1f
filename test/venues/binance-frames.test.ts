import { describe, expect, test } from 'vitest';
import { type FormingScan, readFrame, scanForming } from '../../src/venues/binance/frames.ts';

/** The kline event as Binance documents it, with the values changed to tell them apart. */
const KLINE = {
  e: 'kline',
  E: 1672515782136,
  s: 'BNBBTC',
  k: {
    t: 1672515780000,
    T: 1672515839999,
    s: 'BNBBTC',
    i: '1m',
    f: 100,
    L: 200,
    o: '0.0010',
    c: '0.0020',
    h: '0.0025',
    l: '0.0015',
    v: '1000',
    n: 101,
    x: false,
    q: '1.0000',
    V: '500',
    Q: '0.500',
    B: '123456',
  },
};

const raw = (closed: boolean) => JSON.stringify({ ...KLINE, k: { ...KLINE.k, x: closed } });
const combined = (closed: boolean) => `{"stream":"bnbbtc@kline_1m","data":${raw(closed)}}`;

describe('a kline frame', () => {
  test('is read the same from raw and combined streams', () => {
    const expected = {
      kind: 'kline',
      symbol: 'BNBBTC',
      interval: '1m',
      time: 1672515782136,
      closed: true,
      kline: {
        time: 1672515780000,
        open: 0.001,
        high: 0.0025,
        low: 0.0015,
        close: 0.002,
        volume: 1000,
        quoteVolume: 1,
        trades: 101,
        takerBuyBase: 500,
        takerBuyQuote: 0.5,
      },
    };
    expect(readFrame(raw(true))).toEqual(expected);
    expect(readFrame(combined(true))).toEqual(expected);
    expect(readFrame(combined(false))).toEqual({ ...expected, closed: false });
  });

  test('is closed by x: true only', () => {
    for (const x of [1, 'true', null, undefined]) {
      expect(readFrame(JSON.stringify({ ...KLINE, k: { ...KLINE.k, x } }))).toMatchObject({ closed: false });
    }
  });

  test('with a value that is no number is not taken', () => {
    for (const name of ['t', 'o', 'h', 'l', 'c', 'v', 'n', 'q', 'V', 'Q']) {
      for (const value of ['abc', undefined, 'NaN', 'Infinity', {}]) {
        const frame = readFrame(JSON.stringify({ ...KLINE, k: { ...KLINE.k, [name]: value } }));
        expect(frame).toEqual({ kind: 'unreadable' });
      }
    }
  });

  test('that is unfinished is found without parsing, raw and combined', () => {
    const found: FormingScan = { symbol: '', interval: '', open: 0 };
    for (const text of [raw(false), combined(false)]) {
      Object.assign(found, { symbol: '', interval: '', open: 0 });
      expect(scanForming(text, found)).toBe(true);
      expect(found).toEqual({ symbol: 'BNBBTC', interval: '1m', open: 1672515780000 });
    }
  });

  test('that is closed, of another kind or written otherwise is left to the parser', () => {
    const found: FormingScan = { symbol: '', interval: '', open: 0 };
    const spaced = JSON.stringify(KLINE, null, 1);
    for (const text of [
      raw(true),
      combined(true),
      spaced,
      '',
      '{}',
      '{"k":{"t":',
      '{"k":{"t":12',
      '{"e":"trade"}',
    ]) {
      expect(scanForming(text, found)).toBe(false);
    }
    expect(readFrame(spaced)).toMatchObject({ kind: 'kline', closed: false });
  });
});

describe('other frames', () => {
  test('serverShutdown is known raw, combined and wrapped', () => {
    expect(readFrame('{"e":"serverShutdown","E":1770123456789}')).toEqual({ kind: 'shutdown' });
    expect(readFrame('{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}')).toEqual(
      { kind: 'shutdown' },
    );
  });

  test('replies say whether a request was granted', () => {
    expect(readFrame('{"result":null,"id":3}')).toEqual({ kind: 'reply', id: 3, error: undefined });
    expect(readFrame('{"error":{"code":2,"msg":"Invalid request"},"id":4}')).toEqual({
      kind: 'reply',
      id: 4,
      error: 'Invalid request (2)',
    });
    expect(readFrame('{"code":2,"msg":"Invalid request","id":"5"}')).toMatchObject({
      error: 'Invalid request (2)',
    });
  });

  test('the ticks of a local replay are read in both forms', () => {
    const tick = { e: 'replay', E: 1672515840000, n: 7, end: false };
    expect(readFrame(JSON.stringify(tick))).toEqual({ kind: 'replay', tick });
    expect(readFrame(JSON.stringify({ stream: '!replay', data: { ...tick, end: true } }))).toEqual({
      kind: 'replay',
      tick: { ...tick, end: true },
    });
    expect(readFrame('{"e":"replay"}')).toEqual({ kind: 'unreadable' });
  });

  test('anything else is harmless', () => {
    for (const text of ['', 'null', '7', '"x"', '{', '{"e":"kline"}', '{"e":"kline","k":5}']) {
      expect(readFrame(text)).toEqual({ kind: 'unreadable' });
    }
    for (const text of [
      '{}',
      '[]',
      '{"e":"trade"}',
      '{"stream":"a","data":null}',
      '{"stream":"a","data":[1]}',
    ]) {
      expect(readFrame(text)).toEqual({ kind: 'other' });
    }
  });
});
