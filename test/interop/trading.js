// Clients that others wrote trade on the local exchange: each order's way, the account's books and its stream.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { TRADERS } from './traders.js';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const BITCOIN = 2;

/** Kinds of keys with which each library can sign. */
const KINDS = {
  'binance-api-node': ['hmac', 'rsa', 'ed25519'],
  binance: ['hmac', 'rsa', 'ed25519'],
  '@binance/spot': ['hmac', 'rsa', 'ed25519'],
  ccxt: ['hmac', 'rsa', 'ed25519'],
};

function qt(...args) {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** An account for each library and kind of key, and how its owner signs. */
function makeAccount(kind, number) {
  const apiKey = `interop${number}`.padEnd(64, 'x');
  const shared = { apiKey, balances: { USDT: '1000000', BTC: String(BITCOIN) } };
  if (kind === 'hmac') {
    const secret = `secret${number}`.padEnd(64, 'x');
    return { account: { ...shared, apiSecret: secret }, key: { apiKey, secret } };
  }
  const options = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  };
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048, ...options })
      : generateKeyPairSync('ed25519', options);
  return {
    account: { ...shared, publicKey: pair.publicKey },
    key: { apiKey, privateKey: pair.privateKey.trim() },
  };
}

async function within(seconds, what, done) {
  const patience = performance.now() + seconds * 1000;
  while (!done()) {
    if (performance.now() > patience) throw new Error(`${what} did not come within ${seconds} s`);
    await new Promise(later => setTimeout(later, 20));
  }
}

async function checkTrader(trader, id) {
  const heard = [];
  await trader.hear(event => heard.push(`${event.order} ${event.status}`));
  const bought = await trader.market('BUY', '0.5');
  assert.deepEqual(bought, { order: 1, status: 'FILLED', executed: 0.5 }, 'a market order');
  assert.deepEqual(
    await trader.limit('BUY', '1', '10', id),
    { order: 2, status: 'NEW', executed: 0 },
    'a limit order',
  );
  assert.deepEqual(await trader.order(id), { order: 2, status: 'NEW', executed: 0 }, 'the order asked for');
  assert.deepEqual(
    (await trader.open()).map(({ order }) => order),
    [2],
    'the open orders',
  );
  assert.deepEqual(
    await trader.balance('BTC'),
    [BITCOIN + 0.5 * 0.999, 0],
    'the balance, less the commission',
  );
  assert.equal((await trader.balance('USDT'))[1], 10, 'what is locked');
  assert.equal((await trader.cancel(id)).status, 'CANCELED', 'the cancelled order');
  await assert.rejects(trader.cancel(id), 'what is cancelled is not open any more');
  const { list, orders } = await trader.oco('1', '10000000', '10');
  assert.deepEqual(orders, [
    { order: 3, status: 'NEW', executed: 0 },
    { order: 4, status: 'NEW', executed: 0 },
  ]);
  assert.equal((await trader.balance('BTC'))[1], 1, 'what a list locks');
  assert.equal(await trader.cancelList(list), 'ALL_DONE', 'the cancelled list');
  const refused = await trader.refuse().then(
    () => undefined,
    error => error,
  );
  assert.equal(trader.code(refused), -2010, 'an order without the money for it');
  assert.deepEqual(await trader.trades(), [1], 'the executions');
  const expected = ['1 FILLED', '2 NEW', '2 CANCELED', '3 NEW', '4 NEW', '3 CANCELED', '4 CANCELED'];
  await within(10, 'a report', () => expected.every(one => heard.includes(one)));
}

const folder = mkdtempSync(join(tmpdir(), 'qt-interop-'));
let exchange;
let failed = 0;
try {
  const file = join(folder, 'synthetic-btcusdt-1m.csv');
  const sample = qt('data', 'sample', '--interval', '1m', '--bars', '900', '--out', file);
  assert.equal(await new Promise(done => sample.once('close', done)), 0);
  const cases = Object.entries(KINDS).flatMap(([name, kinds]) => kinds.map(kind => ({ name, kind })));
  for (const [i, one] of cases.entries()) Object.assign(one, makeAccount(one.kind, i));
  const accounts = join(folder, 'accounts.json');
  writeFileSync(accounts, JSON.stringify(cases.map(({ account }) => account)), { mode: 0o600 });
  // Order ids are counted over a symbol: each trader has an exchange of his own, so that he may know them.
  for (const { name, kind, key } of cases) {
    exchange = qt(
      'exchange',
      '--data',
      file,
      '--speed',
      '10',
      '--port',
      '0',
      '--json',
      '--account',
      accounts,
    );
    const lines = createInterface({ input: exchange.stdout });
    const { url } = JSON.parse(await new Promise(line => lines.once('line', line)));
    const started = performance.now();
    const trader = TRADERS[name](url, key);
    try {
      await checkTrader(trader, `${kind}-${started | 0}`);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`ok     ${name} with ${kind} keys (${seconds} s)`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name} with ${kind} keys\n${error.stack}`);
    }
    await Promise.race([
      Promise.resolve(trader.close()).catch(() => {}),
      new Promise(done => setTimeout(done, 1000)),
    ]);
    exchange.kill('SIGINT');
  }
} finally {
  exchange?.kill('SIGINT');
  rmSync(folder, { recursive: true, force: true });
}
// Some of these clients leave timers behind.
process.exit(failed === 0 ? 0 : 1);
