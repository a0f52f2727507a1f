import type { LiveStatus } from '../../feeds/live/contract.ts';
import { drawCurve } from './curve.ts';
import { type Colour, money, number, paint, percent, plain, type TerminalStyle, utcTime } from './format.ts';
import { type EventText, figure, gain, orderText, utcSecond } from './live-lines.ts';
import { cutToWidth, displayWidth, printable } from './width.ts';

/** A live session as it stands: everything that the screen shows. Sizes are in base, money in quote. */
export interface LiveView {
  readonly strategy: string;
  readonly session: number | string;
  readonly mode: 'paper' | 'real';
  /** As it is shown. */
  readonly exchange: string;
  /** The market's, epoch ms UTC. */
  readonly time: number;
  readonly connections: LiveStatus['connections'];
  readonly series: readonly SeriesView[];
  readonly positions: readonly PositionView[];
  readonly orders: readonly OpenOrderView[];
  readonly account: AccountView;
  readonly counters: LiveCounters;
  /** What real orders have beside; undefined on paper. */
  readonly real?: RealView | undefined;
  /** Of logs, orders, warnings, the oldest first; the last ones are shown. */
  readonly messages: readonly EventText[];
}

export interface SeriesView {
  readonly symbol: string;
  readonly interval: string;
  readonly state: LiveStatus['series'][number]['state'];
  /** Open time of the last closed bar, epoch ms UTC; NaN before the first. */
  readonly last: number;
  /** The last price; NaN before the first. */
  readonly close: number;
  /** Since the close of the bar before, as a fraction; NaN where there is none. */
  readonly change: number;
}

export interface PositionView {
  readonly symbol: string;
  /** Negative when short. */
  readonly size: number;
  /** Average entry. */
  readonly price: number;
  readonly value: number;
  /** Not realised yet, before fees. */
  readonly pnl: number;
}

export interface OpenOrderView {
  readonly id: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly orderType: string;
  readonly size: number;
  /** NaN unless given in quote. */
  readonly quote: number;
  /** The trigger; NaN without one. */
  readonly stop: number;
  /** NaN for a market order. */
  readonly limit: number;
  readonly filled: number;
  readonly status: string;
}

export interface AccountView {
  /** The currency. */
  readonly quote: string;
  readonly cash: number;
  readonly value: number;
  readonly startValue: number;
  /** After each step, or some of them. */
  readonly equity: { readonly time: ArrayLike<number>; readonly value: ArrayLike<number> };
}

/** A session's side of its account at the exchange. */
export interface RealView {
  /** As halts name it. */
  readonly account: string;
  /** Orders are only checked, and none is placed. */
  readonly dryRun: boolean;
  /** Why nothing but cancelling and protecting is done; undefined while it trades. */
  readonly halted: { readonly code: string; readonly message: string } | undefined;
  /** Whether the account's events are heard now, and how often they had to be connected anew. */
  readonly connected: boolean;
  readonly reconnects: number;
  /** Orders of the session at the exchange, and how many of them protect or close a position. */
  readonly resting: number;
  readonly protective: number;
  /** Commands sent, those whose outcome had to be asked for, and those of which it is not known yet. */
  readonly sent: number;
  readonly doubts: number;
  readonly inDoubt: number;
  readonly refused: number;
  /** How often orders and account were compared with the exchange's, and what was found to differ. */
  readonly comparisons: number;
  readonly differences: number;
  /** Orders of others on the session's symbols. */
  readonly foreign: number;
  readonly alarms: number;
  /** The last alarm; empty without one. */
  readonly lastAlarm: string;
}

export interface LiveCounters {
  readonly bars: number;
  readonly steps: number;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  readonly lateBars: number;
  readonly lateOrders: number;
  /** Steps made without a series that was behind. */
  readonly releases: number;
  readonly reconnects: number;
  /** Mean time of a commit of the journal, ms; NaN before the first. */
  readonly commitMs: number;
  readonly slowestCommitMs: number;
}

const NARROWEST = 44;
/** From this width on a bar's time has its day. */
const DATED = 60;
const WIDEST = 120;
const INDENT = '  ';
/** Rows of the equity curve where there is room, and from how many on it has an axis. */
const CURVE_ROWS = 7;
const AXIS_ROWS = 4;
const MESSAGES = 5;

