/** A sum that also keeps what rounding has cost it (Neumaier), so that it is rounded once, as Python's math.fsum. */
export class AccurateSum {
  private high = 0;
  private low = 0;

  clear(): void {
    this.high = 0;
    this.low = 0;
  }

  add(value: number): void {
    const { high } = this;
    const sum = high + value;
    const part = sum - high;
    this.low += high - (sum - part) + (value - part);
    this.high = sum;
  }

  get total(): number {
    return this.high + this.low;
  }
}
