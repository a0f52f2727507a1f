// Clients that others wrote read from the local exchange: what they get must be the data that it replays.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { CLIENTS } from './clients.js';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const BARS = 900;
/** Bars that are history when the replay begins. */
const HISTORY = 300;
const CLOSED = 4;
const MINUTE = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'qt-interop-'));

function qt(...args) {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function ended(child) {
  const code = await new Promise(done => child.once('close', done));
  assert.equal(code, 0, `qt ended with exit code ${code}`);
}

/** Bars as `[open time, open, high, low, close, volume]`. */
function barsOf(file) {
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  return rows.map(row => {
    const [time, ...values] = row.split(',');
    return [Date.parse(time), ...values.map(Number)];
  });
}

async function checkClient(client, bars) {
  const from = bars[0][0];
  const known = new Map(bars.map(bar => [bar[0], bar]));
  const symbol = await client.symbol();
  assert.deepEqual(symbol, { base: 'BTC', quote: 'USDT' });
  const time = await client.time();
  assert.ok(time >= from + HISTORY * MINUTE && time < from + BARS * MINUTE, `the time was ${time}`);
  const paged = await client.klines({ startTime: from, limit: 100 });
  assert.deepEqual(paged, bars.slice(0, 100), 'klines by start time');
  const recent = await client.klines({ limit: 50 });
  const closed = recent.slice(0, -1);
  assert.equal(recent.length, 50);
  assert.deepEqual(
    closed,
    closed.map(([open]) => known.get(open)),
    'the most recent klines',
  );
  const streamed = await client.closedKlines(CLOSED);
  assert.deepEqual(
    streamed,
    streamed.map(([open]) => known.get(open)),
    'klines that closed on the stream',
  );
  for (let i = 1; i < streamed.length; i++) assert.equal(streamed[i][0] - streamed[i - 1][0], MINUTE);
}

let exchange;
let failed = 0;
try {
  const file = join(folder, 'synthetic-btcusdt-1m.csv');
  await ended(qt('data', 'sample', '--interval', '1m', '--bars', String(BARS), '--out', file));
  const bars = barsOf(file);
  const from = String(bars[HISTORY][0]);
  exchange = qt('exchange', '--data', file, '--from', from, '--speed', '120', '--port', '0', '--json');
  const lines = createInterface({ input: exchange.stdout });
  const { url } = JSON.parse(await new Promise(line => lines.once('line', line)));
  for (const [name, make] of Object.entries(CLIENTS)) {
    const started = performance.now();
    try {
      await checkClient(make(url), bars);
      console.log(`ok     ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}\n${error.stack}`);
    }
  }
} finally {
  exchange?.kill('SIGINT');
  rmSync(folder, { recursive: true, force: true });
}
// Some of these clients leave timers behind.
process.exit(failed === 0 ? 0 : 1);
