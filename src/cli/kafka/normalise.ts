import { Command } from 'commander';
import type { Channel } from '../../model/records.ts';
import { CHANNELS } from '../../model/records.ts';
import { MessageSource } from '../../streaming/kafka/message-source.ts';
import { Normaliser } from '../../streaming/kafka/normaliser.ts';
import { parseChannels, parseMetrics } from '../capture/options.ts';
import { openSink } from '../sinks/open-sinks.ts';
import { addStageOptions, runStage, type StageFlags } from './stage.ts';

interface NormaliseFlags extends StageFlags {
  readonly sink: string;
  readonly out: string;
  readonly topic?: string;
  readonly channels?: readonly Channel[];
  readonly metrics?: number;
}

const EXAMPLES = `
Examples:
  qt collect --venue okx,kraken --symbols BTC-USDT --raw-to kafka://localhost:9092/raw
  qt normalise kafka://localhost:9092/raw --sink kafka://localhost:9092
  qt normalise kafka://localhost:9092/raw --sink stdout --channels trades --until-end

Several of them share the work: each venue's frames stay with one. When one starts it reads the topic from its beginning, to
know the books as they stand, and writes what nobody has written yet.
`;

export function normaliseCommand(): Command {
  const command = new Command('normalise')
    .description('Make records of the raw frames in a Kafka topic.')
    .argument('<address>', 'of the raw topic: kafka://HOST:9092/raw')
    .option(
      '--sink <name>',
      'kafka://HOST:9092, sqlite[:FILE], csv[:FOLDER], jsonl[:FILE], stdout or a module',
      'stdout',
    )
    .option('--out <folder>', 'where a sink without a file of its own writes', 'collected')
    .option(
      '--topic <template>',
      'of a kafka:// sink: {symbol}, {venue}, {channel}, any text (default: {symbol})',
    )
    .option('--channels <list>', `of ${CHANNELS.join(', ')} (default: all)`, parseChannels)
    .option('--metrics <interval>', 'measure each instrument so often: 1s, 1m', parseMetrics);
  return addStageOptions(command).addHelpText('after', EXAMPLES).action(runNormalise);
}

async function runNormalise(address: string, flags: NormaliseFlags): Promise<void> {
  const { channels, metrics, out, sink: name, topic } = flags;
  // Whoever makes records of the same frames shares the work, wherever it puts them.
  await runStage(address, { group: 'qt-normalise', ...flags }, name, async stage => {
    const sink = await openSink(name, 'kafka', out, { topic, metrics: stage.metrics });
    const normaliser = new Normaliser({
      ...(channels === undefined ? {} : { channels }),
      ...(metrics === undefined ? {} : { metricsEvery: metrics }),
      onNotice: (level, code, message) => stage.source.onNotice?.(level, code, message),
    });
    try {
      await new MessageSource({ ...stage.source, fromBeginning: true }).run(async batch => {
        const records = normaliser.take(batch);
        if (records.length === 0) return;
        await sink.write(records);
        stage.wrote(records.length);
      }, stage.signal);
    } finally {
      sink.ending?.();
      await sink.close();
    }
  });
}
