import type { CaptureEvent, WireTap } from '../../collection/capture-writer.ts';
import type { RecordSink } from '../../collection/sinks/sink.ts';
import { NetworkError } from '../../model/errors.ts';
import type { MarketRecord } from '../../model/records.ts';
import type { RawRecord } from '../../streaming/protocol.ts';
import type { ChildMessage } from './contract.ts';

/** Resolves when the message has been written; the process above reads as fast as it can. */
function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(message, undefined, undefined, error => (error === null ? resolve() : reject(error)));
  });
}

/** The process above, which gives the records out. */
export class ParentSink implements RecordSink {
  readonly name = 'parent';

  write(records: readonly MarketRecord[]): Promise<void> {
    if (records.some(record => record.kind === 'gap' && record.cause === 'SINK_SLOW')) {
      // Its books are not whole any more. A collection that begins anew brings them all.
      throw new NetworkError('SERVER_SLOW', 'the server does not keep up with this venue', {
        fix: 'subscribe to fewer symbols or channels; it is collected anew',
      });
    }
    return tell({ type: 'records', records });
  }

  close(): void {}
}

/** Lines that may wait for the process above; more are left out. */
const MOST_LINES = 10_000;

/** The same for the wire. */
export class ParentTap implements WireTap {
  readonly #venue: string;
  #lines: RawRecord[] = [];
  #isTelling = false;
  /** Lines that found no room. */
  dropped = 0;

  constructor(venue: string) {
    this.#venue = venue;
  }

  event(event: CaptureEvent, time: number): void {
    if (this.#lines.length >= MOST_LINES) {
      this.dropped++;
      return;
    }
    const { kind } = event;
    this.#lines.push({
      ...{ kind: 'raw', venue: this.#venue, event: kind, receiveTime: time, isBinary: 'b64' in event },
      text: 'text' in event ? event.text : 'b64' in event ? event.b64 : kind === 'close' ? event.reason : '',
      connection: 'conn' in event ? event.conn : null,
      url: 'url' in event ? event.url : null,
    });
    if (!this.#isTelling) this.#tell();
  }

  async close(): Promise<void> {}

  async #tell(): Promise<void> {
    this.#isTelling = true;
    // What came in one turn of the event loop goes together.
    await Promise.resolve();
    while (this.#lines.length > 0) {
      const records = this.#lines;
      this.#lines = [];
      // Without a process above there is nobody to tell, and the collection ends by itself.
      await tell({ type: 'raw', records }).catch(() => {});
    }
    this.#isTelling = false;
  }
}
