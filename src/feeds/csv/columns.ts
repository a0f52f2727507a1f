import { DataError, suggest } from '../../model/errors.ts';
import { extraName, fieldsFor, plainName, stampFields } from './header.ts';
import type { CsvOptions } from './options.ts';
import { isNumber, type SampleRow } from './sample.ts';
import { isClock, isDayOnly, timeKindOf } from './times.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
const RESERVED = new Set(['datetime', 'date', 'time', ...PRICES, 'volume']);
/** Where backtrader's GenericCSVData expects the columns of a file, unless told. */
const GENERIC = { datetime: 0, time: -1, open: 1, high: 2, low: 3, close: 4, volume: 5 } as const;

/** Which field of a row is what; -1 for none. */
export interface ColumnPlan {
  /** The stamp, or its day when there is a `clock`. */
  stamp: number;
  clock: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  extras: { name: string; field: number }[];
  notes: string[];
}

/** What is known of a file when its columns are looked for. */
export interface ColumnSearch {
  readonly file: string;
  /** The line of the header, or of the first row. */
  readonly line: number;
  /** Undefined for a file without header. */
  readonly header: readonly string[] | undefined;
  readonly rows: readonly SampleRow[];
  readonly fields: number;
  readonly decimal: '.' | ',';
  readonly options: CsvOptions;
  /** The base asset of the instrument. */
  readonly base: string;
}

/** Finds the columns by the options, the header's names, or a known layout without header, in this order. */
export function planColumns(search: ColumnSearch): ColumnPlan {
  const { header, options } = search;
  const plan: ColumnPlan = {
    stamp: -1,
    clock: -1,
    open: -1,
    high: -1,
    low: -1,
    close: -1,
    volume: -1,
    extras: [],
    notes: [],
  };
  if (options.columns === undefined && header === undefined) layoutWithoutHeader(search, plan);
  else {
    const places = givenPlaces(search);
    assignStamp(search, plan, places);
    for (const role of [...PRICES, 'volume'] as const) assignValue(search, plan, places, role);
    checkDistinct(search, plan);
    assignExtras(search, plan, places);
  }
  if (plan.volume === -1 && options.columns?.volume === undefined) {
    plan.notes.push('there is no volume column: every volume is 0');
  }
  return plan;
}

/** The places in `options.columns` as field indexes. */
function givenPlaces({ file, line, header, fields, options }: ColumnSearch): Map<string, number> {
  const places = new Map<string, number>();
  for (const [key, place] of Object.entries(options.columns ?? {})) {
    const role = key === 'date' ? 'datetime' : key;
    if (typeof place === 'number') {
      if (place >= fields) {
        throw new DataError('CSV_COLUMN_MISSING', `there is no column with index ${place}`, {
          file,
          line,
          column: key,
          value: place,
          limit: fields - 1,
          fix: `the rows have ${fields} columns, counted from 0`,
        });
      }
      places.set(role, place);
      continue;
    }
    let field = header?.indexOf(place) ?? -1;
    if (field === -1) field = header?.findIndex(name => plainName(name) === plainName(place)) ?? -1;
    if (field === -1) throw missing(file, line, key, place, header);
    places.set(role, field);
  }
  return places;
}

