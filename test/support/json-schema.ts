/** JSON Schema, as much of it as the schema of the records has; a keyword beyond that is an error, not a pass. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

const NOTES = new Set(['$schema', '$id', '$defs', 'title', 'description']);

/** Where `value` is not as `schema` says; empty where it is. */
export function violations(schema: Schema, value: unknown, root: Schema = schema, path = '$'): string[] {
  if (typeof schema === 'boolean') return schema ? [] : [`${path} must not be there`];
  return Object.keys(schema).flatMap(keyword => {
    if (NOTES.has(keyword)) return [];
    const check = KEYWORDS[keyword];
    if (check === undefined) throw new Error(`the schema has "${keyword}", which is not known here`);
    return check({ schema, wanted: schema[keyword], value, root, path });
  });
}

interface Checked {
  readonly schema: Exclude<Schema, boolean>;
  readonly wanted: unknown;
  readonly value: unknown;
  readonly root: Schema;
  readonly path: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const unless = (isRight: boolean, path: string, text: string) => (isRight ? [] : [`${path} ${text}`]);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: value => Array.isArray(value),
  string: value => typeof value === 'string',
  number: value => typeof value === 'number' && Number.isFinite(value),
  integer: value => Number.isInteger(value),
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
};

const KEYWORDS: Readonly<Record<string, (checked: Checked) => string[]>> = {
  $ref: ({ path, root, value, wanted }) => {
    const definitions = (root as { $defs: Record<string, Schema> }).$defs;
    const name = String(wanted).replace('#/$defs/', '');
    if (definitions[name] === undefined) throw new Error(`the schema has no ${String(wanted)}`);
    return violations(definitions[name], value, root, path);
  },
  oneOf: ({ path, root, value, wanted }) => {
    const found = (wanted as Schema[]).map(one => violations(one, value, root, path));
    const right = found.filter(one => one.length === 0).length;
    const nearest = found.sort((one, other) => one.length - other.length)[0];
    return unless(right === 1, path, `is right ${right} times of ${found.length}: ${nearest.join(', ')}`);
  },
  type: ({ path, value, wanted }) => {
    const names = Array.isArray(wanted) ? (wanted as string[]) : [String(wanted)];
    return unless(
      names.some(name => TYPES[name](value)),
      path,
      `is no ${names.join(' or ')}`,
    );
  },
  const: ({ path, value, wanted }) => unless(value === wanted, path, `is not ${String(wanted)}`),
  enum: ({ path, value, wanted }) =>
    unless((wanted as unknown[]).includes(value), path, `is none of ${JSON.stringify(wanted)}`),
  pattern: ({ path, value, wanted }) =>
    unless(
      typeof value !== 'string' || new RegExp(String(wanted)).test(value),
      path,
      `is not ${String(wanted)}`,
    ),
  minLength: ({ path, value, wanted }) =>
    unless(typeof value !== 'string' || value.length >= Number(wanted), path, 'is too short'),
  minimum: ({ path, value, wanted }) =>
    unless(typeof value !== 'number' || value >= Number(wanted), path, `is below ${Number(wanted)}`),
  minItems: ({ path, value, wanted }) =>
    unless(!Array.isArray(value) || value.length >= Number(wanted), path, 'has too few items'),
  required: ({ path, value, wanted }) =>
    isObject(value) ? (wanted as string[]).flatMap(key => unless(key in value, path, `has no ${key}`)) : [],
  properties: ({ path, root, value, wanted }) =>
    isObject(value)
      ? Object.entries(wanted as Record<string, Schema>).flatMap(([key, one]) =>
          key in value ? violations(one, value[key], root, `${path}.${key}`) : [],
        )
      : [],
  additionalProperties: ({ path, root, schema, value, wanted }) => {
    if (!isObject(value)) return [];
    const known = Object.keys((schema.properties as object | undefined) ?? {});
    const others = Object.keys(value).filter(key => !known.includes(key));
    return others.flatMap(key => violations(wanted as Schema, value[key], root, `${path}.${key}`));
  },
  prefixItems: ({ path, root, value, wanted }) =>
    Array.isArray(value)
      ? (wanted as Schema[])
          .slice(0, value.length)
          .flatMap((one, at) => violations(one, value[at], root, `${path}[${at}]`))
      : [],
  items: ({ path, root, schema, value, wanted }) => {
    const from = ((schema.prefixItems as unknown[] | undefined) ?? []).length;
    if (!Array.isArray(value)) return [];
    return value
      .slice(from)
      .flatMap((one, at) => violations(wanted as Schema, one, root, `${path}[${from + at}]`));
  },
};
