/** How numbers and times are written in a report, in both the static part and the page. */

const NONE = '–';
const MINUS = '−';

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return NONE;
  if (value === Number.POSITIVE_INFINITY) return '∞';
  if (value === Number.NEGATIVE_INFINITY) return `${MINUS}∞`;
  return undefined;
}

const formats = new Map<string, Intl.NumberFormat>();

/** `−12,345.60`; NaN is –, infinities ∞. `least` decimals are always written, `most` at the most. */
export function number(value: number, least = 0, most = least): string {
  const named = special(value);
  if (named !== undefined) return named;
  const key = `${least},${most}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: least, maximumFractionDigits: most });
    formats.set(key, format);
  }
  // A value that rounds to zero is not shown as −0.
  const text = format.format(value);
  return /^-[0.,]*$/.test(text) ? text.slice(1) : text.replace('-', MINUS);
}

/** A fraction as percent: `12.34 %`, fewer decimals for large ones. */
export function percent(
  value: number,
  decimals = Math.abs(value) >= 10 ? 0 : Math.abs(value) >= 1 ? 1 : 2,
): string {
  const named = special(value);
  return named ?? `${number(value * 100, decimals)} %`;
}

/** Like {@link percent}, with + in front of gains. */
export function signedPercent(value: number): string {
  const text = percent(value);
  return value > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** Money: two decimals, more where amounts are small (a quote of BTC). */
export function money(value: number, scale = Math.abs(value)): string {
  return number(value, 2, scale > 0 && scale < 1 ? 8 : scale < 100 ? 4 : 2);
}

/** Like {@link money}, with + in front of gains. */
export function signedMoney(value: number, scale?: number): string {
  const text = money(value, scale);
  return value > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** `2024-03-01 14:05`, with seconds where there are any; UTC. NaN is –. */
export function dateTime(time: number): string {
  if (Number.isNaN(time)) return NONE;
  const text = new Date(time).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, time % 60_000 === 0 ? 16 : 19)}`;
}

/** `2024-03-01`, UTC. NaN is –. */
export function date(time: number): string {
  return Number.isNaN(time) ? NONE : new Date(time).toISOString().slice(0, 10);
}

/** `3.5 days`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return special(ms)!;
  if (ms >= 2 * 86_400_000) return `${number(ms / 86_400_000, 0, 1)} days`;
  const minutes = Math.round(ms / 60_000);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${number(ms / 60_000, 0, 1)} min`;
}

/** `1.2M`, `35.4k`: for axes and cramped places. */
export function compact(value: number): string {
  const named = special(value);
  if (named !== undefined) return named;
  const size = Math.abs(value);
  if (size >= 1e9) return `${number(value / 1e9, 0, 1)}B`;
  if (size >= 1e6) return `${number(value / 1e6, 0, 1)}M`;
  if (size >= 1e4) return `${number(value / 1e3, 0, 1)}k`;
  if (size >= 100 || size === 0) return number(value, 0, 0);
  return number(value, 0, Math.min(8, 3 - Math.floor(Math.log10(size)) - 1));
}
