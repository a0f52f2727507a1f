import type { Bars } from '../model/bars.ts';
import { barEnd } from '../model/interval.ts';
import { type Finding, Joined } from './bar-finding.ts';
import { seriesKey } from './bar-series.ts';
import type { BarStore, SeriesKey } from './bars.ts';

/** Sums of volumes in another order differ by the roundings of doubles, and venues round theirs. */
const VOLUME_TOLERANCE = 1e-6;

/**
 * Bars of `longer` that contradict those of `finer`, of the same symbol. Where the finer bars of a longer one are all there,
 * they must make it up; where some are missing, none of them may reach beyond it.
 */
export function* contradictions(store: BarStore, longer: SeriesKey, finer: SeriesKey): Generator<Finding> {
  const { interval } = seriesKey(longer);
  const parts = new Parts(store, finer);
  const found = new Joined('contradiction', longer);
  for (const block of store.inspect(longer)) {
    if ('damage' in block) continue;
    for (let i = 0; i < block.length; i++) {
      const end = barEnd(block.time[i], interval);
      yield* found.add(block.time[i], end, contradiction(block, i, parts.between(block.time[i], end), finer));
    }
  }
  yield* found.end();
}

/** Finer bars put together. */
interface Sum {
  /** True if they fill the range from its beginning to its end. */
  readonly complete: boolean;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

function contradiction(
  bars: Bars,
  i: number,
  sum: Sum | undefined,
  { interval }: SeriesKey,
): string | undefined {
  if (sum === undefined) return undefined;
  const [high, low, volume] = [bars.high[i], bars.low[i], bars.volume[i]];
  const said = (name: string, here: number, there: number) =>
    `its ${name} is ${here}, by ${interval} ${there}`;
  if (sum.complete) {
    if (bars.open[i] !== sum.open) return said('open', bars.open[i], sum.open);
    if (high !== sum.high) return said('high', high, sum.high);
    if (low !== sum.low) return said('low', low, sum.low);
    if (bars.close[i] !== sum.close) return said('close', bars.close[i], sum.close);
    const apart = Math.abs(volume - sum.volume) > VOLUME_TOLERANCE * Math.max(volume, sum.volume);
    return apart ? said('volume', volume, sum.volume) : undefined;
  }
  if (sum.high > high) return said('high', high, sum.high);
  if (sum.low < low) return said('low', low, sum.low);
  return sum.volume > volume * (1 + VOLUME_TOLERANCE) ? said('volume', volume, sum.volume) : undefined;
}

/** Walks through the finer bars beside the longer ones. */
class Parts {
  readonly #blocks: Generator<Bars>;
  readonly #interval;
  #bars: Bars | undefined;
  #row = 0;

  constructor(store: BarStore, key: SeriesKey) {
    this.#interval = seriesKey(key).interval;
    this.#blocks = intact(store, key);
  }

  /** The finer bars of this range, which comes after those that were asked for; undefined if there are none, or one lies across its end. */
  between(from: number, to: number): Sum | undefined {
    let [open, close, high, low, volume] = [
      Number.NaN,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      0,
    ];
    let reached = from;
    let complete = true;
    let across = false;
    let count = 0;
    for (let bars = this.#current(); bars !== undefined; bars = this.#current()) {
      const time = bars.time[this.#row];
      if (time >= to) break;
      const i = this.#row++;
      if (time < from) continue;
      if (count++ === 0) open = bars.open[i];
      complete &&= time === reached;
      reached = barEnd(time, this.#interval);
      across ||= reached > to;
      close = bars.close[i];
      high = Math.max(high, bars.high[i]);
      low = Math.min(low, bars.low[i]);
      volume += bars.volume[i];
    }
    if (count === 0 || across) return undefined;
    return { complete: complete && reached === to, open, high, low, close, volume };
  }

  /** The block with the next row. */
  #current(): Bars | undefined {
    while (this.#bars === undefined || this.#row >= this.#bars.length) {
      const next = this.#blocks.next();
      if (next.done === true) return undefined;
      this.#bars = next.value;
      this.#row = 0;
    }
    return this.#bars;
  }
}

function* intact(store: BarStore, key: SeriesKey): Generator<Bars> {
  for (const block of store.inspect(key)) if (!('damage' in block)) yield block;
}
