import { InputError } from '../../model/errors.ts';
import { digits, digitsEnd, SPACE, textOf } from './bytes.ts';
import { dayStart, timeOfDay, zoneOffset } from './calendar.ts';

/** The directives of strptime that are understood. */
const DIRECTIVES = 'YymdHIMSfpbBaAjz';
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WIDTH: Readonly<Record<string, number>> = { Y: 4, f: 9, j: 3 };

/** A date written by a strptime pattern such as `%d.%m.%Y %H:%M`; months and days may come without zeros. */
export class DatePattern {
  /** One directive letter or one literal character each; a literal stands with a quote before it. */
  readonly #parts: readonly string[];

  constructor(format: string, option: string) {
    const parts: string[] = [];
    for (let i = 0; i < format.length; i++) {
      if (format[i] !== '%') {
        parts.push(`'${format[i]}`);
        continue;
      }
      const letter = format[++i];
      if (letter === '%') parts.push("'%");
      else if (letter !== undefined && DIRECTIVES.includes(letter)) parts.push(letter);
      else {
        throw new InputError(
          'CSV_PATTERN',
          `${option} "${format}" has the unknown directive %${letter ?? ''}`,
          {
            value: format,
            limit: [...DIRECTIVES].map(known => `%${known}`).join(' '),
            fix: `use ${[...DIRECTIVES].map(known => `%${known}`).join(' ')}`,
          },
        );
      }
    }
    if (parts.every(part => part[0] === "'")) {
      throw new InputError('CSV_PATTERN', `${option} "${format}" has no directive`, {
        value: format,
        fix: 'write it as in strptime: %Y-%m-%d %H:%M:%S',
      });
    }
    this.#parts = parts;
  }

  /** Epoch milliseconds UTC (since 1970-01-01 for a pattern without a date); NaN when the bytes do not fit. */
  read(bytes: Uint8Array, from: number, to: number, offset: number): number {
    let at = from;
    let year = 1970;
    let month = 1;
    let day = 1;
    let dayOfYear = 0;
    let hour = 0;
    let minute = 0;
    let second = 0;
    let fraction = 0;
    let afternoon = -1;
    let zone = offset;
    for (const part of this.#parts) {
      if (part.length === 2) {
        if (part === "' ") {
          if (bytes[at] !== SPACE || at >= to) return Number.NaN;
          while (at < to && bytes[at] === SPACE) at++;
        } else if (at >= to || bytes[at++] !== part.charCodeAt(1)) return Number.NaN;
        continue;
      }
      const start = at;
      if (part === 'b' || part === 'B' || part === 'a' || part === 'A' || part === 'p') {
        while (at < to && (bytes[at] | 32) >= 97 && (bytes[at] | 32) <= 122) at++;
        const word = textOf(bytes, start, at).toLowerCase();
        if (part === 'p') {
          if (word !== 'am' && word !== 'pm') return Number.NaN;
          afternoon = word === 'pm' ? 1 : 0;
        } else if (part === 'b' || part === 'B') {
          month = MONTHS.indexOf(word.slice(0, 3)) + 1;
          if (month === 0) return Number.NaN;
        } else if (word === '') return Number.NaN;
        continue;
      }
      if (part === 'z') {
        zone = zoneOffset(bytes, at, to);
        at = to;
        continue;
      }
      at = digitsEnd(bytes, at, Math.min(to, at + (WIDTH[part] ?? 2)));
      if (at === start || (part === 'Y' && at - start !== 4)) return Number.NaN;
      const value = digits(bytes, start, at);
      if (part === 'Y') year = value;
      else if (part === 'y') year = value + (value < 69 ? 2000 : 1900);
      else if (part === 'm') month = value;
      else if (part === 'd') day = value;
      else if (part === 'j') dayOfYear = value;
      else if (part === 'H' || part === 'I') hour = value;
      else if (part === 'M') minute = value;
      else if (part === 'S') second = value;
      else fraction = Math.trunc((value / 10 ** (at - start)) * 1000 + 1e-9);
    }
    if (at !== to) return Number.NaN;
    if (afternoon !== -1) {
      if (hour < 1 || hour > 12) return Number.NaN;
      hour = (hour % 12) + afternoon * 12;
    }
    if (dayOfYear > 366) return Number.NaN;
    const days = dayStart(year, month, day) + (dayOfYear > 0 ? (dayOfYear - 1) * 86_400_000 : 0);
    return days + timeOfDay(hour, minute, second) + fraction - zone;
  }
}
