import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';
import { number } from '../data/format.ts';
import { lastAtOrBefore, toLogical, type Viewport, type Window } from '../data/viewport.ts';
import type { Theme } from './theme.ts';

/** Executions on one data, ordered by bar. */
export interface Marks {
  readonly bar: Float64Array;
  readonly price: Float64Array;
  /** Negative for sells. */
  readonly size: Float64Array;
  readonly tag: (mark: number) => string;
}

/** The selected trade. */
export interface Highlight {
  readonly entryBar: number;
  readonly exitBar: number;
  readonly entryPrice: number;
  /** NaN while open. */
  readonly exitPrice: number;
  readonly won: boolean;
}

/** What the marks need to know of the chart at the moment of drawing. */
export interface MarkContext {
  readonly window: Window;
  readonly view: Viewport;
  readonly theme: Theme;
  /** Lowest and highest price of the bucket that a bar is in. */
  readonly extent: (bar: number) => readonly [number, number];
}

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];

/** With less room than this for each mark (px), a histogram of executions takes the place of arrows. */
const ROOM = 10;
/** Labels need this much each. */
const LABEL_ROOM = 74;
const STRIP_BUCKET = 6;
const STRIP_HEIGHT = 10;

/** Draws executions and the selected trade onto the price pane. */
export class TradeMarks implements ISeriesPrimitive<Time> {
  #attached: SeriesAttachedParameter<Time> | undefined;
  #marks: Marks | undefined;
  #highlight: Highlight | undefined;
  readonly #context: () => MarkContext;

  constructor(context: () => MarkContext) {
    this.#context = context;
  }

  attached(parameters: SeriesAttachedParameter<Time>): void {
    this.#attached = parameters;
  }

  detached(): void {
    this.#attached = undefined;
  }

  setMarks(marks: Marks): void {
    this.#marks = marks;
    this.#attached?.requestUpdate();
  }

  setHighlight(highlight: Highlight | undefined): void {
    this.#highlight = highlight;
    this.#attached?.requestUpdate();
  }

