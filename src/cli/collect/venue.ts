import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureWriter, type WireTap } from '../../collection/capture-writer.ts';
import { Collection } from '../../collection/collection.ts';
import { SinkQueue } from '../../collection/sinks/sink-queue.ts';
import { parseInterval } from '../../model/interval.ts';
import { microseconds, realNetwork } from '../../net/real.ts';
import { StreamMetrics, serveMetrics } from '../../streaming/kafka/metrics.ts';
import type { Venue } from '../../venues/market-data/contract.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { openSink } from '../sinks/open-sinks.ts';
import { addressFor } from './addresses.ts';
import type { CollectFlags, CollectWatcher } from './contract.ts';
import { ParentTap } from './parent.ts';

const SECOND = 1000;

/** Collects one venue until it is interrupted. Throws QtError. */
export async function collectVenue(
  venue: Venue,
  flags: CollectFlags,
  watcher: CollectWatcher,
): Promise<void> {
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort(), ['SIGINT', 'SIGTERM']);
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    controller.abort();
  };
  const interval = parseInterval(flags.interval);
  const symbols = flags.symbols.split(',').map(text => text.trim());
  const sinks: SinkQueue[] = [];
  const metrics = new StreamMetrics();
  for (const name of flags.sink ?? (flags.rawTo === undefined ? ['sqlite'] : [])) {
    const sink = await openSink(name, venue.id, flags.out, { topic: flags.topic, metrics });
    sinks.push(new SinkQueue(sink, { onFailure: fail }));
  }
  const captures: WireTap[] = [];
  if (flags.raw === true) captures.push(new ParentTap(venue.id));
  if (flags.capture !== undefined) captures.push(openCapture(venue, flags, symbols, fail));
  if (flags.rawTo !== undefined) {
    const { openRawTopic } = await import('../sinks/kafka-sink.ts');
    const header = headerOf(venue, flags, symbols);
    captures.push(await openRawTopic(flags.rawTo, { header, metrics, onFailure: fail }));
  }
  const server =
    flags.metricsPort === undefined ? undefined : await serveMetrics(metrics.registry, flags.metricsPort);
  const collection = new Collection({
    ...{ venue, network: realNetwork, clock: microseconds, symbols, interval, sinks },
    channels: flags.channels,
    ...(captures.length === 0 ? {} : { capture: allOf(captures) }),
    ...(flags.metrics === undefined ? {} : { metricsEvery: flags.metrics }),
    addresses: {
      stream: addressFor(flags.stream, venue.id) ?? venue.addresses.stream,
      rest: addressFor(flags.rest, venue.id) ?? venue.addresses.rest,
    },
    signal: controller.signal,
    onNotice: (level, code, message) => watcher.notice(level, code, message),
  });
  const timer = setInterval(() => watcher.state(collection.state), SECOND);
  try {
    await collection.run();
  } finally {
    clearInterval(timer);
    watcher.state(collection.state);
    await server?.close();
    release();
  }
  if (failure !== undefined) throw failure;
}

/** The same to several places. */
function allOf(targets: readonly WireTap[]): WireTap {
  return {
    event(event, time, published) {
      for (const target of targets) target.event(event, time, published);
    },
    close: async () => {
      await Promise.all(targets.map(target => target.close()));
    },
  };
}

function headerOf(venue: Venue, { channels }: CollectFlags, symbols: readonly string[]) {
  const recordedAt = new Date().toISOString();
  return { kind: 'header', venue: venue.id, symbols, channels, recordedAt } as const;
}

function openCapture(
  venue: Venue,
  flags: CollectFlags,
  symbols: readonly string[],
  onFailure: (error: unknown) => void,
): CaptureWriter {
  const { capture } = flags;
  mkdirSync(capture!, { recursive: true });
  const time = new Date().toISOString().replace(/[:.]/g, '').slice(0, 17);
  return new CaptureWriter(
    join(capture!, `${venue.id}-${time}Z.jsonl.gz`),
    headerOf(venue, flags, symbols),
    onFailure,
  );
}
