import { crc32 } from 'node:zlib';
import type { Channel } from '../../../model/records.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import { type JsonObject, parseObject } from '../../wire/json-object.ts';
import type { Instrument } from '../instruments.ts';

/** A stream as a request names it. */
export interface AskedStream {
  readonly channel: Channel;
  /** The venue's name of the instrument, or of a stream that several instruments share. */
  readonly native: string;
  /** Of klines: `1m`. */
  readonly interval?: string;
  /** The canonical symbol, where no instrument has this name; empty for all of the venue. */
  readonly symbol?: string;
}

/** A request. */
export interface Asked {
  /** By which the answer names it. */
  readonly id?: string;
  readonly streams: readonly AskedStream[];
}

/** An answer that refuses a request. */
export interface Refusal {
  /** Of the request. */
  readonly id?: string;
  /** Streams that it names. */
  readonly streams: readonly AskedStream[];
  /** The instrument that it names, where it does not say which channel. */
  readonly native?: string;
  /** The venue's words. */
  readonly detail: string;
  /** The same request will always be refused: there is no such instrument, or it takes a key. */
  readonly isFinal: boolean;
}

/** How a venue is asked for streams, and how it refuses. Pure; throws FrameError for texts that are none of the venue's. */
export interface RequestWords {
  /** What a text that was sent asks for; undefined where it asks for no stream. */
  asked(text: string): Asked | undefined;
  /** Likewise of the address of a connection. */
  askedBy?(url: string): Asked | undefined;
  /** Undefined for an answer that takes nothing away: what is asked for is there already. */
  refusal(frame: string): Refusal | undefined;
  /** Of a request that names several streams, all are refused when one is. */
  readonly refusesWhole?: true;
  /** The name by which a record's stream is asked for, where it is not that of the record. */
  askedAs?(channel: Channel, instrument: Instrument): string;
}

const FINAL =
  /n't exist|not (a |an )?(exist|found|support|valid|listed|available)|no such|invalid|unknown|malformed|unauthori[sz]ed|authenticat|permission|log ?in|denied|delisted|api key/i;

/** Whether the words of a refusal say that the same request can never be granted. */
export function saysNever(words: string): boolean {
  return FINAL.test(words);
}

/** A member as text; empty where it is none. */
export function textIn(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The id of a request or of its answer; nothing where it has none. */
export function idIn(object: JsonObject, name: string): { readonly id?: string } {
  const id = textIn(object, name);
  return id === '' ? {} : { id };
}

/** Texts in a member that is a text or a list of them. */
export function textsIn(object: JsonObject, name: string): string[] {
  return [object[name]].flat().filter(value => typeof value === 'string');
}

/** The object of a text that was sent; an empty one where it is something else, as pings may be. */
export function requestIn(text: string): JsonObject {
  try {
    return parseObject(text);
  } catch (error) {
    if (error instanceof FrameError) return {};
    throw error;
  }
}

/** An id by its content: two requests that are under way at once have the same one only if they ask for the same. */
export function requestNumber(content: string): number {
  return crc32(content);
}

/** A stream of a channel; none where the channel is not collected. */
export function stream(
  channel: Channel | undefined,
  native: string,
  interval?: string,
): readonly AskedStream[] {
  if (channel === undefined || native === '') return [];
  return [{ channel, native, ...(interval === undefined ? {} : { interval }) }];
}