  /** Indices of the executions in bars `from` (inclusive) to `to` (exclusive). */
  marksIn(from: number, to: number): { from: number; to: number } {
    if (this.#marks === undefined) return { from: 0, to: 0 };
    return {
      from: lastAtOrBefore(this.#marks.bar, from - 0.5) + 1,
      to: lastAtOrBefore(this.#marks.bar, to - 0.5) + 1,
    };
  }

  /** How many executions are in view, and whether there is room for an arrow each. */
  density(view: Viewport, width: number): { count: number; crowded: boolean } {
    const { from, to } = this.marksIn(view.from, view.to);
    return { count: to - from, crowded: (to - from) * ROOM > width };
  }

  /** "buy 0.5 @ 27,123.40 breakout", for the candle that stands for `scale` bars. */
  describe(bucket: number, scale: number, digits: number): string {
    const { from, to } = this.marksIn(bucket * scale, (bucket + 1) * scale);
    if (to === from || this.#marks === undefined) return '';
    const { size, price, tag } = this.#marks;
    const shown: string[] = [];
    for (let i = from; i < Math.min(to, from + 2); i++) {
      const side = size[i] < 0 ? '▼ sell' : '▲ buy';
      shown.push(`${side} ${number(Math.abs(size[i]), 0, 8)} @ ${number(price[i], digits)} ${tag(i)}`.trim());
    }
    return shown.join(' · ') + (to - from > 2 ? ` · ${to - from - 2} more` : '');
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [
      { zOrder: () => 'bottom', renderer: () => ({ draw: target => this.#drawBand(target) }) },
      { zOrder: () => 'top', renderer: () => ({ draw: target => this.#drawMarks(target) }) },
    ];
  }

  #x(bar: number): number {
    const logical = toLogical(bar, this.#context().window);
    const scale = this.#attached!.chart.timeScale();
    // The library rounds to whole bars; the fraction is added from the distance between two of them.
    const whole = Math.floor(logical);
    const x = scale.logicalToCoordinate(whole as never) ?? Number.NaN;
    const next = scale.logicalToCoordinate((whole + 1) as never) ?? Number.NaN;
    return x + (next - x) * (logical - whole);
  }

  #bucketX(bar: number): number {
    const { window } = this.#context();
    const logical = Math.floor(bar / 2 ** window.level) - window.from;
    return this.#attached!.chart.timeScale().logicalToCoordinate(logical as never) ?? Number.NaN;
  }

  #drawBand(target: Target): void {
    const highlight = this.#highlight;
    if (highlight === undefined || this.#attached === undefined) return;
    const { theme } = this.#context();
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const from = this.#x(highlight.entryBar - 0.5);
      const to = Math.max(this.#x(highlight.exitBar + 0.5), from + 2);
      context.fillStyle = theme.band;
      context.fillRect(from, 0, to - from, mediaSize.height);
    });
  }

  #drawMarks(target: Target): void {
    if (this.#attached === undefined) return;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      if (this.#marks !== undefined) this.#drawExecutions(context, mediaSize.width, mediaSize.height);
      if (this.#highlight !== undefined) this.#drawTrade(context, this.#highlight);
    });
  }

  #drawExecutions(context: CanvasRenderingContext2D, width: number, height: number): void {
    const { view } = this.#context();
    const { from, to } = this.marksIn(view.from, view.to);
    if ((to - from) * ROOM > width) this.#drawStrip(context, from, to, width, height);
    else this.#drawArrows(context, from, to, (to - from) * LABEL_ROOM <= width);
  }

  /** Executions by place: buys grow upwards from the middle of the strip, sells downwards. */
  #drawStrip(
    context: CanvasRenderingContext2D,
    from: number,
    to: number,
    width: number,
    height: number,
  ): void {
    const { bar, size } = this.#marks!;
    const { theme } = this.#context();
    const buckets = Math.ceil(width / STRIP_BUCKET);
    const buys = new Uint32Array(buckets);
    const sells = new Uint32Array(buckets);
    const { view } = this.#context();
    const scale = width / (view.to - view.from);
    let most = 1;
    for (let i = from; i < to; i++) {
      const bucket = Math.min(
        buckets - 1,
        Math.max(0, Math.floor(((bar[i] - view.from) * scale) / STRIP_BUCKET)),
      );
      const count = size[i] < 0 ? ++sells[bucket] : ++buys[bucket];
      if (count > most) most = count;
    }
    const middle = height - STRIP_HEIGHT - 2;
    context.globalAlpha = 0.6;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const x = bucket * STRIP_BUCKET;
      const up = (buys[bucket] / most) * STRIP_HEIGHT;
      const down = (sells[bucket] / most) * STRIP_HEIGHT;
      context.fillStyle = theme.up;
      context.fillRect(x, middle - up, STRIP_BUCKET - 1, up);
      context.fillStyle = theme.down;
      context.fillRect(x, middle + 1, STRIP_BUCKET - 1, down);
    }
    context.globalAlpha = 1;
  }

  #drawArrows(context: CanvasRenderingContext2D, from: number, to: number, labelled: boolean): void {
    const { bar, price, size, tag } = this.#marks!;
    const { theme, extent } = this.#context();
    const { series } = this.#attached!;
    const spacing = this.#x(1) - this.#x(0);
    context.font = `11px ${theme.font}`;
    context.textAlign = 'center';
    context.lineWidth = 2;
    context.strokeStyle = theme.surface;
    let lastBucket = Number.NaN;
    let lastBuy = 0;
    let lastSell = 0;
    for (let i = from; i < to; i++) {
      const x = this.#bucketX(bar[i]);
      const buy = size[i] >= 0;
      // Several executions of one candle stand below (above) each other.
      if (x !== lastBucket) {
        lastBucket = x;
        lastBuy = 0;
        lastSell = 0;
      }
      const rank = buy ? lastBuy++ : lastSell++;
      if (rank > 2) continue;
      const [low, high] = extent(bar[i]);
      const edge = series.priceToCoordinate(buy ? low : high);
      if (edge === null) continue;
      const way = buy ? 1 : -1;
      const tip = edge + way * (5 + rank * 11);
      context.fillStyle = buy ? theme.up : theme.down;
      context.beginPath();
      context.moveTo(x, tip);
      context.lineTo(x - 5.5, tip + way * 9);
      context.lineTo(x + 5.5, tip + way * 9);
      context.closePath();
      context.stroke();
      context.fill();
      const at = series.priceToCoordinate(price[i]);
      if (at !== null && spacing >= 8) {
        context.fillRect(x - Math.min(spacing, 18) / 2 - 3, at - 1, 5, 2);
      }
      if (!labelled || rank > 0) continue;
      const name = tag(i);
      const label = name === '' ? number(Math.abs(size[i]), 0, 4) : name;
      const shown = label.length > 14 ? `${label.slice(0, 13)}…` : label;
      const y = tip + way * (buy ? 20 : 13);
      context.lineWidth = 3;
      context.strokeText(shown, x, y);
      context.lineWidth = 2;
      context.fillText(shown, x, y);
    }
  }

  #drawTrade(context: CanvasRenderingContext2D, highlight: Highlight): void {
    const { theme } = this.#context();
    const { series } = this.#attached!;
    const entry = series.priceToCoordinate(highlight.entryPrice);
    if (entry === null) return;
    const x0 = this.#bucketX(highlight.entryBar);
    const exit = Number.isNaN(highlight.exitPrice) ? null : series.priceToCoordinate(highlight.exitPrice);
    context.strokeStyle = highlight.won ? theme.up : theme.down;
    context.fillStyle = theme.surface;
    context.lineWidth = 2;
    if (exit !== null) {
      const x1 = this.#bucketX(highlight.exitBar);
      context.setLineDash([6, 4]);
      context.beginPath();
      context.moveTo(x0, entry);
      context.lineTo(x1, exit);
      context.stroke();
      context.setLineDash([]);
      dot(context, x1, exit);
    }
    dot(context, x0, entry);
  }
}

function dot(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.arc(x, y, 3.5, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}
