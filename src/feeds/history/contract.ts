/** What the user should know of while it happens. */
export interface HistoryNotice {
  /**
   * `ARCHIVE_RETRY`, `REST_RETRY`, `UNREACHABLE`: it is tried again. `ARCHIVE_FAILED`: REST is asked instead.
   * `VENUE_GAP`: the venue has no bars there.
   */
  readonly code: string;
  readonly message: string;
}

/** How far a fetch is. */
export interface HistoryProgress {
  /** Bars that have come, of about `expected`; those that the venue does not have count as well. */
  readonly done: number;
  readonly expected: number;
  /** Of archives, packed. */
  readonly bytes: number;
}