/** A part of the screen that can do with fewer rows than it would like. */
interface Section {
  readonly least: number;
  most: number;
  readonly render: (rows: number) => string[];
}

/**
 * The screen, at most `rows` lines, none of them wider than the style's width. Where there is little room lists end in
 * "… 12 more", and the curve shrinks to one line.
 */
export function liveViewLines(
  view: LiveView,
  terminal: TerminalStyle,
  rows = Number.POSITIVE_INFINITY,
): string[] {
  const style = { ...terminal, width: Math.min(WIDEST, Math.max(NARROWEST, terminal.width)) - INDENT.length };
  const sections = [
    fixed(heading(view, style)),
    fixed(dangerLines(view.real, style)),
    list(seriesLines(view.series, style), 1, style),
    fixed(accountLines(view.account, style)),
    curve(view.account, style),
    list(holdingLines(view, style), 1, style),
    fixed(exchangeLines(view.real, style)),
    { ...fixed(counterLines(view.counters, style)), least: 1 },
    messages(view.messages, style),
  ].filter(({ most }) => most > 0);
  shrink(sections, rows);
  const roomy = sum(sections) + sections.length - 1 <= rows;
  const lines = sections.flatMap((section, i) => {
    const own = section.render(section.most);
    return roomy && i > 0 && own.length > 0 ? ['', ...own] : own;
  });
  return lines
    .slice(0, rows)
    .map(line => (line === '' ? '' : cutToWidth(INDENT + plain(style, line), terminal.width)));
}

/** Takes rows from those sections that have most to spare, until all fits; blank lines between go first. */
function shrink(sections: readonly Section[], rows: number): void {
  while (sum(sections) > rows) {
    const spare = sections.filter(({ most, least }) => most > least);
    if (spare.length === 0) return;
    spare.reduce((a, b) => (b.most - b.least > a.most - a.least ? b : a)).most--;
  }
}

function sum(sections: readonly Section[]): number {
  return sections.reduce((total, { most }) => total + most, 0);
}

function fixed(lines: string[]): Section {
  return { least: lines.length, most: lines.length, render: rows => lines.slice(0, rows) };
}

function list(lines: string[], least: number, style: TerminalStyle): Section {
  return {
    least: Math.min(least, lines.length),
    most: lines.length,
    render: rows => {
      if (rows >= lines.length) return lines;
      if (rows < 2) return lines.slice(0, rows);
      const hidden = number(lines.length - rows + 1, 0);
      return [...lines.slice(0, rows - 1), paint(style, 'dim', `… ${hidden} more`)];
    },
  };
}

function heading(view: LiveView, style: TerminalStyle): string[] {
  const { session, exchange } = view;
  const name = paint(style, 'bold', printable(view.strategy));
  const left = `${name}  ${modeText(view, style)}${paint(style, 'dim', ` · session ${session} · ${exchange}`)}`;
  const clock = `${utcSecond(view.time)} UTC`;
  const links = view.connections.map(({ url, state }) => {
    const [mark, tone] = CONNECTION_MARKS[state];
    return `${paint(style, tone, style.unicode ? mark : '*')} ${hostOf(url)} ${state}`;
  });
  const market = links.length === 0 ? [paint(style, 'yellow', 'not connected')] : links;
  const account = view.real === undefined ? [] : [accountLink(view.real, style)];
  return [...spread(left, paint(style, 'dim', clock), style), ...flow([...market, ...account], '  ', style)];
}

/** The stream of the account's events. */
function accountLink({ connected }: RealView, style: TerminalStyle): string {
  const [mark, tone] = CONNECTION_MARKS[connected ? 'open' : 'waiting'];
  return `${paint(style, tone, style.unicode ? mark : '*')} account ${connected ? 'open' : 'waiting'}`;
}

/** Real money must not be taken for paper, with colours or without. */
function modeText({ mode, real }: LiveView, style: TerminalStyle): string {
  if (mode === 'paper') return paint(style, 'dim', mode);
  return real?.dryRun === true ? paint(style, 'yellow', 'DRY RUN') : paint(style, 'red', 'REAL ORDERS');
}

