import type { DataFrameLike } from 'qt-trader';

/** What danfojs shows of a frame that was made of rows; test/interop has the real one. */
export class PlainFrame implements DataFrameLike {
  readonly columns: string[];
  readonly index: number[];
  readonly shape: number[];
  readonly dtypes: readonly string[];
  readonly #rows: readonly unknown[][];

  constructor(rows: readonly unknown[][], options: { columns: string[]; dtypes: string[] }) {
    this.columns = options.columns;
    this.dtypes = options.dtypes;
    this.index = rows.map((_, row) => row);
    this.shape = [rows.length, options.columns.length];
    this.#rows = rows;
  }

  column(name: string): { readonly values: unknown[] } {
    const column = this.columns.indexOf(name);
    return { values: this.#rows.map(row => row[column]) };
  }
}

export const danfo = { DataFrame: PlainFrame };
