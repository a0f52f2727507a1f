import { Command } from 'commander';
import { InputError, type NetworkError } from '../../model/errors.ts';
import type { RecordClient } from '../../streaming/client/client.ts';
import { recordClient } from '../../streaming/client/record-client.ts';
import type { DataMessage, Topic } from '../../streaming/protocol.ts';
import { SERVER_PORT } from '../../streaming/server/server.ts';
import { parseCount } from '../options/options.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { serveToken } from '../serve/token.ts';
import { parseSubscription } from './commands.ts';
import { Prompt } from './prompt.ts';
import { shownMessage } from './shown-message.ts';

interface ClientFlags {
  readonly sub?: readonly string[];
  readonly json?: boolean;
  readonly messages?: boolean;
  readonly count?: string;
  readonly tokenFile?: string;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  qt client ws://127.0.0.1:${SERVER_PORT}/
  qt client ws://127.0.0.1:${SERVER_PORT}/ --json --sub "BTC-USDT trades" | jq .priceText
  qt client ws://127.0.0.1:${SERVER_PORT}/ --json --sub "BTC-USDT book okx" --sub "ETH-USDT" --count 1000

Type sub, sub BTC-USDT trades, dc, list, book okx BTC-USDT, ping, exit; Tab completes. With --json one record a line goes to
stdout, of everything unless --sub says of what. A connection that is lost is made again. Ctrl-C ends it, exit code 0.
`;

export function clientCommand(): Command {
  return new Command('client')
    .description('Follow what a qt serve gives out.')
    .argument('[url]', 'where it is', `ws://127.0.0.1:${SERVER_PORT}/`)
    .option('--sub <words...>', '"TOPIC CHANNEL VENUE", as sub takes them; * for all')
    .option('--json', 'one record a line on stdout, for pipes')
    .option('--messages', 'with --json: whole messages, with their sequence numbers')
    .option('--count <n>', 'end after so many records')
    .option(
      '--token-file <file>',
      'what the server wants to be shown (default: QT_SERVE_TOKEN of the environment)',
    )
    .option('--quiet', 'warnings and errors only')
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runClient);
}

async function runClient(url: string, flags: ClientFlags): Promise<void> {
  checkUrl(url);
  const most = flags.count === undefined ? Number.POSITIVE_INFINITY : parseCount('--count', flags.count, 1);
  const topics = (flags.sub ?? []).map(parseSubscription);
  const token = await serveToken(flags.tokenFile);
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  const release = onInterrupt(end, ['SIGINT', 'SIGTERM']);
  let prompt: Prompt | undefined;
  let count = 0;
  const show = flags.json === true ? jsonLines(flags.messages === true) : shownMessage;
  const client: RecordClient = recordClient({
    url,
    ...(token === undefined ? {} : { token }),
    onMessage: message => {
      if (count >= most) return;
      count++;
      print(prompt, show(message));
      if (count >= most) end();
    },
    onNotice: (level, code, message) => {
      if (level === 'info' && (flags.quiet === true || flags.json === true)) return;
      const line = level === 'warning' ? `warning ${code}: ${message}` : message;
      if (prompt !== undefined) prompt.print(line);
      else process.stderr.write(`${line}\n`);
    },
    onRefused: (error: NetworkError) => fail(error),
  });
  try {
    const wanted: readonly Topic[] = flags.json === true && topics.length === 0 ? [{}] : topics;
    for (const topic of wanted) client.subscribe(topic);
    if (flags.json !== true) prompt = new Prompt(client, end);
    await ended;
  } finally {
    prompt?.close();
    await client.close();
    release();
  }
}

function print(prompt: Prompt | undefined, line: string): void {
  if (prompt !== undefined) prompt.print(line);
  else process.stdout.write(`${line}\n`);
}

const jsonLines = (isWhole: boolean) => (message: DataMessage) =>
  JSON.stringify(isWhole ? message : message.data);

function checkUrl(url: string): void {
  const fix = `give ws://127.0.0.1:${SERVER_PORT}/, or wss://`;
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    throw new InputError('URL_INVALID', `"${url}" is no address of a websocket`, { value: url, fix });
  }
  if (new URL(url).searchParams.has('token') || new URL(url).password !== '') {
    // It would be in the list of processes and in the shell's history.
    throw new InputError('TOKEN_IN_URL', 'a token does not belong into an address', {
      fix: 'set QT_SERVE_TOKEN, or give --token-file',
    });
  }
}
