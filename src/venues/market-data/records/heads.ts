import { FrameError } from '../../wire/json-cursor.ts';
import type { DecoderHost } from '../contract.ts';
import type { Instrument } from '../instruments.ts';

/** What every record of an instrument says first. `exchangeTime` in µs UTC. */
export function head(
  host: DecoderHost,
  venue: string,
  instrument: Instrument,
  exchangeTime: number | null,
  sequence: string | null = null,
) {
  return {
    venue,
    symbol: instrument.symbol,
    native: instrument.native,
    exchangeTime,
    receiveTime: host.receiveTime,
    publishTime: 0,
    sequence,
  };
}

/** Milliseconds of the wire, or microseconds where a venue was asked for them, as microseconds. */
export function microseconds(time: number): number {
  // Milliseconds reach this number in the year 5138.
  return time > 1e14 ? time : time * 1000;
}

/** Nanoseconds of the wire, which no double holds, as microseconds. Throws FrameError. */
export function nanoseconds(text: string): number {
  if (!/^\d{4,20}$/.test(text)) throw new FrameError(`no time in nanoseconds: ${text}`);
  return Number(text.slice(0, -3));
}

/** A time of the wire as microseconds, by its size: seconds, milliseconds, microseconds or nanoseconds. Throws FrameError. */
export function timeOf(text: string): number {
  if (!/^\d{1,20}$/.test(text)) throw new FrameError(`no time: ${text}`);
  if (text.length >= 18) return nanoseconds(text);
  return text.length <= 10 ? Number(text) * 1_000_000 : microseconds(Number(text));
}