/** What somebody should look at. */
function dangerLines(real: RealView | undefined, style: TerminalStyle): string[] {
  if (real === undefined) return [];
  const { halted, alarms, lastAlarm } = real;
  const red = (text: string) => paint(style, 'red', cutToWidth(printable(text), style.width));
  return [
    ...(halted === undefined ? [] : [red(`HALTED (${halted.code}): ${halted.message}`)]),
    ...(alarms === 0
      ? []
      : [red(`${number(alarms, 0)} alarm${alarms === 1 ? '' : 's'}, last: ${lastAlarm}`)]),
  ];
}

/** What is at the exchange, and what it took to know. */
function exchangeLines(real: RealView | undefined, style: TerminalStyle): string[] {
  if (real === undefined) return [];
  const label = (text: string) => paint(style, 'dim', text.padEnd(10));
  const count = (value: number, one: string, many = `${one}s`) =>
    `${number(value, 0)} ${value === 1 ? one : many}`;
  const trouble = (value: number, text: string) => (value === 0 ? [] : [paint(style, 'yellow', text)]);
  const { resting, protective, sent, doubts, inDoubt, refused, comparisons, differences } = real;
  const there =
    resting === 0
      ? paint(style, 'dim', 'no order')
      : `${count(resting, 'order')}, ${number(protective, 0)} to protect or close`;
  const parts = [
    `${count(sent, 'command')} sent`,
    ...trouble(refused, `${number(refused, 0)} refused`),
    ...trouble(doubts, `${number(doubts, 0)} asked for`),
    ...trouble(inDoubt, `${number(inDoubt, 0)} in doubt`),
    count(comparisons, 'comparison'),
    ...trouble(differences, count(differences, 'difference')),
    ...trouble(real.foreign, count(real.foreign, 'order of others', 'orders of others')),
    ...trouble(real.reconnects, count(real.reconnects, 'account reconnect')),
  ];
  const [first, ...rest] = flow([there, ...parts], ' · ', { ...style, width: style.width - 10 });
  return [label('Exchange') + first, ...rest.map(line => label('') + line)];
}

const CONNECTION_MARKS: Readonly<Record<LiveStatus['connections'][number]['state'], [string, Colour]>> = {
  open: ['●', 'green'],
  connecting: ['○', 'yellow'],
  waiting: ['○', 'red'],
};

function seriesLines(series: readonly SeriesView[], style: TerminalStyle): string[] {
  const cells = series.map(({ symbol, interval, state, last, close, change }) => ({
    name: `${symbol} ${interval}`,
    last: Number.isNaN(last) ? 'no bar yet' : utcTime(last).slice(style.width < DATED ? 11 : 0),
    close: Number.isNaN(close) ? '' : figure(close),
    change: Number.isNaN(change) ? { text: '', tone: undefined } : gain(change),
    state,
  }));
  const width = (pick: (cell: (typeof cells)[number]) => string) =>
    Math.max(0, ...cells.map(cell => pick(cell).length));
  const [name, last, close, change] = [
    width(cell => cell.name),
    width(cell => cell.last),
    width(cell => cell.close),
    width(cell => cell.change.text),
  ];
  return cells.map(cell =>
    [
      cell.name.padEnd(name),
      paint(style, 'dim', cell.last.padEnd(last)),
      cell.close.padStart(close),
      paint(style, cell.change.tone, cell.change.text.padStart(change)),
      paint(
        style,
        cell.state === 'live' ? 'dim' : cell.state === 'disconnected' ? 'red' : 'yellow',
        cell.state,
      ),
    ].join('  '),
  );
}

function accountLines({ quote, cash, value, startValue }: AccountView, style: TerminalStyle): string[] {
  const { text, tone } = gain(value / startValue - 1);
  const change = `${value > startValue ? '+' : ''}${money(value - startValue)}`;
  const worth = `${paint(style, 'dim', 'Value')} ${paint(style, 'bold', money(value))} ${quote}`;
  const since = `${paint(style, tone, `${text} (${change})`)} ${paint(style, 'dim', 'since the start')}`;
  return flow([worth, since, `${paint(style, 'dim', 'Cash')} ${money(cash)}`], '   ', style);
}

function curve({ equity, startValue }: AccountView, style: TerminalStyle): Section {
  const { length } = equity.value;
  if (length < 2) return fixed([]);
  const draw = (rows: number) => {
    if (rows === 0) return [];
    if (rows < AXIS_ROWS) return [sparkline(equity.value, style)];
    return drawCurve({ time: equity.time, value: equity.value, base: startValue }, style, rows - 1);
  };
  return { least: 0, most: CURVE_ROWS, render: draw };
}

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BLOCKS = ['_', '.', '-', '=', '*', '#'];

