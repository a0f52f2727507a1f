import type { Faults } from '../faults.ts';
import type { Parameters } from '../parameters.ts';
import type { Account } from './account.ts';
import type { MatchingEngine } from './matching-engine.ts';
import type { Order } from './order.ts';
import type { MakeId } from './order-form.ts';
import type { Records } from './records.ts';

/** What the operations work with. */
export interface Desk {
  readonly engine: MatchingEngine;
  readonly faults: Faults;
  readonly makeId: MakeId;
  /** Epoch ms of real time. */
  readonly real: () => number;
  /** The market's time, epoch ms UTC. */
  readonly time: () => number;
  /** False where clients may go as fast as they can. */
  readonly limited: boolean;
  /** Assets of all symbols. */
  readonly assets: readonly string[];
}

/** A request by an account. */
export interface Call extends Desk {
  readonly account: Account;
  readonly records: Records;
  readonly parameters: Parameters;
}

/** Something that an account may ask, by REST and on the WebSocket API. */
export interface Operation {
  /** Its method on the WebSocket API. */
  readonly name: string;
  /** How REST calls it: `POST /api/v3/order`. */
  readonly route: string | undefined;
  readonly security: 'TRADE' | 'USER_DATA';
  readonly weight: number | ((parameters: ReadonlyMap<string, string>) => number);
  /** It changes something. Its weight counts only when it fails. */
  readonly acts: boolean;
  /** Answers, or throws a RestError. */
  readonly run: (call: Call) => unknown;
}

/** True for an order that queries know already. */
export function isSeen(order: Order, { real }: Desk): boolean {
  return order.unseenUntil <= real();
}