function assignStamp(search: ColumnSearch, plan: ColumnPlan, places: Map<string, number>): void {
  const { file, line, header, options } = search;
  const day = places.get('datetime');
  const time = places.get('time') ?? -1;
  if (day !== undefined && day !== -1) {
    plan.stamp = day;
    plan.clock = time;
    if (time === -1 && !places.has('time') && options.timeFormat !== undefined && header !== undefined) {
      plan.clock = header.findIndex((name, field) => field !== day && plainName(name) === 'time');
    }
    return;
  }
  if (time !== -1 && (header === undefined || timeKindOf(firstValue(search, time)) !== undefined)) {
    // Only `time` was named: it is the whole stamp, unless it is a time of day beside a day.
    if (header === undefined && isClock(firstValue(search, time))) {
      plan.stamp = GENERIC.datetime;
      plan.clock = time;
    } else plan.stamp = time;
    return;
  }
  if (header === undefined) {
    plan.stamp = GENERIC.datetime;
    return;
  }
  const taken = new Set([...places].filter(([role]) => role !== 'time').map(([, field]) => field));
  const candidates = stampFields(header).filter(field => !taken.has(field));
  if (candidates.length === 0) throw missing(file, line, 'datetime', 'datetime', header);
  const days = candidates.filter(field => isDayOnly(firstValue(search, field)));
  const clocks = time === -1 ? candidates.filter(field => isClock(firstValue(search, field))) : [time];
  const whole = candidates.filter(
    field => !days.includes(field) && timeKindOf(firstValue(search, field)) !== undefined,
  );
  if (options.dateFormat !== undefined) {
    plan.stamp = candidates.find(field => field !== clocks[0]) ?? candidates[0];
    if (options.timeFormat !== undefined) {
      plan.clock =
        candidates.find(field => field !== plan.stamp && plainName(header[field]) === 'time') ?? -1;
    }
  } else if (whole.length > 0) plan.stamp = whole[0];
  else if (days.length > 0) {
    plan.stamp = days[0];
    plan.clock = clocks[0] ?? -1;
  } else plan.stamp = candidates[0];
}

function assignValue(
  search: ColumnSearch,
  plan: ColumnPlan,
  places: Map<string, number>,
  role: (typeof PRICES)[number] | 'volume',
): void {
  const { file, line, header, base, fields } = search;
  const given = places.get(role);
  if (given !== undefined) plan[role] = given;
  else if (header === undefined) plan[role] = GENERIC[role] < fields ? GENERIC[role] : -1;
  else {
    const taken = new Set(places.values());
    const found = fieldsFor(role, header, base).filter(field => !taken.has(field));
    if (found.length > 1 && plainName(header[found[0]]) === plainName(header[found[1]])) {
      throw new DataError('CSV_COLUMN_AMBIGUOUS', `two columns could be ${role}`, {
        file,
        line,
        column: header[found[0]],
        value: [header[found[0]], header[found[1]]],
        limit: 1,
        fix: `say which one: columns: { ${role}: ${found[0]} } or { ${role}: ${found[1]} }`,
      });
    }
    plan[role] = found[0] ?? -1;
  }
  if (plan[role] === -1 && role !== 'volume') throw missing(file, line, role, role, header);
}

function checkDistinct({ file }: ColumnSearch, plan: ColumnPlan): void {
  const roles = ['stamp', 'clock', ...PRICES, 'volume'] as const;
  for (const [i, role] of roles.entries()) {
    const other = roles.slice(0, i).find(earlier => plan[earlier] !== -1 && plan[earlier] === plan[role]);
    if (other === undefined) continue;
    throw new DataError('CSV_COLUMN_AMBIGUOUS', `column ${plan[role]} is both ${other} and ${role}`, {
      file,
      column: role,
      value: plan[role],
      fix: 'give every column of the bar its own index; volume: -1 says that there is none',
    });
  }
}

function assignExtras(search: ColumnSearch, plan: ColumnPlan, places: Map<string, number>): void {
  const { header, options } = search;
  const used = new Set([plan.stamp, plan.clock, plan.open, plan.high, plan.low, plan.close, plan.volume]);
  for (const [name, field] of places) {
    if (RESERVED.has(name) || field === -1) continue;
    plan.extras.push({ name, field });
    used.add(field);
  }
  for (const [field, title] of header?.entries() ?? []) {
    const name = extraName(title, header!);
    if (used.has(field) || name === '') continue;
    if (options.columns?.[name] === -1 || options.columns?.[title] === -1) continue;
    const values = search.rows.map(row => row.fields[field] ?? '').filter(text => !isMissing(text));
    if (!values.every(text => isNumber(text, search.decimal))) {
      plan.notes.push(`column "${title}" is not numeric and was left out`);
    } else if (plan.extras.some(extra => extra.name === name)) {
      plan.notes.push(`column "${title}" comes twice; the first one was taken`);
    } else plan.extras.push({ name, field });
  }
}

