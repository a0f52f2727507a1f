import { compact, number, percent } from '../data/format.ts';
import type { RangePyramid } from '../data/pyramid.ts';
import type { RangeOptions } from './range-series.ts';
import type { Account, DataBars, DataLine } from './run.ts';
import type { Theme } from './theme.ts';

/** A line of a pane and how it is drawn and read. */
export interface PaneLine {
  readonly label: string;
  /** The strategy's field that holds it, or ''. */
  readonly field: string;
  readonly range: RangePyramid;
  readonly style: (theme: Theme) => Partial<RangeOptions>;
  /** A value as the legend shows it. */
  readonly text: (value: number) => string;
}

export interface PanePlan {
  readonly name: string;
  /** Share of the height. */
  readonly stretch: number;
  readonly lines: readonly PaneLine[];
  /** A value as the axis shows it. */
  readonly axis: (value: number) => string;
  /** Price margins: share of the pane's height kept free above, for the legend, and below. */
  readonly margins: { readonly top: number; readonly bottom: number };
}

/** A label of more characters gives way to the name of the strategy's field. */
const LONG_LABEL = 30;

export const PRICE_PANE = 0;
/** Its place where the data has volume at all. */
export const VOLUME_PANE = 1;

export function hasVolume({ base }: DataBars): boolean {
  return base.volume.some(volume => volume !== 0);
}

/**
 * The panes from top to bottom: price with the lines on its scale, volume, a pane for each indicator that has a
 * scale of its own, then the account and its drawdown.
 */
export function planPanes(bars: DataBars, lines: readonly DataLine[], account: Account): PanePlan[] {
  const { head } = bars;
  const overlays = lines.filter(line => line.head.overlay);
  const own = Map.groupBy(
    lines.filter(line => !line.head.overlay),
    line => line.head.group,
  );
  const priceText = (value: number) => number(value, head.priceDigits);
  const accountText = (value: number) => number(value, 2, Math.abs(value) < 100 ? 8 : 2);
  return [
    {
      name: 'price',
      stretch: 46,
      lines: overlays.map((line, i) => paneLine(line, i, head.priceDigits)),
      axis: priceText,
      // Many overlays make a legend of two lines.
      margins: { top: overlays.length > 3 ? 0.21 : 0.16, bottom: 0.1 },
    },
    ...(hasVolume(bars)
      ? [{ name: 'volume', stretch: 9, lines: [], axis: compact, margins: { top: 0.2, bottom: 0 } }]
      : []),
    ...[...own].map(([group, members]) => ({
      name: group,
      stretch: members.every(line => line.head.columns) ? 8 : 13,
      lines: members.map((line, i) => paneLine(line, i, 2)),
      axis: compact,
      margins: { top: 0.24, bottom: 0.08 },
    })),
    {
      name: 'equity',
      stretch: 17,
      lines: [
        {
          label: 'Buy & hold',
          field: '',
          range: account.hold,
          style: theme => ({ color: theme.faint, width: 1.2 }),
          text: accountText,
        },
        {
          label: 'Equity',
          field: '',
          range: account.value,
          style: theme => ({ color: theme.accent, width: 1.6 }),
          text: accountText,
        },
      ],
      axis: compact,
      margins: { top: 0.2, bottom: 0.06 },
    },
    {
      name: 'drawdown',
      stretch: 12,
      lines: [
        {
          label: 'Drawdown',
          field: '',
          range: account.drawdown,
          style: theme => ({ color: theme.down, fill: theme.fall, width: 1, shape: 'area' }),
          text: value => percent(value, 2),
        },
      ],
      axis: value => percent(value, Math.abs(value) < 0.02 && value !== 0 ? 1 : 0),
      margins: { top: 0.26, bottom: 0.06 },
    },
  ];
}

function paneLine(line: DataLine, index: number, digits: number): PaneLine {
  const { head, range } = line;
  return {
    label: head.label.length > LONG_LABEL && head.field !== '' ? head.field : head.label,
    field: head.field,
    range,
    style: theme => ({
      color: theme.lines[index % theme.lines.length],
      shape: head.columns ? 'columns' : 'line',
    }),
    text: value => {
      const shown = Math.abs(value) < 1 && value !== 0 ? 8 : digits + 2;
      return number(value, 0, line.digits === undefined ? shown : Math.min(shown, line.digits));
    },
  };
}
