import { crossOver, type Data, sma } from '../../../../src/index.ts';
import { exactSum } from '../../../../src/indicators/windows/exact-sum.ts';
import { writeMoment } from '../moments.ts';
import { Recorded } from '../recorded.ts';

/** Every few steps everything goes into the data that has risen most. */
export class Rotate extends Recorded<{
  readonly every: number;
  readonly look: number;
  readonly target: number;
}> {
  static override readonly defaults = { every: 20, look: 10, target: 0.95 };
  readonly #closes = new Map(this.datas.map(data => [data, data.close]));

  override logic(): void {
    const { every, look, target } = this.values;
    if (this.recording.steps % every !== 0) return;
    const rise = (data: Data) => {
      const close = this.#closes.get(data)!;
      return close.now / close.ago(look) - 1;
    };
    const ranked = this.datas
      .filter(data => data.length > look)
      .map(data => ({ data, rise: rise(data) }))
      .sort((a, b) => b.rise - a.rise);
    if (ranked.length === 0) return;
    for (const { data } of ranked.slice(1)) {
      if (this.positionOf(data).size !== 0) this.placeTarget('percent', 0, data);
    }
    this.placeTarget('percent', target, ranked[0].data);
  }
}

/** Trades two datas against each other as their ratio leaves its moving average. */
export class PairSpread extends Recorded<{ readonly n: number; readonly th: number; readonly size: number }> {
  static override readonly defaults = { n: 15, th: 0.01, size: 1 };
  /** The last ratios, one a bar of the first data, the current one last. */
  readonly #ratios: number[] = [];
  #bars = 0;

  override early(): void {
    this.#follow();
  }

  override logic(): void {
    this.#follow();
    const [first, second] = this.datas;
    const { n, th, size } = this.values;
    if (first.length < n || second.length === 0) return;
    const ratios = this.#ratios;
    const mean = exactSum(Float64Array.from(ratios), -1, 0, n).sum / n;
    const apart = ratios[n - 1] / mean - 1;
    const held = this.positionOf(first).size;
    if (apart > th && held >= 0) {
      this.placeTarget('size', -size, first);
      this.placeTarget('size', size, second);
    } else if (apart < -th && held <= 0) {
      this.placeTarget('size', size, first);
      this.placeTarget('size', -size, second);
    } else if (Math.abs(apart) < th / 4 && held !== 0) {
      this.placeClose({ data: first });
      this.placeClose({ data: second });
    }
  }

  /** A step without a bar of the first data revises the ratio of its last one. */
  #follow(): void {
    const [first, second] = this.datas;
    if (first.length === 0) return;
    if (first.length === this.#bars) this.#ratios.pop();
    this.#bars = first.length;
    // There a data shows its first bar before the bar has come.
    const close = second.length === 0 ? this.view.firstCloseOf(second) : second.bar.close;
    this.#ratios.push(first.bar.close / close);
    if (this.#ratios.length > this.values.n) this.#ratios.shift();
  }
}

/** Follows crosses of the first data while the second, of longer bars, is above its moving average. */
export class Mtf extends Recorded<{
  readonly n0: number;
  readonly n1: number;
  readonly size: number | null;
  readonly coupled: boolean;
}> {
  static override readonly defaults = { n0: 10, n1: 5, size: null, coupled: false };
  readonly #short = sma(this.datas[0].close, this.values.n0);
  readonly #long = sma(this.datas[1].close, this.values.n1);
  readonly #cross = crossOver(this.datas[0].close, this.#short);
  readonly #rows = {
    s0: [] as number[],
    s1: [] as number[],
    c1: [] as number[],
    dt: [] as string[],
    dt1: [] as string[],
  };

  override init(): void {
    Object.assign(this.recording.extra, this.#rows);
  }

  override logic(): void {
    const [first, second] = this.datas;
    const { size, coupled } = this.values;
    const rows = this.#rows;
    rows.dt.push(writeMoment(first.bar.closeTime));
    rows.dt1.push(writeMoment(second.bar.closeTime));
    rows.s0.push(this.#short.now);
    rows.s1.push(this.#long.now);
    rows.c1.push(second.bar.close);
    const isUp = second.bar.close > this.#long.now;
    const options = size === null ? {} : { size };
    if (coupled) {
      const isOn = first.bar.close > this.#short.now && isUp;
      if (isOn && this.position.size === 0) this.place('buy', options);
      else if (!isOn && this.position.size !== 0) this.placeClose();
    } else if (this.position.size === 0) {
      if (this.#cross.now > 0 && isUp) this.place('buy', options);
    } else if (this.#cross.now < 0 || !isUp) this.placeClose();
  }
}
