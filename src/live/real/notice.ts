/** Something about orders and account that a person who watches should know. */
export interface AccountNotice {
  /** Epoch ms UTC by the exchange's clock. */
  readonly time: number;
  /** `alarm`: money may be at risk until somebody looks. */
  readonly level: 'info' | 'warning' | 'alarm';
  /** Stable; docs/live.md lists them. */
  readonly code: string;
  /** One line. */
  readonly message: string;
}

export type Notify = (level: AccountNotice['level'], code: string, message: string) => void;
