import { expect, test } from 'vitest';
import { folderWith, qt, sampleRows } from '../cli/qt.ts';

/** Ends its process in one combination, and fills the memory of its thread in another. */
const DEADLY = `
import { int, strategy } from 'qt-trader';
export default class Deadly extends strategy({ period: int(1) }) {
  next() {
    if (this.params.period === 7) process.exit(3);
    if (this.params.period === 13) {
      const kept = [];
      for (;;) kept.push(new Array(1_000_000).fill(kept.length));
    }
    if (this.position.size === 0 && this.data.length % this.params.period === 0) this.buy();
    else this.close();
  }
}
`;

test('a thread that ends costs the combination that it was at, and no other', async () => {
  const cwd = await folderWith({ 'bars.csv': sampleRows(300), 'deadly.ts': DEADLY });
  const sweep = (period: string) =>
    qt(
      [
        ...['optimize', 'deadly.ts', '--data', 'bars.csv', '--interval', '1h', '--no-config', '--json'],
        ...['--workers', '2', '--param', `period=${period}`],
      ],
      { cwd, env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=256' } },
    );
  const { code, stderr, stdout } = await sweep('1:20');
  expect(code, stderr).toBe(0);
  const rows = new Map(
    (JSON.parse(stdout).runs as { params: { period: number }; error?: { code: string } }[]).map(row => [
      row.params.period,
      row,
    ]),
  );
  expect([...rows.keys()].sort((one, other) => one - other)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  );
  expect(
    [...rows.values()].filter(({ error }) => error != null).map(row => [row.params.period, row.error?.code]),
  ).toEqual([7, 13].map(period => [period, 'WORKER_ENDED']));
}, 120_000);
