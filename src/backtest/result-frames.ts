import type { Danfo, DataFrameLike } from '../feeds/frame/contract.ts';
import { type FrameColumns, frameOf, loadDanfo, timeTexts } from '../feeds/frame/danfo.ts';
import {
  type ResultColumns,
  type ResultTable,
  resultColumns,
  type TableOptions,
  type TableSource,
  TIME_COLUMNS,
} from './result-tables.ts';

/** What a result gives its tables out as. The same functions serve all results, spread ones too. */
export interface ResultFrames {
  /** A table as columns: Float64Arrays (times in epoch ms UTC), texts and flags. All are copies. */
  toColumns<Table extends ResultTable>(table: Table, options?: TableOptions): ResultColumns[Table];
  /**
   * The same as a danfojs DataFrame. Its times are ISO 8601 text, UTC, '' where there is none, since danfojs would calculate
   * with numbers in float32; the time of a step or a bar is called `datetime`. Without a module danfojs-node, or else danfojs,
   * is imported; throws `DANFO_MISSING` where neither can be.
   */
  toDataFrame(table: ResultTable, danfo?: undefined, options?: TableOptions): Promise<DataFrameLike>;
  toDataFrame<Frame>(table: ResultTable, danfo: Danfo<Frame>, options?: TableOptions): Promise<Frame>;
}

export const resultFrames: ResultFrames = {
  toColumns(this: unknown, table, options) {
    return resultColumns(this as TableSource, table, options);
  },
  async toDataFrame<Frame>(
    this: unknown,
    table: ResultTable,
    danfo?: Danfo<Frame>,
    options?: TableOptions,
  ): Promise<Frame> {
    const columns = resultColumns(this as TableSource, table, options);
    return frameOf(
      frameColumns(table, columns as FrameColumns),
      danfo ?? ((await loadDanfo()) as Danfo<Frame>),
    );
  },
};

function frameColumns(table: ResultTable, columns: FrameColumns): FrameColumns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) =>
      values instanceof Float64Array && TIME_COLUMNS[table].includes(name)
        ? [name === 'time' ? 'datetime' : name, timeTexts(values)]
        : [name, values],
    ),
  );
}
