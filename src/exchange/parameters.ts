import { restErrors } from './rest-errors.ts';

const SYMBOL = /^[A-Z0-9-_.]{1,20}$/;

/** The parameters of a request, read the way Binance reads them: what is not asked for is an error. */
export class Parameters {
  readonly #values = new Map<string, string>();
  readonly #read = new Set<string>();

  /** `query` is what stands behind the question mark, `body` a form; of a name in both the query counts. */
  constructor(query: string | Iterable<readonly [string, string]>, body = '') {
    for (const [name, value] of typeof query === 'string' ? new URLSearchParams(query) : query) {
      if (this.#values.has(name)) throw restErrors.duplicate();
      this.#values.set(name, value);
    }
    const asked = new Set(this.#values.keys());
    for (const [name, value] of new URLSearchParams(body)) {
      if (asked.has(name)) continue;
      if (this.#values.has(name)) throw restErrors.duplicate();
      this.#values.set(name, value);
    }
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** What was sent, without counting as read. */
  peek(name: string): string | undefined {
    return this.#values.get(name);
  }

  text(name: string): string | undefined {
    this.#read.add(name);
    const value = this.#values.get(name);
    if (value === '') throw restErrors.empty(name);
    return value;
  }

  mandatory(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw restErrors.missing(name);
    return value;
  }

  count(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,20}$/.test(value)) throw restErrors.illegal(name, '^[0-9]{1,20}$');
    return Number(value);
  }

  /** A number of rows: at least 1, and no more than `most` are given whatever is asked. */
  limit(preset: number, most: number): number {
    const value = this.count('limit');
    if (value === 0) throw restErrors.value('limit');
    return Math.min(value ?? preset, most);
  }

  symbol(): string | undefined {
    const value = this.text('symbol');
    if (value !== undefined && !SYMBOL.test(value)) throw restErrors.illegal('symbol', SYMBOL.source);
    return value;
  }

  /** `symbol=` or `symbols=["A","B"]`; undefined for all. */
  symbols(): { readonly names: readonly string[]; readonly single: boolean } | undefined {
    const single = this.symbol();
    const several = this.text('symbols');
    if (single !== undefined && several !== undefined) throw restErrors.combination('symbol and symbols');
    if (single !== undefined) return { names: [single], single: true };
    if (several === undefined) return undefined;
    const range = '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$';
    if (!new RegExp(range).test(several)) throw restErrors.illegal('symbols', range);
    return { names: JSON.parse(several), single: false };
  }

  /** Throws when something was sent that nobody asked for. */
  end(): void {
    const read = [...this.#values.keys()].filter(name => this.#read.has(name)).length;
    if (read < this.#values.size) throw restErrors.unread(read, this.#values.size);
  }
}
