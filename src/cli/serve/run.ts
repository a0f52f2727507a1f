import type { Command } from 'commander';
import { livePage } from '../../report/html/live.ts';
import type { RecordServer } from '../../streaming/server/contract.ts';
import { serveRecords } from '../../streaming/server/server.ts';
import { applySettings, type SettingsFlags } from '../config/settings.ts';
import { parsePort } from '../options/options.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { parseLimits, type ServeFlags } from './flags.ts';
import { serveUntil, sourcesOf } from './follow.ts';
import { ServeScreen } from './screen.ts';
import { serveToken } from './token.ts';

const SECOND = 1000;

export async function runServe(command: Command): Promise<void> {
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
