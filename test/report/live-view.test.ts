import { describe, expect, test } from 'vitest';
import type { LiveEvent } from '../../src/live/events.ts';
import { eventLine, eventText } from '../../src/report/console/live-lines.ts';
import { type LiveView, liveViewLines, type RealView } from '../../src/report/console/live-view.ts';
import { cutToWidth, displayWidth, printable } from '../../src/report/console/width.ts';

const T0 = Date.UTC(2024, 0, 31, 12);
const steps = Array.from({ length: 200 }, (_, i) => i);

function view(change: Partial<LiveView> = {}): LiveView {
  return {
    strategy: 'Sma',
    session: 3,
    mode: 'paper',
    exchange: 'local',
    time: T0 + 5000,
    connections: [{ url: 'ws://127.0.0.1:9876/stream?streams=btcusdt@kline_1m', state: 'open' }],
    series: [
      {
        symbol: 'BTCUSDT',
        interval: '1m',
        state: 'live',
        last: T0 - 60_000,
        close: 42_123.5,
        change: 0.0012,
      },
      {
        symbol: 'ETHUSDT',
        interval: '1m',
        state: 'disconnected',
        last: Number.NaN,
        close: Number.NaN,
        change: Number.NaN,
      },
    ],
    positions: [{ symbol: 'BTCUSDT', size: 0.5, price: 41_000, value: 21_061.75, pnl: 561.75 }],
    orders: [
      {
        id: 4,
        symbol: 'ETHUSDT',
        side: 'buy',
        orderType: 'limit',
        size: 1.5,
        quote: Number.NaN,
        stop: Number.NaN,
        limit: 2250,
        filled: 0.5,
        status: 'partial',
      },
    ],
    account: {
      quote: 'USDT',
      cash: 1234.5,
      value: 10_123.45,
      startValue: 10_000,
      // As the engine's own, whose columns are read by getters.
      equity: new (class {
        get time() {
          return steps.map(i => T0 + i * 60_000);
        }
        get value() {
          return steps.map(i => 10_000 + Math.sin(i / 9) * 50);
        }
      })(),
    },
    counters: {
      bars: 1234,
      steps: 617,
      orders: 12,
      fills: 1,
      trades: 4,
      lateBars: 2,
      lateOrders: 0,
      releases: 0,
      reconnects: 0,
      commitMs: 0.123,
      slowestCommitMs: 3.2,
    },
    messages: [{ time: T0, text: 'hello', tone: undefined }],
    ...change,
  };
}

const PLAIN = { width: 80, colour: false, unicode: true };

