const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads `90s`, `15m`, `4h`, `1.5d` or `1w` as milliseconds, negative with a minus before it; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, sign, count, unit] = /^(-?)(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  if (unit === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * Number(count) * UNITS[unit];
}
