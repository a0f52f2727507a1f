import { DataError, NetworkError } from '../../../model/errors.ts';
import type { Timers } from '../../../net/network.ts';
import { INFO_PATH, type LocalInfo } from '../../../venues/binance/replay.ts';
import { TIME_PATH, TIME_WEIGHT } from '../../../venues/binance/rest.ts';
import type { Answer, ClockReading, Failure } from '../port.ts';
import { ExchangeClock, type TimeSample } from './exchange-clock.ts';
import { classify, type Verdict } from './failures.ts';
import { Fields } from './fields.ts';
import { Governor, type Need, type Rank, type RateLimit } from './governor.ts';
import { readUsage } from './rate-limits.ts';
import type { Redactor } from './redact.ts';
import type { Parameters } from './signing.ts';
import type { ExchangeResponse, Transport } from './transport.ts';

/** What a caller waits for an answer, ms: the exchange itself gives up after 10 s, and says so. */
export const ANSWER_MS = 15_000;
/** What a caller waits for the answer to a question, ms: the engine has no part in it, and it can be asked again. */
const QUESTION_MS = 5000;
/** How long an answer is listened for after that, ms: it is too late to act on, but not to be told of. */
const LATE_MS = 45_000;
/** Measurements of the clock of which the best is taken; one that was quick is good enough, ms. */
const SAMPLES = 3;
const QUICK_MS = 100;

/** A request as the gateway wants it. */
export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly parameters: Parameters;
  readonly weight: number;
  /** Default `normal`. */
  readonly rank?: Rank;
  /** Orders that it places; default 0. */
  readonly orders?: number;
  /** Default true. */
  readonly signed?: boolean;
  /** What it means that the exchange does not understand the request (status 4xx, and not for its limits); default a failure. */
  readonly absent?: T;
  /** Reads the answer; throws DataError when it is not what was asked for. */
  read(json: unknown): T;
}

export interface RequestCounts {
  sent: number;
  /** No answer in time. */
  timedOut: number;
  /** Answers that came after that; what they said is found out by asking again. */
  late: number;
  /** Requests refused for their timestamp, and sent once more after the clock was measured. */
  retimed: number;
  failures: Partial<Record<Failure['class'], number>>;
}

export interface RequestsOptions {
  readonly timers: Timers;
  readonly transport: Transport;
  readonly redactor: Redactor;
  readonly recvWindowMs: number;
  /** Ask whether it is a local exchange, whose time may go faster or stand still. */
  readonly local: boolean;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
}

