/** What the page of a sweep is given. Texts are ready to be shown. */
export interface SweepPayload {
  readonly axes: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly figures: readonly {
    readonly name: string;
    readonly title: string;
    readonly unit: 'fraction' | 'ratio' | 'money' | 'count';
    readonly better: 'higher' | 'lower';
    /** One a run, in the order of {@link positions}; a text for what is no finite number, '' for none. */
    readonly values: readonly (number | string)[];
  }[];
  /** For each axis the place of each run's value on it. */
  readonly positions: readonly (readonly number[])[];
  readonly numbers: readonly number[];
}
