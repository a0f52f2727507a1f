import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { CsvOptions } from '../../src/feeds/csv/csv.ts';
import { symbolOf } from '../../src/feeds/csv/symbol.ts';
import { open, type Row, read, rowsOf, zip } from './csv-files.ts';

const T0 = Date.UTC(2024, 0, 2);
const MINUTE = 60_000;
const DAY = 86_400_000;

/** The two bars that most files below hold. */
const two = (step: number): Row[] => [
  { time: T0, open: 10, high: 12.5, low: 9.5, close: 11, volume: 100 },
  { time: T0 + step, open: 11, high: 13, low: 10.25, close: 12, volume: 200.5 },
];

/** Each file holds `two(step)`; the columns of interest are named in the case's title. */
const SAME: [title: string, step: number, content: string, options?: CsvOptions][] = [
  [
    'a header in the usual order',
    DAY,
    'Date,Open,High,Low,Close,Volume\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n',
  ],
  [
    'a header in any order and case',
    DAY,
    'VOL,close,DateTime,LOW,High,oPEN\n100,11,2024-01-02,9.5,12.5,10\n200.5,12,2024-01-03,10.25,13,11\n',
  ],
  [
    'MetaTrader headers, tabs and points in dates',
    MINUTE,
    '<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<VOL>\n2024.01.02\t00:00:00\t10\t12.5\t9.5\t11\t100\n2024.01.02\t00:01:00\t11\t13\t10.25\t12\t200.5\n',
  ],
  [
    'numbered headers',
    DAY,
    'timestamp,1. open,2. high,3. low,4. close,5. volume\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n',
  ],
  [
    'an unnamed first column, as pandas writes its index',
    MINUTE,
    ',open,high,low,close,volume\n2024-01-02 00:00:00,10,12.5,9.5,11,100\n2024-01-02 00:01:00,11,13,10.25,12,200.5\n',
  ],
  [
    'a volume named after the base asset',
    DAY,
    'date,open,high,low,close,Volume XYZ\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n',
  ],
  ['no header at all', DAY, '2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n'],
  [
    'no header, day and time apart',
    MINUTE,
    '2024.01.02,00:00,10,12.5,9.5,11,100\n2024.01.02,00:01,11,13,10.25,12,200.5\n',
  ],
  [
    'day and time in columns of their own',
    MINUTE,
    'Date,Time,Open,High,Low,Close,Volume\n20240102,000000,10,12.5,9.5,11,100\n20240102,000100,11,13,10.25,12,200.5\n',
  ],
  [
    'compact stamps and semicolons',
    MINUTE,
    '20240102 000000;10;12.5;9.5;11;100\n20240102 000100;11;13;10.25;12;200.5\n',
  ],
  ['epoch seconds', MINUTE, 't,o,h,l,c,v\n1704153600,10,12.5,9.5,11,100\n1704153660,11,13,10.25,12,200.5\n'],
  [
    'epoch milliseconds',
    MINUTE,
    't,o,h,l,c,v\n1704153600000,10,12.5,9.5,11,100\n1704153660000,11,13,10.25,12,200.5\n',
  ],
  [
    'epoch microseconds',
    MINUTE,
    't,o,h,l,c,v\n1704153600000000,10,12.5,9.5,11,100\n1704153660000000,11,13,10.25,12,200.5\n',
  ],
  [
    'epoch nanoseconds',
    MINUTE,
    't,o,h,l,c,v\n1704153600000000000,10,12.5,9.5,11,100\n1704153660000000000,11,13,10.25,12,200.5\n',
  ],
  [
    'stamps with a zone',
    MINUTE,
    'time,open,high,low,close,volume\n2024-01-02T02:00:00+02:00,10,12.5,9.5,11,100\n2024-01-02T00:01:00Z,11,13,10.25,12,200.5\n',
  ],
  [
    'stamps of a stated zone',
    MINUTE,
    'time,open,high,low,close,volume\n2024-01-02 02:00,10,12.5,9.5,11,100\n2024-01-02 02:01,11,13,10.25,12,200.5\n',
    { utcOffset: '+02:00' },
  ],
  [
    'day and time apart in a stated zone',
    MINUTE,
    'date,time,open,high,low,close,volume\n2024-01-01,19:00,10,12.5,9.5,11,100\n2024-01-01,19:01,11,13,10.25,12,200.5\n',
    { utcOffset: '-0500' },
  ],
  [
    'semicolons and decimal commas',
    DAY,
    'Date;Open;High;Low;Close;Volume\n2024-01-02;10;12,5;9,5;11;100\n2024-01-03;11;13;10,25;12;200,5\n',
  ],
  [
    'tabs',
    DAY,
    'Date\tOpen\tHigh\tLow\tClose\tVolume\n2024-01-02\t10\t12.5\t9.5\t11\t100\n2024-01-03\t11\t13\t10.25\t12\t200.5\n',
  ],
  [
    'vertical bars between columns',
    DAY,
    'Date|Open|High|Low|Close|Volume\n2024-01-02|10|12.5|9.5|11|100\n2024-01-03|11|13|10.25|12|200.5\n',
  ],
  [
    'CRLF',
    DAY,
    'Date,Open,High,Low,Close,Volume\r\n2024-01-02,10,12.5,9.5,11,100\r\n2024-01-03,11,13,10.25,12,200.5\r\n',
  ],
  [
    'CR alone',
    DAY,
    'Date,Open,High,Low,Close,Volume\r2024-01-02,10,12.5,9.5,11,100\r2024-01-03,11,13,10.25,12,200.5\r',
  ],
  [
    'no line end after the last row',
    DAY,
    'Date,Open,High,Low,Close,Volume\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5',
  ],
  [
    'a byte order mark',
    DAY,
    '\ufeffDate,Open,High,Low,Close,Volume\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n',
  ],
  [
    'blank lines and blanks around values',
    DAY,
    '\nDate, Open, High, Low, Close, Volume\n\n2024-01-02, 10, 12.5 ,9.5,11,100\n   \n2024-01-03,\t11,13,10.25,12,200.5  \n\n\n',
  ],
  [
    'quotes around everything',
    DAY,
    '"Date","Open","High","Low","Close","Volume"\n"2024-01-02","10","12.5","9.5","11","100"\n"2024-01-03","11","13","10.25","12","200.5"\n',
  ],
  [
    'quotes and semicolons',
    DAY,
    '"Date";"Open";"High";"Low";"Close";"Volume"\n"2024-01-02";"10";"12,5";"9,5";"11";"100"\n"2024-01-03";"11";"13";"10,25";"12";"200,5"\n',
  ],
  [
    'signs and exponents',
    DAY,
    'Date,Open,High,Low,Close,Volume\n2024-01-02,+10,1.25e1,95E-1,11.0,1e2\n2024-01-03,11.,13,10.25,12,.2005e3\n',
  ],
  [
    'a single column of text that holds separators, quotes and line ends',
    DAY,
    'Date,Note,Open,High,Low,Close,Volume\n2024-01-02,"a, ""b""\nc",10,12.5,9.5,11,100\n2024-01-03,d,11,13,10.25,12,200.5\n',
  ],
  [
    'GenericCSV columns by index, without header',
    DAY,
    '10,12.5,9.5,11,2024-01-02,100\n11,13,10.25,12,2024-01-03,200.5\n',
    { columns: { datetime: 4, open: 0, high: 1, low: 2, close: 3, volume: 5 } },
  ],
  [
    'GenericCSV with date and time patterns',
    MINUTE,
    'a,b,c,d,e,f,g\n02/01/24,12.00 am,10,12.5,9.5,11,100\n02/01/24,12.01 am,11,13,10.25,12,200.5\n',
    {
      columns: { datetime: 0, time: 1, open: 2, high: 3, low: 4, close: 5, volume: 6, g: -1 },
      dateFormat: '%d/%m/%y',
      timeFormat: '%I.%M %p',
    },
  ],
  [
    'columns by header name',
    DAY,
    'when,first,top,bottom,final,size\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n',
    { columns: { date: 'when', open: 'first', high: 'Top', low: 'bottom', close: 'final', volume: 'size' } },
  ],
  [
    'a given separator',
    DAY,
    'Date:Open:High:Low:Close:Volume\n2024-01-02:10:12.5:9.5:11:100\n2024-01-03:11:13:10.25:12:200.5\n',
    { separator: ':' },
  ],
  [
    'a pattern for the stamp',
    DAY,
    'Date,Open,High,Low,Close,Volume\n2 Jan 2024,10,12.5,9.5,11,100\n3 Jan 2024,11,13,10.25,12,200.5\n',
    { dateFormat: '%d %b %Y' },
  ],
  [
    'a last column of text with line ends in it',
    DAY,
    'Date,Open,High,Low,Close,Volume,Note\n2024-01-02,10,12.5,9.5,11,100,"a\nb,1"\n2024-01-03,11,13,10.25,12,200.5,"\n"\n',
  ],
  [
    'as many commas as semicolons, without header',
    DAY,
    '2024-01-02 00:00:00,0;10,0;12,5;9,5;11,0;100,0\n2024-01-03 00:00:00,0;11,0;13,0;10,25;12,0;200,5\n',
  ],
  [
    'spaces between columns',
    DAY,
    'Date Open High Low Close Volume\n2024-01-02 10 12.5 9.5 11 100\n2024-01-03 11 13 10.25 12 200.5\n',
    { separator: ' ' },
  ],
  [
    'quoted decimal commas between commas',
    DAY,
    'Date,Open,High,Low,Close,Volume\n2024-01-02,10,"12,5","9,5",11,100\n2024-01-03,11,13,"10,25",12,"200,5"\n',
    { decimal: ',' },
  ],
  [
    'newest first',
    DAY,
    'Date,Open,High,Low,Close,Volume\n2024-01-03,11,13,10.25,12,200.5\n2024-01-02,10,12.5,9.5,11,100\n',
    { reverse: true },
  ],
  [
    'a headers option that overrules the guess',
    DAY,
    '1,2,3,4,5,6\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n',
    { headers: true, columns: { datetime: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 } },
  ],
  [
    'an empty field that nullValue stands for',
    DAY,
    'Date,Open,High,Low,Close,Volume\n2024-01-02,10,12.5,9.5,11,\n2024-01-03,11,13,10.25,12,200.5\n',
    { nullValue: 100 },
  ],
];

