import { once } from 'node:events';
import { Command } from 'commander';
import { replayCapture } from '../../collection/replay.ts';
import { InputError } from '../../model/errors.ts';
import { CHANNELS, type Channel } from '../../model/records.ts';

const EXAMPLES = `
Examples:
  qt capture replay captures/okx-2026-11-21.jsonl.gz
  qt capture replay captures/okx-2026-11-21.jsonl.gz --channels trades | jq .priceText

The records are those of the run that wrote the capture, byte for byte.
`;

export function replayCommand(): Command {
  return new Command('replay')
    .description('Run a capture through the decoder and the books, and print the records as JSON lines.')
    .argument('<file>', 'a capture, plain or compressed by gzip')
    .option('--channels <list>', `of ${CHANNELS.join(', ')}; default: all`, parseChannels)
    .addHelpText('after', EXAMPLES)
    .action(runReplay);
}

async function runReplay(file: string, flags: { readonly channels?: readonly Channel[] }): Promise<void> {
  // A whole book may be long: the next line is read when the reader has taken the last one.
  let full = false;
  await replayCapture(file, {
    ...(flags.channels && { channels: flags.channels }),
    onRecord: record => {
      full = !process.stdout.write(`${JSON.stringify(record)}\n`);
    },
    onLine: async () => {
      if (full) await once(process.stdout, 'drain');
      full = false;
    },
  });
}

/** `trades,book`. Throws InputError `CHANNEL_UNKNOWN`. */
export function parseChannels(text: string): readonly Channel[] {
  return text.split(',').map(name => {
    const channel = CHANNELS.find(one => one === name.trim());
    if (channel !== undefined) return channel;
    throw new InputError('CHANNEL_UNKNOWN', `there is no channel "${name.trim()}"`, {
      value: name,
      fix: `use ${CHANNELS.join(', ')}`,
    });
  });
}