describe('the live view', () => {
  test('shows session, clock, connections, series, account, holdings, counters and messages', () => {
    const text = liveViewLines(view(), PLAIN).join('\n');
    for (const part of [
      /^ {2}Sma {2}paper · session 3 · local +2024-01-31 12:00:05 UTC$/m,
      /● 127\.0\.0\.1:9876 open/,
      /BTCUSDT 1m {2}2024-01-31 11:59 {2}42,123\.5 {2}\+0\.12 % {2}live/,
      /ETHUSDT 1m {2}no bar yet .* disconnected/,
      /Value 10,123\.45 USDT {3}\+1\.23 % \(\+123\.45\) since the start {3}Cash 1,234\.50/,
      /Position {2}BTCUSDT 0\.5 at 41,000, worth 21,061\.75 {2}\+561\.75 \(\+2\.74 %\)/,
      /Orders {4}4: buy limit 1\.5 ETHUSDT at 2,250, 0\.5 filled {2}partial/,
      /1,234 bars · 617 steps · 12 orders · 1 fill · 4 trades · 2 late bars/,
      /commit 0\.12 ms \(slowest 3\.2\)/,
      /12:00:00 {2}hello$/,
    ]) {
      expect(text).toMatch(part);
    }
    expect(text).not.toMatch(/late order|reconnect|without all/);
  });

  test('says so when there is no connection, position, order or equity yet', () => {
    const empty = view({
      connections: [],
      positions: [],
      orders: [],
      messages: [],
      account: { quote: 'USDT', cash: 1, value: 1, startValue: 1, equity: { time: [], value: [] } },
    });
    const text = liveViewLines(empty, PLAIN).join('\n');
    expect(text).toMatch(/not connected/);
    expect(text).toMatch(/Position {2}none\n {2}Orders {4}none open/);
  });

  const many = view({
    series: Array.from({ length: 50 }, (_, i) => ({
      symbol: `COIN${i}USDT`,
      interval: '1m',
      state: 'live' as const,
      last: T0,
      close: i,
      change: 0,
    })),
    messages: steps.map(i => ({
      time: T0,
      text: `message ${i} ${'日本語 '.repeat(30)}`,
      tone: 'yellow' as const,
    })),
  });

  const sizes = [44, 50, 60, 80, 120, 200].flatMap(width =>
    [1, 5, 12, 24, 40, 100].map(rows => [width, rows] as const),
  );

  test.each(sizes)('fits into %d columns and %d rows', (width, rows) => {
    for (const colour of [false, true]) {
      for (const one of [view(), many]) {
        const lines = liveViewLines(one, { width, colour, unicode: true }, rows);
        expect(lines.length).toBeLessThanOrEqual(rows);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  test('says how much of a list is not shown, and keeps the newest messages', () => {
    const lines = liveViewLines(many, PLAIN, 24);
    const shown = lines.filter(line => line.includes('COIN')).length;
    expect(lines.join('\n')).toContain(`… ${50 - shown} more`);
    expect(lines.at(-1)).toContain('message 199');
  });

  test('is ASCII where the terminal has nothing else', () => {
    for (const rows of [12, 24, 60]) {
      const lines = liveViewLines(view(), { ...PLAIN, unicode: false }, rows);
      for (const line of lines) expect(line).toMatch(/^[ -~]*$/);
    }
  });

  test('lets no message move the cursor', () => {
    const text = 'a\nb\u001b[2Jc\u0007\td\u001b]0;title\u0007e';
    const lines = liveViewLines(view({ messages: [{ time: T0, text, tone: undefined }] }), PLAIN);
    expect(lines.at(-1)).toBe('  12:00:00  a bc de');
  });
});

describe('text on a terminal', () => {
  test.each([
    ['abc', 3],
    ['日本', 4],
    ['\u001b[31mred\u001b[39m', 3],
    ['e\u0301', 1],
    ['👍🏽 ok', 5],
    ['▁█⣿·', 4],
  ])('%j takes %d columns', (text, width) => expect(displayWidth(text)).toBe(width));

  test('is cut by columns, and its colours are closed', () => {
    expect(cutToWidth('abcdef', 4)).toBe('abcd');
    expect(cutToWidth('日本語', 5)).toBe('日本');
    expect(cutToWidth('a\u001b[31mbcd\u001b[39m', 3)).toBe('a\u001b[31mbc\u001b[0m');
    expect(cutToWidth('\u001b[31mabc\u001b[39m', 3)).toBe('\u001b[31mabc\u001b[39m');
  });

  test('keeps what can be printed', () => expect(printable('x\r\n\u202Ey\u0000z')).toBe('x yz'));
});

describe('an event as a line', () => {
  const line = (event: LiveEvent) => {
    const text = eventText(event);
    return text === undefined ? undefined : eventLine(text, PLAIN);
  };

  test('has the time of the market and what happened', () => {
    const order = {
      type: 'order',
      time: T0,
      id: 6,
      symbol: 'BTCUSDT',
      side: 'buy',
      orderType: 'market',
      stop: Number.NaN,
    } as const;
    const open = { size: 1, quote: Number.NaN, limit: Number.NaN, filled: 0, price: Number.NaN, tag: '' };
    const reason = { code: 'INSUFFICIENT_CASH', message: 'costs 42,000, cash is 1: buy less' };
    expect(line({ ...order, ...open, status: 'rejected', reason })).toBe(
      '2024-01-31 12:00:00  order 6: buy market 1 BTCUSDT: rejected: INSUFFICIENT_CASH: costs 42,000, cash is 1: buy less',
    );
    expect(line({ ...order, ...open, size: Number.NaN, quote: 100, status: 'accepted', reason: null })).toBe(
      '2024-01-31 12:00:00  order 6: buy market 100.00 (quote) of BTCUSDT: accepted',
    );
    expect(line({ type: 'log', time: Number.NaN, message: 'two\nlines' })).toBe(`${' '.repeat(21)}two lines`);
    expect(
      line({ type: 'gap', time: T0, symbol: 'X', interval: '1m', from: T0 - 120_000, to: T0, cause: 'none' }),
    ).toBe('2024-01-31 12:00:00  GAP: X 1m: no bars from 2024-01-31 11:58 to 2024-01-31 12:00: none');
  });

  test('is not made of open bars and the account', () => {
    const prices = { open: 1, high: 1, low: 1, close: 1, volume: 1 };
    const bar = {
      type: 'bar',
      time: T0,
      symbol: 'X',
      interval: '1m',
      openTime: T0,
      ...prices,
      late: false,
    } as const;
    expect(line({ ...bar, closed: false })).toBeUndefined();
    expect(line({ ...bar, closed: true })).toMatch(/X 1m 2024-01-31 12:00 {2}open 1 {2}high 1/);
    expect(line({ type: 'equity', time: T0, cash: 1, value: 1 })).toBeUndefined();
  });
});

describe('the screen of a session with real orders', () => {
  const real = {
    ...{ account: 'binance/0123456789abcdef', dryRun: false, halted: undefined, connected: true },
    ...{ reconnects: 0, resting: 3, protective: 2, sent: 12, doubts: 0, inDoubt: 0, refused: 0 },
    ...{ comparisons: 41, differences: 0, foreign: 0, alarms: 0, lastAlarm: '' },
  };
  const screen = (changes: Partial<RealView> = {}, width = 80) =>
    liveViewLines(view({ mode: 'real', real: { ...real, ...changes } }), { ...PLAIN, width });

  test('says so in words, colours or not, and what is at the exchange', () => {
    const [first, second] = screen();
    expect(first).toContain('REAL ORDERS');
    expect(second).toContain('account open');
    expect(screen().join('\n')).toMatch(
      /Exchange +3 orders, 2 to protect or close · 12 commands sent · 41 comparisons/,
    );
    expect(screen({ dryRun: true })[0]).toContain('DRY RUN');
    expect(liveViewLines(view(), PLAIN).join('\n')).not.toMatch(/REAL|Exchange|account open/);
  });

  test.each([44, 60, 80, 120])(
    'has what somebody should look at below its first lines, %i columns wide',
    width => {
      const halted = {
        code: 'DAILY_LOSS',
        message: 'the day has lost 31.20 USDT of 30.00 allowed'.repeat(3),
      };
      const lines = screen({ halted, alarms: 2, lastAlarm: 'LATE_REPORT: x', connected: false }, width);
      const text = lines.join('\n');
      expect(text).toContain('HALTED (DAILY_LOSS): the day');
      expect(text).toContain('2 alarms, last: LATE_REPORT: x');
      expect(text).toContain('account waiting');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    },
  );

  test('counts what had to be asked for, and what was found to differ', () => {
    const text = screen(
      { doubts: 3, inDoubt: 1, refused: 2, differences: 4, foreign: 1, reconnects: 5 },
      120,
    ).join(' ');
    for (const part of [
      '2 refused',
      '3 asked for',
      '1 in doubt',
      '4 differences',
      '1 order of others',
      '5 account reconnects',
    ])
      expect(text).toContain(part);
  });
});

describe('events of real orders as lines', () => {
  const text = (event: LiveEvent) => eventText(event)?.text;

  test('name what goes to the exchange, what it says, halts and alarms', () => {
    const common = { time: T0, symbol: 'BTCUSDT', id: 'q1' };
    expect(text({ ...common, type: 'command', action: 'place', message: 'BUY MARKET 1 BTCUSDT' })).toBe(
      'to the exchange: BUY MARKET 1 BTCUSDT',
    );
    const report = { ...common, type: 'report', executed: '0.5', message: '' } as const;
    expect(text({ ...report, status: 'FILLED' })).toBe('from the exchange: BTCUSDT q1: FILLED, 0.5 executed');
    expect(text({ ...report, symbol: '', status: 'REFUSED', message: 'too small (EXCHANGE_REJECTED)' })).toBe(
      'from the exchange: q1: REFUSED: too small (EXCHANGE_REJECTED)',
    );
    const halt = { type: 'halt', time: T0, code: 'KILLED', message: 'by hand' } as const;
    expect(text({ ...halt, halted: true })).toBe('HALTED: by hand (KILLED)');
    expect(text({ ...halt, halted: false })).toBe('RESUMED: orders are placed again');
    expect(text({ type: 'alarm', time: T0, code: 'LATE_REPORT', message: 'x' })).toBe(
      'ALARM: LATE_REPORT: x',
    );
  });
});
