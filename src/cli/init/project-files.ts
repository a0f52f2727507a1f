import { syntheticCsv } from '../../feeds/synthetic/file.ts';
import { syntheticBars } from '../../feeds/synthetic/synthetic.ts';

/** A file of a new project. Files that any project may have already are kept as they are. */
export interface ProjectFile {
  readonly path: string;
  readonly kept: boolean;
  content(): string | Iterable<string>;
}

/** `dependency`: how package.json names qt-trader, a version range or a `file:` path. */
export function projectFiles(name: string, dependency: string): ProjectFile[] {
  return [
    { path: 'package.json', kept: true, content: () => manifest(name, dependency) },
    { path: 'tsconfig.json', kept: true, content: () => TSCONFIG },
    {
      path: '.gitignore',
      kept: true,
      content: () =>
        'node_modules\n.qt\nqt-report*.html\nqt-sweep*.html\nqt-comparison*.html\nqt-session-*.html\n',
    },
    { path: 'qt.config.ts', kept: false, content: () => CONFIG },
    { path: 'strategies/my-strategy.ts', kept: false, content: () => STRATEGY },
    { path: 'test/my-strategy.test.ts', kept: false, content: () => TEST },
    { path: 'data/synthetic-btcusdt-4h.csv', kept: false, content: () => syntheticCsv(syntheticBars()) },
  ];
}

/** What package.json needs for the project's own test and type check. */
export const DEV_DEPENDENCIES = { typescript: '~6.0', vitest: '^5.1.1' };

function manifest(name: string, dependency: string): string {
  const content = {
    name,
    private: true,
    type: 'module',
    scripts: { backtest: 'qt backtest', test: 'vitest run', typecheck: 'tsc' },
    dependencies: { 'qt-trader': dependency },
    devDependencies: DEV_DEPENDENCIES,
    // npm 11 asks before it runs a package's install script; esbuild's puts its binary in place.
    allowScripts: { esbuild: true },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024"],
    "module": "preserve",
    "moduleResolution": "bundler",
    "strict": true,
    "skipLibCheck": true,
    "allowImportingTsExtensions": true,
    "noEmit": true
  },
  "include": ["*.ts", "strategies", "test"]
}
`;

const CONFIG = `import { defineConfig } from 'qt-trader';
import MyStrategy from './strategies/my-strategy.ts';

/** What "qt backtest" runs when nothing else is said; every flag overrides its line here. */
export default defineConfig({
  strategy: MyStrategy,
  data: 'data/synthetic-btcusdt-4h.csv', // made-up prices: put your own file here
  cash: 10_000,
  commission: '0.1%',
  slippage: '0.05%',
});
`;

const STRATEGY = `import { crossOver, ema, float, int, strategy } from 'qt-trader';

/** Buys when a fast average crosses above a slow one; sells when it crosses back, or on a fall from the highest close. */
export default class MyStrategy extends strategy({
  fast: int(24, { min: 2, help: 'bars of the fast average' }),
  slow: int(120, { min: 3, help: 'bars of the slow average' }),
  stop: float(0.08, { min: 0, max: 1, help: 'fall from the highest close at which to sell: 0.08 is 8 %' }),
}) {
  cross = crossOver(ema(this.data.close, this.params.fast), ema(this.data.close, this.params.slow));
  highest = 0;

  next() {
    const { close } = this.bar;
    if (this.position.size === 0) {
      this.highest = close;
      if (this.cross.now > 0) this.buy({ tag: 'cross' });
      return;
    }
    this.highest = Math.max(this.highest, close);
    if (this.cross.now < 0 || close < this.highest * (1 - this.params.stop)) this.close();
  }
}
`;

const TEST = `import { backtest, memoryFeed } from 'qt-trader';
import { expect, test } from 'vitest';
import MyStrategy from '../strategies/my-strategy.ts';

const HOUR = 3_600_000;

/** Hourly bars that open at the close before; the close of bar i is close(i). */
function feed(bars: number, close: (i: number) => number) {
  const closes = Array.from({ length: bars }, (_, i) => close(i));
  const opens = closes.map((value, i) => closes[i - 1] ?? value);
  return memoryFeed(
    {
      time: closes.map((_, i) => i * HOUR),
      open: opens,
      high: closes.map((value, i) => Math.max(value, opens[i]!)),
      low: closes.map((value, i) => Math.min(value, opens[i]!)),
      close: closes,
    },
    { symbol: 'TESTUSDT' },
  );
}

/** Down for 200 bars, up for 200, down for 200. */
const hill = feed(600, i => (i < 200 ? 300 - i : i < 400 ? i - 100 : 700 - i));

test('buys into the rise, sells near the top, and stays out of the fall', async () => {
  const { trades, openTrades, metrics } = await backtest({ strategy: MyStrategy, data: hill });
  expect(trades.length).toBe(1);
  expect(openTrades).toEqual([]);
  const [trade] = trades;
  expect(trade!.entryTime).toBeGreaterThan(200 * HOUR);
  expect(trade!.exitTime).toBeGreaterThan(400 * HOUR);
  expect(trade!.exitTime).toBeLessThan(450 * HOUR);
  expect(metrics.returns.total).toBeGreaterThan(0);
});

test('a tighter stop gives back less of the rise', async () => {
  const loose = await backtest({ strategy: MyStrategy, data: hill, params: { stop: 0.5 } });
  const tight = await backtest({ strategy: MyStrategy, data: hill, params: { stop: 0.03 } });
  expect(tight.metrics.endValue).toBeGreaterThan(loose.metrics.endValue);
});

test('never trades when nothing moves', async () => {
  const { metrics } = await backtest({ strategy: MyStrategy, data: feed(600, () => 100) });
  expect(metrics.orders.total).toBe(0);
  expect(metrics.endValue).toBe(metrics.startValue);
});
`;
