import { candlesOf, patterns } from '../../src/indicators/candlesticks/patterns.ts';
import { compute } from './compute.ts';
import { type Columns, shapes } from './series.ts';
import { type Candle, candle, mark, scaleOf, svg } from './svg.ts';

type Name = keyof typeof patterns;

const CHUNK = 8000;
const MOST_CHUNKS = 200;
/** Where one has been found by then, no better one is looked for. */
const ENOUGH_CHUNKS = 12;
/** One that scores as much is good enough at once. */
const GOOD = 1.6;
const BEFORE = 6;
const AFTER = 1;
const HEIGHT = 360;
const EDGE = 16;
/** The share of the picture's height from which on a move before a pattern is plain to see. */
const CLEAR = 0.4;

/** A picture of one occurrence of each pattern, among candles of all shapes. */
export async function patternPictures(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<Name, Occurrence>();
  const wanted = new Set(Object.keys(patterns) as Name[]);
  for (let seed = 1; wanted.size > 0 && seed <= MOST_CHUNKS; seed++) {
    const columns = shapes(CHUNK, seed);
    const { values } = await compute(columns, data =>
      Object.fromEntries([...wanted].map(name => [name, patterns[name].linesOf([data]).pattern])),
    );
    for (const name of [...wanted]) {
      const one = best(columns, values[name], candlesOf(name));
      const { score = Number.NEGATIVE_INFINITY } = found.get(name) ?? {};
      if (one !== undefined && one.score > score) found.set(name, one);
      if (found.has(name) && (seed >= ENOUGH_CHUNKS || found.get(name)!.score >= GOOD)) wanted.delete(name);
    }
  }
  if (wanted.size > 0) throw new Error(`no occurrence found of ${[...wanted].join(', ')}`);
  return new Map([...found].map(([name, one]) => [name, draw(name, one)]));
}

interface Occurrence {
  readonly columns: Columns;
  /** Of its last candle. */
  readonly bar: number;
  readonly score: number;
}

/** The occurrence that shows best: after a move that it turns, with its candles tall in the picture. */
function best(columns: Columns, values: Float64Array, candles: number): Occurrence | undefined {
  const { high, low, close } = columns;
  let found: Occurrence | undefined;
  for (let i = BEFORE + candles; i < values.length - AFTER; i++) {
    if (!(Math.abs(values[i]) >= 1)) continue;
    const first = i - candles + 1;
    const shown = extent(high, low, first - BEFORE, i + AFTER);
    const came = (Math.sign(values[i]) * (close[first - BEFORE] - close[first - 1])) / shown;
    let shortest = shown;
    for (let k = first; k <= i; k++) shortest = Math.min(shortest, high[k] - low[k]);
    const score = Math.min(came, CLEAR) + extent(high, low, first, i) / shown + (2 * shortest) / shown;
    if (found === undefined || score > found.score) found = { columns, bar: i, score };
  }
  return found;
}

function extent(high: Float64Array, low: Float64Array, from: number, to: number): number {
  const scale = scaleOf([...high.slice(from, to + 1), ...low.slice(from, to + 1)], 0, 1);
  return scale.high - scale.low;
}

function draw(name: Name, { columns, bar }: Occurrence): string {
  const count = candlesOf(name);
  const from = bar - count + 1 - BEFORE;
  const shown = Array.from({ length: BEFORE + count + AFTER }, (_, i): Candle => {
    const at = from + i;
    const { open, high, low, close } = columns;
    return { open: open[at], high: high[at], low: low[at], close: close[at] };
  });
  const scale = scaleOf(
    shown.flatMap(({ high, low }) => [high, low]),
    EDGE,
    HEIGHT - 2 * EDGE,
  );
  return svg(patterns[name].definition.title, HEIGHT, [
    mark(BEFORE, BEFORE + count - 1, shown.length, HEIGHT),
    ...shown.map((one, i) => candle(one, i, shown.length, scale)),
  ]);
}
