import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { replayCapture } from '../../src/collection/replay.ts';
import { Summary } from '../../src/collection/summary.ts';
import { requireShared } from '../support/shared.ts';
import { type Expected, judge } from './recorded/judge.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/recorded/', import.meta.url));
requireShared(existsSync(FOLDER), 'recorded traffic of exchanges');

const captures = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter(file => file.endsWith('.jsonl.gz')) : [];

describe.skipIf(!existsSync(FOLDER))('recorded traffic', () => {
  test.each(captures(FOLDER))('%s comes to what an independent decoder made of it', async file => {
    const name = file.slice(0, -'.jsonl.gz'.length);
    const expected = JSON.parse(readFileSync(join(FOLDER, `${name}.expected.json`), 'utf8')) as Expected;
    expect(await judge(join(FOLDER, file), expected)).toEqual([]);
  });

  test.each(captures(join(FOLDER, 'unlabelled')))('%s is read whole, and every check holds', async file => {
    const path = join(FOLDER, 'unlabelled', file);
    const summary = new Summary(path);
    const { pipeline } = await replayCapture(path, {
      onRecord: record => summary.record(record),
      onLine: line => summary.line(line),
    });
    const { bookStates, counts, detections, integrity } = summary.result(pipeline);
    expect(detections).toEqual([]);
    expect(counts.other).not.toHaveProperty('unknown');
    expect(bookStates.crossed).toBe(0);
    expect(bookStates.checked).toBeGreaterThan(0);
    for (const { checked, passed } of Object.values(integrity)) expect(passed).toBe(checked);
    expect([...pipeline.decoder.books.values()].filter(book => !book.isValid)).toEqual([]);
  });
});
