import { pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import { backtestCommand } from './backtest/backtest.ts';
import { compareCommand } from './backtest/compare.ts';
import { optimizeCommand } from './backtest/optimize.ts';
import { runsCommand } from './backtest/runs.ts';
import { captureCommand } from './capture/capture.ts';
import { clientCommand } from './client/client.ts';
import { collectCommand } from './collect/collect.ts';
import { dataCommand } from './data/data.ts';
import { exchangeCommand } from './exchange/exchange.ts';
import { initCommand } from './init/init.ts';
import { normaliseCommand } from './kafka/normalise.ts';
import { pipeCommand } from './kafka/pipe.ts';
import { doctorCommand } from './live/doctor.ts';
import { killCommand } from './live/kill.ts';
import { liveCommand } from './live/live.ts';
import { resumeCommand } from './live/resume.ts';
import { exitCodeOf, failureText } from './output/failure.ts';
import { endWithReader } from './output/output.ts';
import { recordCommand } from './record/record.ts';
import { serveCommand } from './serve/serve.ts';
import { replayCommand } from './sessions/replay.ts';
import { reportCommand } from './sessions/report.ts';
import { sessionsCommand } from './sessions/sessions.ts';
import { ticksCommand } from './ticks/ticks.ts';
import { version } from './version.ts';

const EXAMPLES = `
Examples:
  qt init my-strategies
  qt backtest strategies/sma.ts --data btcusdt-1h.csv
  qt exchange --data btcusdt-1m.csv
  qt backtest --help

Exit codes: 0 done, 1 the strategy failed or a check of data found something, 2 wrong usage, 3 a replay that differs, 4 not ready for real orders, 65 bad data, 66 no such file,
69 exchange out of reach, 70 a bug in qt-trader, 73 a file cannot be written, 78 bad config, 130 interrupted.
`;

/** Runs the command line; `argv` as in process.argv. Sets the process's exit code, and never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  endWithReader();
  try {
    await program().parseAsync(argv);
    process.exitCode ??= 0;
  } catch (error) {
    fail(error, argv.includes('--debug'));
  }
  endLater();
}

function program(): Command {
  const program = new Command('qt')
    .description(
      'Backtests trading strategies written in TypeScript, and rehearses them on a local exchange.',
    )
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', EXAMPLES)
    .addCommand(backtestCommand())
    .addCommand(optimizeCommand())
    .addCommand(compareCommand())
    .addCommand(liveCommand())
    .addCommand(doctorCommand())
    .addCommand(killCommand())
    .addCommand(resumeCommand())
    .addCommand(runsCommand())
    .addCommand(sessionsCommand())
    .addCommand(replayCommand())
    .addCommand(reportCommand())
    .addCommand(initCommand())
    .addCommand(dataCommand())
    .addCommand(exchangeCommand())
    .addCommand(recordCommand())
    .addCommand(collectCommand())
    .addCommand(captureCommand())
    .addCommand(normaliseCommand())
    .addCommand(pipeCommand())
    .addCommand(serveCommand())
    .addCommand(clientCommand())
    .addCommand(ticksCommand());
  for (const command of everyCommand(program)) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .helpOption('--help', 'show help')
      // Errors are told once, in the form of all others.
      .configureOutput({ outputError: () => {} });
  }
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function fail(error: unknown, debug: boolean): void {
  process.exitCode = exitCodeOf(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EPIPE' || (error instanceof CommanderError && error.exitCode === 0)) return;
  // A group without its command has shown its help, which says all there is to say.
  if (code === 'commander.help') return;
  process.stderr.write(failureText(error, debug));
}

/** A strategy may leave a timer or a socket open: the command is over all the same. */
function endLater(): void {
  setTimeout(() => {
    if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
    endLater();
  }, 500).unref();
}

// From a checkout: node src/cli/main.ts
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv);
