import { Command } from 'commander';
import { CHANNELS } from '../../model/records.ts';
import { SERVER_LIMITS } from '../../streaming/server/limits.ts';
import { SERVER_PORT } from '../../streaming/server/server.ts';
import { parseMetrics } from '../capture/options.ts';
import { addConfigOptions } from '../config/config-options.ts';
import { addIniOption } from '../config/settings.ts';
import { parseServed } from './flags.ts';
import { runServe } from './run.ts';

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
