// Reads a file of as many rows as its argument says, and prints by how much the memory grew meanwhile. A program of
// its own, because a process's memory is everything's in it.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvFeed } from '../../src/feeds/csv/csv.ts';

const wanted = Number(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'qt-csv-memory-'));
try {
  const path = join(folder, 'bars.csv');
  const output = openSync(path, 'w');
  let bytes = 0;
  for (let from = 0; from < wanted; from += 10_000) {
    let text = '';
    for (let i = from; i < Math.min(wanted, from + 10_000); i++) {
      text += `${1_704_067_200_000 + i * 60_000},42000.25,42010.5,41990.75,42005.${i % 100},${i % 1000}.12345\n`;
    }
    bytes += writeSync(output, text);
  }
  closeSync(output);
  const feed = await csvFeed(path);
  const before = process.memoryUsage.rss();
  let peak = before;
  let rows = 0;
  for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
    if (event.kind === 'bars') rows += event.bars.length;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  console.log(JSON.stringify({ rows, bytes, growth: peak - before }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
