import { existsSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CsvFolder } from '../../../collection/sinks/csv.ts';
import { JsonLinesFile } from '../../../collection/sinks/json-lines.ts';
import { DataError } from '../../../model/errors.ts';
import type { MarketRecord } from '../../../model/records.ts';
import type { Partition } from '../reader.ts';
import type { RecordBatch } from '../source.ts';
import { MarksFile } from './marks-file.ts';
import { type PipeStore, sourceOf } from './store.ts';

interface Lines {
  readonly name: string;
  write(records: readonly MarketRecord[]): void;
  close(): void;
}

/**
 * Files of lines with a file of marks beside them. Lines are written first, then the marks say how large the files are and how
 * far the topics were read: what was written and not marked when the process was killed is cut off, and read again.
 */
export class LinePipeStore implements PipeStore {
  readonly name: string;
  readonly #marks: MarksFile;
  readonly #lines: Lines;
  readonly #paths: readonly string[];

  private constructor(marks: string, paths: readonly string[], open: () => Lines) {
    this.#marks = new MarksFile(marks);
    this.#paths = paths;
    try {
      this.#cutBack();
      this.#lines = open();
    } catch (error) {
      this.#marks.close();
      throw error;
    }
    this.name = this.#lines.name;
  }

  /** One JSON object a record. Throws OutputError, DataError. */
  static json(file: string): LinePipeStore {
    return new LinePipeStore(`${file}.marks.json`, [file], () => new JsonLinesFile(file));
  }

  /** A CSV file for each kind of record. Throws OutputError, DataError. */
  static csv(folder: string): LinePipeStore {
    const { paths } = new CsvFolder(folder);
    return new LinePipeStore(join(folder, 'marks.json'), paths, () => new CsvFolder(folder));
  }

  positionOf(topicId: string, partition: Partition): number | undefined {
    return this.#marks.marks.positions[sourceOf(topicId, partition)];
  }

  write(batch: RecordBatch): number {
    const { next, offsets, records, topicId } = batch;
    const source = sourceOf(topicId, batch);
    const known = this.positionOf(topicId, batch) ?? 0;
    const fresh = known === 0 ? records : records.filter((_, i) => offsets[i] >= known);
    if (next <= known) return 0;
    if (fresh.length > 0) this.#lines.write(fresh);
    this.#save({ ...this.#marks.marks.positions, [source]: next });
    return fresh.length;
  }

  close(): void {
    this.#lines.close();
    this.#marks.close();
  }

  #save(positions: Readonly<Record<string, number>>): void {
    const sizes = this.#paths.filter(existsSync).map(path => [basename(path), statSync(path).size] as const);
    this.#marks.save({ positions, sizes: Object.fromEntries(sizes) });
  }

  #cutBack(): void {
    const { positions, sizes } = this.#marks.marks;
    const isNew = Object.keys(positions).length === 0 && Object.keys(sizes).length === 0;
    if (isNew) {
      // What is there already stays, and what is killed before the first mark is cut back to it.
      this.#save({});
      return;
    }
    for (const path of this.#paths) {
      const marked = sizes[basename(path)] ?? 0;
      const size = existsSync(path) ? statSync(path).size : 0;
      if (size > marked) truncateSync(path, marked);
      if (size >= marked) continue;
      throw new DataError('MARKS_BEYOND', `has ${size} bytes, and had ${marked} when it was left`, {
        file: path,
        value: size,
        limit: marked,
        fix: 'restore it, or delete it with its marks and read the topics anew with from=earliest and another group',
      });
    }
  }
}
