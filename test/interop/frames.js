// The real danfojs: frames of its own making go into runs and out of them again, and not a bit of a price is lost.
import assert from 'node:assert/strict';
import * as dfd from 'danfojs-node';
import {
  backtest,
  crossOver,
  dataFrameFeed,
  ema,
  klines,
  loadDanfo,
  localExchange,
  memoryFeed,
  strategy,
  syntheticBars,
  tradesHash,
} from '../../src/index.ts';

const DAY = Date.UTC(2024, 0, 31);
const bars = syntheticBars({ symbol: 'BTCUSDT', interval: '1m', bars: 3000, from: DAY });
const iso = Array.from(bars.time, time => new Date(time).toISOString());
const columns = {
  close: Array.from(bars.close),
  high: Array.from(bars.high),
  low: Array.from(bars.low),
  open: Array.from(bars.open),
  volume: Array.from(bars.volume),
  baseVolume: Array.from(bars.volume, (volume, i) => volume * bars.close[i]),
  datetime: iso,
};

class Cross extends strategy({}) {
  fast = ema(this.data.close, 10);
  cross = crossOver(this.fast, ema(this.data.close, 30));

  next() {
    if (this.cross.now > 0) this.buy({ size: 0.01 });
    else if (this.cross.now < 0) this.close();
  }
}

const run = data => backtest({ strategy: Cross, data, commission: 0.001, record: true });

async function barsOf(feed) {
  const chunks = [];
  for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 }))
    chunks.push(event.bars);
  assert.equal(chunks.length, 1);
  return chunks[0];
}

const CHECKS = {
  async 'a frame of each making gives the run that arrays give'() {
    const expected = tradesHash(await run(memoryFeed(bars, { symbol: 'BTCUSDT' })));
    const frame = new dfd.DataFrame(columns);
    const rows = new dfd.DataFrame(dfd.toJSON(frame));
    const { datetime, ...prices } = columns;
    const makings = {
      columns: frame,
      rows,
      index: frame.setIndex({ column: 'datetime', drop: true }),
      'index given': new dfd.DataFrame(prices, { index: datetime }),
      milliseconds: new dfd.DataFrame({ ...prices, time: Array.from(bars.time) }),
      dates: new dfd.DataFrame({ ...prices, Date: Array.from(bars.time, time => new Date(time)) }),
      renamed: frame.rename({ close: 'CLOSE', datetime: 'openTime' }),
      part: frame.iloc({ rows: ['0:3000'] }),
    };
    for (const [making, made] of Object.entries(makings)) {
      const feed = dataFrameFeed(made, { symbol: 'BTCUSDT' });
      const read = await barsOf(feed);
      for (const name of ['time', 'open', 'high', 'low', 'close', 'volume']) {
        assert.deepEqual(read[name], bars[name], `${making}: ${name}`);
      }
      assert.equal(tradesHash(await run(feed)), expected, making);
    }
  },

  async 'all tables of a result come out, and bars go in again'() {
    const result = await run(dataFrameFeed(new dfd.DataFrame(columns), { symbol: 'BTCUSDT' }));
    assert.ok(result.trades.length > 20);
    for (const table of ['trades', 'orders', 'fills', 'equity', 'indicators', 'klines']) {
      const frame = await result.toDataFrame(table);
      assert.ok(frame instanceof dfd.DataFrame, table);
      const own = result.toColumns(table);
      assert.deepEqual(
        frame.columns,
        Object.keys(own).map(name => (name === 'time' ? 'datetime' : name)),
      );
      for (const name of frame.columns) {
        const { values } = frame.column(name);
        const expected = Array.from(own[name === 'datetime' ? 'time' : name]);
        const times = typeof values[0] === 'string' && typeof expected[0] === 'number';
        assert.deepEqual(
          times ? values.map(text => (text === '' ? Number.POSITIVE_INFINITY : Date.parse(text))) : values,
          expected,
          `${table}: ${name}`,
        );
      }
    }
    const again = dataFrameFeed(await result.toDataFrame('klines', dfd), { symbol: 'BTCUSDT' });
    assert.deepEqual((await barsOf(again)).close, bars.close);
    const trades = await result.toDataFrame('trades', dfd);
    const wins = [...result.trades].filter(({ net }) => net > 0);
    assert.equal(trades.query(trades.column('net').gt(0)).shape[0], wins.length);
  },

  async 'what danfojs has calculated in float32 is refused or told of'() {
    const { datetime, ...prices } = columns;
    const time = dfd.tensorflow.tensor(Array.from(bars.time)).arraySync();
    const rounded = new dfd.DataFrame({ ...prices, time });
    assert.throws(() => dataFrameFeed(rounded), { code: 'FRAME_FLOAT32' });
    const doubled = new dfd.DataFrame({ high: columns.high, low: columns.low }).mul(0.5).mul(2);
    const close = doubled.column('high').values;
    const changed = new dfd.DataFrame({ ...columns, close });
    assert.throws(() => dataFrameFeed(changed), { code: 'FRAME_FLOAT32', column: 'close' });
    const { close: c, high, low, open } = columns;
    const all = new dfd.DataFrame({ close: c, high, low, open }).mul(1);
    const notes = dataFrameFeed(all.addColumn('datetime', iso)).notes();
    assert.match(notes.join(), /"close" is rounded to float32/);
  },

  async 'a live history gives frames of all bars so far and of the last ones'() {
    const exchange = await localExchange({
      data: [memoryFeed(bars, { symbol: 'BTCUSDT', interval: '1m' })],
      from: bars.time[2900],
      to: bars.time[2950],
      speed: 6000,
      clients: 1,
      port: 0,
    });
    let seen = 0;
    await klines({
      symbols: ['BTCUSDT'],
      interval: '1m',
      exchange: exchange.url,
      warmup: 30,
      danfo: await loadDanfo(),
      onBar(bar, { history }) {
        seen++;
        const frame = history.frame();
        assert.deepEqual(frame.columns, Object.keys(columns));
        assert.deepEqual(frame.shape, [seen, 7]);
        const last = history.frame(5);
        assert.deepEqual(last.column('close').values, Array.from(history.last(5).close));
        assert.equal(last.column('close').values.at(-1), bar.close);
        assert.equal(Date.parse(last.column('datetime').values.at(-1)), bar.time);
        assert.equal(history.frame(), frame);
      },
    });
    await exchange.close();
    assert.ok(seen >= 60, `${seen} bars came`);
  },
};

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  const started = performance.now();
  try {
    await check();
    console.log(`ok     danfojs-node: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`FAILED danfojs-node: ${name}\n${error.stack}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
