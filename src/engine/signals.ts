import { InputError, suggestion } from '../model/errors.ts';
import type { Order } from '../model/order.ts';
import type { ParameterSet, ParameterValues } from '../model/parameters.ts';
import type { Data } from '../series/data.ts';
import { Line } from '../series/line.ts';
import { type Session, Strategy, type StrategyOptions } from './strategy.ts';

/**
 * What a signal's line is about. An entry says yes by its sign: `long` above 0, `short` below, `longInv` and `shortInv`
 * the other way round, `longAny` and `shortAny` by any value but 0. An exit says so against its position: `longExit` below 0,
 * `shortExit` above, inverted and any likewise. `longShort` is both entries, and both exits.
 */
export type SignalType =
  | 'longShort'
  | 'long'
  | 'longInv'
  | 'longAny'
  | 'short'
  | 'shortInv'
  | 'shortAny'
  | 'longExit'
  | 'longExitInv'
  | 'longExitAny'
  | 'shortExit'
  | 'shortExitInv'
  | 'shortExitAny';

const TYPES: readonly SignalType[] = [
  'longShort',
  'long',
  'longInv',
  'longAny',
  'short',
  'shortInv',
  'shortAny',
  'longExit',
  'longExitInv',
  'longExitAny',
  'shortExit',
  'shortExitInv',
  'shortExitAny',
];

/** A line that says what to do: above 0, below 0, or, at 0 and NaN, nothing. */
export interface Signal<P extends ParameterSet = ParameterSet> {
  readonly type: SignalType;
  /** Makes the line, as a strategy's field initialiser would. */
  readonly line: (data: Data, params: ParameterValues<P>, datas: readonly Data[]) => Line;
}

export interface SignalStrategyOptions<P extends ParameterSet> extends StrategyOptions {
  /** Several of one type hold when all of them do. */
  readonly signals: readonly Signal<P>[];
  /** Adds to a position while its entry holds; default false: one entry a position. */
  readonly accumulate?: boolean;
  /** Orders also while an earlier order of a signal is open; default false. */
  readonly concurrent?: boolean;
  /** Which data to trade, counted from 0; default 0. */
  readonly data?: number;
  readonly parameters?: P;
}

/** A strategy that does what lines say; made with {@link signalStrategy}. docs/strategies.md has its rules as a table. */
export abstract class SignalStrategy<V extends object = object> extends Strategy<V> {
  readonly #lines: ReadonlyMap<SignalType, readonly Line[]>;
  readonly #traded: Data;
  readonly #accumulate: boolean;
  readonly #concurrent: boolean;
  /** Orders of signals that were open when last looked at. */
  #pending: Order[] = [];

  constructor(session: Session, options: SignalStrategyOptions<ParameterSet>) {
    super(session);
    const { signals, accumulate = false, concurrent = false, data = 0 } = options;
    const lines = new Map<SignalType, Line[]>();
    for (const { type, line } of signals) {
      const made = line(this.data, this.params as never, this.datas);
      if (!(made instanceof Line)) throw invalid(`the signal "${type}" made no line`, made, 'return a line');
      lines.set(type, [...(lines.get(type) ?? []), made]);
    }
    this.#lines = lines;
    this.#traded = this.datas[data];
    if (this.#traded === undefined) {
      const limit = `0 … ${this.datas.length - 1}`;
      throw invalid(
        `the signals trade data ${data}`,
        data,
        `give the run more datas, or one of ${limit}`,
        limit,
      );
    }
    this.#accumulate = accumulate;
    this.#concurrent = concurrent;
  }

  /** Acts on the signals; a strategy with a `next` of its own calls this first. */
  next(): void {
    this.#pending = this.#pending.filter(order => order.alive);
    if (this.#pending.length > 0 && !this.#concurrent) return;
    const long = this.#isUp('longShort');
    const short = this.#isDown('longShort');
    const enterLong = this.#isUp('long') || this.#isDown('longInv') || this.#isAny('longAny');
    const enterShort = this.#isDown('short') || this.#isUp('shortInv') || this.#isAny('shortAny');
    const { size, isOpen } = this.positionOf(this.#traded);
    if (!isOpen) {
      if (long || enterLong) this.#enter('buy');
      else if (short || enterShort) this.#enter('sell');
    } else if (size > 0) {
      // Without an exit of their own, positions are left by the contrary of their entry, and for the other side.
      const own = this.#lines.has('longExit');
      const turn = short || (!own && enterShort);
      const leave = !own && (this.#isDown('long') || this.#isUp('longInv') || this.#isAny('longAny'));
      if (turn || leave || this.#exitsLong) this.#close();
      if (turn) this.#enter('sell');
      if (this.#accumulate && (long || enterLong)) this.#enter('buy');
    } else {
      const own = this.#lines.has('shortExit');
      const turn = long || (!own && enterLong);
      const leave = !own && (this.#isUp('short') || this.#isDown('shortInv') || this.#isAny('shortAny'));
      if (turn || leave || this.#exitsShort) this.#close();
      if (turn) this.#enter('buy');
      if (this.#accumulate && (short || enterShort)) this.#enter('sell');
    }
  }

  get #exitsLong(): boolean {
    return this.#isDown('longExit') || this.#isUp('longExitInv') || this.#isAny('longExitAny');
  }

  get #exitsShort(): boolean {
    return this.#isUp('shortExit') || this.#isDown('shortExitInv') || this.#isAny('shortExitAny');
  }

  #enter(side: 'buy' | 'sell'): void {
    this.#pending.push(this[side]({ data: this.#traded }));
  }

  #close(): void {
    const order = this.close({ data: this.#traded });
    if (order !== undefined) this.#pending.push(order);
  }

  #isUp(type: SignalType): boolean {
    return this.#lines.get(type)?.every(line => line.now > 0) ?? false;
  }

  #isDown(type: SignalType): boolean {
    return this.#lines.get(type)?.every(line => line.now < 0) ?? false;
  }

  #isAny(type: SignalType): boolean {
    return this.#lines.get(type)?.every(line => line.now > 0 || line.now < 0) ?? false;
  }
}

/** What {@link signalStrategy} returns: a strategy class, which may be extended. */
export type SignalStrategyClass<P extends ParameterSet> = (new (
  session: Session,
) => SignalStrategy<ParameterValues<P>>) & { readonly parameters: P; readonly options: StrategyOptions };

/**
 * A strategy that does what lines say, usable wherever a strategy is:
 * `signalStrategy({ signals: [{ type: 'longShort', line: data => sub(data.close, sma(data.close, 30)) }] })`.
 * Throws `SIGNALS_INVALID`.
 */
export function signalStrategy<const P extends ParameterSet = Readonly<Record<never, never>>>(
  options: SignalStrategyOptions<P>,
): SignalStrategyClass<P> {
  const { signals, parameters = {} as P, lookback } = options;
  if (signals.length === 0) throw invalid('there is no signal', 0, 'give at least one', 'one or more');
  for (const { type } of signals) {
    if (!TYPES.includes(type))
      throw invalid(`there is no signal type "${type}"`, type, suggestion(type, TYPES), TYPES);
  }
  return class Signals extends SignalStrategy<ParameterValues<P>> {
    static readonly parameters: P = parameters;
    static readonly options: StrategyOptions = lookback === undefined ? {} : { lookback };

    constructor(session: Session) {
      super(session, options as unknown as SignalStrategyOptions<ParameterSet>);
    }
  };
}

function invalid(problem: string, value: unknown, fix: string, limit?: unknown): InputError {
  return new InputError('SIGNALS_INVALID', problem, { value, limit, fix });
}
