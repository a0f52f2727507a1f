import { once } from 'node:events';
import { Command } from 'commander';
import { replayCapture } from '../../collection/replay.ts';
import { CHANNELS, type Channel } from '../../model/records.ts';
import { parseChannels, parseMetrics, requireCapture } from './options.ts';

const EXAMPLES = `
Examples:
  qt capture replay captures/okx-2026-11-21.jsonl.gz
  qt capture replay captures/okx-2026-11-21.jsonl.gz --channels trades | jq .priceText
  qt capture replay captures/okx-2026-11-21.jsonl.gz --metrics 1s | jq 'select(.kind == "metrics")'

The records are those of the run that wrote the capture, byte for byte.
`;

export function replayCommand(): Command {
  return new Command('replay')
    .description('Run a capture through the decoder and the books, and print the records as JSON lines.')
    .argument('<file>', 'a capture, plain or compressed by gzip')
    .option('--channels <list>', `of ${CHANNELS.join(', ')}; default: all`, parseChannels)
    .option('--metrics <interval>', 'measure each instrument so often, as qt collect does', parseMetrics)
    .addHelpText('after', EXAMPLES)
    .action(runReplay);
}

interface Flags {
  readonly channels?: readonly Channel[];
  /** µs. */
  readonly metrics?: number;
}

async function runReplay(file: string, flags: Flags): Promise<void> {
  await requireCapture(file);
  // A whole book may be long: the next line is read when the reader has taken the last one.
  let full = false;
  await replayCapture(file, {
    ...(flags.channels && { channels: flags.channels }),
    ...(flags.metrics === undefined ? {} : { metricsEvery: flags.metrics }),
    onRecord: record => {
      full = !process.stdout.write(`${JSON.stringify(record)}\n`);
    },
    onLine: async () => {
      if (full) await once(process.stdout, 'drain');
      full = false;
    },
  });
}