describe('a CSV feed reads', () => {
  test.each(SAME)('%s', async (_title, step, content, options = {}) => {
    expect(await read(content, options)).toEqual(two(step));
    expect(await read(content, options, { fast: false })).toEqual(two(step));
    expect(await read(content, options, { step: 7, chunk: 1 })).toEqual(two(step));
  });

  test("Binance's dump, milliseconds and, from 2025, microseconds in one file", async () => {
    const rows =
      '1735603200000,10,12.5,9.5,11,100,1735689599999,1050.5,42,60,630,0\n' +
      '1735689600000000,11,13,10.25,12,200.5,1735775999999999,2300,43,70,840.5,0\n';
    const expected = two(DAY).map((row, i) => ({
      ...row,
      time: Date.UTC(2024, 11, 31) + i * DAY,
      quoteVolume: [1050.5, 2300][i],
      trades: [42, 43][i],
      takerBuyBase: [60, 70][i],
      takerBuyQuote: [630, 840.5][i],
    }));
    const spot =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n';
    const long =
      'Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades,Taker buy base asset volume,Taker buy quote asset volume,Ignore\n';
    for (const header of ['', spot, long]) {
      const feed = await open(header + rows);
      expect(feed.columns).toEqual(['quoteVolume', 'trades', 'takerBuyBase', 'takerBuyQuote']);
      expect(feed.notes?.()).toEqual([]);
      expect(await rowsOf(feed)).toEqual(expected);
    }
  });

  test("Yahoo's file, its adjusted close beside, its rows of null left out and counted", async () => {
    const feed = await open(
      'Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,10,12.5,9.5,11,10.9,100\n2024-01-03,null,null,null,null,null,null\n2024-01-04,11,13,10.25,12,11.9,200.5\n',
    );
    expect(feed.columns).toEqual(['adjClose']);
    expect((await rowsOf(feed)).map(row => [row.time, row.adjClose])).toEqual([
      [T0, 10.9],
      [T0 + 2 * DAY, 11.9],
    ]);
    expect(feed.notes?.()).toEqual(['1 row skipped: 1 no bar (null) (line 3)']);
  });

  test('the layout close, high, low, open, volume, baseVolume, datetime, with header and without', async () => {
    const rows =
      '11,12.5,9.5,10,100,1000,2024-01-02T00:00:00\n12,13,10.25,11,200.5,2000,2024-01-02T00:01:00\n';
    for (const header of ['', 'close,high,low,open,volume,baseVolume,datetime\n']) {
      const found = await read(header + rows);
      expect(found).toEqual(two(MINUTE).map((row, i) => ({ ...row, baseVolume: [1000, 2000][i] })));
    }
  });

  test("GenericCSV's own layout: datetime, five columns and openinterest", async () => {
    const rows = '2024-01-02 00:00:00,10,12.5,9.5,11,100,7\n2024-01-03 00:00:00,11,13,10.25,12,200.5,8\n';
    expect(await read(rows, { columns: { openinterest: 6 }, dateFormat: '%Y-%m-%d %H:%M:%S' })).toEqual(
      two(DAY).map((row, i) => ({ ...row, openinterest: 7 + i })),
    );
    const epoch = '1704153600,10,12.5,9.5,11,100\n1704240000,11,13,10.25,12,200.5\n';
    expect(await read(epoch, { columns: {}, dateFormat: 1 })).toEqual(two(DAY));
    const small = '0,10,12.5,9.5,11,100\n60.5,11,13,10.25,12,200.5\n';
    expect((await read(small, { dateFormat: 2, columns: {} })).map(row => row.time)).toEqual([0, 60_500]);
  });

  test('further numeric columns under their own names, empty ones as NaN, and notes those of text', async () => {
    const feed = await open(
      'date,open,high,low,close,volume,RSI 14,symbol,signal\n2024-01-02,10,12.5,9.5,11,100,,XYZ,-1\n2024-01-03,11,13,10.25,12,200.5,55.25,XYZ,nan\n',
    );
    expect(feed.columns).toEqual(['RSI 14', 'signal']);
    expect(feed.notes?.()).toEqual(['column "symbol" is not numeric and was left out']);
    expect((await rowsOf(feed)).map(row => [row['RSI 14'], row.signal])).toEqual([
      [Number.NaN, -1],
      [55.25, Number.NaN],
    ]);
  });

  test('a column left out on request, and a file without volume as zeros with a note', async () => {
    const feed = await open('date,open,high,low,close,RSI\n2024-01-02,10,12.5,9.5,11,x\n', {
      columns: { RSI: -1 },
      interval: '1d',
    });
    expect(feed.columns).toEqual([]);
    expect(feed.notes?.()).toEqual(['there is no volume column: every volume is 0']);
    expect((await rowsOf(feed))[0].volume).toBe(0);
  });

  test('the whole stamp when there are several columns of time', async () => {
    const feed = await open(
      'unix,date,symbol,open,high,low,close,Volume USDT,Volume XYZ\n1704153600,2024-01-02 00:00:00,XYZ/USDT,10,12.5,9.5,11,1,100\n1704153660,2024-01-02 00:01:00,XYZ/USDT,11,13,10.25,12,2,200.5\n',
    );
    expect(feed.columns).toEqual(['unix', 'Volume USDT']);
    expect((await rowsOf(feed)).map(({ time, volume }) => [time, volume])).toEqual([
      [T0, 100],
      [T0 + MINUTE, 200.5],
    ]);
  });

  const plain =
    'Date,Open,High,Low,Close,Volume\n2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n';

  test('gzip by its first bytes, whatever the name, in one member or several', async () => {
    const members = Buffer.concat([gzipSync(plain.slice(0, 50)), gzipSync(plain.slice(50))]);
    for (const packed of [gzipSync(plain), members]) {
      expect(await rowsOf(await open(packed, {}, {}, 'packed.csv'))).toEqual(two(DAY));
    }
    expect(await rowsOf(await open(plain, {}, {}, 'not-packed.csv.gz'))).toEqual(two(DAY));
  });

  test('zip by its first bytes, its entries in the order of their names as one series', async () => {
    expect(await rowsOf(await open(zip({ 'data.csv': plain }), {}, {}, 'packed.bin'))).toEqual(two(DAY));
    const months = zip({
      'x-2025-01.csv': '1735689600000000,11,13,10.25,12,200.5,1735775999999999,2300,43,70,840.5,0\n',
      'readme.md': '# not data',
      'x-2024-12.csv': '1735603200000,10,12.5,9.5,11,100,1735689599999,1050.5,42,60,630,0\n',
    });
    const feed = await open(months);
    expect((await rowsOf(feed)).map(row => row.time)).toEqual([Date.UTC(2024, 11, 31), Date.UTC(2025, 0, 1)]);
    expect(feed.interval).toBe('1d');
    expect(feed.notes?.()[0]).toMatch(/not CSV were ignored: readme.md/);
  });
});

