import { type Analyzer, backtraderAnalyzers } from '../../../src/index.ts';
import type { AnalyzerSpec } from './case.ts';

/** The analyzers of a case by the names that it gives them. */
export function analyzersOf(specs: readonly AnalyzerSpec[]): Record<string, Analyzer> {
  const makers = backtraderAnalyzers as unknown as Record<string, (parameters: unknown) => Analyzer>;
  return Object.fromEntries(
    specs.map(([name, kind, parameters]) => {
      const make = makers[methodOf(kind)];
      if (make === undefined) throw new Error(`the analyzer ${kind} is not known`);
      return [name, make(parameters)];
    }),
  );
}

/** `TradeAnalyzer` → `tradeAnalyzer`, `SharpeRatio_A` → `sharpeRatioA`, `SQN` → `sqn`. */
function methodOf(kind: string): string {
  const plain = kind.replace('_', '');
  return plain === plain.toUpperCase() ? plain.toLowerCase() : plain[0].toLowerCase() + plain.slice(1);
}
