import { once } from 'node:events';
import type { RecordSink } from '../../collection/sinks/sink.ts';
import type { MarketRecord } from '../../model/records.ts';
import { tickerRow, tradeRow } from './tick-rows.ts';

export interface RowStreamOptions {
  /** After so many rows no more are written. */
  readonly most: number;
  /** The last one has been written. */
  onFull(): void;
}

/** Flat rows as JSON lines, at the speed of the reader. Trades of the past, which venues send on subscribing, are left out. */
export class RowStream implements RecordSink {
  readonly name = 'stdout';
  readonly #out: NodeJS.WritableStream;
  readonly #options: RowStreamOptions;
  #count = 0;

  constructor(out: NodeJS.WritableStream, options: RowStreamOptions) {
    this.#out = out;
    this.#options = options;
  }

  async write(records: readonly MarketRecord[]): Promise<void> {
    const { most, onFull } = this.#options;
    let lines = '';
    for (const record of records) {
      if (this.#count === most) break;
      if (record.kind === 'trade' && !record.isHistory) lines += `${JSON.stringify(tradeRow(record))}\n`;
      else if (record.kind === 'ticker') lines += `${JSON.stringify(tickerRow(record))}\n`;
      else continue;
      this.#count++;
    }
    if (lines === '') return;
    if (!this.#out.write(lines)) await once(this.#out, 'drain');
    if (this.#count === most) onFull();
  }

  close(): void {}
}
