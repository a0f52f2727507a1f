import type { LiveEvent } from '../../live/events.ts';
import { type Colour, money, number, paint, percent, plain, type TerminalStyle, utcTime } from './format.ts';
import { printable } from './width.ts';

/** What people are told of an event: one line, and how it is meant. */
export interface EventText {
  readonly time: number;
  readonly text: string;
  readonly tone: Colour | undefined;
}

/** Undefined for events that are shown as a state, or too often, to be a line each. */
export function eventText(event: LiveEvent): EventText | undefined {
  const say = (text: string, tone?: Colour) => ({ time: event.time, text: printable(text), tone });
  switch (event.type) {
    case 'session': {
      const series = event.series.map(({ symbol, interval }) => `${symbol} ${interval}`).join(', ');
      const resumed =
        event.resumedSteps === 0 ? '' : `, goes on after ${number(event.resumedSteps, 0)} steps`;
      const mode = event.mode === 'paper' ? 'paper' : event.dryRun === true ? 'DRY RUN' : 'REAL ORDERS';
      return say(
        `session ${event.session}: ${event.strategy} on ${series}, ${mode}, ${event.exchange}${resumed}`,
        event.mode === 'real' ? 'red' : undefined,
      );
    }
    case 'status':
      return say(event.message);
    case 'warning':
      return say(`${event.code}: ${event.message}`, 'yellow');
    case 'gap':
      return say(
        `GAP: ${event.symbol} ${event.interval}: no bars from ${utcTime(event.from)} to ${utcTime(event.to)}: ${event.cause}`,
        'yellow',
      );
    case 'bar': {
      if (!event.closed) return undefined;
      const { symbol, interval, openTime, open, high, low, close, volume, late } = event;
      const prices = `open ${figure(open)}  high ${figure(high)}  low ${figure(low)}  close ${figure(close)}`;
      const text = `${symbol} ${interval} ${utcTime(openTime)}  ${prices}  volume ${figure(volume)}`;
      return say(late ? `${text}  late` : text, 'dim');
    }
    case 'order': {
      const text = `order ${event.id}: ${orderText(event)}: ${event.status}`;
      if (event.reason === null) return say(text);
      return say(`${text}: ${event.reason.code}: ${event.reason.message}`, 'yellow');
    }
    case 'fill': {
      const { order, side, size, symbol, price, fee } = event;
      return say(
        `order ${order}: ${side} ${figure(size)} ${symbol} at ${figure(price)}, fee ${money(fee)}`,
        'cyan',
      );
    }
    case 'trade': {
      const { id, side, size, symbol, entryPrice, exitPrice, net } = event;
      const text = `trade ${id}: ${side} ${figure(size)} ${symbol}, ${figure(entryPrice)} to ${figure(exitPrice)}, net ${money(net)}`;
      return say(text, net > 0 ? 'green' : 'red');
    }
    case 'log':
      return say(event.message);
    case 'command':
      return say(`to the exchange: ${event.message}`, 'dim');
    case 'report': {
      const { symbol, id, status, executed, message } = event;
      const text = `from the exchange: ${symbol === '' ? id : `${symbol} ${id}`}: ${status}`;
      if (message !== '') return say(`${text}: ${message}`, 'yellow');
      return say(Number(executed) > 0 ? `${text}, ${executed} executed` : text, 'dim');
    }
    case 'halt':
      return event.halted
        ? say(`HALTED: ${event.message} (${event.code})`, 'red')
        : say('RESUMED: orders are placed again', 'green');
    case 'alarm':
      return say(`ALARM: ${event.code}: ${event.message}`, 'red');
    case 'equity':
      return undefined;
    case 'end': {
      const { reason, value, bars, orders, fills, trades } = event;
      const counts = `${number(bars, 0)} bars, ${number(orders, 0)} orders, ${number(fills, 0)} fills, ${number(trades, 0)} trades`;
      return say(`${reason}: value ${money(value)}, ${counts}`);
    }
  }
}

/** `2024-01-31 12:00:05  text`, as a line of its own. */
export function eventLine({ time, text, tone }: EventText, style: TerminalStyle): string {
  const stamp = Number.isNaN(time) ? ' '.repeat(19) : utcSecond(time);
  return plain(style, `${paint(style, 'dim', stamp)}  ${paint(style, tone, text)}`);
}

/** `buy market 0.5 BTCUSDT`, `sell limit 2 ETHUSDT at 2,300`, `sell stop 1 BTCUSDT from 41,000`. */
export function orderText(order: {
  readonly side: string;
  readonly orderType: string;
  readonly size: number;
  readonly quote: number;
  /** The trigger; NaN without one. */
  readonly stop: number;
  readonly limit: number;
  readonly symbol: string;
}): string {
  const { side, orderType, size, quote, stop, limit, symbol } = order;
  // An exit is for what its entry will have brought.
  const unsized = Number.isNaN(quote) ? '' : `${money(quote)} (quote) of `;
  const amount = Number.isNaN(size) ? unsized : `${figure(size)} `;
  const trigger = Number.isNaN(stop) ? '' : ` from ${figure(stop)}`;
  return `${side} ${orderType} ${amount}${symbol}${trigger}${Number.isNaN(limit) ? '' : ` at ${figure(limit)}`}`;
}

/** A price or size with as many decimals as it has, but eight significant digits at most. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return number(value);
  return value.toLocaleString('en-US', { maximumSignificantDigits: 8 });
}

/** `2024-01-31 12:00:05`. */
export function utcSecond(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().replace('T', ' ').slice(0, 19) : 'n/a';
}

/** `+1.23 %`. */
export function gain(fraction: number): { readonly text: string; readonly tone: Colour | undefined } {
  const tone = fraction > 0 ? 'green' : fraction < 0 ? 'red' : undefined;
  return { text: percent(fraction, true), tone };
}
