import type { Channel } from '../../model/records.ts';
import type { Gaps } from '../market-data/continuity/gaps.ts';
import type { DecoderHost } from '../market-data/contract.ts';
import type { Instrument } from '../market-data/instruments.ts';

/** Whether a kept book is what the exchange's is. While it is not, there is a gap of its stream. */
export class BookValidity {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #channel: Channel;
  readonly #stream: Instrument;
  isValid = false;
  /** When it was known to be whole last, receive time; NaN for never. */
  #wholeAt = Number.NaN;

  /** `stream`: what gaps are told of. */
  constructor(host: DecoderHost, gaps: Gaps, channel: Channel, stream: Instrument) {
    this.#host = host;
    this.#gaps = gaps;
    this.#channel = channel;
    this.#stream = stream;
  }

  /** It is the exchange's from now on. */
  begin(): void {
    this.isValid = true;
    this.holds();
    this.#gaps.close(this.#channel, this.#stream);
  }

  /** It still is, with what has just come. */
  holds(): void {
    this.#wholeAt = this.#host.receiveTime;
  }

  /** It is no more. `after` and `before` are the sequences that enclose what is missing, NaN where nobody knows. */
  end(cause: string, rule: string, detail: string, after: number, before: number): void {
    this.isValid = false;
    this.#gaps.open({
      channel: this.#channel,
      instrument: this.#stream,
      cause,
      rule,
      detail,
      from: this.#wholeAt,
      ...(Number.isNaN(after) ? {} : { after: String(after) }),
      ...(Number.isNaN(before) ? {} : { before: String(before) }),
    });
  }
}
