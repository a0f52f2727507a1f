import { Command } from 'commander';
import { replayCapture } from '../../collection/replay.ts';
import { Summary } from '../../collection/summary.ts';
import { EXIT } from '../output/failure.ts';
import { requireCapture } from './options.ts';

const EXAMPLES = `
Examples:
  qt capture check captures/okx-2026-11-21.jsonl.gz
  qt capture check captures/*.jsonl.gz | jq '{file, gaps}'

Prints a JSON document for each file. Ends with 1 if something was missing, unreadable or unknown in one of them.
`;

export function checkCommand(): Command {
  return new Command('check')
    .description('Count what is in captures, and check checksums, sequences and books.')
    .argument('<files...>', 'captures, plain or compressed by gzip')
    .addHelpText('after', EXAMPLES)
    .action(runCheck);
}

async function runCheck(files: readonly string[]): Promise<void> {
  for (const file of files) await requireCapture(file);
  for (const file of files) {
    const summary = new Summary(file);
    const { pipeline } = await replayCapture(file, {
      onRecord: record => summary.record(record),
      onLine: line => summary.line(line),
      onCut: () => {
        summary.isCut = true;
      },
    });
    const result = summary.result(pipeline);
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    const unknown = pipeline.tally.other.get('unknown') ?? 0;
    if (result.gaps > 0 || unknown > 0 || summary.isCut) process.exitCode = EXIT.found;
  }
}
