import { describe, expect, test } from 'vitest';
import { faultsFromJson, parseFaults } from '../../src/exchange/fault-script.ts';
import type { HttpResponse } from '../../src/net/network.ts';
import { type Combined, type KlineEvent, listenTo, MINUTE, market, minutes, START } from './support.ts';
import { virtualWorld } from './worlds.ts';

const BARS = 200;
const URL = 'ws://exchange/stream?streams=a@kline_1m';

const klines = (messages: readonly unknown[]) =>
  messages.filter(message =>
    (message as Combined<unknown>).stream?.includes('kline'),
  ) as Combined<KlineEvent>[];
const times = (messages: readonly unknown[]) => klines(messages).map(({ data }) => data.E);
const closings = (messages: readonly unknown[]) => klines(messages).filter(({ data }) => data.k.x);

/** A market that goes through under a script, and what a client heard that connects once. */
async function replayed(faults: string, options: { seed?: number; url?: string } = {}) {
  const world = await virtualWorld({
    market: await market({ A: minutes(BARS) }),
    pace: 60,
    clients: 1,
    faults: parseFaults(faults),
    seed: options.seed ?? 1,
  });
  const heard = listenTo(world.network, options.url ?? URL);
  await world.until(() => world.exchange.status.ended);
  // Whatever is late has come by then.
  await world.pass(15_000);
  return { ...heard, heard, ...world, status: world.exchange.status };
}

async function asked(
  faults: string,
  count: number,
  path = '/api/v3/time',
): Promise<(HttpResponse | 'nothing')[]> {
  const world = await virtualWorld({
    market: await market({ A: minutes(BARS) }),
    pace: 60,
    faults: parseFaults(faults),
  });
  const answers: (HttpResponse | 'nothing')[] = [];
  for (let i = 0; i < count; i++) {
    const answer = world.network.http({ url: `http://exchange${path}`, timeoutMs: 10_000 });
    answer.then(
      response => answers.push(response),
      () => answers.push('nothing'),
    );
    await world.until(() => answers.length > i);
  }
  return answers;
}

describe('a script', () => {
  test('has a fault a line or between commas, with rates, times and durations', () => {
    expect(parseFaults('drop=0.01, delay=.02:500..5s # late\ncut@30m,skew=-3.5s,shutdown@1h:30s')).toEqual([
      { kind: 'drop', rate: 0.01, at: undefined, least: 0, most: 0 },
      { kind: 'delay', rate: 0.02, at: undefined, least: 500, most: 5000 },
      { kind: 'cut', rate: 0, at: 1_800_000, least: 0, most: 0 },
      { kind: 'skew', rate: 1, at: undefined, least: -3500, most: -3500 },
      { kind: 'shutdown', rate: 0, at: 3_600_000, least: 30_000, most: 30_000 },
    ]);
    expect(parseFaults('')).toEqual([]);
  });

  test('may be JSON', () => {
    const script = { drop: 0.01, delay: '0.02:500..5000', cut: ['@30m', '@2h', 0.001] };
    expect(faultsFromJson(JSON.stringify(script))).toEqual(
      parseFaults('drop=0.01,delay=0.02:500..5000,cut@30m,cut@2h,cut=0.001'),
    );
  });

  test.each([
    ['dorp=0.1', 'did you mean "drop"?'],
    ['drop', 'NAME=RATE'],
    ['drop=2', 'from 0 to 1'],
    ['drop=1%', 'from 0 to 1'],
    ['drop@10m', 'by chance'],
    ['drop=0.1:5', 'nothing after a colon'],
    ['delay=0.1:5000..500', '500..5000'],
    ['cut@soon', 'no duration'],
    ['rest-lag=-5', 'no duration'],
  ])('that cannot be read is refused with its reason: %s', (script, reason) => {
    expect(() => parseFaults(script)).toThrow(
      expect.objectContaining({ code: 'FAULTS_INVALID', message: expect.stringContaining(reason) }),
    );
  });

  test('that is no JSON object is refused', () => {
    for (const text of ['{', '[]', 'null']) {
      expect(() => faultsFromJson(text)).toThrow(expect.objectContaining({ code: 'FAULTS_INVALID' }));
    }
  });
});

test('the same seed does the same, another one something else', async () => {
  const script = 'drop=0.05,duplicate=0.05,delay=0.05,reorder=0.05,missing-close=0.05';
  const [one, same, other] = [
    await replayed(script),
    await replayed(script),
    await replayed(script, { seed: 2 }),
  ];
  expect(one.messages).toEqual(same.messages);
  expect(one.exchange.injected).toEqual(same.exchange.injected);
  expect(one.messages).not.toEqual(other.messages);
});