function layoutWithoutHeader(search: ColumnSearch, plan: ColumnPlan): void {
  const { file, rows, fields } = search;
  const value = (field: number) => firstValue(search, field);
  const stampFirst = timeKindOf(value(0)) !== undefined;
  if (fields === 12 && timeKindOf(value(0)) === 'epoch' && timeKindOf(value(6)) === 'epoch') {
    Object.assign(plan, { stamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 });
    const names = ['quoteVolume', 'trades', 'takerBuyBase', 'takerBuyQuote'];
    plan.extras = names.map((name, i) => ({ name, field: 7 + i }));
  } else if (stampFirst && isDayOnly(value(0)) && fields >= 6 && isClockField(value(1))) {
    const volume = fields > 6 ? 6 : -1;
    Object.assign(plan, { stamp: 0, clock: 1, open: 2, high: 3, low: 4, close: 5, volume });
    noteUnnamed(plan, 7, fields);
  } else if (stampFirst && fields >= 5) {
    Object.assign(plan, { stamp: 0, open: 1, high: 2, low: 3, close: 4, volume: fields > 5 ? 5 : -1 });
    noteUnnamed(plan, 6, fields);
  } else if (fields === 7 && timeKindOf(value(6)) !== undefined) {
    Object.assign(plan, { stamp: 6, close: 0, high: 1, low: 2, open: 3, volume: 4 });
    plan.extras = [{ name: 'baseVolume', field: 5 }];
  } else {
    const first = rows[0].fields.join(' ').slice(0, 80);
    throw new DataError(
      'CSV_LAYOUT_UNKNOWN',
      `there is no header, and ${fields} columns of no known layout`,
      {
        file,
        line: rows[0].line,
        value: first,
        limit: 'datetime, open, high, low, close, volume',
        fix: `the first row is ${JSON.stringify(first)}; say where the columns stand: columns: { datetime: 0, open: 1, … }`,
      },
    );
  }
}

/** Between a day and prices, four or six digits alone could be a price: a clock has its colon, or six digits. */
function isClockField(text: string): boolean {
  return isClock(text) && (text.includes(':') || /^\d{6}$/.test(text));
}

function noteUnnamed(plan: ColumnPlan, from: number, fields: number): void {
  if (fields <= from) return;
  const which = fields - from === 1 ? `column ${from} has` : `columns ${from} to ${fields - 1} have`;
  plan.notes.push(`${which} no name and were left out (counted from 0; name them with columns)`);
}

/** The first value of a column that says anything. */
function firstValue({ rows }: ColumnSearch, field: number): string {
  for (const row of rows) {
    const text = row.fields[field];
    if (text !== undefined && (timeKindOf(text) !== undefined || isClock(text))) return text;
  }
  return rows.find(row => row.fields[field] !== undefined)?.fields[field] ?? '';
}

/** Text that stands for "no value" in an extra column. */
export function isMissing(text: string): boolean {
  return text === '' || /^(nan|null|none|na|n\/a|-)$/i.test(text);
}

function missing(
  file: string,
  line: number,
  role: string,
  wanted: string,
  header: readonly string[] | undefined,
): DataError {
  const near = header === undefined ? undefined : suggest(wanted, header);
  const found = header === undefined ? 'the file has no header' : `headers found: ${header.join(', ')}`;
  return new DataError('CSV_COLUMN_MISSING', `there is no column "${wanted}"`, {
    file,
    line,
    column: role,
    value: wanted,
    limit: header,
    fix:
      near === undefined
        ? `${found}; say which one it is: columns: { ${role}: … }`
        : `did you mean "${near}"? columns: { ${role}: ${JSON.stringify(near)} } (${found})`,
  });
}
