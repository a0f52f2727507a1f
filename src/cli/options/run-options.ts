import { type Command, Option } from 'commander';
import type { Commission } from '../../brokers/simulated/commission.ts';
import type { Sizer } from '../../engine/sizers/sizer.ts';
import type { StrategyClass } from '../../engine/strategy.ts';
import { InputError } from '../../model/errors.ts';
import { type ParameterValue, parseParameter } from '../../model/parameters.ts';
import type { LoadedConfig } from '../config/config.ts';
import type { Config } from '../config/define-config.ts';
import { shown } from '../files/shown.ts';
import { loadStrategy } from '../strategy/strategy-file.ts';
import { addMarginOptions, type MarginFlags, type MarginTerms, marginOf } from './margin-options.ts';
import { parseAssignment, parseCommission, parseFraction, parseNumber, parseSizer } from './options.ts';

/** What every command that runs a strategy takes: its parameters, and the account it trades. */
export interface RunFlags extends MarginFlags {
  readonly cash?: string;
  readonly commission?: string;
  readonly feeIn?: 'quote' | 'base';
  readonly slippage?: string;
  readonly sizer?: string;
  readonly param?: string[];
}

/** `others`: where the defaults come from, if they are not the usual ones. */
export function addRunOptions(command: Command, others?: string): Command {
  const by = (usual: string) => `(default: ${others === undefined ? usual : `that ${others}`})`;
  command
    .option('--cash <amount>', `starting capital in quote ${by('10000')}`)
    .option(
      '--commission <rate>',
      `of the traded value, as a fraction or in percent, or maker:RATE,taker:RATE ${by('0.1%')}`,
    )
    .addOption(
      new Option('--fee-in <asset>', `what the fee of a purchase on spot is taken in ${by('quote')}`).choices(
        ['quote', 'base'],
      ),
    )
    .option('--slippage <rate>', `of the price, as a fraction or in percent ${by('0')}`)
    .option(
      '--sizer <sizer>',
      `size of orders that name none: all-in, percent:P, fixed:SIZE, risk:RATE ${by('all-in')}`,
    )
    .option('--param <name=value...>', 'parameters of the strategy');
  return addMarginOptions(command, by);
}

/** A flag's value, else the config's, read by the same rule and named in messages as the user wrote it. */
export function pick<T, R>(
  flag: T | undefined,
  name: string,
  key: R | undefined,
  parse: (name: string, given: T | R) => number,
): number | undefined {
  if (flag !== undefined) return parse(`--${name}`, flag);
  return key === undefined ? undefined : parse(name, key);
}

export interface Account extends MarginTerms {
  readonly cash: number | undefined;
  readonly commission: number | Commission | undefined;
  readonly feeIn: 'quote' | 'base' | undefined;
  readonly slippage: number | undefined;
  readonly sizer: Sizer | undefined;
}

/** `folder`: where relative paths of the config begin. */
export function accountOf(flags: RunFlags, config: Config, folder = process.cwd()): Account {
  const sizer = flags.sizer ?? config.sizer;
  const commission = flags.commission ?? config.commission;
  return {
    cash: pick(flags.cash, 'cash', config.cash, parseNumber),
    commission:
      commission === undefined
        ? undefined
        : parseCommission(flags.commission === undefined ? 'commission' : '--commission', commission),
    feeIn: flags.feeIn ?? config.feeIn,
    slippage: pick(flags.slippage, 'slippage', config.slippage, parseFraction),
    sizer:
      sizer === undefined ? undefined : parseSizer(flags.sizer === undefined ? 'sizer' : '--sizer', sizer),
    ...marginOf(flags, config, folder),
  };
}

/** A strategy with its parameters, from the command line or the config. */
export interface ChosenStrategy {
  readonly strategy: StrategyClass;
  readonly params: Readonly<Record<string, unknown>>;
  /** Absolute: its own file, or the config that holds it. */
  readonly file: string;
  readonly codeHash: string;
  /** The bundle that holds it. */
  readonly code: string;
}

/** `path` as given on the command line; `example` is a call that would work, for the message. */
export async function strategyOf(
  path: string | undefined,
  assignments: readonly string[],
  { config, file, codeHash, code }: LoadedConfig,
  example: string,
): Promise<ChosenStrategy> {
  if (path === undefined && config.strategy === undefined) {
    throw new InputError('NO_STRATEGY', 'no strategy was given', {
      fix:
        file === undefined
          ? `name its file: ${example}; "qt init" makes a project with one`
          : `name its file, or set "strategy" in ${shown(file)}`,
    });
  }
  const chosen =
    path === undefined
      ? { strategy: config.strategy!, file: file!, codeHash: codeHash!, code: code! }
      : await loadStrategy(path);
  // The config's params belong to the config's strategy: another one has other names.
  const own = path === undefined || config.strategy === undefined ? config.params : undefined;
  return { ...chosen, params: { ...own, ...parameters(chosen.strategy, assignments) } };
}

/** `name=value` texts as values of the strategy's parameters. */
export function parameters(
  strategy: StrategyClass,
  assignments: readonly string[],
): Record<string, ParameterValue> {
  const values: Record<string, ParameterValue> = {};
  for (const assignment of assignments) {
    const [name, text] = parseAssignment('--param', assignment);
    if (Object.hasOwn(values, name)) {
      throw new InputError('OPTION_INVALID', `--param ${name} was given twice: ${values[name]} and ${text}`, {
        value: text,
        fix: 'give each parameter once',
      });
    }
    values[name] = parseParameter(strategy.parameters ?? {}, name, text);
  }
  return values;
}
