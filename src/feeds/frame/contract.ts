/**
 * What a danfojs `DataFrame` looks like from outside, whichever of its packages made it. Its own members beyond these are
 * no concern of ours, so that anything of this shape will do.
 */
export interface DataFrameLike {
  readonly columns: string[];
  readonly index: (string | number)[];
  /** Rows and columns. */
  readonly shape: number[];
  column(name: string): { readonly values: unknown };
}

/** The part of `danfojs-node` or `danfojs` that frames are made with. */
export interface Danfo<Frame = DataFrameLike> {
  /** Whatever it takes: no signature is narrower than that of nothing. */
  readonly DataFrame: new (
    data: never,
    options: never,
  ) => Frame;
}

/** Bars as columns by name: arrays, typed arrays, anything with a length and values by index. */
export type ColumnsByName = Readonly<Record<string, ArrayLike<unknown>>>;

/** Bars as a danfojs `DataFrame`, as an object of columns, or as an array of objects, one a bar. */
export type FrameInput = DataFrameLike | ColumnsByName | readonly Readonly<Record<string, unknown>>[];

export function isDataFrame(value: unknown): value is DataFrameLike {
  if (typeof value !== 'object' || value === null) return false;
  const { columns, index, shape, column } = value as Partial<DataFrameLike>;
  return (
    Array.isArray(columns) && Array.isArray(index) && Array.isArray(shape) && typeof column === 'function'
  );
}
