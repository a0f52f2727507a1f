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
