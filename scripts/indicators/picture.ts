import type { IndicatorDefinition } from '../../src/indicators/definition.ts';
import type { AnyIndicator } from '../../src/indicators/registry.ts';
import { type Computed, compute } from './compute.ts';
import { givenOf } from './inputs.ts';
import { type Columns, DRAWN } from './series.ts';
import {
  COLORS,
  candle,
  columns,
  level,
  PRICE,
  path,
  type Scale,
  scaleOf,
  steps,
  svg,
  WIDTH,
  y,
} from './svg.ts';

/** A picture, and what its colors are: `upper` blue. */
export interface Picture {
  readonly svg: string;
  readonly colors: readonly (readonly [line: string, color: string])[];
  readonly minPeriods: Readonly<Record<string, number>>;
}

const EDGE = 12;
const OVER_PRICE = 440;
const PRICE_PANE = 200;
const OWN_PANE = 240;

/** Draws an indicator at its defaults: on the price where it lies there, else below it. */
export async function pictureOf(one: AnyIndicator, price: Columns): Promise<Picture> {
  const { definition } = one;
  const run = (plain: boolean) =>
    compute(price, data => {
      const { inputs, drawn } = givenOf(definition, data, plain);
      const lines = Object.entries(one.linesOf(inputs));
      const others = Object.entries(drawn).map(([name, line]) => [`input ${name}`, line] as const);
      return { ...Object.fromEntries(lines), ...Object.fromEntries(others) };
    });
  let computed = await run(false);
  if (!hasValues(definition, computed)) computed = await run(true);
  const lines = definition.lines.map((name, i) => ({
    name,
    color: COLORS[i % COLORS.length],
    values: shifted(definition, name, computed.values[name]).slice(-DRAWN),
  }));
  const close = price.close.slice(-DRAWN);
  const others = Object.entries(computed.values)
    .filter(([name]) => name.startsWith('input '))
    .map(([, values]) => values.slice(-DRAWN));
  if (definition.lines.join() === 'open,high,low,close') {
    return {
      svg: candlesOf(
        definition.title,
        lines.map(({ values }) => values),
      ),
      colors: [],
      minPeriods: computed.minPeriods,
    };
  }
  const over = lines.filter(({ values }) => liesOver(values, close));
  const below = lines.filter(line => !over.includes(line));
  const isAlone = below.length === 0;
  const beside = [close, ...others, ...over.map(({ values }) => values)];
  const priceScale = scaleOf(
    beside.flatMap(values => [...values]),
    EDGE,
    isAlone ? OVER_PRICE : PRICE_PANE,
  );
  const parts = [
    path(close, priceScale, PRICE, isAlone ? ' stroke-width="2"' : ''),
    ...others.map(values => path(values, priceScale, PRICE, ' stroke-width="2" stroke-dasharray="8 5"')),
    ...over.map(({ name, color, values }) => drawn(name, values, priceScale, color[1])),
  ];
  const ownTop = PRICE_PANE + 4 * EDGE;
  if (!isAlone) {
    const edge = PRICE_PANE + 2.5 * EDGE;
    parts.push(`<path d="M0 ${edge}H${WIDTH}" stroke="${PRICE}" stroke-width="1" opacity=".4"/>`);
    const common = scaleOf(
      below.flatMap(({ values }) => [...values]),
      ownTop,
      OWN_PANE,
    );
    if (common.low < 0 && common.high > 0) parts.push(level(y(common, 0)));
    for (const { name, color, values } of below) {
      parts.push(drawn(name, values, scaleWithin(common, values), color[1]));
    }
  }
  const height = isAlone ? OVER_PRICE + 2 * EDGE : ownTop + OWN_PANE + EDGE;
  return {
    svg: svg(definition.title, height, parts),
    colors: lines.map(({ name, color }) => [name, color[0]]),
    minPeriods: computed.minPeriods,
  };
}

/** Bars that are drawn where lines are candles. */
const CANDLES = 64;

function candlesOf(title: string, columns: readonly Float64Array[]): string {
  const [open, high, low, close] = columns.map(values => values.slice(-CANDLES));
  const scale = scaleOf([...high, ...low], EDGE, OVER_PRICE);
  const candles = [...open].map((_, i) =>
    candle({ open: open[i], high: high[i], low: low[i], close: close[i] }, i, CANDLES, scale),
  );
  return svg(title, OVER_PRICE + 2 * EDGE, candles);
}

function hasValues({ lines }: IndicatorDefinition, { values }: Computed): boolean {
  return lines.every(name => values[name].slice(-DRAWN).every(Number.isFinite));
}

/** As charts draw it: see `plotShift`. */
function shifted(
  { plotShift, parameters }: IndicatorDefinition,
  line: string,
  values: Float64Array,
): Float64Array {
  const shift = plotShift[line];
  if (shift === undefined) return values;
  const bars = typeof shift === 'number' ? shift : -Number(parameters[shift].default);
  return values.map((_, i) => values[i - bars] ?? Number.NaN);
}

/** A line that would be flat among the others has a scale of its own. */
function scaleWithin(common: Scale, values: Float64Array): Scale {
  const own = scaleOf(values, common.top, common.height);
  return own.high - own.low < FLAT * (common.high - common.low) ? own : common;
}

/** True when all values are of the price's size. */
function liesOver(values: Float64Array, close: Float64Array): boolean {
  const { low, high } = scaleOf(close, 0, 1);
  const room = (high - low) * 0.6;
  return values.every(value => !Number.isFinite(value) || (value > low - room && value < high + room));
}

/** The least share of the height that a line should take. */
const FLAT = 0.05;

/** Lines of no more values than these are levels. */
const FEW = 6;

function drawn(name: string, values: Float64Array, scale: Scale, color: string): string {
  if (name === 'histogram') return columns(values, scale, color);
  const isLevel = new Set(values).size <= FEW;
  return isLevel ? steps(values, scale, color) : path(values, scale, color);
}
