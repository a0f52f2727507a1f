import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, createGzip, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { type CaptureLine, readCapture } from '../../src/collection/capture.ts';
import { replayCapture } from '../../src/collection/replay.ts';
import { QtError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = '{"kind":"header","venue":"okx","symbols":[],"channels":[]}';
const recv = (text: string) => JSON.stringify({ kind: 'recv', t: 1.5, conn: 0, text });

function fileOf(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function read(file: string) {
  const lines: CaptureLine[] = [];
  const cuts: number[] = [];
  for await (const line of readCapture(file, { onCut: line => cuts.push(line) })) lines.push(line);
  return { kinds: lines.map(({ kind }) => kind), lines, cuts };
}

async function failure(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    reason => reason,
  );
  expect(error).toBeInstanceOf(QtError);
  return `${error.code} ${error.message}`;
}

test('lines end with a line feed alone, whatever separators stand in the texts of a venue', async () => {
  const text = 'a\u2028b\u2029c\u0085 naïve 鱼';
  const file = fileOf('separators.jsonl', `\ufeff${HEADER}\r\n\n${recv(text)}\n`);
  const { cuts, lines } = await read(file);
  expect(lines[1]).toMatchObject({ kind: 'recv', text });
  expect(lines.length).toBe(2);
  expect(cuts).toEqual([]);
});

test('of a gzip whose writer was killed all is read that was flushed, and a line that was cut is told', async () => {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', chunk => chunks.push(chunk));
  gzip.write(`${HEADER}\n${recv('x')}\n{"kind":"recv","t":1,`);
  await new Promise<void>(resolve => gzip.flush(constants.Z_SYNC_FLUSH, () => resolve()));
  gzip.destroy();
  const { cuts, kinds } = await read(fileOf('killed.jsonl.gz', Buffer.concat(chunks)));
  expect(kinds).toEqual(['header', 'recv']);
  expect(cuts).toEqual([3]);
});

test('gzips one after the other are one capture, and a broken one is refused', async () => {
  const both = Buffer.concat([gzipSync(`${HEADER}\n`), gzipSync(`${recv('x')}\n`)]);
  expect((await read(fileOf('two.jsonl.gz', both))).kinds).toEqual(['header', 'recv']);
  const file = fileOf('none.jsonl.gz', `${HEADER}\n`);
  expect(await failure(read(file))).toMatch(/^CAPTURE_UNREADABLE .*incorrect header check/);
});

test.each([
  'null',
  '5',
  '[]',
  '{}',
  '{"kind":"constructor"}',
  '{"kind":"recv","t":1,"conn":0}',
  '{"kind":"recv","t":1,"conn":0,"text":5}',
  '{"kind":"recv","t":1,"conn":0,"b64":null}',
  '{"kind":"recv","t":"1","conn":0,"text":""}',
  '{"kind":"recv","t":1e999,"conn":0,"text":""}',
  '{"kind":"recv","t":1,"conn":0.5,"text":""}',
  '{"kind":"recv","t":1,"p":"2","conn":0,"text":""}',
  '{"kind":"connect","t":1,"conn":0}',
  '{"kind":"http","t":1,"method":"GET","url":"no address","status":200,"text":""}',
  '{"kind":"header","venue":"okx","instruments":{"BTC-USDT":null}}',
])('a line that lacks what its kind has is refused with its number: %s', async line => {
  const file = fileOf('line.jsonl', `${HEADER}\n${line}\n${recv('x')}\n`);
  expect(await failure(read(file))).toMatch(/^CAPTURE_LINE .*line 2: /);
});

test('a capture has one header', async () => {
  const file = fileOf('headers.jsonl', `${HEADER}\n${recv('pong')}\n${HEADER}\n`);
  expect(await failure(replayCapture(file, { onRecord: () => {} }))).toMatch(/^CAPTURE_HEADER .*second/);
});
