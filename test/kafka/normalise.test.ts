import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaptureLine, captureTime, readCapture } from '../../src/collection/capture.ts';
import { replayCapture } from '../../src/collection/replay.ts';
import { JsonLinesFile } from '../../src/collection/sinks/json-lines.ts';
import { parseKafkaAddress } from '../../src/streaming/kafka/address.ts';
import { kafkaConnection } from '../../src/streaming/kafka/connection.ts';
import { RawTopicWriter } from '../../src/streaming/kafka/raw.ts';
import { KafkaBroker, noKafka } from '../support/kafka-broker.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

/** A market of Binance's: a book whose changes follow each other, and trades. */
function captureText(rounds: number): string {
  let time = 1_700_000_000;
  const recv = (data: object) => {
    const t = ++time;
    return { kind: 'recv', t, p: t + 0.000_05, conn: 0, text: JSON.stringify({ stream: 'btcusdt@x', data }) };
  };
  const lines: object[] = [
    { kind: 'header', venue: 'binance-spot', symbols: ['BTCUSDT'], channels: ['book', 'trades'] },
    { kind: 'connect', t: time, conn: 0, url: 'wss://stream.binance.com:9443/stream' },
    {
      ...{ kind: 'http', t: ++time, method: 'GET', status: 200 },
      url: 'https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000',
      text: JSON.stringify({ lastUpdateId: 10, bids: [['100.00', '1.00']], asks: [['101.00', '1.00']] }),
    },
  ];
  for (let n = 0; n < rounds; n++) {
    const E = (time + 1) * 1000;
    const b = [[`${(100 - (n % 7) / 100).toFixed(2)}`, `${n % 5}.00`]];
    lines.push(recv({ e: 'depthUpdate', E, s: 'BTCUSDT', U: 11 + n, u: 11 + n, b, a: [] }));
    lines.push(
      recv({ e: 'trade', E, s: 'BTCUSDT', t: n, p: '100.10', q: '0.50', T: E, m: n % 2 === 0, M: true }),
    );
  }
  return `${lines.map(line => JSON.stringify(line)).join('\n')}\n`;
}

describe.skipIf(noKafka)('raw frames in a topic', () => {
  const broker = new KafkaBroker();
  const folder = mkdtempSync(join(tmpdir(), 'qt-kafka-raw-'));
  const capture = join(folder, 'capture.jsonl');
  beforeAll(async () => {
    writeFileSync(capture, captureText(200));
    await broker.start();
  });
  afterAll(async () => {
    await broker.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const normalise = () =>
    new Promise<number | null>(resolve => {
      const args = [
        'normalise',
        `${broker.address}/raw`,
        '--sink',
        `jsonl:${join(folder, 'out.jsonl')}`,
        '--until-end',
        '--quiet',
      ];
      const child = spawn(process.execPath, [MAIN, ...args], {
        cwd: folder,
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      child.once('exit', resolve);
    });

  test('become the same records as the capture, also in two parts', async () => {
    const lines: CaptureLine[] = [];
    for await (const line of readCapture(capture)) lines.push(line);
    const [header, ...events] = lines;
    if (header.kind !== 'header') throw new Error('it begins with a header');
    const write = async (part: readonly CaptureLine[], writer: RawTopicWriter) => {
      for (const line of part) {
        if (line.kind === 'header' || line.kind === 'lost') continue;
        const { p, t, ...event } = line;
        writer.event(event, captureTime(t), p === undefined ? 0 : captureTime(p));
      }
    };
    const writer = new RawTopicWriter({
      connection: kafkaConnection(parseKafkaAddress(broker.address)),
      ...{ topic: 'raw', header, run: 'one' },
      onFailure: error => {
        throw error;
      },
    });
    const half = events.length >> 1;
    await write(events.slice(0, half), writer);
    await new Promise(resolve => setTimeout(resolve, 2000));
    expect(await normalise()).toBe(0);
    await write(events.slice(half), writer);
    await writer.close();
    expect(await normalise()).toBe(0);

    const expected = new JsonLinesFile(join(folder, 'expected.jsonl'));
    await replayCapture(capture, { onRecord: record => expected.write([record]) });
    expected.close();
    const linesOf = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(linesOf('out.jsonl').length).toBeGreaterThan(1000);
    expect(linesOf('out.jsonl')).toBe(linesOf('expected.jsonl'));
  });
});
