import { once } from 'node:events';
import type { MarketRecord } from '../../model/records.ts';
import { LineFile } from './line-file.ts';
import type { RecordSink } from './sink.ts';

/** One JSON object a record, in the order in which they came; docs/records.md has the schema. */
export class JsonLinesFile implements RecordSink {
  readonly name: string;
  readonly #file: LineFile;

  /** Throws OutputError. */
  constructor(path: string) {
    this.name = path;
    this.#file = new LineFile(path);
  }

  write(records: readonly MarketRecord[]): void {
    this.#file.append(linesOf(records));
  }

  close(): void {
    this.#file.close();
  }
}

/** The same on standard output, or another stream, at the speed of its reader. */
export class JsonLinesStream implements RecordSink {
  readonly name = 'stdout';
  readonly #out: NodeJS.WritableStream;

  constructor(out: NodeJS.WritableStream) {
    this.#out = out;
  }

  async write(records: readonly MarketRecord[]): Promise<void> {
    if (!this.#out.write(linesOf(records))) await once(this.#out, 'drain');
  }

  close(): void {}
}

function linesOf(records: readonly MarketRecord[]): string {
  let lines = '';
  for (const record of records) lines += `${JSON.stringify(record)}\n`;
  return lines;
}
