import type { Timer, Timers } from '../net/network.ts';
import type { Connection } from './connection.ts';
import type { Peer } from './link.ts';
import { type Happening, Schedule } from './schedule.ts';
import type { Moment, Tape } from './tape.ts';

/** Those who hear of the market. */
export interface Audience {
  /** How many clients there are for `clients` to count. */
  readonly size: number;
  /** Connections that listen to the replay's ticks. */
  replayed(): readonly Peer[];
  /** True when one of them listens to the market, and not to an account alone. */
  readonly isFollowed: boolean;
  /** Tells what happened; to one connection only, when given, and of certain streams only. */
  tell(happening: Happening, to?: Connection, streams?: ReadonlySet<string>): void;
  tick(time: number, number: number, end: boolean, to?: Peer): void;
  /** The data is over. */
  ended(): void;
}

export interface ReplayOptions {
  readonly tape: Tape;
  readonly timers: Timers;
  readonly audience: Audience;
  /** The market's time when the replay begins, epoch ms UTC. */
  readonly from: number;
  /** Clients without which it does not begin. */
  readonly clients: number;
}

/** Moments told before others get their turn, when the replay is behind. */
const BURST = 64;

/** Lets the market's time pass: by the clock, or in lockstep with the clients. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #schedule: Schedule;
  readonly #speed: number | null;
  #moment: Moment;
  #hasBegun = false;
  #hasEnded = false;
  /** When it began by the timers' clock. */
  #since = 0;
  #timer: Timer | undefined;
  /** The last tick; in lockstep it stays until all have acknowledged it. */
  #tick = -1;
  #happening: Happening | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#speed = options.tape.pace.speed;
    this.#schedule = new Schedule(options.tape, options.from);
    this.#moment = { time: options.from, opened: false };
  }

  /** What is known. */
  get moment(): Moment {
    return this.#moment;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The market's time, epoch ms UTC. */
  get time(): number {
    if (this.#speed === null || !this.#hasBegun || this.#hasEnded) return this.#moment.time;
    // What is to happen next has not happened, even if it is late.
    return Math.floor(Math.max(this.#moment.time, Math.min(this.#clock, this.#schedule.time - 1)));
  }

  /** The market's time as if the data had no end, epoch ms UTC; in lockstep that of the last tick. */
  get clock(): number {
    return this.#speed === null || !this.#hasBegun ? this.#moment.time : this.#clock;
  }

  /** How late the next happening is, ms of real time. */
  get behind(): number {
    if (this.#speed === null || !this.#hasBegun || this.#hasEnded) return 0;
    return Math.max(0, (this.#clock - this.#schedule.time) / this.#speed);
  }

  get #clock(): number {
    const { from, timers } = this.#options;
    return from + (timers.now() - this.#since) * this.#speed!;
  }

  /** Begins when there are clients enough. */
  begin(): void {
    const { audience, clients, timers } = this.#options;
    if (this.#hasBegun || audience.size < clients) return;
    this.#hasBegun = true;
    this.#since = timers.now();
    if (this.#speed === null) this.#step();
    else this.catchUp();
  }

  /** Tells everything that is due by the clock. */
  catchUp(): void {
    if (this.#speed === null || !this.#hasBegun || this.#hasEnded) return;
    this.#timer?.cancel();
    const { audience } = this.#options;
    for (let burst = 0; burst < BURST && this.#schedule.time <= this.#clock; burst++) {
      const happening = this.#schedule.next()!;
      this.#moment = happening;
      audience.tell(happening);
    }
    if (this.#schedule.time === Number.POSITIVE_INFINITY) {
      this.#end();
      return;
    }
    const wait = Math.max(0, Math.ceil((this.#schedule.time - this.#clock) / this.#speed));
    this.#timer = this.#options.timers.after(wait, () => this.catchUp());
  }

  /** A client listens to more streams than before. */
  subscribed(connection: Connection, streams: ReadonlySet<string>, isReplayNew: boolean): void {
    if (!this.#hasBegun) {
      this.begin();
      return;
    }
    if (!connection.isReplayed) return;
    if (this.#speed !== null) {
      if (this.#hasEnded && isReplayNew) this.#tellTick(connection);
      return;
    }
    if (connection.acknowledged >= this.#tick) return;
    const happening = this.#happening;
    if (happening !== undefined) {
      this.#options.audience.tell(happening, connection, isReplayNew ? undefined : streams);
    }
    this.#tellTick(connection);
  }

  /** A client that does not listen to the market wants to be waited for. */
  joined(peer: Peer): void {
    if (!this.#hasBegun || (this.#speed !== null && !this.#hasEnded)) return;
    if (peer.acknowledged < this.#tick) this.#tellTick(peer);
  }

  acknowledged(peer: Peer, tick: number): void {
    if (tick !== this.#tick) return;
    peer.acknowledged = tick;
    this.settle();
  }

  /** Goes on if nobody has to be waited for any more: after an acknowledgement, or when a client has left. */
  settle(): void {
    if (this.#speed !== null || !this.#hasBegun || this.#hasEnded) return;
    const { audience } = this.#options;
    if (!audience.isFollowed) return;
    if (audience.replayed().every(({ acknowledged }) => acknowledged === this.#tick)) this.#step();
  }

  close(): void {
    this.#timer?.cancel();
    this.#hasEnded = true;
  }

  /** Lockstep: the next moment and its tick. */
  #step(): void {
    const happening = this.#schedule.next();
    this.#happening = happening;
    if (happening === undefined) {
      this.#end();
      return;
    }
    this.#moment = happening;
    this.#tick++;
    this.#options.audience.tell(happening);
    this.#tellTick();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#tick++;
    this.#tellTick();
    this.#options.audience.ended();
  }

  #tellTick(to?: Peer): void {
    this.#options.audience.tick(this.#moment.time, this.#tick, this.#hasEnded, to);
  }
}
