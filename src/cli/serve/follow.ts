import { liveVenue } from '../../collection/live-venue.ts';
import { InputError } from '../../model/errors.ts';
import type { RecordSource } from '../../streaming/record-source.ts';
import type { RecordServer } from '../../streaming/server/contract.ts';
import { superviseVenues } from '../collect/supervisor.ts';
import { parseNumber } from '../options/options.ts';
import type { ServeFlags } from './flags.ts';
import type { ServeScreen } from './screen.ts';
import { followSource, openSources } from './sources.ts';

/** What is served: venues that are collected, and sources that are followed. */
export interface Sources {
  readonly venues: readonly string[];
  readonly sources: readonly RecordSource[];
}

/** Throws InputError for what cannot be served, before anything listens. */
export async function sourcesOf(
  flags: ServeFlags,
  screen: ServeScreen,
  onRaw: Parameters<typeof openSources>[1]['onRaw'] & {},
): Promise<Sources> {
  const venues = [...new Set((flags.venue ?? '').split(',').map(name => name.trim()))].filter(
    name => name !== '',
  );
  if (venues.length === 0 && flags.from === undefined) {
    throw new InputError('SOURCE_MISSING', 'there is nothing to serve', {
      fix: 'give --venue okx --symbols BTC-USDT, or --from CAPTURE',
    });
  }
  if (venues.length > 0 && flags.symbols === undefined) {
    throw new InputError('SYMBOLS_MISSING', '--venue needs --symbols', { fix: 'give --symbols BTC-USDT' });
  }
  if (venues.length > 1 && (flags.stream !== undefined || flags.rest !== undefined)) {
    throw new InputError('OPTION_INVALID', '--stream and --rest are for one venue', {
      value: flags.venue,
      fix: 'serve each venue with a command of its own',
    });
  }
  for (const venue of venues) liveVenue(venue);
  const speed = parseNumber('--speed', flags.speed?.replace(/x$/i, '') ?? 1);
  if (speed <= 0) {
    throw new InputError('OPTION_INVALID', `--speed was ${flags.speed}`, {
      value: flags.speed,
      fix: 'give 1 or more',
    });
  }
  const sources = await openSources(flags.from ?? [], {
    speed,
    channels: flags.channels?.channels,
    metricsEvery: flags.metrics,
    onNotice: (level, code, message) => screen.notice(level, code, message),
    ...(flags.channels?.raw === true ? { onRaw } : {}),
  });
  return { venues, sources };
}

/** Resolves when all sources are at their end; rejects when one of them cannot go on. */
export async function serveUntil(
  { sources, venues }: Sources,
  server: RecordServer,
  flags: ServeFlags,
  screen: ServeScreen,
  controller: AbortController,
): Promise<void> {
  const { signal } = controller;
  const notice = screen.notice.bind(screen);
  const running = sources.map(source => followSource(source, server, signal, notice));
  if (venues.length > 0) {
    const { interval = '1m', metrics, rest, stream, symbols = '' } = flags;
    const { channels, raw } = flags.channels ?? { channels: ['trades', 'book'] as const, raw: false };
    running.push(
      superviseVenues(
        venues.map(liveVenue),
        {
          ...{
            venue: venues.join(','),
            symbols,
            channels,
            interval,
            raw,
            sink: ['parent'],
            out: 'collected',
          },
          ...(metrics === undefined ? {} : { metrics }),
          ...(stream === undefined ? {} : { stream }),
          ...(rest === undefined ? {} : { rest }),
        },
        {
          state: () => {},
          notice,
          records: records => void server.sink.write(records),
          raw: records => {
            for (const record of records) server.raw(record);
          },
          ended: (venue, how) => {
            if (!signal.aborted) server.down(venue, 'COLLECTOR_ENDED', `the process that collects it ${how}`);
          },
        },
        signal,
      ),
    );
  }
  try {
    await Promise.all(running);
  } catch (error) {
    controller.abort();
    await Promise.allSettled(running);
    throw error;
  }
}
