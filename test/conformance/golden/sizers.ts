import { fixedReverser, fixedSize, fixedSizeTarget, percentOfCash, type Sizer } from '../../../src/index.ts';
import type { NamedSpec } from './case.ts';
import { Given } from './given.ts';

/** The sizer of a case; backtrader's default is one unit. */
export function sizerOf(spec: NamedSpec | null | undefined): Sizer {
  if (spec == null) return fixedSize(1);
  const given = new Given(`the sizer ${spec.name}`, spec.params);
  const make = SIZERS[spec.name];
  if (make === undefined) throw new Error(`the sizer ${spec.name} is not known`);
  const sizer = make(given);
  given.done();
  return sizer;
}

const SIZERS: Readonly<Record<string, (given: Given) => Sizer>> = {
  FixedSize: given => fixedSize(given.number('stake') ?? 1, { tranches: given.number('tranches') ?? 1 }),
  FixedReverser: given => fixedReverser(given.number('stake') ?? 1),
  FixedSizeTarget: given =>
    fixedSizeTarget(given.number('stake') ?? 1, { tranches: given.number('tranches') ?? 1 }),
  PercentSizer: given => percent(given, 20, false),
  PercentSizerInt: given => percent(given, 20, true),
  AllInSizer: given => percent(given, 100, false),
  AllInSizerInt: given => percent(given, 100, true),
};

function percent(given: Given, percents: number, whole: boolean): Sizer {
  return percentOfCash(given.number('percents') ?? percents, { whole: given.flag('retint') ?? whole });
}
