import { basename } from 'node:path';
import { Strategy, type StrategyClass } from '../../engine/strategy.ts';
import { requireFile } from '../files/input-file.ts';
import { shown } from '../files/shown.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { loadFile } from './bundle.ts';

export interface LoadedStrategy {
  readonly strategy: StrategyClass;
  /** SHA-256 of its bundled code. */
  readonly codeHash: string;
  /** Absolute. */
  readonly file: string;
  readonly code: string;
}

/** Loads the strategy of a file: its default export, or the only strategy it exports by name. */
export async function loadStrategy(path: string): Promise<LoadedStrategy> {
  const file = await requireFile(path, 'strategy');
  const { exports, codeHash, code } = await loadFile(file);
  const strategy = strategyIn(exports, file);
  if (typeof strategy.prototype.next !== 'function') {
    throw new CliError(
      EXIT.strategy,
      'STRATEGY_INVALID',
      `${strategy.name} in ${shown(file)} has no next()`,
      {
        fix: 'write next() { … }: it runs once a bar and places the orders',
      },
    );
  }
  return { strategy, codeHash, file, code };
}

/** True for a class made with `strategy({ … })` of this very copy of the framework. */
export function isStrategyClass(value: unknown): value is StrategyClass {
  return typeof value === 'function' && value.prototype instanceof Strategy;
}

/** The strategy of a module that was loaded from `file`. */
export function strategyIn(exports: Readonly<Record<string, unknown>>, file: string): StrategyClass {
  return named(pick(exports, file), file);
}

function pick(exports: Readonly<Record<string, unknown>>, file: string): StrategyClass {
  if (isStrategyClass(exports.default)) return exports.default;
  const found = Object.entries(exports).filter(([, value]) => isStrategyClass(value));
  if (exports.default === undefined && found.length === 1) return found[0][1] as StrategyClass;
  const fix = 'write "export default class Mine extends strategy({ … }) { next() { … } }"';
  if ('default' in exports) {
    throw new CliError(
      EXIT.strategy,
      'STRATEGY_INVALID',
      `the default export of ${shown(file)} is ${describe(exports.default)}, not a strategy class`,
      { value: typeof exports.default, fix },
    );
  }
  if (found.length > 1) {
    const names = found.map(([name]) => name).join(', ');
    throw new CliError(
      EXIT.strategy,
      'STRATEGY_AMBIGUOUS',
      `${shown(file)} exports several strategies: ${names}`,
      {
        value: names,
        fix: 'make one of them the default export',
      },
    );
  }
  const what = Object.keys(exports).length === 0 ? 'exports nothing' : 'exports no strategy';
  throw new CliError(EXIT.strategy, 'STRATEGY_MISSING', `${shown(file)} ${what}`, { fix });
}

function describe(value: unknown): string {
  if (value instanceof Strategy) return 'an instance (new …)';
  if (typeof value === 'function') {
    return /^class\b/.test(Function.prototype.toString.call(value))
      ? `the class ${value.name}, which does not extend strategy({ … })`
      : 'a function';
  }
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** An anonymous class is called by its file. */
function named(strategy: StrategyClass, file: string): StrategyClass {
  if (strategy.name !== '' && strategy.name !== 'default') return strategy;
  Object.defineProperty(strategy, 'name', { value: basename(file).replace(/\.[cm]?[jt]sx?$/, '') });
  return strategy;
}
