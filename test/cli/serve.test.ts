import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fakeBitfinex } from '../support/fake-bitfinex.ts';
import { PlainClient } from '../support/plain-client.ts';
import { folderWith, MAIN, qt } from './qt.ts';

const market = () =>
  fakeBitfinex({
    pairs: ['BTCUSD', 'ETHUSD'],
    frames: channel => (channel === 'book' ? [[[[100, 1, 5], [101, 1, -7]]]] : []), // biome-ignore format: short
    next: (channel, number) =>
      channel === 'book'
        ? [[100 - (number % 5), 1 + (number % 3), 1 + number / 10]]
        : ['te', [number, 1_564_617_600_000 + number, number % 2 === 0 ? 0.1 : -0.3, 100 + (number % 7)]],
  });

/** `qt serve` until the test is over; resolves when it listens. */
async function serve(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--json', ...args], {
    cwd,
    env: { ...process.env, QT_SERVE_TOKEN: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>(resolve => child.once('close', code => resolve(code)));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  const lines: { readonly kind: string; readonly url: string; readonly [name: string]: unknown }[] = [];
  let errors = '';
  child.stderr.on('data', text => {
    errors += text;
  });
  await new Promise<void>((resolve, reject) => {
    let rest = '';
    child.stdout.on('data', data => {
      const parts = (rest + data).split('\n');
      rest = parts.pop()!;
      for (const part of parts) lines.push(JSON.parse(part));
      if (lines.length > 0) resolve();
    });
    child.once('close', code => reject(new Error(`ended with ${code}: ${errors}`)));
  });
  return { child, exited, lines, url: lines[0].url, errors: () => errors };
}

test('a venue is served while it is collected; a client gets it as JSON lines; Ctrl-C ends both', async () => {
  const { addresses } = await market();
  const cwd = await folderWith();
  const server = await serve(
    [
      '--venue',
      'bitfinex',
      '--symbols',
      'btcusd,ethusd',
      '--channels',
      'trades,book,raw',
      '--metrics',
      '1s',
      ...addresses,
    ],
    cwd,
  );
  const { code, stderr, stdout } = await qt(
    // Some 300 come in a second: so many take longer than the first metrics.
    ['client', server.url, '--json', '--messages', '--sub', 'BTC-USD', '* raw', '--count', '600'],
    { cwd },
  );
  expect(code, stderr).toBe(0);
  const messages = stdout.trim().split('\n').map(line => JSON.parse(line)); // biome-ignore format: short
  expect(messages.length).toBe(600);
  const channels = new Set(messages.map(({ channel, topic }) => `${channel} ${topic}`));
  expect(channels).toEqual(new Set(['trades BTC-USD', 'book BTC-USD', 'metrics BTC-USD', 'raw ']));
  const last = new Map<string, number>();
  for (const { channel, seq, type } of messages) {
    if (type === 'update' && last.has(channel)) expect(seq).toBe(last.get(channel)! + 1);
    last.set(channel, seq);
  }
  // How the book stood, or, where the client was there before it, its first record: a whole one either way.
  expect(messages.find(({ channel }) => channel === 'book').data).toMatchObject({
    kind: 'book',
    type: 'snapshot',
  });
  const http = server.url.replace('ws', 'http');
  expect(await (await fetch(`${http}health`)).json()).toMatchObject({ status: 'ok' });
  const metrics = await (await fetch(`${http}metrics`)).text();
  expect(Number(/^qt_serve_records_delivered_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(599);
  const state = () => server.lines.filter(({ kind }) => kind === 'state').at(-1);
  await expect.poll(() => state()?.clients, { timeout: 10_000 }).toBe(0);
  server.child.kill('SIGINT');
  expect(await server.exited).toBe(0);
  expect(state()).toMatchObject({ clients: 0, streams: expect.any(Number), published: expect.any(Number) });
  expect(server.lines.at(-1)).toMatchObject({ kind: 'closed' });
});

test('the process of a venue that is killed is started again; meanwhile its clients know, and the server goes on', async () => {
  const { addresses } = await market();
  const cwd = await folderWith();
  const server = await serve(
    ['--venue', 'bitfinex', '--symbols', 'btcusd', '--channels', 'book', ...addresses],
    cwd,
  );
  const client = await PlainClient.open(server.url);
  client.send('sub BTC-USD book');
  await client.next(({ data }) => data?.kind === 'book');
  for (const child of childrenOf(server.child)) process.kill(child, 'SIGKILL');
  const gone = await client.next(({ data }) => data?.kind === 'gap');
  expect(gone.data).toMatchObject({ cause: 'COLLECTOR_ENDED', state: 'open' });
  const back = await client.next(({ data }) => data?.type === 'snapshot');
  expect(back.type).toBe('update');
  const over = await client.next();
  expect(over.data).toMatchObject({ kind: 'gap', state: 'closed', gap: gone.data.gap });
  expect(over.seq).toBe(back.seq + 1);
  expect(server.errors()).toContain('VENUE_RESTARTED');
  // Nobody is left behind when the server itself is killed.
  const [pid] = childrenOf(server.child);
  server.child.kill('SIGKILL');
  await server.exited;
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

test('a capture is served with a token and typed words, and nothing tells the token', async () => {
  const start = 1_700_000_000;
  const header = { kind: 'header', venue: 'bitfinex', symbols: ['tBTCUSD'], channels: ['trades'] };
  const lines = [
    header,
    { kind: 'connect', t: start, conn: 0, url: 'wss://x' },
    { kind: 'recv', t: start, conn: 0, text: '{"event":"info","version":2,"platform":{"status":1}}' },
    { kind: 'recv', t: start, conn: 0, text: '{"event":"subscribed","channel":"trades","chanId":7,"symbol":"tBTCUSD","pair":"BTCUSD"}' }, // biome-ignore format: long
    ...Array.from({ length: 1000 }, (_, at) => ({
      ...{ kind: 'recv', t: start + 3 + at / 10, conn: 0 },
      text: JSON.stringify([7, 'te', [at + 1, (start + at) * 1000, 0.5, 100 + at]]),
    })),
  ];
  const cwd = await folderWith({
    'one.jsonl': `${lines.map(line => JSON.stringify(line)).join('\n')}\n`,
    token: 'a-long-secret\n',
  });
  const server = await serve(['--from', 'one.jsonl', '--speed', '2', '--token-file', 'token'], cwd);
  const outcome = await new Promise<{
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>(resolve => {
    const child = spawn(
      process.execPath,
      [MAIN, 'client', server.url, '--count', '40', '--token-file', 'token'],
      {
        cwd,
      },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', text => {
      stdout += text;
    });
    child.stderr.on('data', text => {
      stderr += text;
    });
    child.stdin.write('sub BTC-USD trads\nsub BTC-USD trades\nfly\nping\nlist\n');
    child.on('close', code => resolve({ code, stdout, stderr }));
  });
  expect(outcome.code, outcome.stderr).toBe(0);
  expect(outcome.stdout).toContain('CHANNEL_UNKNOWN: there is no channel "trads": did you mean "trades"?');
  expect(outcome.stdout).toContain('COMMAND_UNKNOWN: there is no command "fly"');
  expect(outcome.stdout.split('\n').filter(line => / bitfinex BTC-USD trades #?/.test(line)).length).toBe(40);

  const refused = await qt(['client', server.url, '--json'], { cwd, env: { QT_SERVE_TOKEN: undefined } });
  expect([refused.code, refused.stderr]).toEqual([69, expect.stringContaining('qt: UNAUTHORISED: ')]);
  const wrong = await qt(['client', server.url, '--json'], {
    cwd,
    env: { QT_SERVE_TOKEN: 'another-secret' },
  });
  expect([wrong.code, wrong.stderr]).toEqual([69, expect.stringContaining('qt: UNAUTHORISED: ')]);
  const inUrl = await qt(['client', `${server.url}?token=a-long-secret`], { cwd });
  expect([inUrl.code, inUrl.stderr]).toEqual([2, expect.stringContaining('TOKEN_IN_URL')]);
  for (const text of [server.errors(), JSON.stringify(server.lines), outcome.stdout, inUrl.stderr])
    expect(text).not.toContain('a-long-secret');
  expect((await fetch(`${server.url.replace('ws', 'http')}metrics`)).status).toBe(401);
  expect((await fetch(`${server.url.replace('ws', 'http')}health`)).status).toBe(200);
});

test.each([
  [['--venue', 'okx'], 'SYMBOLS_MISSING', 2],
  [[], 'SOURCE_MISSING', 2],
  [['--venue', 'okxx', '--symbols', 'a'], 'VENUE_UNKNOWN', 2],
  [['--from', 'missing.jsonl'], 'FILE_NOT_FOUND', 66],
  [['--from', 'nats://x/y'], 'SOURCE_UNKNOWN', 2],
  [['--venue', 'okx', '--symbols', 'a', '--host', '0.0.0.0'], 'TOKEN_MISSING', 2],
  [['--venue', 'okx', '--symbols', 'a', '--limit', 'client=5'], 'LIMIT_UNKNOWN', 2],
  [['--venue', 'okx', '--symbols', 'a', '--channels', 'trade'], 'CHANNEL_UNKNOWN', 2],
])('qt serve %j ends with %s in one line', async (args, name, exit) => {
  const cwd = await folderWith();
  const { code, stderr } = await qt(['serve', '--port', '0', '--no-config', ...args], {
    cwd,
    env: { QT_SERVE_TOKEN: undefined },
  });
  expect(stderr).toContain(`qt: ${name}: `);
  expect([code, stderr.trim().split('\n').length]).toEqual([exit, 1]);
});

function childrenOf({ pid }: ChildProcess): number[] {
  const text = readFileSync(join('/proc', String(pid), 'task', String(pid), 'children'), 'utf8');
  return text.trim().split(' ').filter(part => part !== '').map(Number); // biome-ignore format: short
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z';
  } catch {
    return false;
  }
}

test.each([
  ['serve', '--venue', 'okx', '--symbols', 'BTC-USDT'],
  ['exchange', '--data', join(import.meta.dirname, '../../data/synthetic-btcusdt-4h.csv')],
])('qt %s refuses a port that is none, in one line', async (...args) => {
  const { code, stderr } = await qt([...args, '--port', '99999'], { cwd: await folderWith() });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^qt: OPTION_INVALID: --port .*99999.*65535.*\n$/);
});
