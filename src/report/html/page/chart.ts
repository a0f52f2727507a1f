import type {
  CandlestickData,
  IChartApi,
  ISeriesApi,
  MouseEventParams,
  Time,
  UTCTimestamp,
  WhitespaceData,
} from 'lightweight-charts';
import { compact, dateTime, number, signedPercent } from '../data/format.ts';
import type { CandleColumns } from '../data/pyramid.ts';
import {
  chooseLevel,
  chooseWindow,
  clampViewport,
  toLogical,
  type Viewport,
  type Window,
  wholeRange,
  zoomAround,
} from '../data/viewport.ts';
import { element } from './dom.ts';
import { Legend, type LegendEntry } from './legend.ts';
import { charts } from './library.ts';
import { hasVolume, type PaneLine, type PanePlan, PRICE_PANE, planPanes, VOLUME_PANE } from './panes.ts';
import { attachGestures, type ChartGestures } from './pointer.ts';
import { type RangeItem, type RangeOptions, RangeSeries } from './range-series.ts';
import type { Account, DataBars, DataLine } from './run.ts';
import { readTheme, type Theme } from './theme.ts';
import { type Highlight, type Marks, TradeMarks } from './trade-marks.ts';

type LineSeries = ISeriesApi<'Custom', Time, RangeItem | WhitespaceData<Time>, RangeOptions>;

interface DrawnLine {
  readonly line: PaneLine;
  readonly series: LineSeries;
}

export interface ChartEvents {
  /** The user clicked on a bar. */
  onBar(bar: number): void;
  /** The view or what is shown of it changed. */
  onView(state: ViewState): void;
}

export interface ViewState {
  readonly view: Viewport;
  /** Bars that one candle stands for. */
  readonly barsPerCandle: number;
  readonly fills: number;
  /** There are too many fills for an arrow each. */
  readonly crowded: boolean;
}

/**
 * All panes of one data over one time axis. The state is the viewport, counted in bars; the chart shows it with the
 * coarsest candles that are needed, of which only those around the view are loaded.
 */
