import { DataError, suggest } from '../../model/errors.ts';
import { isMissing } from '../csv/columns.ts';
import { extraName, fieldsFor, plainName, stampFields } from '../csv/header.ts';
import { isNumber } from '../csv/sample.ts';
import { holdsClocks, holdsDays, type StampColumn, stampKind } from './stamps.ts';
import { shownValue, type Table, type Values } from './table.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
type Role = (typeof PRICES)[number] | 'volume';

/** Names of the columns that are not to be guessed. */
export type ColumnNames = Readonly<Partial<Record<'datetime' | Role, string>>>;

/** A column that was found: its name in the table, and its values. */
export interface Found {
  readonly name: string;
  readonly values: Values;
}

export interface FramePlan {
  readonly stamp: StampColumn;
  readonly prices: Readonly<Record<(typeof PRICES)[number], Found>>;
  readonly volume: Found | undefined;
  /** By the names that a strategy knows them by. */
  readonly extras: Readonly<Record<string, Found>>;
  readonly notes: readonly string[];
}

/** So many values tell whether a column is numeric. */
const SAMPLE = 1000;

/**
 * Finds the columns of bars by their names, in any case; what else is numeric is an extra. `base` is the instrument's: its
 * volume may go by that. Throws `FRAME_COLUMN_MISSING`, `FRAME_COLUMN_AMBIGUOUS`, `FRAME_NO_TIME`, `FRAME_NO_ROWS`.
 */
export function planFrame(table: Table, given: ColumnNames, base: string): FramePlan {
  if (table.rows === 0) {
    throw new DataError('FRAME_NO_ROWS', 'the frame has no rows', {
      value: 0,
      limit: 1,
      fix: 'give at least one bar',
    });
  }
  const used = new Set<number>();
  const take = (field: number): Found => {
    used.add(field);
    return { name: table.names[field], values: table.columns[field] };
  };
  const stamp = findStamp(table, given, take);
  const find = (role: Role) => {
    const field = fieldOf(table, given, role, base, used);
    return field === -1 ? undefined : take(field);
  };
  const price = (role: Role): Found => {
    const found = find(role);
    if (found === undefined) throw missing(table, role, role);
    return found;
  };
  const prices = { open: price('open'), high: price('high'), low: price('low'), close: price('close') };
  const volume = find('volume');
  const notes = volume === undefined ? ['there is no volume column: every volume is 0'] : [];
  const extras: Record<string, Found> = {};
  for (const [field, title] of table.names.entries()) {
    const name = extraName(title, table.names);
    if (used.has(field) || name === '') continue;
    if (!isNumeric(table.columns[field])) notes.push(`column "${title}" is not numeric and was left out`);
    else if (Object.hasOwn(extras, name))
      notes.push(`column "${title}" comes twice; the first one was taken`);
    else extras[name] = take(field);
  }
  return { stamp, prices, volume, extras, notes };
}

function findStamp(table: Table, given: ColumnNames, take: (field: number) => Found): StampColumn {
  const { names, columns, index } = table;
  if (given.datetime !== undefined) return take(named(table, 'datetime', given.datetime));
  const candidates = stampFields(names);
  const whole = candidates.filter(field => stampKind(columns[field]) !== undefined);
  const field = whole.find(one => !holdsDays(columns[one])) ?? whole[0];
  if (field !== undefined) {
    const rival = whole.find(other => other !== field && plainName(names[other]) === plainName(names[field]));
    if (rival !== undefined) throw ambiguous('datetime', names[field], names[rival]);
    const clock = holdsDays(columns[field])
      ? candidates.find(other => other !== field && holdsClocks(columns[other]))
      : undefined;
    return { ...take(field), clock: clock === undefined ? undefined : take(clock) };
  }
  if (index !== undefined && stampKind(index) !== undefined) return { name: 'index', values: index };
  const [odd] = candidates;
  throw new DataError(
    'FRAME_NO_TIME',
    odd === undefined
      ? `there is no column of times${index === undefined ? '' : `, and the index begins with ${shownValue(index[0])}`}`
      : `column "${names[odd]}" begins with ${shownValue(columns[odd][0])}, which is no time`,
    {
      value: names,
      limit: 'epoch s, ms, µs or ns, Dates, or ISO 8601 text',
      fix: `add a column datetime, or say which one it is: columns: { datetime: … } (columns found: ${names.join(', ')})`,
    },
  );
}

/** The field of a price or the volume, -1 where there is none. */
function fieldOf(
  table: Table,
  given: ColumnNames,
  role: Role,
  base: string,
  used: ReadonlySet<number>,
): number {
  const name = given[role];
  if (name !== undefined) return named(table, role, name);
  const { names } = table;
  const claimed = Object.values(given);
  const [field = -1, rival] = fieldsFor(role, names, base).filter(
    one => !used.has(one) && !claimed.includes(names[one]),
  );
  if (rival !== undefined && plainName(names[rival]) === plainName(names[field])) {
    throw ambiguous(role, names[field], names[rival]);
  }
  return field;
}

/** The field that an option names: exactly so, or else in another case. */
function named(table: Table, role: string, name: string): number {
  const { names } = table;
  const field = names.indexOf(name);
  if (field !== -1) return field;
  const near = names.findIndex(other => plainName(other) === plainName(name));
  if (near === -1) throw missing(table, role, name);
  return near;
}

function isNumeric(values: Values): boolean {
  let numbers = 0;
  for (let row = 0; row < Math.min(values.length, SAMPLE); row++) {
    const value = values[row];
    if (isNothing(value)) continue;
    const isText = typeof value === 'string' && isNumber(value.trim(), '.');
    if (typeof value !== 'number' && typeof value !== 'bigint' && !isText) return false;
    numbers++;
  }
  return numbers > 0;
}

/** What tables hold where there is no value. */
export function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || Number.isNaN(value)) return true;
  return typeof value === 'string' && isMissing(value.trim());
}

function missing({ names }: Table, role: string, wanted: string): DataError {
  const near = suggest(wanted, names);
  const found = `columns found: ${names.join(', ')}`;
  return new DataError('FRAME_COLUMN_MISSING', `there is no column "${wanted}"`, {
    column: role,
    value: wanted,
    limit: names,
    fix:
      near === undefined
        ? `${found}; say which one it is: columns: { ${role}: … }`
        : `did you mean "${near}"? columns: { ${role}: ${JSON.stringify(near)} } (${found})`,
  });
}

function ambiguous(role: string, one: string, other: string): DataError {
  return new DataError('FRAME_COLUMN_AMBIGUOUS', `"${one}" and "${other}" could both be ${role}`, {
    column: role,
    value: [one, other],
    limit: 1,
    fix: `say which one: columns: { ${role}: ${JSON.stringify(one)} }`,
  });
}
