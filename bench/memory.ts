import { quantile } from './median.ts';

/** How a figure went, in MB: what it began, stood and ended at, and the straight line through it. */
export interface Course {
  readonly first: number;
  readonly median: number;
  readonly last: number;
  /** MB a minute. */
  readonly slope: number;
}

/** The memory of this process, seen once a second. */
export class MemoryCourse {
  readonly #rss: number[] = [];
  readonly #external: number[] = [];
  readonly #seconds: number[] = [];
  readonly #began = performance.now();

  /** Looks, if a second has gone since the last time. */
  look(): void {
    const seconds = (performance.now() - this.#began) / 1000;
    if (seconds < this.#seconds.length + 1) return;
    const { external, rss } = process.memoryUsage();
    this.#seconds.push(seconds);
    this.#rss.push(rss / 1e6);
    this.#external.push(external / 1e6);
  }

  get rss(): Course {
    return courseOf(this.#seconds, this.#rss);
  }

  /** What buffers take beside the heap; part of rss. */
  get external(): Course {
    return courseOf(this.#seconds, this.#external);
  }
}

function courseOf(seconds: readonly number[], values: readonly number[]): Course {
  const count = values.length;
  const [x, y] = [seconds, values].map(list => list.reduce((sum, one) => sum + one, 0) / count);
  let [covariance, variance] = [0, 0];
  for (let at = 0; at < count; at++) {
    covariance += (seconds[at] - x) * (values[at] - y);
    variance += (seconds[at] - x) ** 2;
  }
  return {
    first: values[0],
    median: quantile(Float64Array.from(values), 0.5),
    last: values[count - 1],
    slope: (60 * covariance) / variance,
  };
}

/** `111 / 112 / 113, +0.5`. */
export function courseText({ first, last, median, slope }: Course): string {
  const sign = slope >= 0 ? '+' : '−';
  return `${[first, median, last].map(one => one.toFixed(0)).join(' / ')}, ${sign}${Math.abs(slope).toFixed(1)}`;
}
