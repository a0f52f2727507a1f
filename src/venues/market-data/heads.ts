import type { DecoderHost } from './contract.ts';
import type { Instrument } from './instruments.ts';

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
