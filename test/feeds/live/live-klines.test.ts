import { describe, expect, test } from 'vitest';
import type {
  LiveKlines,
  LiveKlinesOptions,
  LiveNotice,
  PastBars,
} from '../../../src/feeds/live/contract.ts';
import { openLiveKlines } from '../../../src/feeds/live/live-klines.ts';
import { storedPast } from '../../../src/feeds/live/past.ts';
import type { Bars } from '../../../src/model/bars.ts';
import { DataError, NetworkError } from '../../../src/model/errors.ts';
import { BarStore } from '../../../src/store/bars.ts';
import type { Endpoints } from '../../../src/venues/binance/endpoints.ts';
import { FakeExchange, type FakeOptions, json } from '../../support/fake-exchange.ts';
import { type Followed, follow } from '../../support/follow.ts';

const ENDPOINTS: Endpoints = { name: 'fake', rest: 'http://fake', stream: 'ws://fake', local: false };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Opened {
  readonly exchange: FakeExchange;
  readonly live: LiveKlines;
  readonly notices: LiveNotice[];
  readonly begun: number;
  /** Lets so much time pass, ms. */
  pass(ms: number): Promise<void>;
  /** Closes it, and checks that nothing is left. */
  close(): Promise<void>;
}

async function open(
  fake: Partial<FakeOptions> = {},
  options: Partial<LiveKlinesOptions> = {},
  prepare: (exchange: FakeExchange) => void = () => {},
): Promise<Opened> {
  const exchange = new FakeExchange({ symbols: ['BTCUSDT'], ...fake });
  prepare(exchange);
  const notices: LiveNotice[] = [];
  const intervals = Object.keys(fake.intervals ?? { '1m': MINUTE });
  const series = (fake.symbols ?? ['BTCUSDT']).flatMap(symbol =>
    intervals.map(interval => ({ symbol, interval: interval as '1m' })),
  );
  const opening = openLiveKlines({
    endpoints: ENDPOINTS,
    series,
    network: exchange.network,
    onNotice: notice => notices.push(notice),
    ...options,
  });
  let live: LiveKlines | undefined;
  opening.then(
    opened => {
      live = opened;
    },
    () => {},
  );
  await exchange.timers.run({ done: () => live !== undefined, until: exchange.timers.now() + HOUR });
  if (live === undefined) await opening;
  const pass = (ms: number) => exchange.timers.run({ until: exchange.timers.now() + ms });
  const close = async () => {
    let closed = false;
    void live!.close().then(() => {
      closed = true;
    });
    exchange.stop();
    await pass(MINUTE);
    expect(closed).toBe(true);
    expect(exchange.openSockets).toBe(0);
    expect(exchange.timers.pending).toBe(0);
  };
  return { exchange, live: live!, notices, begun: exchange.now(), pass, close };
}

/** The bars that came are all that closed since `from` (the beginning), with their values, once and in order. */
function expectWhole(
  { exchange }: Opened,
  followed: Followed,
  symbol: string,
  interval: string,
  from: number,
) {
  const truth = exchange.truth(symbol, interval, from, exchange.now() - 1000);
  expect(followed.times).toEqual(truth.map(bar => bar.open));
  expect(followed.closes).toEqual(truth.map(bar => Number(bar.texts[3])));
  expect(followed.quoteVolumes).toEqual(truth.map(bar => Number(bar.texts[5])));
}

const codes = (notices: readonly LiveNotice[]) => notices.map(({ code }) => code);

