import { ByteReader } from '../data/bytes.ts';
import { decodeCandles } from '../data/candles.ts';
import { type Column, decodeColumn } from '../data/column.ts';
import {
  type DataHead,
  FILL_COLUMNS,
  type LineHead,
  REFUSAL_COLUMNS,
  type ReportHead,
  type ReportText,
  SECTIONS,
  TRADE_COLUMNS,
} from '../data/payload.ts';
import { type CandleColumns, CandlePyramid, RangePyramid } from '../data/pyramid.ts';
import { lastAtOrBefore } from '../data/viewport.ts';
import { readColumns, readSection, readTable } from './sections.ts';

export type Trades = Record<(typeof TRADE_COLUMNS)[number], Float64Array>;
export type Fills = Record<(typeof FILL_COLUMNS)[number], Float64Array>;
export type Refusals = Record<(typeof REFUSAL_COLUMNS)[number], Float64Array>;

/** One data's candles, at all levels of detail. */
export interface DataBars {
  readonly head: DataHead;
  readonly base: CandleColumns;
  readonly candles: CandlePyramid;
}

export interface DataLine {
  readonly head: LineHead;
  /** Decimals of the stored values; undefined when they are exact to the last bit. */
  readonly digits: number | undefined;
  readonly range: RangePyramid;
}

/** The account along one data's bars, as fractions (drawdown) and in quote. */
export interface Account {
  readonly value: RangePyramid;
  readonly hold: RangePyramid;
  readonly drawdown: RangePyramid;
}

/** The run as the page shows it; everything is decoded when it is first asked for. */
export class Run {
  readonly head: ReportHead;
  readonly #kept = new Map<string, Promise<unknown>>();

  constructor(head: ReportHead) {
    this.head = head;
  }

  bars(data: number): Promise<DataBars> {
    return this.#once(SECTIONS.candles(data), async id => {
      const reader = new ByteReader(await readSection(id));
      const time = decodeColumn(reader).values;
      const prices = decodeCandles(reader);
      const base = { ...prices, time, volume: decodeColumn(reader).values };
      return { head: this.head.datas[data], base, candles: new CandlePyramid(base) };
    });
  }

  lines(data: number): Promise<readonly DataLine[]> {
    return this.#once(SECTIONS.lines(data), async id => {
      const { lines } = this.head.datas[data];
      if (lines.length === 0) return [];
      const columns = (await readColumns(id))(lines.length);
      return columns.map(({ values, digits }, i) => ({
        head: lines[i],
        digits,
        range: RangePyramid.of(values),
      }));
    });
  }

  account(data: number): Promise<Account> {
    return this.#once(`account-${data}`, async () => {
      const { head, base } = await this.bars(data);
      const { value, hold } = await this.#equity();
      const drawdown = drawdowns(value, this.head.startValue);
      const held =
        hold === undefined
          ? RangePyramid.of(base.close.map(close => (this.head.startValue * close) / head.firstPrice))
          : undefined;
      if (head.stepsAreBars) {
        return {
          value: RangePyramid.of(value),
          hold: held ?? RangePyramid.of(hold!),
          drawdown: RangePyramid.of(drawdown),
        };
      }
      const steps = (await readColumns(SECTIONS.steps(data)))(1)[0].values;
      return {
        value: alongBars(value, steps),
        hold: held ?? alongBars(hold!, steps),
        drawdown: alongBars(drawdown, steps),
      };
    });
  }

  trades(): Promise<Trades> {
    return this.#once(SECTIONS.trades, id => readTable(id, TRADE_COLUMNS));
  }

  fills(): Promise<Fills> {
    return this.#once(SECTIONS.fills, id => readTable(id, FILL_COLUMNS));
  }

  refusals(): Promise<Refusals> {
    return this.#once(SECTIONS.refusals, id => readTable(id, REFUSAL_COLUMNS));
  }

  text(): Promise<ReportText> {
    return this.#once(SECTIONS.text, async id => JSON.parse(new TextDecoder().decode(await readSection(id))));
  }

  #equity(): Promise<{ value: Float64Array; hold: Float64Array | undefined }> {
    return this.#once(SECTIONS.equity, async id => {
      const columns: Column[] = (await readColumns(id))(this.head.holdStored ? 2 : 1);
      return { value: columns[0].values, hold: columns[1]?.values };
    });
  }

  #once<T>(id: string, read: (id: string) => Promise<T>): Promise<T> {
    let kept = this.#kept.get(id) as Promise<T> | undefined;
    if (kept === undefined) {
      kept = read(id);
      this.#kept.set(id, kept);
    }
    return kept;
  }
}

/** The bar in which something happened. */
export function barAt(bars: DataBars, time: number): number {
  return Math.max(0, lastAtOrBefore(bars.base.time, time));
}

function drawdowns(values: Float64Array, start: number): Float64Array {
  let peak = start;
  return values.map(value => {
    if (value > peak) peak = value;
    return value / peak - 1;
  });
}

/** A step column along a data's bars: what happened in the steps since the bar before is kept as the range. */
function alongBars(values: Float64Array, steps: Float64Array): RangePyramid {
  const low = new Float64Array(steps.length);
  const high = new Float64Array(steps.length);
  const last = new Float64Array(steps.length);
  for (let bar = 0, from = 0; bar < steps.length; bar++) {
    const to = steps[bar];
    last[bar] = to < 0 ? Number.NaN : values[to];
    low[bar] = last[bar];
    high[bar] = last[bar];
    for (let step = from; step < to; step++) {
      if (values[step] < low[bar]) low[bar] = values[step];
      if (values[step] > high[bar]) high[bar] = values[step];
    }
    from = to + 1;
  }
  return new RangePyramid({ low, high, last });
}
