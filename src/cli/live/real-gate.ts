import { createInterface } from 'node:readline/promises';
import type { Readiness } from '../../live/real/readiness.ts';
import { InputError } from '../../model/errors.ts';
import { checkLine } from '../../report/console/checks.ts';
import { number, paint, plain, type TerminalStyle } from '../../report/console/format.ts';
import { CliError, EXIT } from '../output/failure.ts';

/** What is about to trade with real money. */
export interface RealTerms {
  /** `binance`, `testnet`, … */
  readonly exchange: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  /** Quote that the strategy is given. */
  readonly cash: number;
  readonly quote: string;
  /** The limits that hold, in words. */
  readonly limits: readonly string[];
  /** Orders are checked by the exchange, and none is placed. */
  readonly dryRun: boolean;
}

/** The lines that are shown before anything is sent. */
export function gateLines(terms: RealTerms, { checks, account }: Readiness, style: TerminalStyle): string[] {
  const { exchange, strategy, symbols, cash, quote, limits, dryRun } = terms;
  const row = (name: string, value: string) => `  ${paint(style, 'dim', name.padEnd(10))} ${value}`;
  const mode = dryRun ? 'dry run: orders are checked by the exchange, none is placed' : 'REAL ORDERS';
  return [
    paint(style, 'bold', `  ${mode}`),
    row('exchange', exchange),
    row('account', account === undefined || account.uid === '' ? 'not told' : account.uid),
    row('strategy', strategy),
    row('symbols', symbols.join(', ')),
    row('capital', `${number(cash)} ${quote}`),
    ...limits.map((limit, i) => row(i === 0 ? 'limits' : '', limit)),
    ...checks.filter(({ state }) => state !== 'ok').map(check => checkLine(check, style)),
  ].map(line => plain(style, line));
}

/** Throws `NOT_READY` when something that was looked at forbids to begin. */
export function requireReady({ checks }: Readiness): void {
  const failed = checks.find(({ state }) => state === 'failed');
  if (failed === undefined) return;
  throw new CliError(EXIT.notReady, 'NOT_READY', `${failed.text} (${failed.code})`, {
    value: failed.code,
    fix: failed.fix === '' ? 'qt doctor says more' : `${failed.fix}; qt doctor says more`,
  });
}

/**
 * Asks for the first symbol to be typed, and throws `NOT_CONFIRMED` for anything else, `NO_TERMINAL` where nobody can be
 * asked.
 */
export async function confirm(
  symbol: string,
  terminal: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream },
): Promise<void> {
  const { input, output } = terminal;
  if (input.isTTY !== true || output.isTTY !== true) {
    throw new InputError(
      'NO_TERMINAL',
      'real orders want the symbol typed, and there is no terminal to ask on',
      {
        fix: 'run it on a terminal, or add --yes-real where a service runs it',
      },
    );
  }
  const question = createInterface({ input, output });
  try {
    const typed = (await question.question(`  Type ${symbol} to send real orders: `)).trim();
    if (typed === symbol) return;
    throw new InputError('NOT_CONFIRMED', `"${typed}" was typed, not ${symbol}: nothing was sent`, {
      value: typed,
      limit: symbol,
      fix: `run it again and type ${symbol}`,
    });
  } finally {
    question.close();
  }
}
