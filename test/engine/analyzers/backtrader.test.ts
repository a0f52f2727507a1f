import { readFileSync } from 'node:fs';
import { backtraderAnalyzers, backtraderObservers } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import type { Analyzer } from '../../../src/engine/analyzers/analyzer.ts';
import { type Observer, ObserverRecording } from '../../../src/engine/observers/observer.ts';
import { type RecordedRun, show } from '../../support/recorded-run.ts';

/** Runs of backtrader 1.9.78.123 on made-up bars: what it recorded of them, and what its analyzers and observers said. */
const RUNS: readonly RecordedRun[] = JSON.parse(
  readFileSync(new URL('../../expected/backtrader-analyzers.json', import.meta.url), 'utf8'),
);

/** `SharpeRatio_A` is `sharpeRatioA`, `SQN` is `sqn`. */
const ours = (name: string) =>
  /^[A-Z]+$/.test(name) ? name.toLowerCase() : name[0].toLowerCase() + name.slice(1).replace('_', '');

function make<T>(factories: object, name: string, parameters: object): T {
  return (factories as Record<string, (given: object) => T>)[ours(name)](parameters);
}

const NAMED: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Where two results differ, by more than 1e-9 of the larger number or in anything but numbers; undefined if nowhere. */
function difference(actual: unknown, wanted: unknown, path: string): string | undefined {
  const expected = typeof wanted === 'string' && wanted in NAMED ? NAMED[wanted] : wanted;
  if (typeof actual === 'number' && typeof expected === 'number') {
    const close =
      Math.abs(actual - expected) <= 1e-9 * Math.max(Math.abs(actual), Math.abs(expected)) + 1e-13;
    return Object.is(actual, expected) || actual === expected || close
      ? undefined
      : `${path}: ${actual}, not ${expected}`;
  }
  if (actual !== null && expected !== null && typeof actual === 'object' && typeof expected === 'object') {
    const keys = Object.keys(expected);
    if (Object.keys(actual).sort().join() !== [...keys].sort().join())
      return `${path} has ${Object.keys(actual)}, not ${keys}`;
    for (const key of keys) {
      const found = difference(
        (actual as Record<string, unknown>)[key],
        (expected as Record<string, unknown>)[key],
        `${path}.${key}`,
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return actual === expected ? undefined : `${path}: ${actual}, not ${expected}`;
}

describe.each(RUNS)('$bars bars, run %#', run => {
  test('every analyzer says what backtrader says', () => {
    const analyzers = run.analyzers.map(([name, parameters]) =>
      make<Analyzer>(backtraderAnalyzers, name, parameters),
    );
    show(run, analyzers);
    const differences = run.analyzers.map(([name, parameters, result], i) =>
      difference(analyzers[i].end(), result, `${name}(${JSON.stringify(parameters)})`),
    );
    expect(differences.filter(one => one !== undefined)).toEqual([]);
  });

  test('every observer sees what backtrader sees', () => {
    const observers = run.observers.map(
      ([name, parameters]) => new ObserverRecording(make<Observer>(backtraderObservers, name, parameters)),
    );
    show(run, observers);
    const differences = run.observers.map(([name, parameters, lines], i) => {
      const seen = Object.entries(observers[i].end().lines).map(
        ([line, values]) => [line, [...values]] as const,
      );
      return difference(Object.fromEntries(seen), lines, `${name}(${JSON.stringify(parameters)})`);
    });
    expect(differences.filter(one => one !== undefined)).toEqual([]);
  });
});

test('the recorded runs have every analyzer and every observer', () => {
  const names = (of: 'analyzers' | 'observers') =>
    new Set(RUNS.flatMap(run => run[of].map(([name]) => ours(name))));
  expect([...names('analyzers')].sort()).toEqual(Object.keys(backtraderAnalyzers).sort());
  expect([...names('observers')].sort()).toEqual(Object.keys(backtraderObservers).sort());
});

test('a misspelt parameter or time frame is an error that names the right one', () => {
  const wrong = { riskFreeRate: 0 } as object;
  expect(() => backtraderAnalyzers.sharpeRatio(wrong)).toThrow(
    expect.objectContaining({ code: 'PARAMETER_UNKNOWN', message: expect.stringContaining('riskfreerate') }),
  );
  expect(() => backtraderAnalyzers.timeReturn({ timeframe: 'Day' as 'Days' })).toThrow(
    expect.objectContaining({ code: 'TIMEFRAME_UNKNOWN', message: expect.stringContaining('Days') }),
  );
  expect(() => backtraderAnalyzers.timeReturn({ compression: 0 })).toThrow(
    expect.objectContaining({ code: 'COMPRESSION_INVALID', value: 0 }),
  );
});
