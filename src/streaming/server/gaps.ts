import type { GapRecord } from '../../model/records.ts';
import type { Stream } from './stream.ts';

/** What is missing of each venue at the moment. */
export class OpenGaps {
  readonly #byVenue = new Map<string, Map<string, GapRecord>>();

  see(gap: GapRecord): void {
    const { channel, native, state, venue } = gap;
    let open = this.#byVenue.get(venue);
    if (open === undefined) {
      open = new Map();
      this.#byVenue.set(venue, open);
    }
    // Numbers are of one run; one gap may be told of several streams.
    const name = `${gap.gap} ${channel} ${native}`;
    if (state === 'open') open.set(name, gap);
    else open.delete(name);
  }

  /** Those of a venue. */
  of(venue: string): readonly GapRecord[] {
    return [...(this.#byVenue.get(venue)?.values() ?? [])];
  }

  /** Those that a stream suffers from, or tells of. */
  concerning(stream: Stream): readonly GapRecord[] {
    const open = this.#byVenue.get(stream.venue);
    if (open === undefined || open.size === 0) return [];
    return [...open.values()].filter(gap => concerns(gap, stream));
  }
}

/** Whether a stream is to be told of a gap. */
export function concerns({ channel, symbol, venue }: GapRecord, stream: Stream): boolean {
  if (venue !== stream.venue) return false;
  if (stream.channel === 'gaps') return symbol === stream.topic;
  if (!stream.isData || (symbol !== '' && symbol !== stream.topic)) return false;
  return channel === null || channel === stream.channel;
}

/** Everything of a venue is missing from now on, time in µs UTC. */
export function outage(gap: number, venue: string, cause: string, detail: string, time: number): GapRecord {
  return {
    kind: 'gap',
    ...{ venue, symbol: '', native: '', exchangeTime: null, sequence: null, channel: null },
    ...{ receiveTime: time, publishTime: time, gap, state: 'open', cause },
    ...{ rule: 'every record of a venue reaches the server', detail },
    ...{ from: time, to: null, after: null, before: null, isFilled: null },
  };
}

/** The end of a gap, without what was missing. */
export function ended(gap: GapRecord, time: number): GapRecord {
  return { ...gap, state: 'closed', to: time, isFilled: false, receiveTime: time, publishTime: time };
}
