import { basename } from 'node:path';
import type { Bars } from '../../model/bars.ts';
import type { SyntheticOptions } from './synthetic.ts';

/**
 * The one rule by which made-up data is known: its file name begins with this. `qt data sample` writes no other
 * names, and every run on such a file says so in its summary, JSON and report.
 */
export const SYNTHETIC_PREFIX = 'synthetic-';

export function isSynthetic(file: string): boolean {
  return basename(file).toLowerCase().startsWith(SYNTHETIC_PREFIX);
}

/** `synthetic-btcusdt-4h.csv`. */
export function syntheticFileName(options: Required<Pick<SyntheticOptions, 'symbol' | 'interval'>>): string {
  return `${SYNTHETIC_PREFIX}${options.symbol.toLowerCase().replace(/[^a-z0-9]+/g, '')}-${options.interval}.csv`;
}

/** The symbol that a synthetic file's name holds: `synthetic-btcusdt-4h.csv` → `BTCUSDT`; undefined without one. */
export function syntheticSymbol(file: string): string | undefined {
  return /^synthetic-([a-z][a-z0-9]*)/i.exec(basename(file))?.[1].toUpperCase();
}

/** Rows `datetime,open,high,low,close,volume` with ISO 8601 UTC open times, in pieces. */
export function* syntheticCsv(bars: Bars): Generator<string> {
  let piece = 'datetime,open,high,low,close,volume\n';
  for (let i = 0; i < bars.length; i++) {
    const stamp = new Date(bars.time[i]).toISOString().replace('.000Z', 'Z');
    const { open, high, low, close, volume } = bars;
    piece += `${stamp},${open[i]},${high[i]},${low[i]},${close[i]},${volume[i]}\n`;
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
