import type { Trade } from '../../../model/trade.ts';
import type { Analyzer } from '../analyzer.ts';
import { deviation, mean } from './statistics.ts';

export interface SqnResult {
  /** null when the trades' results do not vary. */
  readonly sqn: number | null;
  /** Closed trades. */
  readonly trades: number;
}

/** SQN, Van Tharp's system quality number: root of the trades times mean over deviation of their net results. */
export class SQN implements Analyzer<SqnResult> {
  readonly #results: number[] = [];

  trade(trade: Trade): void {
    if (!trade.open) this.#results.push(trade.net);
  }

  step(): void {}

  end(): SqnResult {
    const results = this.#results;
    const trades = results.length;
    if (trades <= 1) return { sqn: 0, trades };
    const average = mean(results);
    const spread = deviation(results, average, false);
    return { sqn: spread === 0 ? null : (Math.sqrt(trades) * average) / spread, trades };
  }
}

/** What backtrader says of the shortest trade where there is none: Python's largest machine integer (as a double). */
const MAXINT = 2 ** 63 - 1;

interface Sum {
  total: number;
  average: number;
}
interface Extreme extends Sum {
  max: number;
}
interface Lengths extends Extreme {
  /** Left out of winners and losers that have none of a bar or more. */
  min?: number;
}
interface Streak {
  current: number;
  longest: number;
}
interface WonLost<T> {
  won: T;
  lost: T;
}
interface Class {
  total: number;
  pnl: Extreme;
}
interface Side {
  total: number;
  pnl: Sum & WonLost<Extreme>;
  won: number;
  lost: number;
}

/** Without a trade there is nothing but `total.total`; without a closed one nothing but `total`. */
export interface TradeAnalysis {
  readonly total: { total: number; open?: number; closed?: number };
  readonly streak?: WonLost<Streak>;
  readonly pnl?: { gross: Sum; net: Sum };
  readonly won?: Class;
  readonly lost?: Class;
  readonly long?: Side;
  readonly short?: Side;
  readonly len?: Lengths &
    WonLost<Lengths> & { long: Lengths & WonLost<Lengths>; short: Lengths & WonLost<Lengths> };
}

/** One group of closed trades: how many, their net results and their lengths in bars. */
class Group {
  count = 0;
  total = 0;
  /** The largest net result, or of losers the largest loss. */
  extreme = 0;
  bars = 0;
  longest = 0;
  /** 0 while there is none. A length of 0 reads as none when the next trade comes: so does backtrader. */
  shortest = 0;
  readonly #optional: boolean;
  readonly #pick: (a: number, b: number) => number;

  /** `optional`: the shortest is left out while there is none. */
  constructor(optional: boolean, pick: (a: number, b: number) => number = Math.max) {
    this.#optional = optional;
    this.#pick = pick;
  }

  add({ net, bars }: Trade): void {
    this.count++;
    this.total += net;
    this.extreme = this.#pick(this.extreme, net);
    this.bars += bars;
    this.longest = Math.max(this.longest, bars);
  }

  /** Takes a length into account for the shortest. */
  shorten(bars: number): void {
    this.shortest = Math.min(this.shortest || MAXINT, bars);
  }

  get sum(): Sum {
    return { total: this.total, average: this.count === 0 ? 0 : this.total / this.count };
  }

  get results(): Extreme {
    return { ...this.sum, max: this.extreme };
  }

  get lengths(): Lengths {
    const average = this.count === 0 ? 0 : this.bars / this.count;
    const lengths = { total: this.bars, average, max: this.longest };
    return this.shortest === 0 && this.#optional ? lengths : { ...lengths, min: this.shortest };
  }
}

/** All trades, or those of one side, and the winners and losers among them. */
class WonAndLost {
  readonly all = new Group(false);
  readonly won: Group;
  readonly lost: Group;

  constructor(optional = false) {
    this.won = new Group(optional);
    this.lost = new Group(optional, Math.min);
  }

  add(trade: Trade): void {
    this.all.add(trade);
    (trade.net >= 0 ? this.won : this.lost).add(trade);
  }

  get lengths(): Lengths & WonLost<Lengths> {
    return { ...this.all.lengths, won: this.won.lengths, lost: this.lost.lengths };
  }

  get side(): Side {
    return {
      total: this.all.count,
      pnl: { ...this.all.sum, won: this.won.results, lost: this.lost.results },
      won: this.won.count,
      lost: this.lost.count,
    };
  }
}

/** TradeAnalyzer: counts, streaks, results and lengths of the trades. One without loss, fees included, is won. */
export class TradeAnalyzer implements Analyzer<TradeAnalysis> {
  #total = 0;
  #gross = 0;
  readonly #all = new WonAndLost(true);
  readonly #long = new WonAndLost();
  readonly #short = new WonAndLost();
  readonly #streak: WonLost<Streak> = { won: { current: 0, longest: 0 }, lost: { current: 0, longest: 0 } };

  trade(trade: Trade): void {
    if (trade.open) {
      this.#total++;
      return;
    }
    this.#gross += trade.pnl;
    this.#all.add(trade);
    const side = trade.side === 'long' ? this.#long : this.#short;
    side.add(trade);
    const won = trade.net >= 0;
    this.#shorten(side, won, trade.bars);
    this.#streak[won ? 'lost' : 'won'].current = 0;
    const streak = this.#streak[won ? 'won' : 'lost'];
    streak.current++;
    streak.longest = Math.max(streak.longest, streak.current);
  }

  /** What each trade does to the shortest lengths: those of a side are touched by every trade, also of the other side. */
  #shorten(side: WonAndLost, won: boolean, bars: number): void {
    this.#all.all.shorten(bars);
    if (bars > 0) (won ? this.#all.won : this.#all.lost).shorten(bars);
    for (const one of [this.#long, this.#short]) {
      const length = (applies: boolean) => (one === side && applies ? bars : 0) || MAXINT;
      one.all.shorten(length(true));
      one.won.shorten(length(won));
      one.lost.shorten(length(!won));
    }
  }

  step(): void {}

  end(): TradeAnalysis {
    const all = this.#all;
    const closed = all.all.count;
    if (this.#total === 0) return { total: { total: 0 } };
    const open = this.#total - closed;
    if (closed === 0) return { total: { total: this.#total, open } };
    return {
      total: { total: this.#total, open, closed },
      streak: this.#streak,
      pnl: { gross: { total: this.#gross, average: this.#gross / closed }, net: all.all.sum },
      won: { total: all.won.count, pnl: all.won.results },
      lost: { total: all.lost.count, pnl: all.lost.results },
      long: this.#long.side,
      short: this.#short.side,
      len: { ...all.lengths, long: this.#long.lengths, short: this.#short.lengths },
    };
  }
}
