import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { parseColumns } from '../../live/record/columns.ts';
import { JSON_LINES } from '../../live/record/json-lines.ts';
import { CSV } from '../../live/record/row-format.ts';
import { InputError } from '../../model/errors.ts';
import { isKafkaAddress } from '../../streaming/kafka/address.ts';
import { KafkaSource } from '../../streaming/kafka/source.ts';
import { KlinePipeStore } from '../../streaming/kafka/stores/kline-store.ts';
import { LinePipeStore } from '../../streaming/kafka/stores/line-store.ts';
import { SqlitePipeStore } from '../../streaming/kafka/stores/sqlite-store.ts';
import type { PipeStore } from '../../streaming/kafka/stores/store.ts';
import { openSink } from '../sinks/open-sinks.ts';
import { addStageOptions, runStage, type Stage, type StageFlags } from './stage.ts';

interface PipeFlags extends StageFlags {
  readonly sink: string;
  readonly out: string;
  readonly columns?: string;
  readonly topic?: string;
}

const EXAMPLES = `
Examples:
  qt pipe kafka://localhost:9092/BTC-USDT --sink sqlite
  qt pipe kafka://localhost:9092/BTC-USDT,ETH-USDT --sink sqlite:market.sqlite --metrics-port 9464
  qt pipe kafka://localhost:9092/BTC-USDT --sink csv                      trades.csv, book.csv, … in one folder
  qt pipe kafka://localhost:9092/BTC-USDT --sink csv:{symbol}-{interval}.csv   closed klines, as "qt record" writes them
  qt pipe kafka://localhost:9092/BTC-USDT --sink jsonl --until-end

Each record is in the store once, however often this is killed: start it again, and it goes on where the store is.
`;

export function pipeCommand(): Command {
  const command = new Command('pipe')
    .description('Keep the records of Kafka topics in a store, each once.')
    .argument('<address>', 'kafka://HOST:9092/TOPIC, several brokers and topics with commas')
    .option(
      '--sink <name>',
      'sqlite[:FILE], csv[:FOLDER], csv:FILE.csv for klines, jsonl[:FILE], stdout, kafka://… or a module',
      'sqlite',
    )
    .option('--out <folder>', 'where a sink without a file of its own writes', 'collected')
    .option('--columns <list>', 'of klines: names with commas between, or a set: default, ohlcv, binance')
    .option('--topic <template>', 'of a kafka:// sink: {symbol}, {venue}, {channel}, any text');
  return addStageOptions(command).addHelpText('after', EXAMPLES).action(runPipe);
}

async function runPipe(address: string, flags: PipeFlags): Promise<void> {
  checkColumns(flags);
  await runStage(address, flags, placeOf(flags), async stage => {
    const store = openStore(flags, stage);
    if (store === undefined) {
      await toSink(flags, stage);
      return;
    }
    try {
      const source = new KafkaSource({
        ...stage.source,
        positionOf: (topicId, partition) => store.positionOf(topicId, partition),
      });
      await source.runBatches(batch => stage.wrote(store.write(batch)), stage.signal);
    } finally {
      store.close();
    }
  });
}

/** Where no position can be kept: at least once. */
async function toSink(flags: PipeFlags, stage: Stage): Promise<void> {
  const sink = await openSink(flags.sink, 'kafka', flags.out, { topic: flags.topic, metrics: stage.metrics });
  try {
    await new KafkaSource(stage.source).run(async records => {
      await sink.write(records);
      stage.wrote(records.length);
    }, stage.signal);
  } finally {
    sink.ending?.();
    await sink.close();
  }
}

function openStore({ columns, out, sink }: PipeFlags, { fail }: Stage): PipeStore | undefined {
  if (isKafkaAddress(sink)) return undefined;
  const [kind, ...rest] = sink.split(':');
  const place = rest.join(':');
  if (kind === 'sqlite') return new SqlitePipeStore(place === '' ? join(out, 'market.sqlite') : place);
  if (isKlines(sink)) {
    return new KlinePipeStore({
      out: place,
      format: kind === 'csv' ? CSV : JSON_LINES,
      columns: columns === undefined ? undefined : parseColumns([columns]),
      onFailure: fail,
    });
  }
  if (kind === 'csv') return LinePipeStore.csv(place === '' ? join(out, 'kafka') : place);
  if (kind === 'jsonl') return LinePipeStore.json(place === '' ? join(out, 'kafka.jsonl') : place);
  return undefined;
}

/** `csv:FILE.csv`: bars, as a recording has them. */
function isKlines(sink: string): boolean {
  return /^csv:.+\.csv$/i.test(sink);
}

function checkColumns({ columns, sink }: PipeFlags): void {
  if (columns === undefined || isKlines(sink)) return;
  throw new InputError('OPTION_INVALID', `--columns was given with --sink ${sink.split('?')[0]}`, {
    value: columns,
    fix: 'they are those of klines: --sink csv:{symbol}-{interval}.csv',
  });
}

function placeOf({ out, sink }: PipeFlags): string {
  if (isKafkaAddress(sink) || sink === 'stdout') return sink.split('?')[0];
  return `${sink} ${resolve(out)} ${process.cwd()}`;
}