describe('a quiet connection', () => {
  test('brings every bar that closes after the start, and none before', async () => {
    const opened = await open({
      symbols: ['BTCUSDT', 'ETHUSDT'],
      intervals: { '1m': MINUTE, '5m': 5 * MINUTE },
    });
    const all = opened.live.feeds.map(feed => follow(feed));
    await opened.pass(2 * HOUR);
    for (const [i, { symbol, interval }] of opened.live.status().series.entries()) {
      expectWhole(opened, all[i], symbol, interval, opened.begun);
      expect(all[i].late).not.toContain(true);
    }
    expect(opened.exchange.connects.length).toBe(1);
    // At the start only; afterwards the clock, every ten minutes.
    const asked = opened.exchange.requests.filter(({ path }) => path.startsWith('/api/v3/klines'));
    expect(asked.length).toBe(4);
    await opened.close();
  });

  test('follows a warm-up without a seam', async () => {
    const opened = await open();
    const followed = follow(opened.live.feeds[0], { warmup: 2500 });
    await opened.pass(HOUR);
    const first = Math.floor(opened.begun / MINUTE) * MINUTE - 2500 * MINUTE;
    expectWhole(opened, followed, 'BTCUSDT', '1m', first + 1);
    expect(followed.phases.filter(phase => phase === 'warmup').length).toBe(2500);
    expect(followed.phases.indexOf('run')).toBe(2500);
    await opened.close();
  });

  test('tells that it is live, once', async () => {
    const opened = await open();
    const followed = follow(opened.live.feeds[0]);
    await opened.pass(10 * MINUTE);
    expect(followed.events.filter(({ kind }) => kind === 'status')).toEqual([
      { kind: 'status', status: 'live' },
    ]);
    expect(opened.live.status().series[0].state).toBe('live');
    await opened.close();
    expect(opened.live.status().series[0].state).toBe('ended');
    expect(followed.ended).toBe(true);
  });

  test('does not depend on the clock of this machine', async () => {
    for (const clockError of [-3 * HOUR, 47_000]) {
      const opened = await open({ clockError });
      const followed = follow(opened.live.feeds[0], { warmup: 10 });
      await opened.pass(10 * MINUTE);
      expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun - 10 * MINUTE);
      expect(codes(opened.notices)).toContain('CLOCK_OFF');
      expect(Math.abs(opened.live.status().time - opened.exchange.now())).toBeLessThan(100);
      await opened.close();
    }
  });

  test('gives up each feed by itself, and everything with the last', async () => {
    const opened = await open({ symbols: ['BTCUSDT', 'ETHUSDT'] });
    const [one, two] = opened.live.feeds.map(feed => follow(feed));
    await opened.pass(5 * MINUTE);
    one.stop();
    await opened.pass(5 * MINUTE);
    expect(one.times.length).toBe(5);
    expect(two.times.length).toBe(10);
    two.stop();
    opened.exchange.stop();
    await opened.pass(MINUTE);
    expect(opened.exchange.openSockets).toBe(0);
    expect(opened.exchange.timers.pending).toBe(0);
  });

  test('can be read once', async () => {
    const opened = await open();
    follow(opened.live.feeds[0]);
    expect(() => follow(opened.live.feeds[0])).toThrow(/a second time/);
    await opened.close();
  });
});

