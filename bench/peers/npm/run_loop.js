/**
 * Libraries of indicators without an engine: their streaming SMA, and around it the loop that their users write
 * themselves.
 */
import { createRequire } from 'node:module';
import { currentJob, measure, readColumns } from '../measure.ts';

const require = createRequire(import.meta.url);
const job = currentJob();
const { terms } = job;
const columns = readColumns(job);

/** A function from a close to the average, or undefined before there is one. */
const AVERAGES = {
  technicalindicators: async () => {
    const { SMA } = require('technicalindicators');
    return period => {
      const sma = new SMA({ period, values: [] });
      return close => sma.nextValue(close);
    };
  },
  'trading-signals': async () => {
    const { SMA } = await import('trading-signals');
    return period => {
      const sma = new SMA(period);
      return close => {
        const value = sma.update(close, false);
        return value === null ? undefined : value;
      };
    };
  },
};

const average = await AVERAGES[job.mode]();

function run() {
  const { time, open, close } = columns;
  const { size, fee } = terms;
  const fast = average(terms.fast);
  const slow = average(terms.slow);
  const equity = new Float64Array(close.length);
  const trades = [];
  let cash = terms.cash;
  let side = 0;
  let held = 0;
  let wanted = 0;
  let entry = 0;
  for (let i = 0; i < close.length; i++) {
    if (wanted !== held) {
      const price = open[i];
      cash -= (wanted - held) * price + size * price * fee;
      if (wanted === 0) trades.push(time[entry], open[entry], time[i], price);
      entry = i;
      held = wanted;
    }
    const fastMean = fast(close[i]);
    const slowMean = slow(close[i]);
    equity[i] = cash + held * close[i];
    if (slowMean === undefined) continue;
    if (fastMean > slowMean) {
      if (side < 0) wanted = size;
      side = 1;
    } else if (fastMean < slowMean) {
      if (side > 0) wanted = 0;
      side = -1;
    }
  }
  return { trades, equity };
}

const { version } = JSON.parse(
  (await import('node:fs')).readFileSync(
    new URL(`node_modules/${job.mode}/package.json`, import.meta.url),
    'utf8',
  ),
);
await measure(job, version, run, ({ trades, equity }) => ({ equity: equity.at(-1), trades }));