describe('a CSV feed tells', () => {
  test.each([
    ['btcusdt-5m.csv.gz', 'BTCUSDT'],
    ['BTCUSDT-1m-2024-01.zip', 'BTCUSDT'],
    ['some/folder/ETH-EUR.csv', 'ETH-EUR'],
    ['Binance_BTC_USDT_1h.csv', 'BTC-USDT'],
    ['nvda_1999_2014.csv.gz', 'NVDA'],
    ['near_1m_5d_first600.csv', 'NEAR'],
    ['2024-01.csv', 'DATA'],
    ['1INCHUSDT-1d.csv', '1INCHUSDT'],
  ])('the symbol in %s', (path, symbol) => {
    expect(symbolOf(path)).toBe(symbol);
  });

  test('what the options say before what the file says', async () => {
    const feed = await open('2024-01-02,10,12.5,9.5,11,100\n2024-01-03,11,13,10.25,12,200.5\n', {
      symbol: 'ABC-EUR',
      interval: '4h',
      stamps: 'close',
    });
    expect([feed.instrument.base, feed.instrument.quote, feed.interval, feed.stamps]).toEqual([
      'ABC',
      'EUR',
      '4h',
      'close',
    ]);
  });

  test.each([
    ['1m', 60],
    ['15m', 900],
    ['4h', 14_400],
    ['1d', 86_400],
    ['1w', 604_800],
  ])('the interval %s by the most common distance, in both directions', async (interval, seconds) => {
    const rows = [0, 1, 2, 5, 6, 7].map(i => `${1_704_153_600 + i * seconds},1,1,1,1,1`);
    expect((await open(rows.join('\n'))).interval).toBe(interval);
    expect((await open(rows.toReversed().join('\n'), { reverse: true })).interval).toBe(interval);
  });

  test('that one bar alone has no interval', async () => {
    const feed = await open('2024-01-02,10,12.5,9.5,11,100\n');
    expect(feed.interval).toBe('1d');
    expect(feed.notes?.()).toEqual(['there is one bar only: interval taken as 1d']);
  });
});