/** One line: the last value of each stretch, by its height between the lowest and the highest of all. */
function sparkline(values: ArrayLike<number>, style: TerminalStyle): string {
  const blocks = style.unicode ? BLOCKS : ASCII_BLOCKS;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  const width = Math.min(values.length, style.width);
  let line = '';
  for (let x = 0; x < width; x++) {
    const value = values[Math.ceil(((x + 1) * values.length) / width) - 1];
    const height = high === low ? 0.5 : (value - low) / (high - low);
    line += blocks[Math.min(blocks.length - 1, Math.floor(height * blocks.length))];
  }
  return paint(style, 'cyan', line);
}

/** Positions, then open orders; what is there none of is said in a word. */
function holdingLines({ positions, orders }: LiveView, style: TerminalStyle): string[] {
  const label = (text: string) => paint(style, 'dim', text.padEnd(10));
  const held = positions.map(({ symbol, size, price, value, pnl }, i) => {
    const cost = Math.abs(size * price);
    const tone = pnl > 0 ? 'green' : pnl < 0 ? 'red' : undefined;
    const result = `${pnl > 0 ? '+' : ''}${money(pnl)} (${percent(pnl / cost, true)})`;
    const text = `${symbol} ${figure(size)} at ${figure(price)}, worth ${money(value)}  ${paint(style, tone, result)}`;
    return label(i === 0 ? 'Position' : '') + text;
  });
  const open = orders.map((order, i) => {
    const filled = order.filled > 0 ? `, ${figure(order.filled)} filled` : '';
    return `${label(i === 0 ? 'Orders' : '')}${order.id}: ${orderText(order)}${filled}  ${paint(style, 'dim', order.status)}`;
  });
  if (held.length === 0) held.push(`${label('Position')}${paint(style, 'dim', 'none')}`);
  if (open.length === 0) open.push(`${label('Orders')}${paint(style, 'dim', 'none open')}`);
  return [...held, ...open];
}

function counterLines(counters: LiveCounters, style: TerminalStyle): string[] {
  const count = (value: number, one: string, many = `${one}s`) =>
    `${number(value, 0)} ${value === 1 ? one : many}`;
  const trouble = (value: number, one: string, many?: string) =>
    value === 0 ? [] : [paint(style, 'yellow', count(value, one, many))];
  const { commitMs, slowestCommitMs } = counters;
  const parts = [
    count(counters.bars, 'bar'),
    count(counters.steps, 'step'),
    count(counters.orders, 'order'),
    count(counters.fills, 'fill'),
    count(counters.trades, 'trade'),
    ...trouble(counters.lateBars, 'late bar'),
    ...trouble(counters.lateOrders, 'late order'),
    ...trouble(counters.releases, 'step without all series', 'steps without all series'),
    ...trouble(counters.reconnects, 'reconnect'),
    ...(Number.isNaN(commitMs)
      ? []
      : [`commit ${number(commitMs)} ms (slowest ${number(slowestCommitMs, 1)})`]),
  ];
  return flow(parts, ' · ', style).map(line => paint(style, 'dim', line));
}

function messages(all: readonly EventText[], style: TerminalStyle): Section {
  const last = all.slice(-MESSAGES);
  return {
    least: 0,
    most: last.length,
    render: rows =>
      last.slice(last.length - rows).map(({ time, text, tone }) => {
        const stamp = Number.isFinite(time) ? new Date(time).toISOString().slice(11, 19) : ' '.repeat(8);
        return `${paint(style, 'dim', stamp)}  ${paint(style, tone, printable(text))}`;
      }),
  };
}

/** Both at the ends of one line, or below each other where they do not fit. */
function spread(left: string, right: string, style: TerminalStyle): string[] {
  const room = style.width - displayWidth(left) - displayWidth(right);
  return room >= 2 ? [left + ' '.repeat(room) + right] : [left, right];
}

/** As many parts a line as fit. */
function flow(parts: readonly string[], joint: string, style: TerminalStyle): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last + joint + part) <= style.width)
      lines[lines.length - 1] += joint + part;
    else lines.push(part);
  }
  return lines;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
