import { AccurateSum } from '../../indicators/averages/accurate-sum.ts';
import type { TakerSide } from '../../model/records.ts';

/** Prices in quote, volumes in the unit of sizes, `quoteVolume` in price times size. NaN where there was no trade. */
export interface TradeFigures {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly quoteVolume: number;
  /** Of trades in which a buyer took; those of unknown side are in neither. */
  readonly buyVolume: number;
  readonly sellVolume: number;
  readonly trades: number;
  /** Σ price · size / Σ size of the window. */
  readonly vwap: number;
  /** The same of all trades so far. */
  readonly vwapSinceStart: number;
}

/** OHLCV and VWAP of the trades of one window after the other. Trades count in the order in which they come. */
export class TradeWindow {
  readonly #allVolume = new AccurateSum();
  readonly #allQuote = new AccurateSum();
  #open = Number.NaN;
  #high = Number.NaN;
  #low = Number.NaN;
  #close = Number.NaN;
  #trades = 0;
  readonly #volume = new AccurateSum();
  readonly #quote = new AccurateSum();
  readonly #buys = new AccurateSum();
  readonly #sells = new AccurateSum();

  add(price: number, size: number, side: TakerSide | null): void {
    if (this.#trades++ === 0) {
      this.#open = price;
      this.#high = price;
      this.#low = price;
    } else {
      this.#high = Math.max(this.#high, price);
      this.#low = Math.min(this.#low, price);
    }
    this.#close = price;
    this.#volume.add(size);
    this.#quote.add(price * size);
    this.#allVolume.add(size);
    this.#allQuote.add(price * size);
    if (side === 'buy') this.#buys.add(size);
    else if (side === 'sell') this.#sells.add(size);
  }

  /** The figures of the window, of which the next one begins. */
  take(): TradeFigures {
    const [volume, quoteVolume] = [this.#volume.total, this.#quote.total];
    const figures = {
      ...{ open: this.#open, high: this.#high, low: this.#low, close: this.#close },
      ...{ volume, quoteVolume, buyVolume: this.#buys.total, sellVolume: this.#sells.total },
      trades: this.#trades,
      vwap: quoteVolume / volume,
      vwapSinceStart: this.#allQuote.total / this.#allVolume.total,
    };
    this.#open = Number.NaN;
    this.#high = Number.NaN;
    this.#low = Number.NaN;
    this.#close = Number.NaN;
    this.#trades = 0;
    this.#volume.clear();
    this.#quote.clear();
    this.#buys.clear();
    this.#sells.clear();
    return figures;
  }
}
