import type { GapRecord, MarketRecord, TradeRecord } from '../../../src/model/records.ts';
import { bare, type MarketTrade, priceText, sizeText } from './market.ts';
import type { About, VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

/** A frame is on its way for so long at most, µs. */
const ON_THE_WAY = 500_000;

/** Every trade exactly once, or a gap that says that it is missing. */
export class TradeJudge {
  readonly #protocol: VenueProtocol;
  readonly #market: SimulatedMarket;
  readonly #tell: (text: string) => void;
  /** By symbol and id: times it was recorded. */
  readonly #recorded = new Map<string, number>();
  readonly #past = new Set<string>();
  readonly #deliveries = new Map<string, number[]>();
  readonly #gaps = new Map<number, GapRecord>();
  readonly #byTime = new Map<string, Map<number, number>>();
  count = 0;
  /** Trades that were not recorded, of those between the first and the last one that were. */
  missing = 0;

  constructor(protocol: VenueProtocol, market: SimulatedMarket, tell: (text: string) => void) {
    this.#protocol = protocol;
    this.#market = market;
    this.#tell = tell;
  }

  delivered(about: About | undefined, time: number): void {
    if (about?.kind !== 'trade') return;
    for (const id of about.ids) {
      const name = `${about.symbol} ${id}`;
      this.#deliveries.set(name, [...(this.#deliveries.get(name) ?? []), time]);
    }
  }

  record(record: MarketRecord): void {
    if (record.kind === 'gap') this.#gaps.set(record.gap, record);
    if (record.kind !== 'trade') return;
    this.count++;
    const id = this.#numberOf(record);
    const name = `${record.symbol} ${id}`;
    this.#recorded.set(name, (this.#recorded.get(name) ?? 0) + 1);
    if (record.isHistory) this.#past.add(name);
    const truth = this.#market.of(record.symbol).trades[id - 5000];
    const isTrue =
      truth !== undefined &&
      bare(record.priceText) === bare(priceText(truth.price)) &&
      bare(record.sizeText) === bare(sizeText(truth.size)) &&
      record.side === (truth.isBuy ? 'buy' : 'sell') &&
      record.exchangeTime === this.#timeOf(truth);
    if (!isTrue) this.#tell(`no such trade: ${JSON.stringify(record)}`);
  }

  #numberOf({ exchangeTime, id, symbol }: TradeRecord): number {
    const { tradeId = String } = this.#protocol;
    if (id === null) return this.#numbers(symbol).get(exchangeTime ?? Number.NaN) ?? Number.NaN;
    const number = Number(/\d{1,9}$/.exec(id)?.[0]);
    return tradeId(number) === id ? number : Number.NaN;
  }

  /** Numbers of trades without names, by their times, of which each has its own. */
  #numbers(symbol: string): ReadonlyMap<number, number> {
    let numbers = this.#byTime.get(symbol);
    if (numbers === undefined) {
      numbers = new Map();
      this.#byTime.set(symbol, numbers);
    }
    const { trades } = this.#market.of(symbol);
    for (let at = numbers.size; at < trades.length; at++)
      numbers.set(this.#timeOf(trades[at]), trades[at].id);
    return numbers;
  }

  #timeOf(trade: MarketTrade): number {
    return this.#protocol.tradeTime?.(trade) ?? Math.round(trade.time * 1000);
  }

  /** To be called once no more will come. */
  end(): void {
    for (const [name, times] of this.#recorded)
      if (times > 1) this.#tell(`trade ${name} came ${times} times`);
    for (const symbol of this.#protocol.symbols) {
      const { trades } = this.#market.of(symbol);
      const isRecorded = ({ id }: { id: number }) => this.#recorded.has(`${symbol} ${id}`);
      const first = trades.findIndex(isRecorded);
      const last = trades.findLastIndex(isRecorded);
      if (first === -1) this.#tell(`${symbol}: no trade at all`);
      for (const trade of trades.slice(first, last)) {
        if (isRecorded(trade)) continue;
        this.missing++;
        if (!this.#isTold(symbol, trade)) {
          this.#tell(`${symbol}: trade ${trade.id} is missing, and no gap tells of it`);
        }
      }
    }
  }

  #isTold(symbol: string, { id, time }: { readonly id: number; readonly time: number }): boolean {
    const moments = [time * 1000, ...(this.#deliveries.get(`${symbol} ${id}`) ?? [])];
    for (const gap of this.#gaps.values()) {
      if (gap.symbol !== '' && gap.symbol !== symbol && gap.symbol !== this.#protocol.streamOf?.(symbol))
        continue;
      if (gap.channel !== null && gap.channel !== 'trades') continue;
      // It says that nothing is missing any more.
      if (gap.isFilled === true) continue;
      if (gap.symbol !== '' && gap.after !== null && Number(gap.after) < id && id < Number(gap.before))
        return true;
      const to = gap.to ?? Number.POSITIVE_INFINITY;
      if (moments.some(moment => gap.from - ON_THE_WAY <= moment && moment <= to)) return true;
    }
    return false;
  }
}
