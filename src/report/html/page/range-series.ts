import type {
  CustomData,
  CustomSeriesOptions,
  CustomSeriesPricePlotValues,
  ICustomSeriesPaneRenderer,
  ICustomSeriesPaneView,
  PaneRendererCustomData,
  PriceToCoordinateConverter,
  Time,
  WhitespaceData,
} from 'lightweight-charts';

/** What a line did in one bucket; all three are the same where the bucket is a single bar. */
export interface RangeItem extends CustomData<Time> {
  /** Its place among the loaded buckets. */
  readonly at: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
}

export interface RangeOptions extends CustomSeriesOptions {
  /** `columns` stand on 0, `area` is filled to 0. */
  shape: 'line' | 'columns' | 'area';
  /** Media pixels. */
  width: number;
  fill: string;
}

type Target = Parameters<ICustomSeriesPaneRenderer['draw']>[0];

/** A line of which no extreme gets lost: a bucket is drawn from its highest to its lowest value. */
export class RangeSeries implements ICustomSeriesPaneView<Time, RangeItem, RangeOptions> {
  #data: PaneRendererCustomData<Time, RangeItem> | undefined;
  #options: RangeOptions | undefined;

  renderer(): ICustomSeriesPaneRenderer {
    return { draw: (target, toY) => this.#draw(target, toY) };
  }

  update(data: PaneRendererCustomData<Time, RangeItem>, options: RangeOptions): void {
    this.#data = data;
    this.#options = options;
  }

  priceValueBuilder({ low, high, last }: RangeItem): CustomSeriesPricePlotValues {
    return [low, high, last];
  }

  isWhitespace(item: RangeItem | WhitespaceData<Time>): item is WhitespaceData<Time> {
    return (item as RangeItem).last === undefined;
  }

  defaultOptions(): RangeOptions {
    return {
      color: '#888888',
      lastValueVisible: false,
      title: '',
      visible: true,
      priceLineVisible: false,
      shape: 'line',
      width: 1.5,
      fill: 'transparent',
    } as RangeOptions;
  }

  #draw(target: Target, toY: PriceToCoordinateConverter): void {
    const data = this.#data;
    const options = this.#options;
    if (data?.visibleRange == null || options === undefined) return;
    const first = Math.max(0, data.visibleRange.from - 1);
    const end = Math.min(data.bars.length, data.visibleRange.to + 1);
    // Only bars in view have a current x; their neighbours outside, to which the line goes on, are placed from it.
    const anchor = data.bars[data.visibleRange.from];
    if (anchor === undefined) return;
    const toX = (at: number) => anchor.x + (at - anchor.originalData.at) * data.barSpacing;
    target.useBitmapCoordinateSpace(({ context, horizontalPixelRatio: sx, verticalPixelRatio: sy }) => {
      context.lineJoin = 'round';
      if (options.shape === 'columns') {
        const zero = toY(0)! * sy;
        const width = Math.max(1, Math.floor(data.barSpacing * sx * 0.6));
        context.fillStyle = options.color;
        for (let i = first; i < end; i++) {
          const { originalData } = data.bars[i];
          const x = toX(originalData.at);
          const top = Math.min(
            toY(Math.max(originalData.high, 0))! * sy,
            zero - (originalData.high > 0 ? 1 : 0),
          );
          const bottom = Math.max(
            toY(Math.min(originalData.low, 0))! * sy,
            zero + (originalData.low < 0 ? 1 : 0),
          );
          if (bottom > top) context.fillRect(Math.round(x * sx - width / 2), top, width, bottom - top);
        }
        return;
      }
      const line = new Path2D();
      const spread = new Path2D();
      const area = new Path2D();
      const zero = options.shape === 'area' ? toY(0)! * sy : 0;
      let previous = Number.NaN;
      let merged = false;
      for (let i = first; i < end; i++) {
        const { at, low, high, last } = data.bars[i].originalData;
        const x = toX(at) * sx;
        const y = toY(last)! * sy;
        // Buckets without a value are missing from the bars: the line is interrupted there.
        if (at === previous + 1) line.lineTo(x, y);
        else line.moveTo(x, y);
        if (low !== high) {
          merged = true;
          spread.moveTo(x, toY(high)! * sy);
          spread.lineTo(x, toY(low)! * sy);
        }
        if (options.shape === 'area') {
          if (i === first) area.moveTo(x, zero);
          area.lineTo(x, toY(low)! * sy);
          if (i === end - 1) area.lineTo(x, zero);
        }
        previous = at;
      }
      if (options.shape === 'area') {
        context.fillStyle = options.fill;
        context.fill(area);
      }
      context.strokeStyle = options.color;
      if (merged) {
        // Lighter than the line: a spread of many bars is not to hide what it is drawn over.
        context.globalAlpha = 0.4;
        context.lineWidth = Math.max(1, data.barSpacing * sx * 0.7);
        context.stroke(spread);
        context.globalAlpha = 1;
      }
      context.lineWidth = (merged ? Math.min(1, options.width) : options.width) * sy;
      context.stroke(line);
    });
  }
}
