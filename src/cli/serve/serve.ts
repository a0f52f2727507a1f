import { Command } from 'commander';
import { liveVenue } from '../../collection/live-venue.ts';
import { InputError, suggestion } from '../../model/errors.ts';
import { CHANNELS, type Channel } from '../../model/records.ts';
import { livePage } from '../../report/html/live.ts';
import type { RecordSource } from '../../streaming/record-source.ts';
import { SERVER_LIMITS, type ServerLimits } from '../../streaming/server/limits.ts';
import { type RecordServer, SERVER_PORT, serveRecords } from '../../streaming/server/server.ts';
import { parseChannels, parseMetrics } from '../capture/options.ts';
import { superviseVenues } from '../collect/supervisor.ts';
import { addConfigOptions } from '../config/config-options.ts';
import { addIniOption, applySettings, type SettingsFlags } from '../config/settings.ts';
import { parseCount, parseNumber, parsePort } from '../options/options.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { ServeScreen } from './screen.ts';
import { followSource, openSources } from './sources.ts';
import { serveToken } from './token.ts';

interface ServeFlags extends SettingsFlags {
  readonly host?: string;
  readonly port?: string;
  readonly venue?: string;
  readonly symbols?: string;
  readonly channels?: ServedChannels;
  readonly interval?: string;
  /** µs. */
  readonly metrics?: number;
  readonly from?: readonly string[];
  readonly speed?: string;
  readonly untilEnd?: boolean;
  readonly tokenFile?: string;
  readonly public?: boolean;
  readonly origins?: string;
  readonly compress?: boolean;
  readonly limit?: readonly string[];
  readonly stream?: string;
  readonly rest?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface ServedChannels {
  readonly channels: readonly Channel[];
  readonly raw: boolean;
}

const SECOND = 1000;

const EXAMPLES = `
Examples:
  qt serve --venue bybit,okx --symbols BTC-USDT
  qt serve --port 8765 --venue okx --symbols BTC-USDT,ETH-USDT --channels trades,book,klines --metrics 1s
  qt serve --from captures/okx-2026-11-21.jsonl.gz --speed 10
  qt serve --from kafka://localhost:9092/BTC-USDT,ETH-USDT
  QT_SERVE_TOKEN=… qt serve --host 0.0.0.0 --venue okx --symbols BTC-USDT

Then: qt client ws://127.0.0.1:8765/, or http://127.0.0.1:8765/ in a browser; /health and /metrics are there too.
Each venue is collected by a process of its own: one that dies is started again, and does not touch the server.
Settings also come from config.ini. Ctrl-C ends it, exit code 0.
`;

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Give market data out over websockets, to any number of clients.')
    .option('--host <address>', 'where to listen (default: 127.0.0.1, which only this machine reaches)')
    .option('--port <n>', `0 for any that is free (default: ${SERVER_PORT})`)
    .option('--venue <list>', 'venues to collect, as for qt collect')
    .option('--symbols <list>', 'in any spelling: BTC-USDT, btcusdt, BTC/USDT')
    .option('--channels <list>', `of ${CHANNELS.join(', ')}, raw (default: trades,book)`, parseServed)
    .option('--interval <interval>', 'of klines (default: 1m)')
    .option('--metrics <interval>', 'measure each instrument so often: 1s, 1m', parseMetrics)
    .option(
      '--from <source...>',
      'captures to play or kafka://HOST:9092/TOPIC, instead of venues or beside them',
    )
    .option('--speed <n>', 'seconds of a capture a second (default: 1)')
    .option('--until-end', 'end when the captures are over')
    .option('--token-file <file>', 'what clients must show (default: QT_SERVE_TOKEN of the environment)')
    .option('--public', 'serve other machines without a token')
    .option('--origins <list>', 'whose pages may connect: https://example.com, or *')
    .option('--compress', 'offer permessage-deflate')
    .option('--limit <name=value...>', `of ${Object.keys(SERVER_LIMITS).join(', ')}`)
    .option('--stream <url>', 'another address for websockets (one venue only)')
    .option('--rest <url>', 'another address for requests (one venue only)')
    .option('--json', 'the state as a JSON line a second, on stdout')
    .option('--quiet', 'no state, warnings and errors only');
  return addConfigOptions(addIniOption(command))
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action((_: unknown, self: Command) => runServe(self));
}

async function runServe(command: Command): Promise<void> {
  await applySettings(command, command.opts<SettingsFlags>(), {
    section: 'server',
    names: [
      ...[
        'host',
        'port',
        'venue',
        'symbols',
        'channels',
        'interval',
        'metrics',
        'from',
        'speed',
        'token-file',
      ],
      ...['public', 'origins', 'compress', 'limit'],
    ],
    aliases: { address: 'host' },
  });
  const flags = command.opts<ServeFlags>();
  const controller = new AbortController();
  const { signal } = controller;
  const screen = new ServeScreen(flags);
  const what = await sourcesOf(flags, screen, record => server?.raw(record));
  let server: RecordServer | undefined = await open(flags);
  const release = onInterrupt(() => controller.abort(), ['SIGINT', 'SIGTERM']);
  const timer = setInterval(() => screen.state(server!.status), SECOND);
  try {
    const { host, port, url } = server;
    screen.tell('listening', `Serving on ${url}; connect with: qt client ${url}`, { url, host, port });
    await serveUntil(what, server, flags, screen, controller);
    if (flags.untilEnd !== true && !signal.aborted) {
      await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    controller.abort();
    clearInterval(timer);
    await server.close();
    const { delivered, published } = server.status;
    screen.tell('closed', `Stopped: ${published} records published, ${delivered} delivered`, {
      published,
      delivered,
    });
    screen.close();
    release();
    server = undefined;
  }
}

interface Sources {
  readonly venues: readonly string[];
  readonly sources: readonly RecordSource[];
}

async function sourcesOf(
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

async function open(flags: ServeFlags): Promise<RecordServer> {
  const token = await serveToken(flags.tokenFile);
  return serveRecords({
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: parsePort('--port', flags.port) }),
    ...(token === undefined ? {} : { token }),
    isPublic: flags.public ?? false,
    origins: flags.origins?.split(',').map(origin => origin.trim()) ?? [],
    compress: flags.compress ?? false,
    limits: parseLimits(flags.limit ?? []),
    page: await livePage(),
  });
}

/** Resolves when all sources are at their end; rejects when one of them cannot go on. */
async function serveUntil(
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

/** `trades,raw`. Throws InputError `CHANNEL_UNKNOWN`. */
function parseServed(text: string): ServedChannels {
  const names = text.split(',').map(name => name.trim());
  const channels = names.filter(name => name !== 'raw');
  return {
    channels: channels.length === 0 ? [] : parseChannels(channels.join(',')),
    raw: names.includes('raw'),
  };
}

/** `clients=1000`. Throws InputError `LIMIT_UNKNOWN`, `OPTION_INVALID`. */
function parseLimits(texts: readonly string[]): Partial<ServerLimits> {
  const names = Object.keys(SERVER_LIMITS);
  return Object.fromEntries(
    texts.map(text => {
      const [name, value = ''] = text.split('=').map(part => part.trim());
      if (!names.includes(name)) {
        throw new InputError('LIMIT_UNKNOWN', `there is no limit "${name}"`, {
          value: name,
          fix: suggestion(name, names),
        });
      }
      return [name, parseCount(`--limit ${name}`, value, 1)];
    }),
  );
}
