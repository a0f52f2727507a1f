/** `node bench/indicators.ts [--runs 15]`: eight indicators over a million bars, whole and value by value. */
import { adx, atr, bollinger, calculate, ema, macd, rsi, sma, stochastic, stream } from '../src/index.ts';
import { EIGHT, middle, NAMES, type Name, timeWorks, type Work } from './indicator-work.ts';
import { type Columns, STANDARD, workload } from './workload.ts';

/** Ours, as a program that has no strategy would call it. */
export function ours({ high, low, close }: Columns): { readonly [K in Name]?: Work } {
  const { length } = close;
  // Bars as a program would have them, made before the clock starts.
  const bars = Array.from(close, (value, i) => ({ high: high[i], low: low[i], close: value }));
  return {
    sma: {
      batch: () => ({ sma: calculate(sma, close, 30) }),
      stream: () => {
        const one = stream(sma, 30);
        let sum = 0;
        for (let i = 0; i < length; i++) sum += one.next(close[i]) || 0;
        return sum;
      },
    },
    ema: {
      batch: () => ({ ema: calculate(ema, close, 30) }),
      stream: () => {
        const one = stream(ema, 30);
        let sum = 0;
        for (let i = 0; i < length; i++) sum += one.next(close[i]) || 0;
        return sum;
      },
    },
    rsi: {
      batch: () => ({ rsi: calculate(rsi, close, 14) }),
      stream: () => {
        const one = stream(rsi, 14);
        let sum = 0;
        for (let i = 0; i < length; i++) sum += one.next(close[i]) || 0;
        return sum;
      },
    },
    atr: {
      batch: () => ({ atr: calculate(atr, { high, low, close }, 14) }),
      stream: () => {
        const one = stream(atr, 14);
        let sum = 0;
        for (let i = 0; i < length; i++) sum += one.next(bars[i]) || 0;
        return sum;
      },
    },
    macd: {
      batch: () => calculate(macd, close),
      stream: () => {
        const one = stream(macd);
        let sum = 0;
        for (let i = 0; i < length; i++) {
          const { macd, signal, histogram } = one.next(close[i]);
          sum += macd + signal + histogram || 0;
        }
        return sum;
      },
    },
    bollinger: {
      batch: () => calculate(bollinger, close, 20),
      stream: () => {
        const one = stream(bollinger, 20);
        let sum = 0;
        for (let i = 0; i < length; i++) {
          const { upper, middle, lower } = one.next(close[i]);
          sum += upper + middle + lower || 0;
        }
        return sum;
      },
    },
    adx: {
      batch: () => ({ adx: calculate(adx, { high, low, close }, 14) }),
      stream: () => {
        const one = stream(adx, 14);
        let sum = 0;
        for (let i = 0; i < length; i++) sum += one.next(bars[i]) || 0;
        return sum;
      },
    },
    stochastic: {
      batch: () => calculate(stochastic, { high, low, close }, { bars: 14 }),
      stream: () => {
        const one = stream(stochastic, { bars: 14 });
        let sum = 0;
        for (let i = 0; i < length; i++) {
          const { k, d } = one.next(bars[i]);
          sum += k + d || 0;
        }
        return sum;
      },
    },
  };
}

/** The least that an average over a million values can cost: one loop, one array, sums that drift. */
export function yardstick(close: Float64Array): Work {
  const bars = 30;
  return {
    batch: () => {
      const out = new Float64Array(close.length);
      let sum = 0;
      for (let i = 0; i < close.length; i++) {
        sum += close[i] - (i < bars ? 0 : close[i - bars]);
        out[i] = i < bars - 1 ? Number.NaN : sum / bars;
      }
      return { out };
    },
    stream: () => {
      const ring = new Float64Array(32);
      let seen = 0;
      let sum = 0;
      const next = (value: number) => {
        sum += value - ring[(seen - bars) & 31];
        ring[seen & 31] = value;
        return ++seen < bars ? Number.NaN : sum / bars;
      };
      let total = 0;
      for (let i = 0; i < close.length; i++) total += next(close[i]) || 0;
      return total;
    },
  };
}

export function indicatorsTable(runs = 15): string {
  const columns = workload(STANDARD.bars, STANDARD.seed);
  const works = { yardstick: yardstick(columns.close), ...ours(columns) };
  const times = timeWorks(works, runs);
  const [batch, update] = [middle(times.yardstick.batch)!, middle(times.yardstick.stream)!];
  const names = { yardstick: 'SMA by hand, sums that drift', ...EIGHT };
  const rows = (['yardstick', ...NAMES] as const)
    .filter(name => works[name] !== undefined)
    .map(name => {
      const whole = middle(times[name].batch)!;
      const streamed = middle(times[name].stream)!;
      const cells = [names[name], whole.toFixed(2), nanoseconds(whole), ratio(whole / batch)];
      return `| ${[...cells, nanoseconds(streamed), ratio(streamed / update)].join(' | ')} |`;
    });
  return [
    '| | batch ms | ns a point | to the yardstick | ns an update, streaming | to the yardstick |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n');
}

function nanoseconds(ms: number): string {
  return ((ms * 1e6) / STANDARD.bars).toFixed(1);
}

function ratio(value: number): string {
  return `${value.toFixed(2)} ×`;
}

if (import.meta.main) {
  const at = process.argv.indexOf('--runs');
  console.log(indicatorsTable(at < 0 ? undefined : Number(process.argv[at + 1])));
}
