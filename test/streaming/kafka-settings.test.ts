import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseKafkaAddress } from '../../src/streaming/kafka/address.ts';
import { securityOf } from '../../src/streaming/kafka/security.ts';
import { TopicNames } from '../../src/streaming/kafka/topics.ts';
import { tradeOf } from '../kafka/trades.ts';

const codeOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

test('an address has brokers, a topic and options', () => {
  const address = parseKafkaAddress('kafka://one:9093,two,[::1]:9094/md.{symbol}?compression=zstd', [
    'compression',
  ]);
  expect(address).toMatchObject({
    brokers: [
      { host: 'one', port: 9093 },
      { host: 'two', port: 9092 },
      { host: '::1', port: 9094 },
    ],
    topic: 'md.{symbol}',
    name: 'kafka://one:9093,two,[::1]:9094/md.{symbol}',
  });
  expect(Object.fromEntries(address.options)).toEqual({ compression: 'zstd' });
});

test.each([
  'kafka://',
  'kafka:///topic',
  'kafka://host:0',
  'kafka://host:70000',
  'kafka://host:port',
  'kafka://a b',
  'kafka://host?tsl=true',
  'kafka://host?tls=true&tls=false',
  'kafka://host/%zz',
  'http://host',
])('%s is no address', text => {
  expect(codeOf(() => parseKafkaAddress(text))).toBe('KAFKA_ADDRESS');
});

test.each(['kafka://alice:secret-word@host:9092', 'kafka://host?password=secret-word'])(
  'a password in an address is refused, and not repeated (%#)',
  text => {
    expect(() => parseKafkaAddress(text)).toThrow(/QT_KAFKA_PASSWORD/);
    expect(() => parseKafkaAddress(text)).not.toThrow(/secret-word/);
  },
);

test('names and passwords come from the environment or a file, and never in clear beyond this machine', () => {
  const user = { QT_KAFKA_USERNAME: 'alice', QT_KAFKA_PASSWORD: 'word' };
  const of = (query: string, environment = {}, host = 'localhost') =>
    securityOf(parseKafkaAddress(`kafka://${host}?${query}`), environment);
  expect(of('')).toEqual({});
  expect(of('tls=true&sasl=scram-sha-512', user, 'broker')).toEqual({
    tls: {},
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'alice', password: 'word' },
  });
  expect(codeOf(() => of('sasl=plain', user, 'broker'))).toBe('KAFKA_PLAINTEXT');
  expect(codeOf(() => of('sasl=plain'))).toBe('KAFKA_CREDENTIALS');
  expect(codeOf(() => of('sasl=plain', { QT_KAFKA_USERNAME: 'alice' }))).toBe('KAFKA_CREDENTIALS');
  expect(codeOf(() => of('cert=a.pem'))).toBe('KAFKA_ADDRESS');
  expect(codeOf(() => of('ca=/nowhere/ca.pem'))).toBe('KAFKA_FILE');
  expect(codeOf(() => of('sasl=plian', user))).toBe('KAFKA_ADDRESS');
});

test('a token is read anew for each connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'qt-kafka-token-'));
  const file = join(folder, 'token');
  try {
    writeFileSync(file, 'first\n');
    const { sasl } = securityOf(parseKafkaAddress('kafka://localhost?sasl=oauthbearer'), {
      QT_KAFKA_TOKEN_FILE: file,
    });
    const token = sasl!.token as () => string;
    expect(token()).toBe('first');
    writeFileSync(file, 'second\n');
    expect(token()).toBe('second');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('topics follow the template, in names that Kafka takes', () => {
  const trade = tradeOf(0);
  expect(new TopicNames().of(trade)).toBe('BTC-USDT');
  expect(new TopicNames('md.{venue}.{channel}.{symbol}').of(trade)).toBe('md.okx.trades.BTC-USDT');
  expect(new TopicNames('all').of(trade)).toBe('all');
  expect(new TopicNames('{native}').of({ ...trade, native: 'XBT/USDT' })).toBe('XBT_USDT');
  expect(new TopicNames().of({ ...trade, symbol: '' })).toBe('all-symbols');
  for (const bad of ['{symbl}', 'a b', 'ä', '..', 'x'.repeat(250)]) {
    expect(codeOf(() => new TopicNames(bad))).toBe('KAFKA_TOPIC');
  }
});
