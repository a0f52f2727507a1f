import { randomUUID } from 'node:crypto';
import { DataError, InputError, QtError } from '../../model/errors.ts';
import type { Channel, MarketRecord } from '../../model/records.ts';
import { BackOff } from '../../net/back-off.ts';
import { realNetwork } from '../../net/real.ts';
import { sleep } from '../../net/sleep.ts';
import { CaptureSource, captureBegin } from '../../streaming/capture-source.ts';
import { isKafkaAddress, parseKafkaAddress } from '../../streaming/kafka/address.ts';
import { kafkaConnection } from '../../streaming/kafka/connection.ts';
import { SOURCE_OPTIONS } from '../../streaming/kafka/message-source.ts';
import { KafkaSource } from '../../streaming/kafka/source.ts';
import type { RawRecord } from '../../streaming/protocol.ts';
import type { RecordSource } from '../../streaming/record-source.ts';
import type { RecordServer } from '../../streaming/server/server.ts';
import { requireFile } from '../files/input-file.ts';
import { topicsOf } from '../kafka/stage.ts';

export interface SourceOptions {
  readonly speed: number;
  readonly channels: readonly Channel[] | undefined;
  /** µs. */
  readonly metricsEvery: number | undefined;
  onRaw?(record: RawRecord): void;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
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
  return [...played, ...names.filter(isAddress).map(name => openAddress(name, options))];
}

const isAddress = (name: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(name);

/** A record source by its address. */
function openAddress(address: string, { onNotice }: SourceOptions): RecordSource {
  if (isKafkaAddress(address)) return kafkaSource(address, onNotice);
  throw new InputError('SOURCE_UNKNOWN', `there is no source "${address.split(':')[0]}://"`, {
    value: address.split(':')[0],
    fix: 'give the file of a capture, or kafka://HOST:9092/TOPIC',
  });
}

/**
 * What topics tell from now on. Every server is to have all of it, so that each is a group of its own, unless the address
 * says otherwise.
 */
function kafkaSource(text: string, onNotice: SourceOptions['onNotice']): RecordSource {
  const address = parseKafkaAddress(text, SOURCE_OPTIONS);
  const { options } = address;
  const from = options.get('from') ?? 'latest';
  if (from !== 'latest' && from !== 'earliest') {
    throw new InputError('OPTION_INVALID', `from was "${from}"`, {
      value: from,
      fix: 'give earliest or latest',
    });
  }
  return new KafkaSource({
    ...{ connection: kafkaConnection(address), topics: topicsOf(address), from, onNotice },
    group: options.get('group') ?? `qt-serve-${randomUUID()}`,
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
