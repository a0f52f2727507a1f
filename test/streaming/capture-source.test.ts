import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MarketRecord } from '../../src/model/records.ts';
import { realNetwork } from '../../src/net/real.ts';
import { CaptureSource, captureBegin } from '../../src/streaming/capture-source.ts';
import type { RawRecord } from '../../src/streaming/protocol.ts';

const START = 1_700_000_000;

function capture(times: readonly number[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'qt-capture-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines = [
    { kind: 'header', venue: 'bitfinex', symbols: ['tBTCUSD'], channels: ['trades'] },
    { kind: 'connect', t: START + times[0], conn: 0, url: 'wss://x' },
    {
      ...{ kind: 'recv', t: START + times[0], conn: 0 },
      text: '{"event":"subscribed","channel":"trades","chanId":7,"symbol":"tBTCUSD","pair":"BTCUSD"}',
    },
    ...times.map((time, at) => ({
      ...{ kind: 'recv', t: START + time, conn: 0 },
      text: JSON.stringify([7, 'te', [at + 1, (START + time) * 1000, 0.5, 100]]),
    })),
  ];
  const file = join(folder, 'one.jsonl');
  writeFileSync(file, `${lines.map(line => JSON.stringify(line)).join('\n')}\n`);
  return file;
}

test('a capture is played at its pace, never early; what is asked for as raw comes with it', async () => {
  const file = capture([0, 0.4, 0.4, 1.2]);
  expect(await captureBegin(file)).toBe(START * 1e6);
  const raw: RawRecord[] = [];
  const source = new CaptureSource({
    ...{ file, timers: realNetwork.timers, speed: 2, onRaw: record => raw.push(record) },
  });
  const began = performance.now();
  const seen: { readonly id: unknown; readonly ms: number }[] = [];
  await source.run(records => {
    for (const record of records)
      if (record.kind === 'trade') seen.push({ id: record.id, ms: performance.now() - began });
  }, new AbortController().signal);
  expect(seen.map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  // Half of the time of the capture; timers may be a millisecond early.
  for (const [at, due] of [0, 200, 200, 600].entries()) expect(seen[at].ms).toBeGreaterThan(due - 3);
  expect(raw.map(({ event }) => event)).toEqual(['connect', 'recv', 'recv', 'recv', 'recv', 'recv']);
});

test('several captures keep their distance, and all of them end at once when told to', async () => {
  const [first, second] = [capture([0, 3600]), capture([0.3, 3600])];
  const controller = new AbortController();
  const order: string[] = [];
  const run = (file: string, name: string) =>
    new CaptureSource({ file, timers: realNetwork.timers, speed: 1, begin: START * 1e6 }).run(
      (records: readonly MarketRecord[]) => {
        if (records.some(({ kind }) => kind === 'trade')) order.push(name);
        if (order.length === 2) controller.abort();
      },
      controller.signal,
    );
  await Promise.all([run(second, 'second'), run(first, 'first')]);
  expect(order).toEqual(['first', 'second']);
});