test('every fault is counted and told: what came differs from the whole by exactly that', async () => {
  const whole = times((await replayed('')).messages);
  const dropped = await replayed('drop=0.1');
  expect(dropped.status.faults.drop).toBeGreaterThan(50);
  expect(times(dropped.messages)).toHaveLength(whole.length - dropped.status.faults.drop!);
  expect(dropped.exchange.injected.slice(0, 3)).toEqual(
    Array(3).fill({
      kind: 'drop',
      time: expect.any(Number),
      target: expect.stringContaining('a@kline_1m'),
      amount: 0,
    }),
  );
  const doubled = await replayed('duplicate=0.1');
  expect(times(doubled.messages)).toHaveLength(whole.length + doubled.status.faults.duplicate!);
});

test('delayed and reordered frames come all the same, out of order', async () => {
  const whole = times((await replayed('')).messages);
  for (const script of ['delay=0.1:500..5000', 'reorder=0.1']) {
    const found = times((await replayed(script)).messages);
    expect(found).not.toEqual(whole);
    expect(found.toSorted((a, b) => a - b)).toEqual(whole);
  }
});

test('a missing closing is missing for everybody, and REST has the bar', async () => {
  const { messages, status, network, pass } = await replayed('missing-close=0.1');
  const missing = BARS - closings(messages).length;
  expect(missing).toBeGreaterThan(5);
  expect(status.faults['missing-close']).toBe(missing);
  const answer = network.http({ url: 'http://exchange/api/v3/klines?symbol=A&interval=1m', timeoutMs: 1000 });
  await pass(100);
  expect(JSON.parse((await answer).body)).toHaveLength(BARS);
});

test('a cut ends every connection without a word at its time', async () => {
  const { closed, messages, status } = await replayed('cut@10m');
  expect(closed).toEqual([{ code: 1006, reason: '' }]);
  expect(times(messages).at(-1)).toBeLessThanOrEqual(START + 10 * MINUTE);
  expect(status).toMatchObject({ connections: 0, faults: { cut: 1 } });
});

test('a half-open connection stays open and says nothing more, and nobody is waited for', async () => {
  const { closed, messages, status, network, heard, pass, until, openSockets } =
    await replayed('halfopen@10m');
  expect(closed).toEqual([]);
  expect(times(messages).at(-1)).toBeLessThanOrEqual(START + 10 * MINUTE);
  expect(status.connections).toBe(0);
  const pings = heard.pings;
  heard.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}');
  await pass(100_000);
  expect([heard.pings, heard.messages.length]).toEqual([pings, messages.length]);
  heard.socket.close();
  await until(() => closed.length === 1);
  expect([closed[0].code, openSockets()]).toEqual([1006, 0]);
  expect(network).toBeDefined();
});

test.each([
  ['raw', 'ws://exchange/ws/a@kline_1m', { e: 'serverShutdown', E: expect.any(Number) }],
  ['combined', URL, { stream: '!serverShutdown', data: { e: 'serverShutdown', E: expect.any(Number) } }],
])('a shutdown is announced, %s, before the connection ends', async (_, url, event) => {
  const { closed, messages, status } = await replayed('shutdown@10m:5s', { url });
  expect(messages).toContainEqual(event);
  expect(closed).toEqual([{ code: 1001, reason: 'the server shuts down' }]);
  expect(status.faults.shutdown).toBe(1);
});

test('skew moves the exchange’s clock, not the bars', async () => {
  const { messages } = await replayed('skew=3500');
  const whole = await replayed('');
  expect(times(messages)).toEqual(times(whole.messages).map(time => time + 3500));
  expect(klines(messages).map(({ data }) => data.k)).toEqual(
    klines(whole.messages).map(({ data }) => data.k),
  );
  const [skewed] = await asked('skew=3500', 1);
  const [right] = await asked('', 1);
  const time = (answer: HttpResponse | 'nothing') => JSON.parse((answer as HttpResponse).body).serverTime;
  expect(time(skewed) - time(right)).toBe(3500);
});

test('connections are refused by chance', async () => {
  const world = await virtualWorld({
    market: await market({ A: minutes(9) }),
    pace: 60,
    faults: parseFaults('reject-connect=0.5'),
  });
  const all = Array.from({ length: 100 }, () => listenTo(world.network, URL));
  await world.pass(1000);
  const refused = all.flatMap(({ closed }) => closed);
  expect(refused).toHaveLength(world.exchange.status.faults['reject-connect']!);
  expect(refused.length).toBeGreaterThan(30);
  expect(refused.length).toBeLessThan(70);
  expect(refused[0]).toEqual({ code: 1006, reason: 'Unexpected server response: 503' });
});

test('requests fail in every way that a script has for them', async () => {
  const statuses = async (script: string) =>
    (await asked(script, 60)).map(answer => (answer === 'nothing' ? answer : answer.status));
  expect(new Set(await statuses('rest-5xx=0.5'))).toEqual(new Set([200, 500, 502, 503, 504]));
  expect(new Set(await statuses('rest-hang=0.5'))).toEqual(new Set([200, 'nothing']));
  expect(new Set(await statuses('rest-429=0.5:7s'))).toEqual(new Set([200, 429]));
  const limited = (await asked('rest-429=1:7s', 1)) as HttpResponse[];
  expect(limited[0].headers['retry-after']).toBe('7');
  expect(JSON.parse(limited[0].body).code).toBe(-1003);
  const broken = (await asked('rest-broken=1', 1)) as HttpResponse[];
  expect(broken[0].status).toBe(200);
  expect(() => JSON.parse(broken[0].body)).toThrow();
});

