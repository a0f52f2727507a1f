import { Console } from 'node:console';
import { Command } from 'commander';
import { examine } from '../../live/examine.ts';
import { replayLines } from '../../report/console/replay.ts';
import { replayJson } from '../../report/replay-json.ts';
import { addConfigOptions } from '../config/config-options.ts';
import { addRunOptions } from '../options/run-options.ts';
import { addStoreOption } from '../options/store-option.ts';
import { EXIT } from '../output/failure.ts';
import { writeAll } from '../output/output.ts';
import { styleOf } from '../output/terminal.ts';
import { addSessionArgument, openSession, runOf, type SessionFlags } from './session-run.ts';

interface ReplayFlags extends SessionFlags {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  qt replay last
  qt replay 3 strategies/sma.ts --param fast=12         what would another setting have done with the same inputs?
  qt replay last --json | jq .backtest.causes

The strategy, its parameters and the account are those of the session unless something else is said.
Exit code: 0 when the recorded inputs lead to the recorded decisions, 3 when they do not.
`;

export function replayCommand(): Command {
  const command = addSessionArgument(new Command('replay'))
    .description(
      'Live through a session again: does it decide the same, and would a backtest have done the same?',
    )
    .argument('[strategy]', 'strategy file (default: that of the session)');
  addRunOptions(addStoreOption(command), 'of the session');
  return addConfigOptions(command)
    .option('--json', 'one JSON document on stdout, with all differences')
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runReplay);
}

async function runReplay(which: string, path: string | undefined, flags: ReplayFlags): Promise<void> {
  // Stdout belongs to the answer: what a strategy prints with console.log() goes beside it, as it runs twice.
  const { console } = globalThis;
  globalThis.console = new Console(process.stderr);
  const opened = await openSession(which, flags);
  try {
    const found = await examine(opened.journal, opened.session, await runOf(opened, path, flags));
    if (flags.json === true) writeAll(process.stdout, replayJson(found));
    else process.stdout.write(`${['', ...replayLines(found, styleOf(process.stdout))].join('\n')}\n`);
    if (!found.replay.identical) process.exitCode = EXIT.differs;
  } finally {
    opened.journal.close();
    globalThis.console = console;
  }
}
