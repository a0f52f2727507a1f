/** What a feed says, event by event: reads a CSV of bars and prints one JSON object a bar. */
import { csvFeed } from 'qt-trader';

const file = process.argv[2]?.endsWith('.csv')
  ? process.argv[2]
  : new URL('../data/synthetic-btcusdt-4h.csv', import.meta.url).pathname;
const limit = 5;

const feed = await csvFeed(file);
const { signal } = new AbortController();
let printed = 0;
for await (const event of feed.events({ signal, warmup: 0 })) {
  // Closed bars come in columns, many at a time; row i of all columns is one bar.
  if (event.kind !== 'bars') continue;
  const { bars } = event;
  for (let i = 0; i < bars.length && printed < limit; i++, printed++) {
    const time = new Date(bars.time[i]).toISOString();
    const { open, high, low, close, volume } = bars;
    console.log(
      JSON.stringify({ time, open: open[i], high: high[i], low: low[i], close: close[i], volume: volume[i] }),
    );
  }
  if (printed === limit) break;
}
