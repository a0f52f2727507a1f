import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseKafkaAddress } from '../../src/streaming/kafka/address.ts';
import { kafkaConnection } from '../../src/streaming/kafka/connection.ts';
import { KafkaSink } from '../../src/streaming/kafka/sink.ts';
import { TopicNames } from '../../src/streaming/kafka/topics.ts';
import { KafkaBroker, noKafka } from '../support/kafka-broker.ts';
import { tradeOf, tradesOf } from './trades.ts';

const SOAK = process.env.QT_SOAK !== undefined;
const COUNT = SOAK ? 1_000_000 : 100_000;
const BROKER_KILLS = SOAK ? 4 : 1;
const MEMBER_KILLS = SOAK ? Number.POSITIVE_INFINITY : 4;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'qt-kafka-kill-'));

/** A member of the group in a process of its own, as `qt pipe` runs. */
function member(address: string, sink: string): ChildProcess {
  return spawn(
    process.execPath,
    [MAIN, 'pipe', `${address}/trades`, '--sink', sink, '--group', 'store', '--quiet'],
    {
      stdio: 'ignore',
    },
  );
}

function countIn(file: string): number {
  try {
    const database = new Database(file, { readonly: true });
    try {
      return (database.prepare('SELECT count(*) AS count FROM trades').get() as { count: number }).count;
    } finally {
      database.close();
    }
  } catch {
    return 0;
  }
}

describe.skipIf(noKafka)('a store behind a broker that is killed and members that come and go', () => {
  const broker = new KafkaBroker();
  const members = new Set<ChildProcess>();
  beforeAll(async () => {
    await broker.start();
  });
  afterAll(async () => {
    for (const one of members) one.kill('SIGKILL');
    await broker.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test(`has each of ${COUNT} trades once, as it was made`, async () => {
    const file = join(folder, 'market.sqlite');
    const sink = new KafkaSink(kafkaConnection(parseKafkaAddress(broker.address)), new TopicNames('trades'));
    const began = performance.now();
    const [first, ...others] = tradesOf(0, COUNT);
    await sink.write(first);
    let isDone = false;
    let memberKills = 0;
    const churn = async () => {
      while (!isDone) {
        while (members.size < 2) members.add(member(broker.address, `sqlite:${file}`));
        await sleep((SOAK ? 10_000 : 3000) + Math.random() * 5000);
        if (isDone) break;
        if (memberKills >= MEMBER_KILLS) continue;
        const [victim] = members;
        members.delete(victim);
        victim.kill('SIGKILL');
        memberKills++;
      }
    };
    const churning = churn();
    const produce = async () => {
      for (const [i, records] of others.entries()) {
        await sink.write(records);
        if (!SOAK || i % 10 === 0) await sleep(SOAK ? 200 : 100);
      }
    };
    const producing = produce();
    for (let kill = 0; kill < BROKER_KILLS; kill++) {
      await sleep(2000);
      await broker.kill();
      await sleep(500);
      await broker.start();
    }
    await producing;
    await sink.close();
    const deadline = performance.now() + (SOAK ? 600_000 : 200_000);
    while (countIn(file) < COUNT && performance.now() < deadline) await sleep(500);
    isDone = true;
    await churning;
    // Whoever is behind may still write what is there already.
    await sleep(2000);
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${COUNT} trades, broker killed ${BROKER_KILLS} times, members ${memberKills} times, ${seconds.toFixed(0)} s`,
    );
    const database = new Database(file, { readonly: true });
    const rows = database
      .prepare('SELECT sequence, id, venue, symbol, price, size, exchange_time FROM trades')
      .all() as {
      [name: string]: unknown;
    }[];
    database.close();
    expect(rows.length).toBe(COUNT);
    const seen = new Set(rows.map(({ sequence }) => sequence));
    expect(seen.size).toBe(COUNT);
    const different = rows.filter(row => {
      const trade = tradeOf(Number(row.sequence));
      return (
        row.id !== trade.id ||
        row.venue !== trade.venue ||
        row.symbol !== trade.symbol ||
        row.price !== trade.priceText ||
        row.size !== trade.sizeText ||
        row.exchange_time !== trade.exchangeTime
      );
    });
    expect(different).toEqual([]);
    expect(memberKills).toBeGreaterThan(0);
  }, 900_000);
});
