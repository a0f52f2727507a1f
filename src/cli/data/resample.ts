import { setImmediate } from 'node:timers/promises';
import { Command } from 'commander';
import { storeFeed } from '../../feeds/store.ts';
import { resample } from '../../feeds/transforms/resample.ts';
import { type Bars, OHLCV, sliceBars } from '../../model/bars.ts';
import { barEnd, type Interval, parseInterval } from '../../model/interval.ts';
import { number } from '../../report/console/format.ts';
import { missingOf, seriesName } from '../../store/bar-series.ts';
import type { BarStore, SeriesKey } from '../../store/bars.ts';
import { interrupted } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { addDataStoreOptions, type DataStoreFlags, withDataStore } from './data-store.ts';
import {
  addRangeOptions,
  addSeriesOptions,
  keyOf,
  oneSeries,
  type RangeFlags,
  rangeOf,
  type SeriesFlags,
} from './series-options.ts';

interface ResampleFlags extends DataStoreFlags, SeriesFlags, RangeFlags {
  readonly replace?: boolean;
  readonly withGaps?: boolean;
}

const EXAMPLES = `
Examples:
  qt data resample BTCUSDT 1m 1h
  qt data resample BTCUSDT 1h 1d --from 2024-01-01
  qt data resample SAP 5m 1d --venue xetra --with-gaps

A longer bar of which some bars are missing is left out, unless the venue is known to have none there.
`;

export function resampleCommand(): Command {
  const command = new Command('resample')
    .description('Make longer bars of those in the store, and keep them beside these.')
    .argument('<symbol>', 'symbol')
    .argument('<interval>', 'of the bars that there are')
    .argument('<longer>', 'of the bars to make');
  addRangeOptions(addSeriesOptions(command))
    .option('--with-gaps', 'make bars also where some of their parts are missing')
    .option('--replace', 'where bars differ from those in the store, take the new ones');
  return addDataStoreOptions(command).addHelpText('after', EXAMPLES).action(runResample);
}

async function runResample(
  symbol: string,
  interval: string,
  longer: string,
  flags: ResampleFlags,
): Promise<void> {
  const range = rangeOf(flags);
  const target = parseInterval(longer);
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  try {
    await withDataStore(flags, { mustExist: true }, async store => {
      const source = oneSeries(store, symbol, interval, flags);
      const key = keyOf(source.symbol, target, source as SeriesFlags);
      const feed = resample(storeFeed(store, source, range), target);
      const counts = { added: 0, same: 0, different: 0, left: 0 };
      for await (const event of feed.events({ signal: controller.signal, warmup: 0 })) {
        if (event.kind !== 'bars') continue;
        const whole = fromOn(event.bars, range.from);
        const bars = flags.withGaps === true ? whole : withoutGaps(store, source, whole, target);
        const put = store.put(key, bars, { replace: flags.replace === true });
        for (const name of ['added', 'same', 'different'] as const) counts[name] += put[name];
        counts.left += whole.length - bars.length;
        await setImmediate();
      }
      if (controller.signal.aborted) throw interrupted();
      tell(key, counts, flags);
    });
  } finally {
    release();
  }
}

/** Without a first bar that had begun before what was asked for. */
function fromOn(bars: Bars, from = Number.NEGATIVE_INFINITY): Bars {
  return sliceBars(bars, bars.length > 0 && bars.time[0] < from ? 1 : 0, bars.length);
}

/** Those bars of which every part is there, or is known not to exist. */
function withoutGaps(store: BarStore, source: SeriesKey, bars: Bars, target: Interval): Bars {
  const rows: number[] = [];
  if (bars.length > 0) {
    const range = { from: bars.time[0], to: barEnd(bars.time[bars.length - 1], target) };
    const holes = missingOf(store.coverage(source, range), range);
    let hole = 0;
    for (let i = 0; i < bars.length; i++) {
      while (hole < holes.length && holes[hole].to <= bars.time[i]) hole++;
      if (hole === holes.length || holes[hole].from >= barEnd(bars.time[i], target)) rows.push(i);
    }
  }
  const pick = (column: Float64Array) => Float64Array.from(rows, row => column[row]);
  const [open, high, low, close, volume] = OHLCV.map(name => pick(bars[name]));
  const extra = Object.fromEntries(Object.entries(bars.extra).map(([name, column]) => [name, pick(column)]));
  return { length: rows.length, time: pick(bars.time), open, high, low, close, volume, extra };
}

function tell(
  key: SeriesKey,
  { added, same, different, left }: { added: number; same: number; different: number; left: number },
  { replace }: ResampleFlags,
): void {
  const lines = [`${seriesName(key)}: ${number(added, 0)} bars added, ${number(same, 0)} already there`];
  if (different > 0) {
    const kept =
      replace === true ? 'replaced' : 'differ from those in the store, which were kept (--replace)';
    lines.push(`  ${number(different, 0)} ${kept}`);
  }
  if (left > 0) {
    lines.push(
      `  ${number(left, 0)} left out, for some of their parts are missing (--with-gaps makes them all the same)`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