/** Requests within limits, with the exchange's time on them, and their answers in classes. Nothing is ever sent twice on doubt. */
export class Requests {
  readonly governor: Governor;
  readonly counts: RequestCounts = { sent: 0, timedOut: 0, late: 0, retimed: 0, failures: {} };
  readonly #options: RequestsOptions;
  #clock: ExchangeClock | undefined;
  #measuring: Promise<Answer<ClockReading>> | undefined;
  #isClosed = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.governor = new Governor(options.timers);
  }

  /** Undefined before the first measurement. */
  get clock(): ExchangeClock | undefined {
    return this.#clock;
  }

  /** True at a local exchange whose time stands still until everybody has acknowledged a moment. */
  get isLockstep(): boolean {
    return this.#clock?.speed === 0;
  }

  /** The exchange's time, epoch ms UTC; this machine's as long as it is not known. */
  now(): number {
    return this.#clock?.now() ?? this.#options.timers.now();
  }

  /** Limits as exchangeInfo or the account stream tell them. */
  allow(limits: readonly RateLimit[]): void {
    if (limits.length > 0) this.governor.allow(limits);
  }

  close(): void {
    this.#isClosed = true;
    this.governor.close();
  }

  async call<T>(call: Call<T>): Promise<Answer<T>> {
    const unready = call.signed === false ? undefined : await this.#unready();
    if (unready !== undefined) return { ok: false, failure: unready };
    const first = await this.#attempt(call);
    if (first.ok || first.failure.class !== 'time') return first;
    // Refused before it reached the engine: the same request, with the same order id, may be sent again.
    const clock = await this.syncClock();
    if (!clock.ok) return first;
    this.counts.retimed++;
    return this.#attempt(call);
  }

  /** Measures the clock. Several callers at once share one measurement. */
  syncClock(): Promise<Answer<ClockReading>> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  /** A failure as it is told: redacted, and counted. `sentAt` is NaN for what was never sent. */
  #fail(verdict: Verdict, sentAt: number): { readonly ok: false; readonly failure: Failure } {
    const { failures } = this.counts;
    failures[verdict.class] = (failures[verdict.class] ?? 0) + 1;
    const failure: Failure = {
      class: verdict.class,
      code: verdict.code,
      message: this.#options.redactor.line(verdict.message),
      sentAt,
      ...(verdict.silenceMs === undefined ? {} : { retryAt: this.now() + verdict.silenceMs }),
    };
    return { ok: false, failure };
  }

  /** Why nothing can be signed: the exchange's time is not known, and could not be asked for. */
  async #unready(): Promise<Failure | undefined> {
    if (this.#clock !== undefined) {
      if (this.#clock.isOld) void this.syncClock();
      return undefined;
    }
    const answer = await this.syncClock();
    if (answer.ok) return undefined;
    const { failure } = answer;
    const kind = failure.class === 'limits' || failure.class === 'closed' ? failure.class : 'time';
    const message = `not sent, for the exchange's time is not known: ${failure.message}`;
    return { ...failure, class: kind, message, sentAt: Number.NaN };
  }

  async #measure(): Promise<Answer<ClockReading>> {
    const clock = this.#clock ?? (await this.#newClock());
    if (!(clock instanceof ExchangeClock)) return clock;
    const samples: TimeSample[] = [];
    let failed: Answer<TimeSample> | undefined;
    for (let i = 0; i < SAMPLES; i++) {
      const answer = await this.#sample();
      if (!answer.ok) {
        failed = answer;
        break;
      }
      samples.push(answer.value);
      if (answer.value.answered - answer.value.asked <= QUICK_MS) break;
    }
    if (samples.length === 0) return failed as Answer<never>;
    const reading = clock.measured(samples);
    this.#clock = clock;
    return { ok: true, value: reading };
  }

  async #newClock(): Promise<ExchangeClock | { readonly ok: false; readonly failure: Failure }> {
    const { local, timers } = this.#options;
    if (!local) return new ExchangeClock(timers, 1);
    const info = await this.#attempt<Partial<LocalInfo>>({
      method: 'GET',
      path: INFO_PATH,
      parameters: {},
      weight: 1,
      rank: 'urgent',
      signed: false,
      // Who does not know the question is no local exchange, and tells the time by itself.
      absent: {},
      read: json => json ?? {},
    });
    if (!info.ok) return info;
    const { lockstep, speed } = info.value;
    return new ExchangeClock(
      timers,
      lockstep === true ? 0 : typeof speed === 'number' && speed > 0 ? speed : 1,
    );
  }

  async #sample(): Promise<Answer<TimeSample>> {
    const { timers } = this.#options;
    let asked = Number.NaN;
    return this.#attempt(
      {
        method: 'GET',
        path: TIME_PATH,
        parameters: {},
        weight: TIME_WEIGHT,
        rank: 'urgent',
        signed: false,
        read: json => ({
          time: new Fields(json, 'time').whole('serverTime'),
          asked,
          answered: timers.now(),
        }),
      },
      () => {
        asked = timers.now();
      },
    );
  }

  /** Sends a request once. */
  async #attempt<T>(call: Call<T>, onSend?: () => void): Promise<Answer<T>> {
    const { recvWindowMs, timers, transport } = this.#options;
    const need: Need = { weight: call.weight, orders: call.orders ?? 0, rank: call.rank ?? 'normal' };
    const passage = this.#isClosed ? undefined : await this.governor.pass(need);
    if (passage === undefined || this.#isClosed) {
      if (passage?.go) passage.done();
      return this.#fail({ class: 'closed', code: undefined, message: 'the gateway is closed' }, Number.NaN);
    }
    if (!passage.go) {
      const message = `not sent: ${passage.why}`;
      return this.#fail({ class: 'limits', code: undefined, message, silenceMs: passage.waitMs }, Number.NaN);
    }
    onSend?.();
    const sentAt = this.now();
    const signed = call.signed === false ? undefined : { timestamp: sentAt, recvWindowMs };
    const { method, path, parameters } = call;
    this.counts.sent++;
    const { promise, resolve } = Promise.withResolvers<Answer<T>>();
    let isLate = false;
    const answerMs = method === 'GET' ? QUESTION_MS : ANSWER_MS;
    const timer = timers.after(answerMs, () => {
      isLate = true;
      this.counts.timedOut++;
      passage.done();
      const message = `no answer within ${answerMs / 1000} s`;
      resolve(this.#fail({ class: 'unknown', code: undefined, message }, sentAt));
    });
    transport.send({ method, path, parameters, signed }, ANSWER_MS + LATE_MS).then(
      response => {
        timer.cancel();
        const verdict = this.#heard(response);
        passage.done();
        if (isLate) this.#late(call, response);
        else if (verdict === undefined) resolve(this.#read(call, response, sentAt));
        else if (call.absent !== undefined && isNotUnderstood(response, verdict)) {
          resolve({ ok: true, value: call.absent });
        } else resolve(this.#fail(verdict, sentAt));
      },
      error => {
        timer.cancel();
        passage.done();
        if (isLate) return;
        const message = error instanceof NetworkError ? error.message : 'the request failed';
        resolve(this.#fail({ class: 'unknown', code: undefined, message }, sentAt));
      },
    );
    return promise;
  }

  /** What an answer says about limits; undefined for a success, else what it means. */
  #heard(response: ExchangeResponse): Verdict | undefined {
    for (const { kind, spanMs, count } of readUsage(response.headers))
      this.governor.used(kind, spanMs, count);
    const isSuccess = response.status >= 200 && response.status < 300;
    if (isSuccess && response.json !== undefined) return undefined;
    if (isSuccess) {
      const message = `HTTP status ${response.status} with a body that is no JSON`;
      return { class: 'unknown', code: undefined, message };
    }
    const verdict = classify(response, this.now());
    if (verdict.silenceMs !== undefined) {
      this.governor.silence(verdict.silenceMs, verdict.ordersOnly === true);
      const what = verdict.ordersOnly === true ? 'placing' : 'everything';
      const seconds = (verdict.silenceMs / 1000).toFixed(1);
      this.#notice('warning', 'EXCHANGE_LIMITS', `${verdict.message}; ${what} waits for ${seconds} s`);
    }
    return verdict;
  }

  #read<T>(call: Call<T>, { json }: ExchangeResponse, sentAt: number): Answer<T> {
    try {
      return { ok: true, value: call.read(json) };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const message = `the answer to ${call.method} ${call.path} cannot be read: ${error.message}`;
      return this.#fail({ class: 'unknown', code: undefined, message }, sentAt);
    }
  }

  #late<T>({ method, path }: Call<T>, { status }: ExchangeResponse): void {
    this.counts.late++;
    const what = Number.isNaN(status) ? '' : ` with HTTP status ${status}`;
    this.#notice(
      'warning',
      'LATE_ANSWER',
      `${method} ${path} was answered too late${what}; asking again tells`,
    );
  }

  #notice(level: 'info' | 'warning', code: string, message: string): void {
    this.#options.onNotice(level, code, this.#options.redactor.line(message));
  }
}

function isNotUnderstood({ status }: ExchangeResponse, verdict: Verdict): boolean {
  return status >= 400 && status < 500 && verdict.class !== 'limits';
}
