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
  dashed: boolean;
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
      dashed: false,
    } as RangeOptions;
  }

  #draw(target: Target, toY: PriceToCoordinateConverter): void {
    const data = this.#data;
    const options = this.#options;
    if (data?.visibleRange == null || options === undefined) return;
    const first = Math.max(0, data.visibleRange.from - 1);
    const end = Math.min(data.bars.length, data.visibleRange.to + 1);
    target.useBitmapCoordinateSpace(({ context, horizontalPixelRatio: sx, verticalPixelRatio: sy }) => {
      context.lineJoin = 'round';
      if (options.shape === 'columns') {
        const zero = toY(0)! * sy;
        const width = Math.max(1, Math.floor(data.barSpacing * sx * 0.6));
        context.fillStyle = options.color;
        for (let i = first; i < end; i++) {
          const { x, originalData } = data.bars[i];
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
      const area = new Path2D();
      const zero = options.shape === 'area' ? toY(0)! * sy : 0;
      let lastX = Number.NaN;
      let previous = Number.NaN;
      for (let i = first; i < end; i++) {
        const { x: mediaX, originalData, time } = data.bars[i];
        const x = mediaX * sx;
        const y = toY(originalData.last)! * sy;
        // Items without a value are left out of the bars: their gap shows in the distance to the neighbour.
        const joined = x - lastX < data.barSpacing * sx * 1.5 && time > previous;
        if (joined) line.lineTo(x, toY(originalData.high)! * sy);
        else line.moveTo(x, toY(originalData.high)! * sy);
        if (originalData.low !== originalData.high) line.lineTo(x, toY(originalData.low)! * sy);
        line.lineTo(x, y);
        if (options.shape === 'area') {
          const deepest = toY(originalData.low)! * sy;
          if (i === first) area.moveTo(x, zero);
          area.lineTo(x, deepest);
          if (i === end - 1) area.lineTo(x, zero);
        }
        lastX = x;
        previous = time;
      }
      if (options.shape === 'area') {
        context.fillStyle = options.fill;
        context.fill(area);
      }
      context.strokeStyle = options.color;
      context.lineWidth = options.width * sy;
      context.setLineDash(options.dashed ? [5 * sx, 4 * sx] : []);
      context.stroke(line);
      context.setLineDash([]);
    });
  }
}
