import type { Channel, GapRecord } from '../../../model/records.ts';
import { isJson } from '../../wire/json-cursor.ts';
import type { DecoderHost } from '../contract.ts';
import type { Instrument } from '../instruments.ts';

/** What is missing, and how it was noticed. */
export interface Break {
  readonly channel: Channel | null;
  /** Undefined for a whole connection. */
  readonly instrument: Instrument | undefined;
  readonly cause: string;
  readonly rule: string;
  readonly detail: string;
  /** Receive time of the last thing that is known to be whole, µs; NaN for nothing yet. */
  readonly from: number;
  readonly after?: string;
  readonly before?: string;
}

/** Sequences that enclose what is not known. */
interface Enclosed {
  readonly after?: string;
  readonly before?: string;
}

export const JSON_RULE = 'frame is not valid JSON';
export const TEXT_RULE = 'frame is text';

/** Gaps of one venue: a record when one opens, another when it closes. At most one is open for a stream. */
export class Gaps {
  readonly #host: DecoderHost;
  readonly #venue: string;
  readonly #open = new Map<string, GapRecord>();

  constructor(host: DecoderHost, venue: string) {
    this.#host = host;
    this.#venue = venue;
  }

  /** Opens a gap; one that is open already stays as it is. */
  open(found: Break): void {
    const name = nameOf(found.channel, found.instrument);
    if (this.#open.has(name)) return;
    const record = this.#record(found, 'open', ++this.#host.tally.gaps, null);
    this.#open.set(name, record);
    this.#host.emit(record);
  }

  /** A gap of which both ends are known: what was lost will not come any more. */
  lost(found: Break): void {
    this.#host.emit(this.#record(found, 'closed', ++this.#host.tally.gaps, this.#host.receiveTime));
  }

  /**
   * A frame that could not be read: what was in it is lost, and nobody knows whose it was. `rule` says what it should have
   * been; unless given, JSON, or JSON as the venue's protocol has it. Returns the rule that was broken.
   */
  unreadable(frame: string, detail: string, rule?: string): string {
    this.#host.tally.of('').counter('undecodable').value++;
    const broken = rule ?? (isJson(frame) ? 'frame is as the protocol says' : JSON_RULE);
    this.lost({
      channel: null,
      instrument: undefined,
      cause: 'UNREADABLE',
      rule: broken,
      detail,
      from: this.#host.receiveTime,
    });
    return broken;
  }

  /** The stream is whole again, if it was not; what was missing will not come, or not all of it. */
  close(channel: Channel | null, instrument: Instrument | undefined, unknown: Enclosed = {}): void {
    this.#end(channel, instrument, { ...unknown, isFilled: false });
  }

  /** Likewise, and all that was missing has come. */
  fill(channel: Channel | null, instrument: Instrument | undefined): void {
    this.#end(channel, instrument, { isFilled: true });
  }

  isOpen(channel: Channel | null, instrument: Instrument | undefined): boolean {
    return this.#open.has(nameOf(channel, instrument));
  }

  #end(
    channel: Channel | null,
    instrument: Instrument | undefined,
    facts: Enclosed & { readonly isFilled: boolean },
  ): void {
    const name = nameOf(channel, instrument);
    const record = this.#open.get(name);
    if (record === undefined) return;
    this.#open.delete(name);
    const { receiveTime } = this.#host;
    this.#host.emit({ ...record, ...facts, state: 'closed', receiveTime, to: receiveTime });
  }

  #record(found: Break, state: 'open' | 'closed', gap: number, to: number | null): GapRecord {
    const { receiveTime } = this.#host;
    return {
      kind: 'gap',
      venue: this.#venue,
      symbol: found.instrument?.symbol ?? '',
      native: found.instrument?.native ?? '',
      exchangeTime: null,
      receiveTime,
      publishTime: 0,
      sequence: null,
      channel: found.channel,
      gap,
      state,
      cause: found.cause,
      rule: found.rule,
      detail: found.detail,
      from: Number.isNaN(found.from) ? receiveTime : found.from,
      to,
      after: found.after ?? null,
      before: found.before ?? null,
      isFilled: state === 'open' ? null : false,
    };
  }
}

function nameOf(channel: Channel | null, instrument: Instrument | undefined): string {
  return `${channel ?? ''} ${instrument?.native ?? ''}`;
}
