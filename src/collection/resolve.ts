import { suggest } from '../model/errors.ts';
import type { Instrument, Instruments } from '../venues/market-data/instruments.ts';

/** A symbol that a venue does not have, and those that it might have been meant as. */
export interface Unresolved {
  readonly text: string;
  readonly closest: readonly string[];
}

/** What is left of a symbol when it may be written in any way: `tBTCUSD`, `BTC-USD`, `btc/usd` → `BTCUSD`. */
function bare(text: string): string {
  return text.toUpperCase().replace(/[-_/:\s.]/g, '');
}

/** Symbols in any spelling as a venue's instruments. Those that it does not have are told with the closest ones it has. */
export function resolveSymbols(
  instruments: Instruments,
  texts: readonly string[],
): { readonly found: readonly Instrument[]; readonly unresolved: readonly Unresolved[] } {
  const all = [...instruments.all()];
  const byName = new Map<string, Instrument>();
  const add = (name: string, instrument: Instrument) => {
    if (!byName.has(name)) byName.set(name, instrument);
  };
  // The exact spelling of the venue or of ours comes first, then any spelling of ours, then any of the venue's.
  for (const one of all) add(`=${one.native}`, one);
  for (const one of all) add(`=${one.symbol}`, one);
  for (const one of all) add(bare(one.symbol), one);
  for (const one of all) add(bare(one.native), one);
  // Names that carry a letter of their kind in front: tBTCUSD, sBTCUSDT.
  for (const one of all) if (/^[a-z][A-Z]/.test(one.native)) add(bare(one.native.slice(1)), one);
  const found = new Map<string, Instrument>();
  const unresolved: Unresolved[] = [];
  for (const text of texts) {
    const instrument =
      byName.get(`=${text}`) ??
      byName.get(bare(text)) ??
      (/^[a-z][A-Z]/.test(text) ? byName.get(bare(text.slice(1))) : undefined);
    if (instrument !== undefined) found.set(instrument.native, instrument);
    else unresolved.push({ text, closest: closestTo(text, all) });
  }
  return { found: [...found.values()], unresolved };
}

/** Letters of an asset. */
const LEAST_ALIKE = 3;

function closestTo(text: string, all: readonly Instrument[]): string[] {
  const name = bare(text);
  const byBare = new Map(all.map(one => [bare(one.symbol), one.symbol] as const));
  const near: string[] = [];
  const names = new Set(byBare.keys());
  for (
    let found = suggest(name, names);
    found !== undefined && near.length < 3;
    found = suggest(name, names)
  ) {
    near.push(byBare.get(found)!);
    names.delete(found);
  }
  if (near.length > 0) return near;
  // Nothing is written alike: then what begins alike, as a pair with another quote asset does.
  return [...names]
    .filter(one => one.startsWith(name.slice(0, LEAST_ALIKE)))
    .sort((one, other) => one.length - other.length || (one < other ? -1 : 1))
    .slice(0, 3)
    .map(one => byBare.get(one)!);
}
