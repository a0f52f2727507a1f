import type { CaptureLine } from '../../collection/capture.ts';
import { CapturedRun } from '../../collection/replay.ts';
import { QtError } from '../../model/errors.ts';
import { CHANNELS, type Channel, type MarketRecord } from '../../model/records.ts';
import type { MessageBatch } from './message-batch.ts';
import { keyOf } from './reader.ts';

/** Runs whose books are kept at once; the one that was silent longest goes first. */
const MOST_RUNS = 200;

export interface NormaliserOptions {
  readonly channels?: readonly Channel[];
  /** Metrics of each instrument so often, µs; none unless given. */
  readonly metricsEvery?: number;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
}

/** Runs of one partition, and the offset that continues them. */
interface Runs {
  next: number;
  readonly byKey: Map<string, CapturedRun>;
  readonly unknown: Set<string>;
}

/** Raw frames of any venues in, records out: the same decoders as those of live sockets, so that the same records come of it. */
export class Normaliser {
  readonly #options: NormaliserOptions;
  readonly #partitions = new Map<string, Runs>();
  #made: MarketRecord[] = [];
  /** Frames of which nothing can be made, since their run has no beginning here. */
  orphans = 0;

  constructor(options: NormaliserOptions) {
    this.#options = options;
  }

  /** The records of a batch; of messages that were taken before only the books are remembered. */
  take({ messages, next, partition, taken, topic }: MessageBatch): MarketRecord[] {
    const runs = this.#runs(keyOf({ topic, partition }), messages[0]?.offset ?? next);
    runs.next = next;
    const records: MarketRecord[] = [];
    for (const { header, key, offset, value } of messages) {
      if (value === null) continue;
      this.#made = [];
      this.#line(runs, key, value, `${topic} ${partition}, offset ${offset}`, header('venue'));
      if (offset >= taken) for (const record of this.#made) records.push(record);
    }
    return records;
  }

  /** What a partition's runs are; forgotten where reading did not go on where it was. */
  #runs(key: string, from: number): Runs {
    const known = this.#partitions.get(key);
    if (known !== undefined && from >= known.next) return known;
    const runs = { next: from, byKey: new Map<string, CapturedRun>(), unknown: new Set<string>() };
    this.#partitions.set(key, runs);
    return runs;
  }

  #line(runs: Runs, key: string, value: Buffer, place: string, venue = key): void {
    let line: CaptureLine;
    try {
      line = JSON.parse(value.toString('utf8')) as CaptureLine;
    } catch {
      this.#options.onNotice('warning', 'KAFKA_FRAME', `${place} is no line of a capture`);
      return;
    }
    let run = runs.byKey.get(key);
    if (line.kind === 'header' || run === undefined) {
      if (line.kind !== 'header') {
        this.#orphan(runs, key, place, venue);
        return;
      }
      run = new CapturedRun(place, {
        channels: this.#options.channels ?? CHANNELS,
        ...(this.#options.metricsEvery === undefined ? {} : { metricsEvery: this.#options.metricsEvery }),
        onRecord: record => this.#made.push(record),
      });
      runs.byKey.set(key, run);
      if (runs.byKey.size > MOST_RUNS) runs.byKey.delete(runs.byKey.keys().next().value!);
    } else if (runs.byKey.size > 1) {
      // The last one is the one that was heard of last.
      runs.byKey.delete(key);
      runs.byKey.set(key, run);
    }
    try {
      run.take(line);
    } catch (error) {
      if (!(error instanceof QtError)) throw error;
      this.#options.onNotice('warning', error.code, error.message);
    }
  }

  #orphan(runs: Runs, key: string, place: string, venue: string): void {
    this.orphans++;
    if (runs.unknown.has(key)) return;
    if (runs.unknown.size < MOST_RUNS) runs.unknown.add(key);
    this.#options.onNotice(
      'warning',
      'RUN_WITHOUT_BEGINNING',
      `${place}: the beginning of this run of ${venue} is not in the topic any more; its frames are left out until the next run`,
    );
  }
}
