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
  /**
   * About how many bars have come, of about `expected`: those that the venue does not have count as well, and what is there of an
   * archive that is on its way.
   */
  readonly done: number;
  readonly expected: number;
  /** Of archives, packed. */
  readonly bytes: number;
}
