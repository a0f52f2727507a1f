import { type CaptureLine, captureTime, readCapture } from '../collection/capture.ts';
import { replayCapture } from '../collection/replay.ts';
import type { Channel, MarketRecord } from '../model/records.ts';
import type { Timers } from '../net/network.ts';
import { sleep } from '../net/sleep.ts';
import type { RawRecord } from './protocol.ts';
import type { RecordSource } from './record-source.ts';

export interface CaptureSourceOptions {
  readonly file: string;
  readonly timers: Timers;
  /** Seconds of the capture a second. */
  readonly speed: number;
  /** What of all captures comes first, µs UTC: those played together keep their distance. Default: its own first line. */
  readonly begin?: number;
  /** All of them, unless given. */
  readonly channels?: readonly Channel[];
  /** Metrics of each instrument so often, µs; none unless given. */
  readonly metricsEvery?: number;
  /** Sees the lines of the wire. */
  onRaw?(record: RawRecord): void;
}

/** Waits shorter than this are not worth a timer, ms. */
const LEAST_WAIT_MS = 1;
/** Lines that are due together let others have their turn after so many. */
const LINES_AT_ONCE = 64;

class Stopped extends Error {}

/** A capture at the pace at which it was recorded, or faster. */
export class CaptureSource implements RecordSource {
  readonly name: string;
  readonly #options: CaptureSourceOptions;

  constructor(options: CaptureSourceOptions) {
    this.name = options.file;
    this.#options = options;
  }

  async run(
    write: (records: readonly MarketRecord[]) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { channels, file, metricsEvery, onRaw, speed, timers } = this.#options;
    const started = timers.now();
    let begin = this.#options.begin;
    let made: MarketRecord[] = [];
    let venue = '';
    let atOnce = 0;
    try {
      await replayCapture(file, {
        ...(channels && { channels }),
        ...(metricsEvery === undefined ? {} : { metricsEvery }),
        onRecord: record => made.push(record),
        onLine: async line => {
          if (line.kind === 'header') venue = line.venue;
          if (line.kind === 'header' || line.kind === 'lost') return;
          const time = captureTime(line.t);
          begin ??= time;
          const wait = started + (time - begin) / 1000 / speed - timers.now();
          if (wait >= LEAST_WAIT_MS) await sleep(timers, wait, signal);
          else if (++atOnce % LINES_AT_ONCE === 0) await sleep(timers, 0, signal);
          if (signal.aborted) throw new Stopped();
          onRaw?.(rawOf(venue, line, time));
          const records = made;
          made = [];
          if (records.length > 0) await write(records);
        },
      });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
  }
}

/** When a capture begins, µs UTC; undefined for one without a line. Throws DataError `CAPTURE_*`. */
export async function captureBegin(file: string): Promise<number | undefined> {
  for await (const line of readCapture(file))
    if (line.kind !== 'header' && line.kind !== 'lost') return captureTime(line.t);
  return undefined;
}

function rawOf(
  venue: string,
  line: Exclude<CaptureLine, { kind: 'header' | 'lost' }>,
  receiveTime: number,
): RawRecord {
  const text =
    'text' in line ? line.text : 'b64' in line ? line.b64 : line.kind === 'close' ? line.reason : '';
  return {
    ...{ kind: 'raw', venue, event: line.kind, receiveTime, text, isBinary: 'b64' in line },
    connection: 'conn' in line ? line.conn : null,
    url: 'url' in line ? line.url : null,
  };
}
