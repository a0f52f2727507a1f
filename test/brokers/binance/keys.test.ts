import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KeyMaterial, Keys } from '../../../src/brokers/binance/gateway/keys.ts';
import { loadKeys } from '../../../src/brokers/binance/gateway/load-keys.ts';
import { openGateway } from '../../../src/brokers/binance/gateway/open-gateway.ts';
import { Redactor } from '../../../src/brokers/binance/gateway/redact.ts';
import { endpointsOf } from '../../../src/venues/binance/endpoints.ts';

const apiKey = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz01';
const apiSecret = 'zYxWvUtSrQpOnMlKjIhGfEdCbA9876543210zYxWvUtSrQpOnMlKjIhGfEdCbA98';
const ed25519 = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (pair: typeof ed25519) => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function refusal(act: () => unknown): { code: string; message: string; all: string } {
  try {
    act();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message, all: inspect(error, { depth: 9, showHidden: true }) };
  }
  throw new Error('nothing was refused');
}

describe('keys', () => {
  test('cannot be printed, in whatever way', () => {
    for (const keys of [new Keys({ apiKey, apiSecret }), new Keys({ apiKey, privateKey: pem(ed25519) })]) {
      const seen = [
        String(keys),
        JSON.stringify({ keys }),
        inspect(keys, { depth: 9, showHidden: true }),
        inspect({ deep: { keys } }, { depth: 9 }),
        format('%o %j %s', keys, keys, keys),
        Object.entries(keys).join(' '),
      ].join('\n');
      expect(seen).toContain('[redacted]');
      for (const secret of [apiKey, apiSecret, pem(ed25519).split('\n')[1]])
        expect(seen).not.toContain(secret);
    }
  });

  test('are told apart by a fingerprint that says nothing of them', () => {
    const one = new Keys({ apiKey, apiSecret }).fingerprint;
    expect(one).toMatch(/^[0-9a-f]{12}$/);
    expect(new Keys({ apiKey, privateKey: pem(rsa) }).fingerprint).toBe(one);
    expect(new Keys({ apiKey: `${apiKey}x`, apiSecret }).fingerprint).not.toBe(one);
  });

  test.each([
    ['Ed25519', ed25519, null],
    ['RSA', rsa, 'sha256'],
  ] as const)(
    'of the kind %s are known by what they are, however their PEM is written',
    (type, pair, digest) => {
      const plain = pem(pair);
      const forms = [
        plain,
        plain.trim(),
        plain.replaceAll('\n', '\r\n'),
        `${plain}\n\n`,
        plain.replaceAll('\n', '\\n'),
      ];
      for (const privateKey of forms) {
        const keys = new Keys({ apiKey, privateKey });
        expect(keys.type).toBe(type);
        const signature = Buffer.from(keys.sign('a=1&b=ü'), 'base64');
        expect(verify(digest, Buffer.from('a=1&b=ü'), createPublicKey(pair.privateKey), signature)).toBe(
          true,
        );
      }
    },
  );

  test('that are encrypted open with their passphrase only', () => {
    const privateKey = rsa.privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'correct horse' })
      .toString();
    expect(new Keys({ apiKey, privateKey, passphrase: 'correct horse' }).type).toBe('RSA');
    expect(refusal(() => new Keys({ apiKey, privateKey })).code).toBe('KEY_PASSPHRASE');
    const wrong = refusal(() => new Keys({ apiKey, privateKey, passphrase: 'wrong horse' }));
    expect(wrong.code).toBe('KEY_PASSPHRASE');
    expect(wrong.all).not.toContain('wrong horse');
  });

  test('of a kind that Binance does not take, or that are no keys, are refused without being shown', () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const ec = curve.export({ type: 'pkcs8', format: 'pem' }).toString();
    const cases: [string, KeyMaterial][] = [
      ['KEY_TYPE', { apiKey, privateKey: ec }],
      ['KEY_INVALID', { apiKey, privateKey: apiSecret }],
      ['KEY_INVALID', { apiKey, apiSecret: `${apiSecret} ${apiSecret}` }],
      ['KEY_INVALID', { apiKey: '', apiSecret }],
      ['KEY_INVALID', { apiKey }],
      ['KEY_INVALID', { apiKey, apiSecret, privateKey: ec }],
    ];
    for (const [code, material] of cases) {
      const refused = refusal(() => new Keys(material));
      expect(refused.code).toBe(code);
      for (const secret of [apiKey, apiSecret, ec.split('\n')[1]]) expect(refused.all).not.toContain(secret);
    }
  });
});

