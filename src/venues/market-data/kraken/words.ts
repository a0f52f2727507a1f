import type { SideChanges } from '../../books/level-changes.ts';
import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import { requestNumber } from '../planning/request-words.ts';

export const ID = 'kraken';
/** Symbols that one request names. */
export const MOST_SYMBOLS = 50;
/** Levels a side that Kraken sends where none are asked for, and those that can be asked for. */
export const DEFAULT_DEPTH = 10;
const DEPTHS = [10, 25, 100, 500, 1000];

export function requestText(method: string, params: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ method, params, req_id: requestNumber(JSON.stringify({ method, params })) });
}

/** The least depth that Kraken offers for so many levels. */
export function depthFor(levels: number): number {
  return DEPTHS.find(depth => depth >= levels) ?? Number.POSITIVE_INFINITY;
}

/** Reads `[{"price":…,"qty":…}, …]`, whichever of the two comes first. */
export function readLevels(cursor: JsonCursor, side: SideChanges): void {
  cursor.array();
  while (cursor.item()) {
    let size = -1;
    let price = -1;
    cursor.object();
    while (cursor.key()) {
      const isPrice = cursor.is('price');
      const isSize = cursor.is('qty');
      cursor.peek();
      if (isPrice) price = cursor.at;
      else if (isSize) size = cursor.at;
      cursor.skip();
    }
    if (price === -1 || size === -1) throw new FrameError('a level without price and qty');
    const end = cursor.at;
    cursor.at = price;
    side.readPrice(cursor);
    cursor.at = size;
    side.readSize(cursor);
    cursor.at = end;
  }
}
