/** Columns this much shorter after the others have been taken out of them were combinations of those. */
const DEPENDENT = 1e-10;

/** A share of the spread that is as good as none: 100 times the root of a double's precision. */
const EXPLAINED = 100 * Math.sqrt(Number.EPSILON);

/**
 * A least-squares fit that grows column by column: each column is made orthogonal to those before it (twice, so that
 * rounding does not matter), and taken out of the target.
 */
class Fit {
  private readonly columns: Float64Array[] = [];
  readonly residual: Float64Array;
  /** How many columns the fit has. */
  count = 0;
  /** Where the last column's part of the target stands: target · column, the column being of length 1. */
  projection = 0;

  constructor(target: Float64Array) {
    this.residual = target.slice();
  }

  /** False where the column is a combination of those before it. */
  add(column: Float64Array): boolean {
    const length = Math.sqrt(dot(column, column));
    const q = column.slice();
    for (let pass = 0; pass < 2; pass++) for (const one of this.columns) takeOut(q, one, dot(q, one));
    const left = Math.sqrt(dot(q, q));
    if (!(left > DEPENDENT * length)) return false;
    for (let k = 0; k < q.length; k++) q[k] /= left;
    this.projection = dot(this.residual, q);
    takeOut(this.residual, q, this.projection);
    this.columns.push(q);
    this.count++;
    return true;
  }

  /** Squared residuals, summed. */
  get squares(): number {
    return dot(this.residual, this.residual);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function takeOut(from: Float64Array, column: Float64Array, times: number): void {
  for (let k = 0; k < from.length; k++) from[k] -= times * column[k];
}

/**
 * The residuals of y on columns by least squares; undefined where the columns depend on each other, or explain all but
 * a millionth of y: of its distances from its mean, or without a constant among the columns of y itself.
 */
export function residualsOf(
  y: Float64Array,
  columns: readonly Float64Array[],
  constant: boolean,
): Float64Array | undefined {
  const fit = new Fit(y);
  for (const column of columns) if (!fit.add(column)) return undefined;
  let mean = 0;
  if (constant) for (const value of y) mean += value / y.length;
  let spread = 0;
  for (const value of y) spread += (value - mean) ** 2;
  return fit.squares > EXPLAINED * spread ? fit.residual : undefined;
}

/**
 * The augmented Dickey–Fuller statistic of a series without constant or trend: the t-value of the level before in a
 * regression of the change on it and on `lags` changes before. The lags are those with the least Akaike criterion among
 * 0 … ⌈12 · (length ÷ 100)^¼⌉, as far as they leave a degree of freedom; NaN where there is no such fit.
 */
export function dickeyFuller(series: Float64Array): number {
  const { length } = series;
  const most = Math.min(Math.ceil(12 * (length / 100) ** 0.25), Math.floor((length - 3) / 2));
  if (most < 0) return Number.NaN;
  const changes = series.map((value, k) => (k === 0 ? Number.NaN : value - series[k - 1]));
  return statistic(series, changes, bestLags(series, changes, most));
}

/** All candidates are compared on the observations that the longest one has. */
function bestLags(series: Float64Array, changes: Float64Array, most: number): number {
  const first = most + 1;
  const count = series.length - first;
  const fit = new Fit(changes.subarray(first));
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let lags = 0; lags <= most; lags++) {
    const column = lags === 0 ? series : changes;
    const back = lags === 0 ? 1 : lags;
    if (!fit.add(column.subarray(first - back, series.length - back))) break;
    const akaike = count * Math.log(fit.squares / count) + 2 * (lags + 1);
    if (!(akaike < least)) continue;
    least = akaike;
    best = lags;
  }
  return best;
}

function statistic(series: Float64Array, changes: Float64Array, lags: number): number {
  const first = lags + 1;
  const fit = new Fit(changes.subarray(first));
  for (let back = 1; back <= lags; back++) {
    if (!fit.add(changes.subarray(first - back, series.length - back))) return Number.NaN;
  }
  if (!fit.add(series.subarray(first - 1, series.length - 1))) return Number.NaN;
  const freedom = series.length - first - fit.count;
  const t = fit.projection / Math.sqrt(fit.squares / freedom);
  return freedom > 0 && t - t === 0 ? t : Number.NaN;
}