test('a ban refuses everybody until it is over', async () => {
  const world = await virtualWorld({
    market: await market({ A: minutes(BARS) }),
    pace: 60,
    faults: parseFaults('rest-418@1m:30s'),
  });
  const status = async () => {
    const answer = world.network.http({ url: 'http://exchange/api/v3/ping', timeoutMs: 1000 });
    await world.pass(100);
    const { status, headers } = await answer;
    return [status, headers['retry-after']];
  };
  expect(await status()).toEqual([200, undefined]);
  await world.pass(2000);
  expect(await status()).toEqual([418, '29']);
  await world.pass(15_000);
  expect(await status()).toEqual([418, '14']);
  await world.pass(20_000);
  expect(await status()).toEqual([200, undefined]);
});

test('slow answers hold what was known when they were asked for', async () => {
  const world = await virtualWorld({
    market: await market({ A: minutes(BARS) }),
    pace: 60,
    faults: parseFaults('rest-slow=1:5000'),
  });
  const asked = world.timers.now();
  let body = '';
  void world.network.http({ url: 'http://exchange/api/v3/time', timeoutMs: 9000 }).then(answer => {
    body = answer.body;
  });
  await world.until(() => body !== '');
  expect(world.timers.now() - asked).toBeGreaterThanOrEqual(5000);
  expect(JSON.parse(body).serverTime).toBeLessThan(START + 2 * MINUTE);
});

test('REST that lags does not know yet what the stream has told', async () => {
  const world = await virtualWorld({
    market: await market({ A: minutes(BARS) }),
    pace: 60,
    faults: parseFaults('rest-lag=60s'),
  });
  await world.pass(10_500);
  const answer = world.network.http({
    url: 'http://exchange/api/v3/klines?symbol=A&interval=1m',
    timeoutMs: 1000,
  });
  await world.pass(100);
  const rows = JSON.parse((await answer).body);
  expect(rows.at(-1)[0]).toBe(START + 9 * MINUTE);
});

test('in lockstep faults hit frames, never ticks, and time goes on', async () => {
  const world = await virtualWorld({
    market: await market({ A: minutes(BARS) }),
    pace: 'lockstep',
    faults: parseFaults(
      'drop=0.1,delay=0.1,reorder=0.1,duplicate=0.1,halfopen=0.002,cut=0.005,shutdown=0.002:100',
    ),
  });
  const ticks: number[] = [];
  let end = false;
  let connections = 0;
  const connect = () => {
    connections++;
    let last = world.timers.now();
    const heard = listenTo(world.network, `${URL}/!replay`, (message, socket) => {
      last = world.timers.now();
      const { stream, data } = message as Combined<{ n: number; end: boolean }>;
      if (stream !== '!replay') return;
      ticks.push(data.n);
      end ||= data.end;
      socket.send(JSON.stringify({ method: 'ACK', params: [data.n] }));
    });
    // A watchdog, as any client has.
    const watch = () =>
      world.timers.after(1000, () => {
        if (end) heard.socket.terminate();
        else if (heard.closed.length > 0) connect();
        else if (world.timers.now() - last > 5000) {
          heard.socket.terminate();
          connect();
        } else watch();
      });
    watch();
  };
  connect();
  await world.until(() => end);
  expect(connections).toBeGreaterThan(3);
  expect([...new Set(ticks)]).toEqual(Array.from({ length: BARS * 5 + 1 }, (_, n) => n));
  const { faults } = world.exchange.status;
  expect(Object.keys(faults).sort()).toEqual([
    'cut',
    'delay',
    'drop',
    'duplicate',
    'halfopen',
    'reorder',
    'shutdown',
  ]);
});

test('nothing is left behind when an exchange with faults is closed', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const world = await virtualWorld({
      market: await market({ A: minutes(20) }),
      pace: 60,
      seed,
      faults: parseFaults(
        'delay=0.3:1h,reorder=0.3,halfopen=0.02,shutdown=0.05:1h,rest-slow=0.5:1h,rest-hang=0.3',
      ),
    });
    for (let i = 0; i < 5; i++) listenTo(world.network, URL);
    for (let i = 0; i < 5; i++) {
      world.network.http({ url: 'http://exchange/api/v3/ping', timeoutMs: 5000 }).catch(() => {});
    }
    await world.pass(8000);
    world.exchange.close();
    await world.pass(1000);
    expect([world.openSockets(), world.timers.pending]).toEqual([0, 0]);
  }
});
