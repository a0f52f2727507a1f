import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLiveScreen, type LiveState } from '../../src/cli/live/screen.ts';

/** A stream that keeps what is written. */
class FakeStream extends EventEmitter {
  isTTY = true;
  columns = 60;
  rows = 20;
  writableLength = 0;
  writableNeedDrain = false;
  written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
  get text(): string {
    return this.written.join('');
  }
}

const fake = () => {
  const stream = new FakeStream();
  return { stream, out: stream as unknown as NodeJS.WriteStream, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } };
};

const STATE: LiveState = {
  strategy: 'Sma',
  session: 1,
  mode: 'paper',
  exchange: 'local',
  time: 0,
  connections: [],
  series: [],
  positions: [],
  orders: [],
  account: { quote: 'USDT', cash: 1, value: 1, startValue: 1, equity: { time: [], value: [] } },
  counters: {
    bars: 0,
    steps: 0,
    orders: 0,
    fills: 0,
    trades: 0,
    lateBars: 0,
    lateOrders: 0,
    releases: 0,
    reconnects: 0,
    commitMs: Number.NaN,
    slowestCommitMs: Number.NaN,
  },
};

const log = (message: string) => ({ type: 'log', time: 0, message }) as const;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('a screen is drawn four times a second at most, whatever happens', () => {
  const { stream, out, env } = fake();
  const screen = createLiveScreen({ mode: 'screen', out, env });
  const state = vi.fn(() => STATE);
  for (let i = 0; i < 1000; i++) {
    screen.view(state);
    screen.event(log(`line ${i}`));
    vi.advanceTimersByTime(1);
  }
  expect(state.mock.calls.length).toBeGreaterThanOrEqual(4);
  expect(state.mock.calls.length).toBeLessThanOrEqual(5);
  expect(stream.text).toContain('line 7');
  screen.close();
  const { length } = stream.written;
  screen.event(log('too late'));
  vi.advanceTimersByTime(1000);
  expect(stream.written).toHaveLength(length);
});

test('a screen overwrites what it drew, without clearing first, and gives the terminal back', () => {
  const { stream, out, env } = fake();
  const listeners = process.listenerCount('exit');
  const screen = createLiveScreen({ mode: 'screen', out, env });
  screen.view(STATE);
  vi.advanceTimersByTime(300);
  expect(stream.written[0]).toBe('\u001b[?1049h\u001b[?25l');
  expect(stream.text).not.toContain('\u001b[2J');
  expect(process.listenerCount('exit')).toBe(listeners + 1);
  screen.close();
  screen.close();
  expect(stream.written.filter(text => text.includes('\u001b[?25h\u001b[?1049l'))).toHaveLength(1);
  expect(process.listenerCount('exit')).toBe(listeners);
  expect(stream.listenerCount('resize')).toBe(0);
});

test('a screen follows the size of its terminal', () => {
  const { stream, out, env } = fake();
  const screen = createLiveScreen({ mode: 'screen', out, env });
  screen.view(STATE);
  screen.event(log('x'.repeat(200)));
  vi.advanceTimersByTime(300);
  stream.written = [];
  stream.columns = 44;
  stream.rows = 6;
  stream.emit('resize');
  const frame = stripVTControlCharacters(stream.text).split('\r\n');
  expect(frame.length).toBeLessThanOrEqual(6);
  for (const line of frame) expect(line.length).toBeLessThanOrEqual(44);
  screen.close();
});

test('a terminal that is behind is spared frames', () => {
  const { stream, out, env } = fake();
  const screen = createLiveScreen({ mode: 'screen', out, env });
  stream.writableNeedDrain = true;
  screen.view(STATE);
  vi.advanceTimersByTime(2000);
  expect(stream.written).toEqual([]);
  stream.writableNeedDrain = false;
  vi.advanceTimersByTime(300);
  expect(stream.text).toContain('Sma');
  screen.close();
});

test('lines are text, JSON lines have every event with null for what does not exist', () => {
  const text = fake();
  const lines = createLiveScreen({ mode: 'lines', ...text });
  const json = fake();
  const objects = createLiveScreen({ mode: 'json', ...json });
  for (const screen of [lines, objects]) {
    screen.event(log('hello'));
    screen.event({ type: 'equity', time: 1, cash: Number.NaN, value: 2 });
    screen.view(() => {
      throw new Error('nobody looks');
    });
    screen.close();
  }
  expect(text.stream.text).toBe('1970-01-01 00:00:00  hello\n');
  expect(json.stream.text).toBe(
    '{"type":"log","time":0,"message":"hello"}\n{"type":"equity","time":1,"cash":null,"value":2}\n',
  );
});

test('lines for a reader that is far behind are left out, counted and named', () => {
  const { stream, out, env } = fake();
  const screen = createLiveScreen({ mode: 'json', out, env });
  stream.writableLength = 17 * 2 ** 20;
  screen.event(log('lost'));
  screen.event(log('lost'));
  stream.writableLength = 0;
  screen.event(log('there'));
  expect(stream.written.map(line => JSON.parse(line))).toEqual([
    expect.objectContaining({
      type: 'warning',
      code: 'LINES_DROPPED',
      message: expect.stringMatching(/^2 lines/),
    }),
    log('there'),
  ]);
});

test('a screen that cannot be drawn gives way to lines, and what runs behind it goes on', () => {
  const { stream, out, env } = fake();
  const screen = createLiveScreen({ mode: 'screen', out, env });
  screen.view(() => {
    throw new Error('no picture');
  });
  vi.advanceTimersByTime(1000);
  screen.event(log('still here'));
  screen.view(STATE);
  vi.advanceTimersByTime(1000);
  const text = stripVTControlCharacters(stream.text);
  expect(text).toContain('SCREEN_FAILED: no picture; lines follow');
  expect(text).toContain('still here\n');
  screen.close();
});
