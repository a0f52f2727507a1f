import type { LiveNotice } from '../../feeds/live/contract.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Network } from '../../net/network.ts';

export interface KafkaLiveOptions {
  readonly network: Network;
  /** A closed bar that is read longer than this after it was put into the topic is late, ms; default: its interval. */
  readonly lateMs?: number | undefined;
  /** The rules of a symbol, in place of none. */
  readonly termsOf?: ((symbol: string) => Partial<Omit<Instrument, 'symbol'>>) | undefined;
  /** Fail when the brokers cannot be reached or have no such topic at the start, instead of waiting for them. */
  readonly once?: boolean | undefined;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((notice: LiveNotice) => void) | undefined;
}
