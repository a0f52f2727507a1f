import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker, noKafka } from '../support/kafka-broker.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');
const STRATEGY = join(ROOT, 'strategies/sma.ts');
const BARS = 1500;

/** A command that runs, and what it has printed so far. */
class Running {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], cwd: string) {
    this.process = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout!.on('data', text => {
      this.stdout += text;
    });
    this.process.stderr!.on('data', text => {
      this.stderr += text;
    });
    this.ended = new Promise(resolve => this.process.once('close', resolve));
  }

  async until(done: () => boolean): Promise<void> {
    const deadline = performance.now() + 120_000;
    while (!done()) {
      if (performance.now() > deadline) throw new Error(`it did not come: ${this.stderr.slice(-500)}`);
      await sleep(50);
    }
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}

describe.skipIf(noKafka)('the pipeline of the field', () => {
  const broker = new KafkaBroker();
  const folder = mkdtempSync(join(tmpdir(), 'qt-kafka-field-'));
  const running: Running[] = [];
  const run = (...args: string[]) => {
    const one = new Running(args, folder);
    running.push(one);
    return one;
  };
  const ends = async (...args: string[]) => {
    const one = run(...args);
    expect({ code: await one.ended, args, stderr: one.stderr }).toMatchObject({ code: 0 });
    return one;
  };

  beforeAll(async () => {
    await broker.start();
    await ends(
      'data',
      'sample',
      '--symbol',
      'BTCUSDT',
      '--bars',
      String(BARS),
      '--interval',
      '1m',
      '--out',
      'synthetic-btcusdt-1m.csv',
    );
  });
  afterAll(async () => {
    for (const one of running) one.process.kill('SIGKILL');
    await broker.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const data = 'synthetic-btcusdt-1m.csv';
  const source = () => readFileSync(join(folder, data), 'utf8');
  const exchange = async (...more: string[]) => {
    const one = run('exchange', '--data', data, '--port', '0', ...more);
    await one.until(() => /http:\/\/127\.0\.0\.1:\d+/.test(one.stdout + one.stderr));
    return { one, url: /http:\/\/127\.0\.0\.1:\d+/.exec(one.stdout + one.stderr)![0] };
  };
  const pipe = (topic: string, out: string) =>
    run('pipe', `${broker.address}/${topic}`, '--sink', `csv:${out}`, '--columns', 'ohlcv', '--until-end');

  test('the CSV equals the source, and paper trades as the backtest does', async () => {
    const feed = `${broker.address}/BTC-USDT?interval=1m`;
    const live = run('live', '--paper', STRATEGY, '--feed', feed, '--json', '--store', 'session.sqlite');
    const { one, url } = await exchange('--lockstep');
    await live.until(() => live.stdout.includes('KAFKA_WAITING'));
    await ends('record', 'BTCUSDT', '--interval', '1m', '--exchange', url, '--sink', broker.address);
    await one.kill();
    expect(await pipe('BTC-USDT', 'btc.csv').ended).toBe(0);
    expect(readFileSync(join(folder, 'btc.csv'), 'utf8')).toBe(source());

    const events = () =>
      live.stdout
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line) as Record<string, unknown>);
    await live.until(() => events().filter(({ type }) => type === 'bar').length >= BARS);
    live.process.kill('SIGINT');
    expect(await live.ended).toBe(0);
    const told = events();
    const fills = told.filter(({ type }) => type === 'fill');
    const times = told.filter(({ type }) => type === 'bar').map(({ openTime }) => openTime as number);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));

    for (const from of [
      ['--data', data],
      ['--feed', feed],
    ]) {
      const { stdout } = await ends('backtest', STRATEGY, '--json', '--quiet', '--no-report', ...from);
      const result = JSON.parse(stdout) as { fills: Record<string, unknown>[]; orders: unknown[] };
      const plain = ({ price, side, size, time }: Record<string, unknown>) => ({ price, side, size, time });
      expect(fills.length).toBeGreaterThan(10);
      expect(fills.map(plain)).toEqual(result.fills.map(plain));
    }
  });

  test('recorder, pipe and session that are killed leave each bar once, in order', async () => {
    // 75 s: the last recorder must begin before it is over, on a busy machine too.
    const { one, url } = await exchange('--speed', '1200');
    const feed = `${broker.address}/killed?interval=1m`;
    const record = [
      'record',
      'BTCUSDT',
      '--interval',
      '1m',
      '--exchange',
      url,
      '--sink',
      `${broker.address}/killed`,
    ];
    const session = () =>
      run('live', '--paper', STRATEGY, '--feed', feed, '--json', '--store', 'killed.sqlite');
    const sessions = [session()];
    // Before there is a topic: whatever comes is of the run.
    await sessions[0].until(() => sessions[0].stdout.includes('KAFKA_WAITING'));
    let recorder = run(...record, '--from', source().split('\n')[1].split(',')[0]);
    for (let kill = 0; kill < 3; kill++) {
      const current = sessions.at(-1)!;
      await current.until(() => current.stdout.includes(kill === 0 ? '"type":"bar"' : '"type":"session"'));
      await sleep(Math.random() * 1000);
      await current.kill();
      await recorder.kill();
      recorder = run(...record);
      sessions.push(session());
      const store = pipe('killed', 'killed.csv');
      await sleep(300 + Math.random() * 1200);
      await store.kill();
    }
    expect(await recorder.ended).toBe(0);
    await one.kill();
    expect(await pipe('killed', 'killed.csv').ended).toBe(0);
    expect(readFileSync(join(folder, 'killed.csv'), 'utf8')).toBe(source());
    const last = sessions.at(-1)!;
    await last.until(() => last.stdout.includes('"type":"session"'));
    await sleep(3000);
    last.process.kill('SIGINT');
    expect(await last.ended).toBe(0);
    const bars = sessions.flatMap(({ stdout }) =>
      [...stdout.matchAll(/^\{"type":"bar".*"openTime":(\d+)/gm)].map(([, time]) => Number(time)),
    );
    // What was kept may not have been printed when the process was killed; what the session lived through is kept.
    expect(bars).toEqual([...new Set(bars)].sort((a, b) => a - b));
    const end = Date.parse(source().trimEnd().split('\n').at(-1)!.split(',')[0]);
    const { steps } = JSON.parse(last.stdout.trimEnd().split('\n').at(-1)!) as { steps: number };
    expect(steps).toBe((end - bars[0]) / 60_000 + 1);
  });
});
