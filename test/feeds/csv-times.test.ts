import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayStart } from '../../src/feeds/csv/calendar.ts';
import { DatePattern } from '../../src/feeds/csv/pattern.ts';
import { isClock, isDayOnly, TimeReader, timeKindOf } from '../../src/feeds/csv/times.ts';

function read(text: string, offset = 0): number {
  const kind = timeKindOf(text);
  if (kind === undefined) return Number.NaN;
  const bytes = Buffer.from(`${text},`);
  return new TimeReader(kind, offset).readLoosely(bytes, 0, bytes.length - 1, text);
}

function strptime(format: string, text: string, offset = 0): number {
  const bytes = Buffer.from(`${text},`);
  return new DatePattern(format, 'dateFormat').read(bytes, 0, bytes.length - 1, offset);
}

const moment = fc.integer({ min: -62e12, max: Date.UTC(2099, 11, 31) });

describe('times', () => {
  test('in ISO notation equal Date.parse, with and without zone', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: -14 * 60, max: 14 * 60 }), (time, minutes) => {
        const text = new Date(time).toISOString();
        expect(read(text)).toBe(time);
        expect(read(text.slice(0, 19).replace('T', ' '))).toBe(time - (((time % 1000) + 1000) % 1000));
        expect(read(text.slice(0, 10))).toBe(Date.parse(text.slice(0, 10)));
        const hours = String(Math.trunc(Math.abs(minutes) / 60)).padStart(2, '0');
        const rest = String(Math.abs(minutes) % 60).padStart(2, '0');
        for (const colon of ['', ':']) {
          const zoned = `${text.slice(0, -1)}${minutes < 0 ? '-' : '+'}${hours}${colon}${rest}`;
          expect(read(zoned)).toBe(time - minutes * 60_000);
        }
        const offset = minutes * 60_000;
        expect(read(text.slice(0, 23), offset)).toBe(time - offset);
        expect(read(text, offset)).toBe(time);
      }),
    );
  });

  test('know the calendar: days that do not exist are refused', () => {
    for (let year = 1890; year <= 2110; year++) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const date = new Date(Date.UTC(year, month - 1, day));
          const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
          expect(dayStart(year, month, day)).toBe(exists ? date.getTime() : Number.NaN);
        }
      }
    }
  });

  test('are read in each notation', () => {
    const day = Date.UTC(2024, 0, 2);
    const cases: [string, number][] = [
      ['2024-01-02', day],
      ['2024/01/02', day],
      ['2024.01.02', day],
      ['2024/1/2', day],
      ['2024-1-2 9:05', day + 32_700_000],
      ['20240102', day],
      ['2024-01-02 03:04', day + 11_040_000],
      ['2024-01-02T03:04:05', day + 11_045_000],
      ['2024-01-02 03:04:05.6', day + 11_045_600],
      ['2024-01-02 03:04:05.678999', day + 11_045_678],
      ['2024-01-02 03:04:05,678', day + 11_045_678],
      ['2024-01-02T03:04:05Z', day + 11_045_000],
      ['2024-01-02 03:04:05 UTC', day + 11_045_000],
      ['2024-01-02 03:04:05+00:00', day + 11_045_000],
      ['2024-01-02T03:04+02', day + 11_040_000 - 7_200_000],
      ['20240102 030405', day + 11_045_000],
      ['20240102030405', day + 11_045_000],
      ['202401020304', day + 11_040_000],
      ['20240102 03:04:05', day + 11_045_000],
      ['20240102T030405Z', day + 11_045_000],
      ['1704164645', 1_704_164_645_000],
      ['1704164645.25', 1_704_164_645_250],
      ['1704164645123', 1_704_164_645_123],
      ['1704164645123456', 1_704_164_645_123],
      ['1704164645123456789', 1_704_164_645_123],
      ['99999999999', 99_999_999_999_000],
      ['100000000000', 100_000_000_000],
      ['99999999999999', 99_999_999_999_999],
      ['100000000000000', 100_000_000_000],
      ['900000000000000', 900_000_000_000],
      ['99999999999999999', 99_999_999_999_999],
      ['100000000000000000', 100_000_000_000],
      ['0001704164645', 1_704_164_645_000],
      ['1.704164645e9', 1_704_164_645_000],
      ['1.704164645123e12', 1_704_164_645_123],
      ['-1704164645', -1_704_164_645_000],
      ['1969-12-31 23:59:59.999', -1],
    ];
    for (const [text, time] of cases) expect([text, read(text)]).toEqual([text, time]);
  });

  test('that do not exist, or only look like one, are refused', () => {
    for (const text of [
      '',
      '2024-02-30',
      '2023-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-01-02 24:00',
      '2024-01-02 23:60',
      '2024-01-02 23:59:60',
      '2024-01-02 3pm',
      '2024-01-02 03:04:05.x',
      '2024-01-02 03:04+2',
      '2024-01-02 03:04+25:00',
      '2024-01/02',
      '02/01/2024',
      '20241301',
      'yesterday',
      '45292.5',
      '42000',
      '12345678901234567890',
    ]) {
      expect([text, read(text)]).toEqual([text, Number.NaN]);
    }
  });

  test('of day are told from days', () => {
    for (const text of ['09:30', '9:30', '09:30:15', '09:30:15.250', '093015', '0930'])
      expect(isClock(text)).toBe(true);
    for (const text of ['', '24:00', '2024-01-02', '9', 'noon']) expect(isClock(text)).toBe(false);
    for (const text of ['2024-01-02', '2024/1/2', '20240102']) expect(isDayOnly(text)).toBe(true);
    for (const text of ['2024-01-02 00:00', '1704164645']) expect(isDayOnly(text)).toBe(false);
  });

  test('follow a strptime pattern', () => {
    const time = Date.UTC(2024, 1, 3, 14, 5, 6);
    const cases: [string, string, number][] = [
      ['%Y-%m-%d %H:%M:%S', '2024-02-03 14:05:06', time],
      ['%d/%m/%Y', '03/02/2024', Date.UTC(2024, 1, 3)],
      ['%m/%d/%y', '2/3/24', Date.UTC(2024, 1, 3)],
      ['%m/%d/%y', '2/3/99', Date.UTC(1999, 1, 3)],
      ['%m/%d/%y', '2/3/69', Date.UTC(1969, 1, 3)],
      ['%m/%d/%y', '2/3/68', Date.UTC(2068, 1, 3)],
      ['%d %b %Y %I:%M:%S %p', '3 Feb 2024 02:05:06 PM', time],
      ['%B %d, %Y', 'February 3, 2024', Date.UTC(2024, 1, 3)],
      ['%a %d.%m.%Y', 'Sat 03.02.2024', Date.UTC(2024, 1, 3)],
      ['%Y%m%d%H%M%S', '20240203140506', time],
      ['%Y-%m-%d %H:%M:%S.%f', '2024-02-03 14:05:06.789123', time + 789],
      ['%Y-%m-%dT%H:%M:%S%z', '2024-02-03T14:05:06+0200', time - 7_200_000],
      ['%Y %j', '2024 034', Date.UTC(2024, 1, 3)],
      ['%H:%M', '14:05', 50_700_000],
      ['100%% %Y', '100% 2024', Date.UTC(2024, 0, 1)],
      ['%I %p', '12 am', 0],
      ['%I %p', '12 pm', 43_200_000],
    ];
    for (const [format, text, expected] of cases)
      expect([format, strptime(format, text)]).toEqual([format, expected]);
    expect(strptime('%Y-%m-%d', '2024-02-03', 3_600_000)).toBe(Date.UTC(2024, 1, 3) - 3_600_000);
    for (const [format, text] of [
      ['%Y-%m-%d', '2024-02-30'],
      ['%Y-%m-%d', '2024-02-03 '],
      ['%Y-%m-%d', '24-02-03'],
      ['%d %b %Y', '3 Foo 2024'],
      ['%H:%M', '25:00'],
      ['%I %p', '13 pm'],
      ['%Y %j', '2024 367'],
    ]) {
      expect([text, strptime(format, text)]).toEqual([text, Number.NaN]);
    }
  });

  test('refuse a pattern with an unknown directive, and one without any', () => {
    expect(() => new DatePattern('%Y-%Q', 'dateFormat')).toThrow(/%Q.*use %Y/);
    expect(() => new DatePattern('YYYY-MM', 'dateFormat')).toThrow(/no directive/);
  });
});
