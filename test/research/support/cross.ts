import { crossOver, int, sma, strategy } from '../../../src/index.ts';

/** Imported by worker threads as it is, so it names the framework by its source. The cross of two averages, which throws where they are equally long. */
export default class Cross extends strategy({
  fast: int(5, { min: 2 }),
  slow: int(20, { min: 2, max: 500 }),
}) {
  cross = crossOver(sma(this.data.close, this.params.fast), sma(this.data.close, this.params.slow));

  next() {
    if (this.params.fast === this.params.slow && this.data.length > 100) throw new Error('never crosses');
    if (this.cross.now > 0) this.buy();
    else if (this.cross.now < 0) this.close();
  }
}
