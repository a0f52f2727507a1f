import { DataError, suggest } from '../model/errors.ts';
import { CHANNELS, type Channel, type MarketRecord } from '../model/records.ts';
import { VENUES, venueNamed } from '../venues/market-data/index.ts';
import { type CaptureHeader, type CaptureLine, captureTime, readCapture } from './capture.ts';
import { type MarketView, marketView } from './market-view.ts';
import { Pipeline, type PipelineWorld } from './pipeline.ts';

/** Nobody answers: the capture has the answers that came, and the times at which records were published. */
class CapturedWorld implements PipelineWorld {
  /** Of the line that is being played, µs; 0 where it does not say. */
  published = 0;
  fetch() {}
  send() {}
  reconnect() {}
  refused() {}
  granted() {}
  notice() {}

  publishTime(receiveTime: number): number {
    return this.published === 0 ? receiveTime : this.published;
  }
}

export interface ReplayOptions {
  /** All of them, unless given. */
  readonly channels?: readonly Channel[];
  /** Metrics of each instrument so often, µs; none unless given. */
  readonly metricsEvery?: number;
  onRecord(record: MarketRecord, market: MarketView): void;
  /** The last line was cut, and left out. */
  onCut?(line: number): void;
  /** After each line, the header included; the next one is read when it is done. */
  onLine?(line: CaptureLine, pipeline: Pipeline): void | Promise<void>;
}

/** Drives a venue's decoder by a capture, as sockets do. Resolves with what it came to. Throws DataError `CAPTURE_*`. */
export async function replayCapture(
  file: string,
  options: ReplayOptions,
): Promise<{ readonly header: CaptureHeader; readonly pipeline: Pipeline }> {
  let header: CaptureHeader | undefined;
  const run = new CapturedRun(file, options);
  for await (const line of readCapture(file, options)) {
    if (line.kind === 'header') header = line;
    const pipeline = run.take(line);
    await options.onLine?.(line, pipeline);
  }
  if (header === undefined) {
    throw new DataError('CAPTURE_EMPTY', 'has no lines', { file, fix: 'give another file' });
  }
  return { header, pipeline: run.pipeline! };
}

/** The lines of one capture, whoever brings them. */
export class CapturedRun {
  readonly #name: string;
  readonly #options: Omit<ReplayOptions, 'onLine'>;
  readonly #world = new CapturedWorld();
  /** Undefined before the header. */
  pipeline: Pipeline | undefined;

  /** `name`: as messages call where the lines come from. */
  constructor(name: string, options: Omit<ReplayOptions, 'onLine'>) {
    this.#name = name;
    this.#options = options;
  }

  /** Throws DataError `CAPTURE_HEADER`, `VENUE_UNKNOWN`. */
  take(line: CaptureLine): Pipeline {
    if (line.kind === 'header' && this.pipeline !== undefined) {
      throw new DataError('CAPTURE_HEADER', 'there is a second header', {
        file: this.#name,
        value: line.kind,
        fix: 'give each capture as a file of its own',
      });
    }
    if (line.kind === 'header') this.pipeline = pipelineOf(this.#name, line, this.#world, this.#options);
    if (this.pipeline === undefined) {
      throw new DataError('CAPTURE_HEADER', 'the first line is no header', {
        file: this.#name,
        line: 1,
        value: line.kind,
        fix: 'see docs/capture.md for the format',
      });
    }
    if (line.kind !== 'header' && line.kind !== 'lost') {
      this.#world.published = line.p === undefined ? 0 : captureTime(line.p);
      this.pipeline.take(captureTime(line.t), line);
    }
    return this.pipeline;
  }
}

function pipelineOf(
  file: string,
  header: CaptureHeader,
  world: PipelineWorld,
  options: Omit<ReplayOptions, 'onLine'>,
): Pipeline {
  const venue = venueNamed(header.venue);
  if (venue === undefined) {
    const near = suggest(header.venue, VENUES.keys());
    throw new DataError('VENUE_UNKNOWN', `there is no venue "${header.venue}"`, {
      file,
      line: 1,
      value: header.venue,
      fix: near === undefined ? `known are ${[...VENUES.keys()].join(', ')}` : `"${near}" is one`,
    });
  }
  const pipeline: Pipeline = new Pipeline(venue, world, record => options.onRecord(record, market), {
    channels: options.channels ?? CHANNELS,
    ...(options.metricsEvery === undefined ? {} : { metricsEvery: options.metricsEvery }),
  });
  const market = marketView(pipeline.decoder);
  for (const [native, precision] of Object.entries(header.instruments ?? {})) {
    pipeline.instruments.add({
      ...venue.guess(native),
      ...(precision.price_precision === undefined ? {} : { priceDecimals: precision.price_precision }),
      ...(precision.qty_precision === undefined ? {} : { sizeDecimals: precision.qty_precision }),
    });
  }
  return pipeline;
}