describe('keys are read', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qt-keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string, mode = 0o600) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  test('from the environment: secret, private key or its file', () => {
    const BINANCE_API_KEY = apiKey;
    const type = (environment: Record<string, string>) => loadKeys({ environment }).type;
    expect(type({ BINANCE_API_KEY, BINANCE_API_SECRET: apiSecret })).toBe('HMAC');
    expect(type({ BINANCE_API_KEY, BINANCE_PRIVATE_KEY: pem(ed25519).replaceAll('\n', '\\n') })).toBe(
      'Ed25519',
    );
    expect(type({ BINANCE_API_KEY, BINANCE_PRIVATE_KEY_FILE: write('key.pem', pem(rsa)) })).toBe('RSA');
    const code = (environment: Record<string, string>) => refusal(() => loadKeys({ environment })).code;
    expect(code({})).toBe('KEYS_MISSING');
    expect(code({ BINANCE_API_KEY })).toBe('KEYS_MISSING');
    expect(code({ BINANCE_API_KEY, BINANCE_API_SECRET: apiSecret, BINANCE_PRIVATE_KEY: pem(rsa) })).toBe(
      'KEYS_MISSING',
    );
  });

  test('from a file, whose private key may lie in a file beside it', () => {
    const load = (fields: object) =>
      loadKeys({ file: write('keys.json', JSON.stringify(fields)), environment: {} }).type;
    expect(load({ apiKey, apiSecret })).toBe('HMAC');
    expect(load({ apiKey, privateKey: pem(ed25519) })).toBe('Ed25519');
    write('private.pem', pem(rsa));
    expect(load({ apiKey, privateKeyFile: 'private.pem' })).toBe('RSA');
  });

  test.skipIf(process.platform === 'win32')(
    'never from a file that others may read, and the fix says how',
    () => {
      for (const mode of [0o644, 0o640, 0o604, 0o620]) {
        const file = write('keys.json', JSON.stringify({ apiKey, apiSecret }), mode);
        const refused = refusal(() => loadKeys({ file, environment: {} }));
        expect(refused.code).toBe('KEY_FILE_READABLE');
        expect(refused.message).toContain(`chmod 600 ${file}`);
      }
      write('private.pem', pem(rsa), 0o644);
      const file = write('keys.json', JSON.stringify({ apiKey, privateKeyFile: 'private.pem' }));
      expect(refusal(() => loadKeys({ file, environment: {} })).code).toBe('KEY_FILE_READABLE');
    },
  );

  test('and what is wrong with a file is said without quoting it', () => {
    const texts = [
      `{"apiKey":"${apiKey}","apiSecret":"${apiSecret}"`,
      `${apiKey} ${apiSecret}`,
      JSON.stringify([apiKey, apiSecret]),
      JSON.stringify({ apiKey }),
      JSON.stringify({ apiKey, apiSecret, privateKey: pem(rsa) }),
      JSON.stringify({ apiKey, [apiSecret]: 'x' }),
      JSON.stringify({ apiKey: 5, apiSecret }),
    ];
    for (const text of texts) {
      const file = write('keys.json', text);
      const { code, all } = refusal(() => loadKeys({ file, environment: {} }));
      expect(code).toBe('KEY_FILE_INVALID');
      expect(all).not.toContain(apiKey);
      expect(all).not.toContain(apiSecret);
    }
    expect(refusal(() => loadKeys({ file: join(folder, 'none'), environment: {} })).code).toBe(
      'KEY_FILE_INVALID',
    );
  });
});

describe('a line for people', () => {
  const { redactor } = new Keys({ apiKey, apiSecret });

  test('has no keys, signatures, query strings or private keys', () => {
    const signature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
    const texts = [
      `request to https://api.binance.com/api/v3/order?symbol=BTCUSDT&timestamp=1&signature=${signature} failed`,
      `X-MBX-APIKEY: ${apiKey}`,
      `{"apiKey":"${apiKey}","signature":"${signature}"}`,
      `signature=short`,
      `apiSecret = "${apiSecret}"`,
      `bare ${signature} and ${apiKey.slice(0, 50)}`,
      pem(ed25519),
      `the secret ${encodeURIComponent(apiSecret)}`,
    ];
    for (const text of texts) {
      const line = redactor.line(text);
      expect(line).toContain('[redacted]');
      expect(line).not.toMatch(/short|c8db56|AbCdEf|zYxWv|timestamp|MC4CAQ/);
    }
  });

  test('is one line, of bounded length, and moves no cursor', () => {
    expect(redactor.line('a\r\n\tb\u001b[2Jc\u0007')).toBe('a b [2Jc');
    expect(redactor.line('word '.repeat(200)).length).toBe(300);
  });

  test('keeps what people have to know', () => {
    const line =
      'Filter failure: LOT_SIZE (-1013) of qabcdefghijklmnopqrstuvwxyz234567ab at /api/v3/orderList/otoco';
    expect(redactor.line(line)).toBe(line);
    expect(new Redactor(['x']).line('xylophone')).toBe('xylophone');
  });
});

test.each(['http://trading.example', 'http://10.0.0.7:9876'])(
  'orders are not sent to another machine in the clear: %s',
  url => {
    const keys = new Keys({ apiKey: 'k'.repeat(64), apiSecret: 's'.repeat(64) });
    expect(() => openGateway({ endpoints: endpointsOf(url), keys })).toThrow(
      expect.objectContaining({ code: 'URL_NOT_SECURE', fix: 'give the https: address' }),
    );
  },
);
