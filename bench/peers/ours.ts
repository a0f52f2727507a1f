/** Ours, as a user runs it: a strategy class, a feed, `backtest()`. */
import { readFileSync } from 'node:fs';
import { type BacktestResult, memoryFeed } from '../../src/index.ts';
import { runEngine } from '../engine.ts';
import { currentJob, measure, readColumns } from './measure.ts';

const job = currentJob();
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const feed = memoryFeed(readColumns(job), { interval: '1m' });

function* trades(result: BacktestResult) {
  for (const { entryTime, entryPrice, exitTime, exitPrice } of result.trades) {
    yield* [entryTime, entryPrice, exitTime, exitPrice];
  }
}

await measure(
  job,
  version,
  () => runEngine(feed),
  result => ({ equity: result.metrics.endValue, trades: trades(result) }),
);
