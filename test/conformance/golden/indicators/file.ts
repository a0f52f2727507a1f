/** A file of recorded lines: of backtrader's indicators, or of TA-Lib's functions. */
export type IndicatorFile = BacktraderFile | TalibFile;

export interface BacktraderFile {
  readonly input: string;
  readonly indicators: Readonly<Record<string, BacktraderEntry>>;
}

/** An indicator's recorded lines, or the name of another entry that has the same. */
export interface BacktraderEntry {
  readonly same_as?: string;
  /** What was passed; `params` below has what held, defaults included. */
  readonly meta?: Readonly<Record<string, unknown>> & {
    readonly args?: readonly string[];
    readonly params?: Readonly<Record<string, unknown>>;
  };
  readonly params?: Readonly<Record<string, unknown>>;
  readonly minperiod?: number;
  /** NaN is written as text. */
  readonly lines?: Readonly<Record<string, readonly (number | string)[]>>;
}

export interface TalibFile {
  readonly input: string;
  readonly functions: Readonly<Record<string, TalibEntry>>;
}

export interface TalibEntry {
  readonly params: Readonly<Record<string, number>>;
  /** `HLC`, `real=close`, `real0=high real1=low`, `real=close V`. */
  readonly inputs: string;
  readonly rc?: number;
  readonly begIdx: number;
  readonly nb: number;
  readonly outputs: Readonly<Record<string, readonly (number | string)[]>>;
}
