import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseKafkaAddress } from '../../src/streaming/kafka/address.ts';
import { kafkaConnection, withAdmin } from '../../src/streaming/kafka/connection.ts';
import { KafkaSink } from '../../src/streaming/kafka/sink.ts';
import { KafkaSource } from '../../src/streaming/kafka/source.ts';
import { TopicNames } from '../../src/streaming/kafka/topics.ts';
import { freePort, KafkaBroker, noKafka } from '../support/kafka-broker.ts';
import { tradeOf } from './trades.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-kafka-security-'));
const keystore = join(folder, 'broker.p12');
const ca = join(folder, 'ca.pem');
const PASSWORD = 'of-the-keystore';
const USER = { QT_KAFKA_USERNAME: 'alice', QT_KAFKA_PASSWORD: 'alice-secret' };

describe.skipIf(noKafka)('a broker that wants TLS and a password', () => {
  let broker: KafkaBroker;
  let secure: number;

  beforeAll(async () => {
    const tool = (...args: string[]) =>
      execFileSync('keytool', [...args, '-alias', 'broker', '-keystore', keystore, '-storepass', PASSWORD], {
        stdio: 'pipe',
      });
    const subject = [
      '-dname',
      'CN=127.0.0.1',
      '-ext',
      'SAN=ip:127.0.0.1',
      '-validity',
      '2',
      '-storetype',
      'PKCS12',
    ];
    tool('-genkeypair', '-keyalg', 'RSA', '-keysize', '2048', ...subject);
    tool('-exportcert', '-rfc', '-file', ca);
    const port = await freePort();
    secure = await freePort();
    const controllerPort = await freePort();
    const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
    const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${USER.QT_KAFKA_PASSWORD}";`;
    broker = new KafkaBroker({
      port,
      properties: {
        listeners: `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controllerPort}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${secure}`,
        'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        'listener.name.secure.plain.sasl.jaas.config': plain,
        'listener.name.secure.scram-sha-256.sasl.jaas.config': scram,
        'listener.name.secure.scram-sha-512.sasl.jaas.config': scram,
        'ssl.keystore.location': keystore,
        'ssl.keystore.password': PASSWORD,
        'ssl.keystore.type': 'PKCS12',
      },
      formatArguments: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap(mechanism => [
        '--add-scram',
        `${mechanism}=[name=alice,password=${USER.QT_KAFKA_PASSWORD}]`,
      ]),
    });
    broker.port = port;
    await broker.start();
  });
  afterAll(async () => {
    await broker.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const address = (options: string) => parseKafkaAddress(`kafka://127.0.0.1:${secure}?${options}`);
  const lists = (options: string, environment: Record<string, string>) =>
    withAdmin(kafkaConnection(address(options), environment), admin => admin.listTopics());

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'takes and gives records by sasl=%s',
    async mechanism => {
      const connection = kafkaConnection(address(`ca=${ca}&sasl=${mechanism}`), USER);
      const topic = `by-${mechanism}`;
      const sink = new KafkaSink(connection, new TopicNames(topic));
      const records = Array.from({ length: 100 }, (_, n) => tradeOf(n));
      await sink.write(records);
      await sink.close();
      const came: string[] = [];
      const source = new KafkaSource({ connection, topics: [topic], group: topic, toEnd: true });
      await source.run(some => {
        came.push(...some.map(record => JSON.stringify(record)));
      }, new AbortController().signal);
      expect(came.sort()).toEqual(records.map(record => JSON.stringify(record)).sort());
    },
  );

  test('the name and password may come from a file', async () => {
    const file = join(folder, 'credentials');
    writeFileSync(file, 'username=alice\npassword=alice-secret\n', { mode: 0o600 });
    await expect(lists(`ca=${ca}&sasl=plain&credentials=${file}`, {})).resolves.toBeDefined();
  });

  test('a wrong password is refused in one line that does not repeat it', async () => {
    const environment = { ...USER, QT_KAFKA_PASSWORD: 'not-this-one' };
    for (const mechanism of ['plain', 'scram-sha-512']) {
      const error = await lists(`ca=${ca}&sasl=${mechanism}`, environment).catch(
        (failure: unknown) => failure,
      );
      expect(error).toMatchObject({ code: 'KAFKA_AUTHENTICATION' });
      expect(String((error as Error).message)).not.toContain('not-this-one');
    }
  });

  test('a certificate that nobody vouches for is refused', async () => {
    await expect(lists('tls=true&sasl=plain', USER)).rejects.toMatchObject({ code: 'KAFKA_TLS' });
  });
});
