import { isAbsolute, relative, resolve } from 'node:path';
import { CommanderError } from 'commander';
import {
  DataError,
  InputError,
  NetworkError,
  OutputError,
  QtError,
  StrategyError,
} from '../../model/errors.ts';

/** What the process says to its caller; docs/cli.md has the table. 65 and up are those of BSD's sysexits. */
export const EXIT = {
  ok: 0,
  /** The strategy is at fault: it threw, does not compile, or uses the library in a way that cannot work. */
  strategy: 1,
  /** A check has found something wrong. */
  found: 1,
  usage: 2,
  /** A session that was lived through again decided otherwise than it had. */
  differs: 3,
  /** Real orders cannot be sent as things are; `qt doctor` says why. */
  notReady: 4,
  data: 65,
  noInput: 66,
  /** An exchange or another service could not be reached. */
  unavailable: 69,
  internal: 70,
  cannotCreate: 73,
  config: 78,
  interrupted: 130,
} as const;

/** A failure of the command line itself, which knows its exit code. */
export class CliError extends QtError {
  readonly exitCode: number;
  /** Shown below the one line: the source line with its caret. */
  readonly excerpt: string | undefined;

  constructor(
    exitCode: number,
    code: string,
    problem: string,
    details: { fix?: string; value?: unknown; cause?: unknown; excerpt?: string } = {},
  ) {
    super(code, problem, details);
    this.exitCode = exitCode;
    this.excerpt = details.excerpt;
  }
}

/** Ctrl-C, or the end of the reader of a pipe. */
export function interrupted(): CliError {
  return new CliError(EXIT.interrupted, 'INTERRUPTED', 'stopped before the end, nothing was written');
}

const NOT_FOUND: readonly string[] = ['CSV_NOT_FOUND', 'STORE_NOT_FOUND', 'DATA_MISSING'];

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof DataError) return NOT_FOUND.includes(error.code) ? EXIT.noInput : EXIT.data;
  if (error instanceof StrategyError) return EXIT.strategy;
  if (error instanceof NetworkError) return EXIT.unavailable;
  if (error instanceof OutputError) return EXIT.cannotCreate;
  if (error instanceof InputError) return EXIT.usage;
  return EXIT.internal;
}

/** `qt: CODE: message: fix`, and the stack below it when asked. */
export function failureText(error: unknown, debug: boolean): string {
  if (error instanceof CommanderError) return usageText(error);
  if (!(error instanceof QtError)) {
    const line = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const hint = 'this is a bug in qt-trader; please report it with the output of --debug';
    return `qt: INTERNAL: ${oneLine(line)}: ${hint}${debug ? `\n${stackOf(error)}` : ''}\n`;
  }
  const excerpt = error instanceof CliError && error.excerpt !== undefined ? `\n${error.excerpt}` : '';
  const place = error instanceof StrategyError ? placeOf(error) : undefined;
  const where = place === undefined ? '' : ` (${place})`;
  return `qt: ${error.code}: ${oneLine(error.message)}${where}${excerpt}${debug ? `\n${stackOf(error)}` : ''}\n`;
}

/** Commander's own errors, which say "error: …" and put a suggestion on a second line. */
function usageText(error: CommanderError): string {
  const [first, ...rest] = error.message.replace(/^error: /, '').split('\n');
  const near = /\(Did you mean (?:one of )?(.+)\?\)/.exec(rest.join(' '))?.[1];
  const fix = near === undefined ? 'see "qt --help", or --help after a command' : `did you mean ${near}?`;
  const code =
    {
      'commander.unknownOption': 'OPTION_UNKNOWN',
      'commander.unknownCommand': 'COMMAND_UNKNOWN',
      'commander.optionMissingArgument': 'OPTION_VALUE_MISSING',
      'commander.excessArguments': 'ARGUMENT_UNEXPECTED',
      'commander.missingArgument': 'ARGUMENT_MISSING',
      'commander.invalidArgument': 'OPTION_INVALID',
    }[error.code] ?? 'USAGE';
  return `qt: ${code}: ${first}: ${fix}\n`;
}

/** Where in the user's own files it happened, as `file:line:column` below the current folder. */
function placeOf(error: unknown): string | undefined {
  const framework = resolve(import.meta.dirname, '../..');
  for (const line of stackOf(error).split('\n')) {
    const frame = /^\s+at .*?\(?((?:file:\/\/)?\/?[^()]+:\d+:\d+)\)?$/
      .exec(line)?.[1]
      .replace(/^file:\/\//, '');
    if (frame === undefined || /^node:|\/node_modules\//.test(frame) || frame.startsWith(framework)) continue;
    const file = frame.replace(/^.* /, '');
    if (isAbsolute(file)) return relative(process.cwd(), file);
  }
  return undefined;
}

/** The deepest cause's stack: where it happened, not where it was told on. */
function stackOf(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest instanceof Error ? (deepest.stack ?? deepest.message) : String(deepest);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
