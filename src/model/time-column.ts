import { NumberColumn } from './columns.ts';

/**
 * An append-only column of ascending times, kept as runs of equal distance: the steps of a gapless series cost three
 * numbers in all. Epoch ms UTC.
 */
export class TimeColumn {
  readonly #starts = new NumberColumn();
  readonly #steps = new NumberColumn();
  readonly #counts = new NumberColumn();
  #length = 0;
  /** The open run. */
  #start = Number.NaN;
  #step = Number.NaN;
  #count = 0;
  #next = Number.NaN;

  get length(): number {
    return this.#length;
  }

  /** Appends `stamps` from index `from` to `to` (exclusive), each moved by `shift`. */
  append(stamps: Float64Array, from: number, to: number, shift: number): void {
    let i = from;
    while (i < to) {
      const time = stamps[i] + shift;
      if (time !== this.#next) this.#turn(time);
      else this.#count++;
      // The rest of an unbroken stretch: distances between whole milliseconds are exact.
      const step = this.#step;
      let end = i + 1;
      while (end < to && stamps[end] - stamps[end - 1] === step) end++;
      this.#count += end - i - 1;
      this.#next = stamps[end - 1] + shift + step;
      i = end;
    }
    this.#length += to - from;
  }

  /** The second time of a run settles its distance; any later surprise begins the next run. */
  #turn(time: number): void {
    if (this.#count === 1) {
      this.#step = time - this.#start;
      this.#count = 2;
    } else {
      if (this.#count > 0) this.#close();
      this.#start = time;
      this.#step = Number.NaN;
      this.#count = 1;
    }
    this.#next = time + this.#step;
  }

  #close(): void {
    this.#starts.push(this.#start);
    this.#steps.push(this.#step);
    this.#counts.push(this.#count);
  }

  /** All times as an array. */
  toArray(): Float64Array {
    const times = new Float64Array(this.#length);
    let at = 0;
    const write = (start: number, step: number, count: number) => {
      times[at] = start;
      for (let i = 1; i < count; i++) times[at + i] = times[at + i - 1] + step;
      at += count;
    };
    for (let run = 0; run < this.#starts.length; run++) {
      write(this.#starts.at(run), this.#steps.at(run), this.#counts.at(run));
    }
    if (this.#count > 0) write(this.#start, this.#step, this.#count);
    return times;
  }
}
