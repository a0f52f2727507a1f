import { Random } from '../feeds/synthetic/random.ts';
import type { Fault, FaultKind, FaultScript } from './fault-script.ts';

/** A fault that was injected. */
export interface InjectedFault {
  readonly kind: FaultKind;
  /** The market's time, epoch ms UTC. */
  readonly time: number;
  /** What it hit: a stream, a client, a request. */
  readonly target: string;
  /** ms, where it has an amount. */
  readonly amount: number;
}

/** Faults that are remembered one by one; all are counted. */
const REMEMBERED = 1000;

/** Of several that chance would have, the first in this order happens. */
const FRAME_FAULTS = ['cut', 'halfopen', 'shutdown', 'drop', 'delay', 'reorder', 'duplicate'] as const;
const REST_FAULTS = ['rest-418', 'rest-429', 'rest-5xx', 'rest-hang', 'rest-broken', 'rest-slow'] as const;

/** What befalls a request that would change something, before it is looked at. */
const ORDER_FAULTS = [
  'order-429',
  'order-503-not',
  'order-never',
  'order-lost',
  'order-503',
  'order-late',
] as const;
export type OrderFault = (typeof ORDER_FAULTS)[number];
const REPORT_FAULTS = [
  'account-cut',
  'account-halfopen',
  'report-drop',
  'report-delay',
  'report-reorder',
  'report-duplicate',
] as const;
const SUBSCRIBE_FAULTS = ['account-1021', 'account-2015'] as const;
/** Faults of a single order, each with its own chance. */
export type ExecutionFault =
  | 'order-unseen'
  | 'order-race'
  | 'order-partial'
  | 'order-stuck'
  | 'order-expired';

/** A fault that chance has chosen. */
export interface Chosen<K extends FaultKind = FaultKind> {
  readonly kind: K;
  /** ms. */
  readonly amount: number;
}

/**
 * Decides what goes wrong, by a script and a seed alone: each occasion has a name (of the client, the stream, the
 * market's time), and the name has its chance. What happened before makes no difference.
 */
export class Faults {
  readonly counts: Partial<Record<FaultKind, number>> = {};
  readonly injected: InjectedFault[] = [];
  /** How far the exchange's clock is ahead of the market, ms. */
  readonly skew: number;
  /** How far REST is behind the streams, ms of the market's time. */
  readonly lag: number;
  readonly #byChance = new Map<FaultKind, Fault>();
  readonly #atTime: Fault[];
  readonly #seed: number;

  constructor(script: FaultScript, seed: number) {
    this.#seed = seed;
    for (const fault of script) if (fault.at === undefined) this.#byChance.set(fault.kind, fault);
    this.#atTime = script.filter(({ at }) => at !== undefined).sort((a, b) => a.at! - b.at!);
    this.skew = this.#byChance.get('skew')?.least ?? 0;
    this.lag = this.#byChance.get('rest-lag')?.least ?? 0;
  }

  /** What happens to a frame that is about to be sent to a client. */
  ofFrame(name: string): Chosen<(typeof FRAME_FAULTS)[number]> | undefined {
    return this.#first(FRAME_FAULTS, name);
  }

  ofRequest(name: string): Chosen<(typeof REST_FAULTS)[number]> | undefined {
    return this.#first(REST_FAULTS, name);
  }

  ofOrderRequest(name: string): Chosen<OrderFault> | undefined {
    return this.#first(ORDER_FAULTS, name);
  }

  ofReport(name: string): Chosen<(typeof REPORT_FAULTS)[number]> | undefined {
    return this.#first(REPORT_FAULTS, name);
  }

  ofSubscription(name: string): Chosen<(typeof SUBSCRIBE_FAULTS)[number]> | undefined {
    return this.#first(SUBSCRIBE_FAULTS, name);
  }

  ofExecution<K extends ExecutionFault>(kind: K, name: string): Chosen<K> | undefined {
    return this.#first([kind], name);
  }

  /** True when a connection is refused. */
  refuses(name: string): boolean {
    return this.#choose('reject-connect', name) !== undefined;
  }

  /** True when nobody hears of the closing of this kline. */
  omits(name: string): boolean {
    return this.#choose('missing-close', name) !== undefined;
  }

  /** Faults whose time has come, `elapsed` market ms after the replay began; each one once. */
  due(elapsed: number): Chosen[] {
    const due: Chosen[] = [];
    while (this.#atTime.length > 0 && this.#atTime[0].at! <= elapsed) {
      const fault = this.#atTime.shift()!;
      due.push({ kind: fault.kind, amount: this.#amount(fault, `at ${fault.at}`) });
    }
    return due;
  }

  /** From now on nothing goes wrong; clocks stay as they are. */
  end(): void {
    this.#byChance.clear();
    this.#atTime.length = 0;
  }

  /** Counts a fault that has been injected. */
  record({ kind, amount }: Chosen, time: number, target: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    if (this.injected.length < REMEMBERED) this.injected.push({ kind, time, target, amount });
  }

  /** A whole number below `count` that belongs to the name. */
  pick(name: string, count: number): number {
    return Math.floor(Random.seeded(this.#seed, `pick ${name}`).uniform() * count);
  }

  #first<K extends FaultKind>(kinds: readonly K[], name: string): Chosen<K> | undefined {
    for (const kind of kinds) {
      const chosen = this.#choose(kind, name);
      if (chosen !== undefined) return { kind, amount: chosen.amount };
    }
    return undefined;
  }

  #choose(kind: FaultKind, name: string): Chosen | undefined {
    const fault = this.#byChance.get(kind);
    if (fault === undefined || fault.rate === 0) return undefined;
    if (Random.seeded(this.#seed, `${kind} ${name}`).uniform() >= fault.rate) return undefined;
    return { kind, amount: this.#amount(fault, name) };
  }

  #amount({ kind, least, most }: Fault, name: string): number {
    if (least === most) return least;
    return (
      least + Math.floor(Random.seeded(this.#seed, `${kind} amount ${name}`).uniform() * (most - least + 1))
    );
  }
}
