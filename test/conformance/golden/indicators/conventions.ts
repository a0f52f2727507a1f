import { windowFunction } from './expression.ts';
import type { Found } from './look-up.ts';

/** `optInFastK_Period` is `fastk_period` in TA-Lib's Python package, whose names ours are. */
export const parameterName = (name: string) => name.replace(/^optIn/, '').toLowerCase();

/** `outReal` is `real` there, `outRealUpperBand` `upperband`, `outMACDSignal` `macdsignal`. */
export const outputName = (name: string) =>
  name
    .replace(/^out/, '')
    .replace(/^Real(?=.)/, '')
    .toLowerCase();

/** Levels that are drawn, and what a class says of itself: no line depends on them. */
const NOT_OF_LINES = new Set(['upperband', 'lowerband', '_autoplot', '_evalfunc']);

/** backtrader's recorded parameters as values; None and what only its own process could name are left out. */
export function backtraderOptions(
  { defaults }: Found,
  recorded: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const options = Object.entries(recorded).filter(
    ([name, value]) =>
      value !== null &&
      !(typeof value === 'string' && value.startsWith('<')) &&
      (!NOT_OF_LINES.has(name) || Object.hasOwn(defaults, name)),
  );
  return Object.fromEntries(options.map(([name, value]) => [name, readValue(name, value)]));
}

function readValue(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (name === 'func') return windowFunction(value);
  const tuple = /^[([](.*)[)\]]$/.exec(value);
  return tuple === null
    ? value
    : tuple[1]
        .split(',')
        .filter(part => part.trim() !== '')
        .map(Number);
}

/**
 * Lines as charts draw them. backtrader records a line that is drawn to the left as it is drawn, that is with what was
 * not known yet; its first write lands one before the first bar, which in Python is the last.
 */
export function plotted(
  { definition, terms }: Found,
  options: Readonly<Record<string, unknown>>,
  lines: Readonly<Record<string, number[]>>,
): Readonly<Record<string, number[]>> {
  const shifted = Object.entries(lines).map(([name, values]): [string, number[]] => {
    const shift = definition.plotShift[terms.lines[name]];
    if (shift === undefined) return [name, values];
    const parameter = Object.entries(terms.parameters).find(([, ours]) => ours === shift)?.[0];
    const bars = typeof shift === 'number' ? shift : -Number(options[parameter ?? '']);
    if (bars >= 0) return [name, values];
    const drawn = values.map((_, i) => values[i - bars] ?? Number.NaN);
    drawn[drawn.length - 1] = values[-bars - 1];
    return [name, drawn];
  });
  return Object.fromEntries(shifted);
}