export class ReportChart {
  readonly #container: HTMLElement;
  readonly #bars: DataBars;
  readonly #events: ChartEvents;
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick'>;
  /** Missing where the data has no volume. */
  readonly #volume: ISeriesApi<'Histogram'> | undefined;
  readonly #marks: TradeMarks;
  readonly #legends: {
    readonly legend: Legend;
    readonly pane: number;
    readonly lines: readonly DrawnLine[];
  }[] = [];
  readonly #resize: ResizeObserver;
  readonly #ended = new AbortController();
  #drawn: DrawnLine[] = [];
  #theme: Theme = readTheme();
  #view: Viewport;
  #window: Window | undefined;
  #loaded: CandleColumns | undefined;
  #hovered: number | undefined;
  #overlays = 0;
  #plans: readonly PanePlan[] = [];

  constructor(container: HTMLElement, bars: DataBars, events: ChartEvents) {
    this.#container = container;
    this.#bars = bars;
    this.#events = events;
    this.#view = wholeRange(bars.head.bars);
    const { time } = bars.base;
    const intraday = time.length > 1 && time[1] - time[0] < 86_400_000;
    this.#chart = charts.createChart(container, {
      autoSize: true,
      handleScroll: false,
      handleScale: {
        mouseWheel: false,
        pinch: false,
        axisPressedMouseMove: { time: false, price: true },
        axisDoubleClickReset: { time: false, price: true },
      },
      localization: { locale: 'en-US', timeFormatter: (at: Time) => dateTime((at as number) * 1000) },
      timeScale: {
        timeVisible: intraday,
        secondsVisible: intraday && time[1] - time[0] < 60_000,
        shiftVisibleRangeOnNewBar: false,
        minBarSpacing: 0.1,
        rightOffset: 0,
      },
      crosshair: { mode: charts.CrosshairMode.Normal },
      rightPriceScale: { minimumWidth: 68, entireTextOnly: true },
    });
    this.#candles = this.#chart.addSeries(charts.CandlestickSeries, {
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: {
        type: 'custom',
        minMove: 10 ** -bars.head.priceDigits,
        formatter: (price: number) => number(price, bars.head.priceDigits),
      },
    });
    if (hasVolume(bars)) {
      this.#volume = this.#chart.addSeries(
        charts.HistogramSeries,
        {
          priceLineVisible: false,
          lastValueVisible: false,
          priceFormat: { type: 'custom', minMove: 1e-8, formatter: compact },
        },
        VOLUME_PANE,
      );
    }
    this.#marks = new TradeMarks(() => ({
      window: this.#window!,
      view: this.#view,
      theme: this.#theme,
      extent: bar => this.#extent(bar),
    }));
    this.#candles.attachPrimitive(this.#marks);
    this.#chart.subscribeCrosshairMove(event => this.#hover(event));
    const gestures: ChartGestures = {
      width: () => this.#width,
      inPlot: (x, y) => x < this.#width && y < container.clientHeight - this.#chart.timeScale().height(),
      pan: pixels => {
        const bars = (pixels / this.#width) * (this.#view.to - this.#view.from);
        this.show({ from: this.#view.from - bars, to: this.#view.to - bars });
      },
      zoom: (x, factor) => this.show(zoomAround(this.#view, this.#barAtX(x), factor)),
      click: x => events.onBar(Math.round(this.#barAtX(x))),
      all: () => this.show(wholeRange(bars.head.bars)),
    };
    attachGestures(container, gestures, this.#ended.signal);
    this.#resize = new ResizeObserver(() => {
      this.#placeLegends();
      this.#draw();
    });
    this.#resize.observe(container);
    container.addEventListener('pointerup', this.#placeLegends, { signal: this.#ended.signal });
    this.recolour();
    this.#draw();
  }

  get view(): Viewport {
    return this.#view;
  }

  get #width(): number {
    return Math.max(1, this.#chart.timeScale().width());
  }

  /** Adds indicators and the account once they are decoded. */
  addLines(lines: readonly DataLine[], account: Account): void {
    this.#plans = planPanes(this.#bars, lines, account);
    this.#overlays = this.#plans[PRICE_PANE].lines.length;
    this.#plans.forEach((plan, pane) => {
      const drawn = plan.lines.map(line => ({ line, series: this.#addLine(line, pane, plan) }));
      this.#drawn.push(...drawn);
      const legend = new Legend();
      this.#legends.push({ legend, pane, lines: drawn });
      this.#container.append(legend.root);
    });
    this.#plans.forEach((plan, pane) => {
      const built = this.#chart.panes()[pane];
      built.setStretchFactor(plan.stretch);
      built.priceScale('right').applyOptions({ scaleMargins: plan.margins });
    });
    this.#container.style.setProperty('--panes', String(this.#plans.length));
    this.#window = undefined;
    this.recolour();
    this.#draw();
    // The panes get their heights at the library's next frame.
    requestAnimationFrame(() => requestAnimationFrame(this.#placeLegends));
  }

  setMarks(marks: Marks): void {
    this.#marks.setMarks(marks);
    this.#draw();
  }

  /** Marks a trade; `undefined` removes the mark. */
  setHighlight(highlight: Highlight | undefined): void {
    this.#marks.setHighlight(highlight);
  }

  /** Moves the view; it is kept within the data. */
  show(view: Viewport): void {
    this.#view = clampViewport(view, this.#bars.head.bars);
    this.#draw();
  }

  showAll(): void {
    this.show(wholeRange(this.#bars.head.bars));
  }

  zoom(factor: number): void {
    this.show(zoomAround(this.#view, (this.#view.from + this.#view.to) / 2, factor));
  }

  /** Takes the colours of the style sheet again. */
  recolour(): void {
    this.#theme = readTheme();
    const theme = this.#theme;
    this.#chart.applyOptions({
      layout: {
        background: { color: 'transparent' },
        textColor: theme.muted,
        fontFamily: theme.font,
        fontSize: 11,
        attributionLogo: true,
        panes: { separatorColor: theme.grid, separatorHoverColor: theme.band },
      },
      grid: { vertLines: { color: theme.grid }, horzLines: { color: theme.grid } },
      rightPriceScale: { borderColor: theme.grid },
      timeScale: { borderColor: theme.grid },
      crosshair: {
        vertLine: { color: theme.faint, labelBackgroundColor: theme.ink, width: 1, style: 3 },
        horzLine: { color: theme.faint, labelBackgroundColor: theme.ink, width: 1, style: 3 },
      },
    });
    this.#candles.applyOptions({
      upColor: theme.up,
      downColor: theme.down,
      borderVisible: false,
      wickUpColor: theme.up,
      wickDownColor: theme.down,
    });
    for (const { line, series } of this.#drawn) series.applyOptions(line.style(theme));
    for (const { legend, pane, lines } of this.#legends) legend.setEntries(this.#entries(pane, lines));
    this.#window = undefined;
    this.#draw();
  }

  remove(): void {
    this.#resize.disconnect();
    this.#ended.abort();
    this.#chart.remove();
    for (const { legend } of this.#legends) legend.root.remove();
  }

  #addLine(line: PaneLine, pane: number, plan: PanePlan): LineSeries {
    const options = {
      ...line.style(this.#theme),
      lastValueVisible: false,
      priceLineVisible: false,
      priceFormat: { type: 'custom' as const, minMove: 1e-8, formatter: plan.axis },
    };
    return this.#chart.addCustomSeries(new RangeSeries(), options, pane) as LineSeries;
  }

  #draw(): void {
    const { head } = this.#bars;
    if (head.bars === 0) return;
    const width = this.#width;
    const level = chooseLevel(this.#view, width, this.#window?.level);
    const window = chooseWindow(this.#view, level, head.bars, this.#window);
    if (window !== this.#window) this.#load(window);
    // The library's range names bars whose full width is to be seen: half a bar less on either side.
    this.#chart.timeScale().setVisibleLogicalRange({
      from: toLogical(this.#view.from, window) + 0.5,
      to: toLogical(this.#view.to, window) - 0.5,
    });
    this.#showValues();
    const { count, crowded } = this.#marks.density(this.#view, width);
    this.#events.onView({ view: this.#view, barsPerCandle: 2 ** level, fills: count, crowded });
  }

  #load(window: Window): void {
    this.#window = window;
    const { level, from, to } = window;
    const columns = this.#bars.candles.slice(level, from, to);
    this.#loaded = columns;
    const { time, open, high, low, close, volume } = columns;
    const count = time.length;
    const times = new Array<UTCTimestamp>(count);
    const candles = new Array<CandlestickData<Time>>(count);
    const volumes = new Array<{ time: UTCTimestamp; value: number; color: string }>(count);
    const { volumeUp, volumeDown } = this.#theme;
    for (let i = 0; i < count; i++) {
      const at = (time[i] / 1000) as UTCTimestamp;
      times[i] = at;
      candles[i] = { time: at, open: open[i], high: high[i], low: low[i], close: close[i] };
      volumes[i] = { time: at, value: volume[i], color: close[i] < open[i] ? volumeDown : volumeUp };
    }
    // Merged, a line is a broad band; the candles then stand in front of it.
    this.#candles.setSeriesOrder(level === 0 ? 0 : this.#overlays);
    this.#candles.setData(candles);
    this.#volume?.setData(volumes);
    for (const { line, series } of this.#drawn) {
      const range = line.range.slice(level, from, to);
      const items = new Array<RangeItem | WhitespaceData<Time>>(count);
      for (let i = 0; i < count; i++) {
        const last = range.last[i];
        items[i] = Number.isFinite(last)
          ? { time: times[i], at: i, low: range.low[i], high: range.high[i], last }
          : { time: times[i] };
      }
      series.setData(items);
    }
  }

  #barAtX(x: number): number {
    return this.#view.from + (x / this.#width) * (this.#view.to - this.#view.from);
  }

  #extent(bar: number): readonly [number, number] {
    const { level, from } = this.#window!;
    const bucket = Math.floor(bar / 2 ** level) - from;
    return [this.#loaded!.low[bucket], this.#loaded!.high[bucket]];
  }

  #hover(event: MouseEventParams): void {
    this.#hovered =
      event.logical === undefined || event.point === undefined ? undefined : (event.logical as number);
    this.#showValues();
  }

  #entries(pane: number, lines: readonly DrawnLine[]): LegendEntry[] {
    const drawn = lines.map(({ line, series }) => ({
      label: line.label,
      colour: line.style(this.#theme).color!,
      title: `Hide or show ${line.label}${line.field === '' ? '' : ` (this.${line.field})`}`,
      toggle: (visible: boolean) => series.applyOptions({ visible }),
    }));
    if (pane === PRICE_PANE) {
      return [...['', 'O', 'H', 'L', 'C', ''].map(label => ({ label })), ...drawn, { label: '' }];
    }
    if (this.#isVolume(pane)) return [{ label: `Volume ${this.#bars.head.base}` }];
    return drawn;
  }

  /** Legends show the bar under the crosshair, or else the last one in view. */
  #showValues(): void {
    const window = this.#window;
    const loaded = this.#loaded;
    if (window === undefined || loaded === undefined || this.#legends.length === 0) return;
    const scale = 2 ** window.level;
    const last = Math.min(window.to, Math.ceil((this.#view.to - 0.5) / scale)) - 1 - window.from;
    const index = this.#hovered ?? last;
    const bucket = window.from + index;
    for (const { legend, pane, lines } of this.#legends) {
      const values = lines.map(({ line }) => {
        const value =
          index < 0 || index >= loaded.time.length
            ? Number.NaN
            : line.range.slice(window.level, bucket, bucket + 1).last[0];
        return line.text(value);
      });
      if (pane === PRICE_PANE) legend.setValues([...this.#prices(index), ...values, this.#fillsOf(bucket)]);
      else if (this.#isVolume(pane)) legend.setValues([number(loaded.volume[index] ?? Number.NaN, 0, 8)]);
      else legend.setValues(values);
    }
  }

  #isVolume(pane: number): boolean {
    return pane === VOLUME_PANE && this.#volume !== undefined;
  }

  #prices(index: number): string[] {
    const { time, open, high, low, close } = this.#loaded!;
    if (index < 0 || index >= time.length) return ['', '–', '–', '–', '–', ''];
    const text = (value: number) => number(value, this.#bars.head.priceDigits);
    return [
      dateTime(time[index]),
      text(open[index]),
      text(high[index]),
      text(low[index]),
      text(close[index]),
      signedPercent(close[index] / open[index] - 1),
    ];
  }

  #fillsOf(bucket: number): string {
    return this.#marks.describe(bucket, 2 ** this.#window!.level, this.#bars.head.priceDigits);
  }

  readonly #placeLegends = (): void => {
    const top = this.#container.getBoundingClientRect().top;
    const panes = this.#chart.panes();
    for (const { legend, pane } of this.#legends) {
      const box = panes[pane]?.getHTMLElement()?.getBoundingClientRect();
      if (box !== undefined) legend.root.style.top = `${box.top - top}px`;
      legend.root.style.maxWidth = `${this.#width - 12}px`;
    }
  };
}

/** The place of a chart that has nothing to show. */
export function emptyChart(): HTMLElement {
  return element('p', 'empty', 'The run has no bars.');
}
