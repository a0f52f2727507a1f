import type { ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { folderWith, qt, sampleRows } from './qt.ts';

const BARS = 30;
const files = () => folderWith({ 'synthetic-btcusdt-1h.csv': sampleRows(BARS) });
const DATA = ['exchange', '--data', 'synthetic-btcusdt-1h.csv', '--port', '0'];

/** Runs the command, and `use` with each line that it prints. */
function running(args: readonly string[], cwd: string, use: (line: string, child: ChildProcess) => void) {
  return qt(args, {
    cwd,
    onStart: child => {
      let rest = '';
      child.stdout!.on('data', text => {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        for (const line of lines) use(line, child);
      });
    },
  });
}

test('a replay in lockstep goes through to its end and closes when its client has left', async () => {
  const cwd = await files();
  const closed: number[] = [];
  const { code, stdout, stderr } = await running([...DATA, '--lockstep', '--json'], cwd, line => {
    const { kind, url } = JSON.parse(line);
    if (kind !== 'listening') return;
    const socket = new WebSocket(`${url.replace('http', 'ws')}/stream?streams=btcusdt@kline_1h/!replay`);
    socket.on('message', text => {
      const { data } = JSON.parse(text.toString());
      if (data.k?.x) closed.push(data.k.t);
      if (data.e !== 'replay') return;
      socket.send(JSON.stringify({ method: 'ACK', params: [data.n] }));
      if (data.end) socket.close();
    });
  });
  expect([code, stderr]).toEqual([0, '']);
  expect(closed).toHaveLength(BARS);
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(lines.map(({ kind }) => kind)).toEqual([
    'listening',
    'note',
    'connected',
    'ended',
    'disconnected',
    'closed',
  ]);
  expect(lines[0]).toMatchObject({
    port: expect.any(Number),
    bars: BARS,
    lockstep: true,
    speed: null,
    from: Date.UTC(2024, 0, 1),
    series: [{ symbol: 'BTCUSDT', interval: '1h' }],
  });
  expect(lines.at(-1)).toMatchObject({ faults: {}, injected: [], counters: { frames: BARS * 5 } });
});

test('it says in one line what it replays, where, and how to connect, and Ctrl-C ends it with exit code 0', async () => {
  const cwd = await files();
  const { code, stdout, stderr } = await running([...DATA, '--speed', '3600x'], cwd, (line, child) => {
    if (line.startsWith('Replaying')) child.kill('SIGINT');
  });
  expect([code, stderr]).toEqual([0, '']);
  const [first, note, last] = stdout.split('\n');
  expect(first).toMatch(
    /^Replaying BTCUSDT 1h \(30 bars, 2024-01-01 00:00 to 2024-01-02 06:00 UTC\) at 3,600x on (http:\/\/127\.0\.0\.1:\d+); connect with: npx qt live --paper --exchange \1$/,
  );
  expect(note).toMatch(/^note: .*synthetic/);
  expect(last).toMatch(/Stopped: 0 frames, 0 requests$/);
});

test('without clients it ends with the data, and lists the faults that it injected', async () => {
  const cwd = await files();
  const args = [
    ...DATA,
    '--speed',
    '200000',
    '--to',
    '2024-01-01T05:00',
    '--json',
    '--faults',
    'skew=10,drop=0.5',
  ];
  const { code, stdout } = await qt(args, { cwd });
  expect(code).toBe(0);
  const last = JSON.parse(stdout.trim().split('\n').at(-1)!);
  expect(last).toMatchObject({ kind: 'closed', time: Date.UTC(2024, 0, 1, 5), faults: {} });
});

test('a real exchangeInfo and a fault script are read from files', async () => {
  const cwd = await files();
  const filters = [{ filterType: 'LOT_SIZE', minQty: '0.1', maxQty: '9', stepSize: '0.1' }];
  const info = { symbols: [{ symbol: 'BTCUSDT', status: 'TRADING', filters }] };
  writeFileSync(join(cwd, 'info.json.gz'), gzipSync(JSON.stringify(info)));
  writeFileSync(join(cwd, 'faults.json'), JSON.stringify({ 'rest-429': '1:3s' }));
  writeFileSync(join(cwd, 'faults.txt'), 'skew=10 # ms\n');
  const found: unknown[] = [];
  for (const script of ['faults.txt', 'faults.json']) {
    const args = [...DATA, '--lockstep', '--json', '--exchange-info', 'info.json.gz', '--faults', script];
    await running(args, cwd, (line, child) => {
      const { kind, url } = JSON.parse(line);
      if (kind !== 'listening') return;
      void fetch(`${url}/api/v3/exchangeInfo`).then(async answer => {
        found.push(answer.status, ((await answer.json()) as typeof info).symbols);
        child.kill('SIGTERM');
      });
    });
  }
  expect(found).toEqual([200, info.symbols, 429, undefined]);
});

test('what is wrong is one line with its fix', async () => {
  const cwd = await files();
  writeFileSync(join(cwd, 'no-info.json'), '{"symbols":[{}]}');
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise(done => taken.once('listening', done));
  const { port } = taken.address() as AddressInfo;
  const cases: [string[], number, RegExp][] = [
    [['exchange'], 2, /--data <file\.\.\.>/],
    [[...DATA.slice(0, -1), String(port)], 2, /^qt: PORT_IN_USE: .*give another --port/],
    [[...DATA, '--speed', '2', '--lockstep'], 2, /--speed.*--lockstep/],
    [[...DATA, '--speed', '0'], 2, /^qt: EXCHANGE_OPTION: /],
    [[...DATA, '--from', '2030-01-01'], 2, /^qt: RANGE_EMPTY: /],
    [[...DATA, '--faults', 'dorp=1'], 2, /^qt: FAULTS_INVALID: .*did you mean "drop"/],
    [[...DATA, '--faults', 'nothing.txt'], 66, /^qt: FILE_NOT_FOUND: /],
    [[...DATA, '--exchange-info', 'no-info.json'], 65, /^qt: EXCHANGE_INFO_INVALID: /],
    [['exchange', 'BTCUSDT'], 66, /^qt: DATA_MISSING: .*qt data fetch BTCUSDT/],
    [['exchange', '--from', 'store'], 2, /^qt: NO_DATA: /],
    [
      [...DATA, 'BTCUSDT'].toSpliced(1, 0, '--from', 'store'),
      2,
      /^qt: OPTION_INVALID: --data and --from store/,
    ],
    [[...DATA, '--from', '2022-01-01', '--from-time', '2022-01-01'], 2, /^qt: OPTION_INVALID: --from and/],
    [['exchange', '--data', 'other.csv'], 66, /^qt: FILE_NOT_FOUND: /],
  ];
  const outcomes = await Promise.all(cases.map(([args]) => qt(args, { cwd })));
  taken.close();
  for (const [i, { code, stdout, stderr }] of outcomes.entries()) {
    expect(stderr).toMatch(cases[i][2]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([cases[i][1], '']);
  }
});

test.each([
  ['named', ['btc/usdt', '--interval', '1h', '--from', '2022-01-01T10:00']],
  ['said with --from store', ['--from', 'store', 'BTCUSDT', '--from-time', '2022-01-01T10:00']],
  ['said with --symbol', ['--symbol', 'BTCUSDT', '--from', '2022-01-01T10:00', '--market', 'spot']],
])(
  'series of the data store are replayed when they are %s, with what is before as history',
  async (_, args) => {
    const cwd = await files();
    const file = 'synthetic-btcusdt-1h.csv';
    expect((await qt(['data', 'import', file, '--symbol', 'BTCUSDT'], { cwd })).code).toBe(0);
    let told: { bars: number; from: number; series: unknown } | undefined;
    const { code, stderr } = await running(
      ['exchange', ...args, '--port', '0', '--json'],
      cwd,
      (line, child) => {
        const said = JSON.parse(line);
        if (said.kind !== 'listening') return;
        told = said;
        child.kill('SIGINT');
      },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(told).toMatchObject({
      bars: BARS,
      from: Date.UTC(2022, 0, 1, 10),
      series: [{ symbol: 'BTCUSDT', interval: '1h' }],
    });
  },
);

test('--balance makes an account, and writes its key for its owner alone', async () => {
  const cwd = await files();
  // What is there already must not stay readable by others.
  writeFileSync(join(cwd, 'key.json'), 'old', { mode: 0o644 });
  const answers: Promise<Response>[] = [];
  const args = [...DATA, '--balance', 'USDT=10000', 'BTC=0.5', '--keys', 'key.json', '--json'];
  let url = '';
  const { code, stdout } = await running(args, cwd, (line, child) => {
    const told = JSON.parse(line);
    if (told.kind === 'listening') url = told.url;
    if (told.code !== 'KEY_WRITTEN') return;
    const { apiKey, apiSecret } = JSON.parse(readFileSync(join(cwd, told.file), 'utf8'));
    const query = `symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.25&timestamp=${Date.now()}`;
    const signature = createHmac('sha256', apiSecret).update(query).digest('hex');
    const headers = { 'X-MBX-APIKEY': apiKey };
    answers.push(fetch(`${url}/api/v3/order?${query}&signature=${signature}`, { method: 'POST', headers }));
    answers[0]!.finally(() => child.kill('SIGINT'));
  });
  expect(code).toBe(0);
  expect(await (await answers[0]!).json()).toMatchObject({ status: 'FILLED', executedQty: '0.25000000' });
  expect(statSync(join(cwd, 'key.json')).mode & 0o777).toBe(0o600);
  const { apiKey, apiSecret } = JSON.parse(readFileSync(join(cwd, 'key.json'), 'utf8'));
  expect(stdout).not.toContain(apiSecret);
  expect(stdout).not.toContain(apiKey);
  const closing = JSON.parse(stdout.trim().split('\n').at(-1)!);
  expect(closing).toMatchObject({ kind: 'closed', executions: 1, accounts: [{ uid: 1 }] });
  expect(closing.accounts[0].balances).toContainEqual({
    asset: 'BTC',
    free: '0.25000000',
    locked: '0.00000000',
  });
});

test('--account reads accounts with their own keys', async () => {
  const cwd = await files();
  const account = { apiKey: 'rehearsal', apiSecret: 'x', balances: { USDT: '5' } };
  writeFileSync(join(cwd, 'accounts.json'), JSON.stringify([account, { ...account, apiKey: 'another00' }]));
  const { code, stdout } = await running(
    [...DATA, '--account', 'accounts.json', '--json'],
    cwd,
    (line, child) => {
      if (JSON.parse(line).kind === 'listening') child.kill('SIGINT');
    },
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!).accounts).toHaveLength(2);
});

test.each([
  ['BALANCE_INVALID', ['--balance', 'USDT']],
  ['BALANCE_INVALID', ['--balance', 'USDT=1e4']],
  ['KEYS_WITHOUT_BALANCE', ['--keys', 'k.json']],
  ['KEYS_NOT_WRITABLE', ['--balance', 'USDT=1', '--keys', 'synthetic-btcusdt-1h.csv/k.json']],
  ['ACCOUNT_INVALID', ['--account', 'synthetic-btcusdt-1h.csv']],
])('%s: %j', async (code, args) => {
  const { stderr, stdout } = await qt([...DATA, ...args], { cwd: await files() });
  expect(stderr).toContain(code);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
});