describe('a resumption', () => {
  test('goes on with the bar after the last one, over many pages, late bars marked', async () => {
    const opened = await open();
    const after = Math.floor(opened.begun / MINUTE) * MINUTE - 2345 * MINUTE;
    const followed = follow(opened.live.feeds[0], { after, warmup: 500 });
    await opened.pass(10 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', after + MINUTE);
    expect(new Set(followed.phases)).toEqual(new Set(['run']));
    const late = followed.late.lastIndexOf(true);
    expect(opened.begun - (followed.times[late] + MINUTE)).toBeGreaterThan(MINUTE - 5000);
    expect(opened.begun - (followed.times[late + 1] + MINUTE)).toBeLessThan(MINUTE + 5000);
    expect(followed.late.slice(0, late)).not.toContain(false);
    await opened.close();
  });
});

describe('bars that the stream loses', () => {
  test('come by REST when the next bar forms', async () => {
    const opened = await open();
    const followed = follow(opened.live.feeds[0]);
    opened.exchange.onFrame = (text, bar, closed) => (closed && bar.open % (3 * MINUTE) === 0 ? [] : [text]);
    await opened.pass(30 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    expect(followed.late).not.toContain(true);
    expect(opened.live.status().counters.gapsFilled).toBe(10);
    expect(codes(opened.notices)).toContain('GAP_FILLED');
    await opened.close();
  });

  test('come by REST when they are overdue, though nothing else moves, and the connection is doubted', async () => {
    const opened = await open();
    const followed = follow(opened.live.feeds[0]);
    await opened.pass(3 * MINUTE);
    opened.exchange.onFrame = () => [];
    const silenced = opened.exchange.now();
    await opened.pass(5 * MINUTE - 20_000);
    const seen = followed.times.length;
    expect(opened.exchange.now() - followed.times[seen - 1] - MINUTE).toBeLessThan(80_000);
    expect(
      opened.exchange.connects.filter(({ time }) => time > opened.exchange.local(silenced)).length,
    ).toBeGreaterThan(1);
    opened.exchange.onFrame = text => [text];
    await opened.pass(5 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    await opened.close();
  });

  test('come in order when they come late, twice, or before earlier ones', async () => {
    const opened = await open();
    const followed = follow(opened.live.feeds[0]);
    const { exchange } = opened;
    let turn = 0;
    exchange.onFrame = (text, _bar, closed) => {
      if (!closed) return [text];
      const kind = turn++ % 3;
      if (kind === 0) return [text, text];
      exchange.timers.after(kind === 1 ? 65_000 : 100, () => exchange.say(text));
      return [];
    };
    await opened.pass(31 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    expect(opened.live.status().counters.duplicates).toBeGreaterThan(10);
    await opened.close();
  });

  test('are never taken unfinished from a REST that lags', async () => {
    for (const lag of [300, 2500, 9000]) {
      const opened = await open();
      opened.exchange.lag = lag;
      const followed = follow(opened.live.feeds[0], { warmup: 3 });
      opened.exchange.onFrame = (text, _bar, closed) => (closed ? [] : [text]);
      await opened.pass(20 * MINUTE + 30_000);
      expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun - 3 * MINUTE);
      await opened.close();
    }
  });

  test('that the exchange never had are told as a gap, and the run goes on', async () => {
    const opened = await open();
    const { exchange } = opened;
    const from = Math.ceil(opened.begun / MINUTE) * MINUTE + 3 * MINUTE;
    const to = from + 7 * MINUTE;
    exchange.missing = bar => bar.open >= from && bar.open < to;
    const followed = follow(opened.live.feeds[0]);
    await opened.pass(20 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    const gaps = followed.events.filter(({ kind }) => kind === 'gap');
    expect(gaps).toMatchObject([{ from, to }]);
    expect(codes(opened.notices)).toContain('GAP');
    await opened.close();
  });

  test('and come again with other values are counted; the first values stand', async () => {
    const opened = await open();
    const followed = follow(opened.live.feeds[0]);
    opened.exchange.onFrame = (text, _bar, closed) =>
      closed ? [text, text.replace('"c":"1', '"c":"9')] : [text];
    await opened.pass(5 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    expect(opened.live.status().counters.revised).toBe(5);
    expect(codes(opened.notices)).toContain('BAR_REVISED');
    await opened.close();
  });
});

describe('a connection that is lost', () => {
  test('is made again with growing pauses, and no bar is lost or doubled', async () => {
    const opened = await open();
    const { exchange } = opened;
    const followed = follow(opened.live.feeds[0]);
    await opened.pass(3 * MINUTE);
    exchange.refusing = true;
    exchange.cut();
    await opened.pass(10 * MINUTE);
    const attempts = exchange.connects.length;
    // Thirty seconds at most, half of it on average, and quicker at the beginning.
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(90);
    expect(opened.live.status().series[0].state).toBe('disconnected');
    exchange.refusing = false;
    await opened.pass(5 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    expect(followed.events.filter(event => event.kind === 'status').map(({ status }) => status)).toEqual([
      'live',
      'disconnected',
      'live',
    ]);
    expect(codes(opened.notices)).toContain('RECONNECTING');
    await opened.close();
  });

  test('without a word is noticed after a minute of silence', async () => {
    const opened = await open({ intervals: { '1h': HOUR } });
    const { exchange } = opened;
    const followed = follow(opened.live.feeds[0]);
    await opened.pass(5 * MINUTE);
    exchange.newest()!.mute = true;
    await opened.pass(55_000);
    expect(exchange.connects.length).toBe(1);
    await opened.pass(10_000);
    expect(exchange.connects.length).toBe(2);
    expect(codes(opened.notices)).toContain('STALE');
    await opened.pass(3 * HOUR);
    expectWhole(opened, followed, 'BTCUSDT', '1h', opened.begun);
    await opened.close();
  });

  test('that is quick to break is made again at once, each time that it stood for a while', async () => {
    const opened = await open();
    const { exchange } = opened;
    const followed = follow(opened.live.feeds[0]);
    for (let i = 0; i < 20; i++) {
      await opened.pass(2 * MINUTE);
      const cut = exchange.timers.now();
      exchange.cut();
      await opened.pass(1000);
      const again = exchange.connects.find(({ time }) => time > cut);
      expect(again!.time - cut).toBeLessThan(600);
    }
    await opened.pass(2 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    await opened.close();
  });

  test('without a word is noticed when REST has a bar that it did not bring', async () => {
    const opened = await open();
    const { exchange } = opened;
    const followed = follow(opened.live.feeds[0]);
    await opened.pass(5 * MINUTE + 40_000);
    exchange.newest()!.mute = true;
    await opened.pass(30_000);
    // The next bar is overdue after ten seconds, and the silence of a minute is not over.
    expect(exchange.connects.length).toBe(2);
    expect(codes(opened.notices)).not.toContain('STALE');
    await opened.pass(5 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    await opened.close();
  });

  test('is replaced before it is a day old, the new one first', async () => {
    const opened = await open({ updateMs: 30_000 });
    const { exchange } = opened;
    const followed = follow(opened.live.feeds[0]);
    let most = 0;
    let least = 9;
    exchange.onFrame = text => {
      const heard = exchange.sockets.filter(socket => socket.open && !socket.closed).length;
      most = Math.max(most, heard);
      least = Math.min(least, heard);
      return [text];
    };
    await opened.pass(49 * HOUR);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    expect(exchange.connects.length).toBe(3);
    const [first, second] = exchange.connects;
    expect(second.time - first.time).toBeGreaterThan(22 * HOUR);
    expect(second.time - first.time).toBeLessThan(23.1 * HOUR);
    expect(least).toBe(1);
    expect(codes(opened.notices).filter(code => code === 'ROTATED').length).toBe(2);
    expect(opened.exchange.openSockets).toBe(1);
    await opened.close();
  });

  test('is replaced when the server says that it will go, in both forms', async () => {
    for (const text of [
      '{"e":"serverShutdown","E":1770123456789}',
      '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
    ]) {
      const opened = await open();
      const { exchange } = opened;
      const followed = follow(opened.live.feeds[0]);
      await opened.pass(3 * MINUTE);
      exchange.say(text);
      exchange.say(text);
      await opened.pass(1000);
      // The old one, still heard for a while, repeats itself.
      exchange.sockets[0].handlers.onMessage(text);
      await opened.pass(3 * MINUTE);
      expect(exchange.connects.length).toBe(2);
      expect(exchange.openSockets).toBe(1);
      expect(codes(opened.notices)).not.toContain('DISCONNECTED');
      await opened.pass(3 * MINUTE);
      expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
      expect(opened.live.status().counters.gapsFilled).toBe(0);
      await opened.close();
    }
  });
});

describe('forming bars', () => {
  test('come when asked for, forwards in time, and never after their bar has closed', async () => {
    const opened = await open({}, { forming: true });
    const { exchange } = opened;
    const followed = follow(opened.live.feeds[0]);
    let turn = 0;
    exchange.onFrame = text => {
      if (turn++ % 3 > 0) return [text];
      exchange.timers.after(5000, () => exchange.say(text));
      return [text];
    };
    await opened.pass(10 * MINUTE);
    expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
    let closed = 0;
    let time = 0;
    let volume = 0;
    let count = 0;
    for (const event of followed.events) {
      if (event.kind === 'bars') {
        closed = event.bars.time[0];
        volume = 0;
      }
      if (event.kind !== 'forming') continue;
      count++;
      expect(event.bar.time).toBeGreaterThan(closed);
      expect(event.time).toBeGreaterThan(time);
      expect(event.bar.volume).toBeGreaterThanOrEqual(volume);
      ({ time } = event);
      ({ volume } = event.bar);
    }
    expect(count).toBe(300);
    await opened.close();
  });

  test('wait for a slow consumer one at a time, the newest', async () => {
    const opened = await open({}, { forming: true });
    const { exchange } = opened;
    const followed = follow(
      opened.live.feeds[0],
      {},
      () => new Promise(resolve => exchange.timers.after(150_000, resolve)),
    );
    await opened.pass(2 * HOUR);
    expect(opened.live.status().counters.dropped).toBeGreaterThan(1000);
    const forming = followed.events.filter(({ kind }) => kind === 'forming').length;
    expect(forming).toBeLessThan(60);
    const first = Math.ceil(opened.begun / MINUTE) * MINUTE - MINUTE;
    expect(followed.times).toEqual(followed.times.map((_, i) => first + i * MINUTE));
    expect(followed.times.length).toBeGreaterThan(100);
    await opened.close();
  });
});

describe('limits', () => {
  test('a slow consumer of a long past holds REST back, and gets every bar', async () => {
    const opened = await open({ updateMs: 30_000 });
    const bars = 150_000;
    const after = Math.floor(opened.begun / MINUTE) * MINUTE - bars * MINUTE;
    let most = 0;
    let release = () => {};
    const followed = follow(opened.live.feeds[0], { after }, event => {
      if (event.kind === 'bars') most = Math.max(most, event.bars.length);
      if (followed.times.length > 2000) return undefined;
      return new Promise(resolve => {
        release = resolve;
      });
    });
    await opened.pass(10 * MINUTE);
    const asked = () => opened.exchange.requests.filter(({ path }) => path.includes('klines')).length;
    const held = asked();
    expect(held).toBeLessThan(110);
    await opened.pass(10 * MINUTE);
    expect(asked()).toBe(held);
    release();
    for (let i = 0; i < 5; i++) {
      await opened.pass(10 * MINUTE);
      release();
    }
    await opened.pass(HOUR);
    expectWhole(opened, followed, 'BTCUSDT', '1m', after + MINUTE);
    expect(most).toBeLessThanOrEqual(4096);
    await opened.close();
  }, 120_000);

  test('a Retry-After is honoured: nothing is sent meanwhile', async () => {
    for (const status of [429, 418]) {
      const opened = await open({ symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] });
      const { exchange } = opened;
      const [followed] = opened.live.feeds.map(feed => follow(feed));
      await opened.pass(2 * MINUTE);
      exchange.onFrame = (text, _bar, closed) => (closed ? [] : [text]);
      let refused = Number.NaN;
      exchange.onRequest = path => {
        if (!Number.isNaN(refused) || !path.includes('klines')) return undefined;
        refused = exchange.timers.now();
        return json({ code: -1003, msg: 'Too many requests.' }, status, { 'retry-after': '90' });
      };
      await opened.pass(10 * MINUTE);
      // What was under way with the refused one is no matter.
      const next = exchange.requests.find(({ time }) => time > refused + 20);
      expect(next!.time - refused).toBeGreaterThanOrEqual(90_000);
      expectWhole(opened, followed, 'BTCUSDT', '1m', opened.begun);
      expect(opened.notices.find(({ code }) => code === 'REST_RETRY')?.message).toMatch(String(status));
      await opened.close();
    }
  });

  test('what is served by REST stays below the weight that the exchange allows', async () => {
    let used = 0;
    let minute = 0;
    const opened = await open({ symbols: Array.from({ length: 12 }, (_, i) => `C${i}USDT`) });
    const { exchange } = opened;
    exchange.onRequest = path => {
      const now = Math.floor(exchange.timers.now() / MINUTE);
      if (now !== minute) used = 0;
      minute = now;
      used += path.includes('klines') ? 400 : 1;
      expect(used).toBeLessThanOrEqual(6000);
      const answer = undefined as ReturnType<FakeExchange['onRequest']>;
      return answer;
    };
    const original = exchange.network.http;
    Object.assign(exchange.network, {
      http: async (request: Parameters<typeof original>[0]) => {
        const answer = await original(request);
        return { ...answer, headers: { ...answer.headers, 'x-mbx-used-weight-1m': String(used) } };
      },
    });
    const all = opened.live.feeds.map(feed => follow(feed, { warmup: 9000 }));
    await opened.pass(20 * MINUTE);
    for (const [i, followed] of all.entries()) {
      expectWhole(opened, followed, `C${i}USDT`, '1m', opened.begun - 9000 * MINUTE);
    }
    await opened.close();
  }, 120_000);
});

describe('what cannot work is refused', () => {
  test('an interval that Binance does not have', async () => {
    await expect(open({ intervals: { '7m': 7 * MINUTE } })).rejects.toMatchObject({
      code: 'INTERVAL_UNSUPPORTED',
      message: expect.stringMatching(/1s, 1m, 3m/),
    });
    await expect(open({ intervals: { '60m': HOUR } })).rejects.toThrow(/did you mean 1h\?/);
  });

  test('a symbol that the exchange does not have, with the nearest one', async () => {
    const wrong = open({}, { series: [{ symbol: 'BTCUSTD', interval: '1m' }] });
    await expect(wrong).rejects.toMatchObject({
      code: 'SYMBOL_UNKNOWN',
      message: /did you mean "BTCUSDT"\?/,
    });
    await expect(open({}, { series: [{ symbol: 'btc/usdt', interval: '1m' }] })).rejects.toThrow(/BTCUSDT/);
  });

  test('no series, and the same one twice', async () => {
    await expect(open({}, { series: [] })).rejects.toMatchObject({ code: 'SERIES_MISSING' });
    const one = { symbol: 'BTCUSDT', interval: '1m' } as const;
    await expect(open({}, { series: [one, one] })).rejects.toMatchObject({ code: 'SERIES_TWICE' });
  });

  test('an exchange out of reach, if only one attempt is wanted: one line with the reason and the way out', async () => {
    const refused = (exchange: FakeExchange) => {
      exchange.onRequest = () => new NetworkError('CONNECTION_REFUSED', 'the connection was refused');
    };
    const error: NetworkError = await open({}, { once: true }, refused).catch(reason => reason);
    expect(error).toMatchObject({ code: 'EXCHANGE_UNREACHABLE' });
    expect(error.message).toBe(
      'http://fake could not be reached (the connection was refused): check the network, or rehearse without one: ' +
        '`npx qt exchange --data FILE`, then `--exchange local`',
    );
    const blocked = (exchange: FakeExchange) => {
      exchange.onRequest = () =>
        json({ code: 0, msg: 'Service unavailable from a restricted location' }, 451);
    };
    await expect(open({}, { once: true }, blocked)).rejects.toThrow(/451, not offered from this location/);
  });

  test('otherwise it is tried until it answers', async () => {
    const opened = await open({}, {}, exchange => {
      const until = exchange.timers.now() + 5 * MINUTE;
      exchange.onRequest = () =>
        exchange.timers.now() < until ? new NetworkError('TIMED_OUT', 'no answer within 10 s') : undefined;
    });
    expect(codes(opened.notices)).toContain('UNREACHABLE');
    expect(opened.exchange.requests.length).toBeLessThan(60);
    await opened.close();
  });

  test('and the trying can be given up', async () => {
    const stopping = new AbortController();
    let exchange: FakeExchange | undefined;
    const opening = open({}, { signal: stopping.signal }, fake => {
      exchange = fake;
      fake.onRequest = () => new NetworkError('TIMED_OUT', 'no answer within 10 s');
      fake.timers.after(5 * MINUTE, () => stopping.abort());
    });
    await expect(opening).rejects.toThrow(/abort/);
    exchange!.stop();
    await exchange!.timers.run({ until: exchange!.timers.now() + HOUR });
    expect(exchange!.timers.pending).toBe(0);
  });
});

describe('a warm-up from a store', () => {
  const klinesAsked = ({ exchange }: Opened) =>
    exchange.requests.filter(({ path }) => path.startsWith('/api/v3/klines')).map(({ path }) => path);

  /** What a store has of the exchange's bars: `count` of them, up to `behind` bars before the start. */
  function past(count: number, behind: number, change: (bars: Bars) => Bars = bars => bars): PastBars {
    const fake = new FakeExchange({ symbols: ['BTCUSDT'] });
    const end = Math.floor(fake.now() / MINUTE) * MINUTE - behind * MINUTE;
    fake.stop();
    const rows = Array.from({ length: count }, (_, i) =>
      fake.bar('BTCUSDT', '1m', end - (count - i) * MINUTE),
    );
    const column = (text: number) => Float64Array.from(rows, ({ texts }) => Number(texts[text]));
    const bars = change({
      length: count,
      time: Float64Array.from(rows, ({ open }) => open),
      ...{ open: column(0), high: column(1), low: column(2), close: column(3), volume: column(4) },
      extra: {
        ...{ quoteVolume: column(5), trades: column(6), takerBuyBase: column(7), takerBuyQuote: column(8) },
      },
    });
    const store = new BarStore(':memory:');
    store.put({ venue: 'binance', market: 'spot', symbol: 'BTCUSDT', interval: '1m' }, bars);
    return storedPast(store, 'binance');
  }

  async function warmUp(given: PastBars | undefined, warmup = 5000) {
    const opened = await open({}, given === undefined ? {} : { past: given });
    const followed = follow(opened.live.feeds[0], { warmup });
    await opened.pass(10 * MINUTE);
    const first = Math.floor(opened.begun / MINUTE) * MINUTE - warmup * MINUTE;
    expectWhole(opened, followed, 'BTCUSDT', '1m', first + 1);
    expect(followed.phases.indexOf('run')).toBe(warmup);
    await opened.close();
    const weights = klinesAsked(opened).map(path => Number(/limit=(\d+)/.exec(path)![1]));
    return { rows: weights.reduce((sum, limit) => sum + limit, 0), requests: weights.length, opened };
  }

  test('asks the exchange for what the store does not have, and gives the same bars', async () => {
    const none = await warmUp(undefined);
    expect(none.rows).toBeGreaterThanOrEqual(5000);
    const all = await warmUp(past(6000, 0));
    expect([all.requests, all.rows < 10]).toEqual([1, true]);
    const older = await warmUp(past(6000, 300));
    expect([older.requests, older.rows < 310]).toEqual([1, true]);
    const part = await warmUp(past(3000, 5));
    expect(part.rows).toBeLessThan(2020);
    const told = [none, all, older, part].flatMap(({ opened }) => codes(opened.notices));
    expect(new Set(told)).toEqual(new Set(['CONNECTED']));
  });

  test('takes nothing from a store that the exchange does not agree with, and says so', async () => {
    const { rows, opened } = await warmUp(
      past(6000, 0, bars => ({ ...bars, close: bars.close.map(close => close + 0.01) })),
    );
    expect(rows).toBeGreaterThanOrEqual(5000);
    expect(codes(opened.notices).filter(code => code !== 'CONNECTED')).toEqual(['STORE_DIFFERS']);
  });

  test('takes no bar of which the store does not know all, and none behind a hole', async () => {
    const bare = await warmUp(past(6000, 0, bars => ({ ...bars, extra: {} })));
    expect(bare.rows).toBeGreaterThanOrEqual(5000);
    const hole = (bars: Bars): Bars => {
      const keep = (values: Float64Array) => values.filter((_, i) => i !== 4000);
      return {
        length: bars.length - 1,
        time: keep(bars.time),
        ...{ open: keep(bars.open), high: keep(bars.high), low: keep(bars.low) },
        ...{ close: keep(bars.close), volume: keep(bars.volume) },
        extra: Object.fromEntries(Object.entries(bars.extra).map(([name, column]) => [name, keep(column)])),
      };
    };
    const { rows } = await warmUp(past(6000, 0, hole));
    expect(rows).toBeGreaterThan(3000);
    expect(rows).toBeLessThan(3100);
  });

  test('goes to the exchange when the store cannot be read, and says so', async () => {
    const broken: PastBars = {
      last() {
        throw new DataError('STORE_DAMAGED', 'is no intact SQLite file', {
          file: 'data.sqlite',
          fix: 'restore it',
        });
      },
    };
    const { rows, opened } = await warmUp(broken);
    expect(rows).toBeGreaterThanOrEqual(5000);
    expect(codes(opened.notices).filter(code => code !== 'CONNECTED')).toEqual(['STORE_UNREADABLE']);
    await warmUp(storedPast('/tmp/none/of/this.sqlite', 'binance'), 10);
  });
});
