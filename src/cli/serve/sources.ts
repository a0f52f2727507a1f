import { DataError, InputError, QtError } from '../../model/errors.ts';
import type { Channel, MarketRecord } from '../../model/records.ts';
import { BackOff } from '../../net/back-off.ts';
import { realNetwork } from '../../net/real.ts';
import { sleep } from '../../net/sleep.ts';
import { CaptureSource, captureBegin } from '../../streaming/capture-source.ts';
import { isKafkaAddress } from '../../streaming/kafka/address.ts';
import type { RawRecord } from '../../streaming/protocol.ts';
import type { RecordSource } from '../../streaming/record-source.ts';
import type { RecordServer } from '../../streaming/server/server.ts';
import { requireFile } from '../input-file.ts';

export interface SourceOptions {
  readonly speed: number;
  readonly channels: readonly Channel[] | undefined;
  /** µs. */
  readonly metricsEvery: number | undefined;
  onRaw?(record: RawRecord): void;
}

/** What `--from` names: captures, or addresses of where records are. Throws CliError, DataError, InputError. */
export async function openSources(
  names: readonly string[],
  options: SourceOptions,
): Promise<readonly RecordSource[]> {
  const files = names.filter(name => !isAddress(name));
  const captures: string[] = [];
  for (const name of files) captures.push(await requireFile(name, 'capture'));
  const begins: number[] = [];
  for (const file of captures) begins.push((await captureBegin(file)) ?? Number.POSITIVE_INFINITY);
  const begin = Math.min(...begins);
  const { channels, metricsEvery, onRaw, speed } = options;
  const played = captures.map(
    file =>
      new CaptureSource({
        ...{ file, timers: realNetwork.timers, speed },
        ...(Number.isFinite(begin) ? { begin } : {}),
        ...(channels && { channels }),
        ...(metricsEvery === undefined ? {} : { metricsEvery }),
        ...(onRaw && { onRaw }),
      }),
  );
  return [...played, ...(await Promise.all(names.filter(isAddress).map(openAddress)))];
}

const isAddress = (name: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(name);

/** A record source by its address. */
async function openAddress(address: string): Promise<RecordSource> {
  // Who serves venues need not load a client of brokers.
  if (isKafkaAddress(address)) return (await import('../../streaming/kafka/tail.ts')).kafkaTail(address);
  throw new InputError('SOURCE_UNKNOWN', `there is no source "${address.split(':')[0]}://"`, {
    value: address.split(':')[0],
    fix: 'give the file of a capture, or kafka://HOST:9092/TOPIC',
  });
}

const BACK_OFF = { first: 1000, most: 60_000 };

/**
 * Gives out what a source brings until it ends, or `signal` says so. A source that fails is begun again after a pause, with
 * what it told taken for unknown meanwhile; one that cannot ever succeed (a mistake of the user's) rejects.
 */
export async function followSource(
  source: RecordSource,
  server: RecordServer,
  signal: AbortSignal,
  onNotice: (level: 'info' | 'warning', code: string, message: string) => void,
): Promise<void> {
  const back = new BackOff({ ...BACK_OFF, random: Math.random });
  const venues = new Set<string>();
  const write = (records: readonly MarketRecord[]) => {
    for (const { venue } of records) venues.add(venue);
    back.reset();
    return server.sink.write(records);
  };
  for (;;) {
    try {
      await source.run(write, signal);
      if (!signal.aborted) onNotice('info', 'SOURCE_ENDED', `${source.name} is at its end`);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof QtError) || error instanceof InputError || error instanceof DataError)
        throw error;
      for (const venue of venues) server.down(venue, 'SOURCE_FAILED', error.message);
      const pause = back.next();
      const again = `again in ${(pause / 1000).toFixed(1)} s`;
      onNotice('warning', 'SOURCE_FAILED', `${source.name}: ${error.message}; ${again}`);
      await sleep(realNetwork.timers, pause, signal);
      if (signal.aborted) return;
    }
  }
}
