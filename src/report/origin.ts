/** Where a run came from: what the files were called, which the engine cannot know. */
export interface RunOrigin {
  /** The strategy's file as the user named it. */
  readonly strategyFile?: string | undefined;
  /** SHA-256 of the strategy's bundled code. */
  readonly codeHash?: string | undefined;
  /** One entry a data of the run, in its order. */
  readonly files?: readonly { readonly file: string; readonly synthetic: boolean }[] | undefined;
  /** What part of the data was asked for: epoch ms UTC, and bars of warm-up. */
  readonly range?:
    | {
        readonly from: number | undefined;
        readonly to: number | undefined;
        readonly warmup: number | undefined;
      }
    | undefined;
}
