import { dateTime, money, number, signedMoney, signedPercent } from '../data/format.ts';
import type { ReportHead, ReportText } from '../data/payload.ts';
import { element } from './dom.ts';
import type { Trades } from './run.ts';
import { type TableColumn, VirtualTable } from './virtual-table.ts';

/** The trades, and all there is to know about the chosen one. */
export class TradeList {
  readonly root: HTMLElement;
  readonly table: VirtualTable;
  readonly #columns: readonly TableColumn[];
  readonly #detail = element('dl', 'detail-card');

  constructor(head: ReportHead, trades: Trades, text: ReportText, onSelect: (trade: number) => void) {
    this.#columns = columnsOf(head, trades, text);
    this.table = new VirtualTable({
      label: 'Trades; arrow keys choose one and show it in the chart',
      columns: this.#columns,
      rows: trades.id.length,
      empty: 'The strategy made no trade.',
      onSelect: trade => {
        this.#describe(trade);
        onSelect(trade);
      },
    });
    this.#detail.hidden = true;
    this.root = element('div', 'trade-list', this.table.root, this.#detail);
  }

  /** Chooses a trade as if its row had been clicked, except that nobody is told. */
  reveal(trade: number): void {
    this.table.reveal(trade);
    this.#describe(trade);
  }

  #describe(trade: number): void {
    this.#detail.hidden = false;
    this.#detail.replaceChildren(
      ...this.#columns.map(column => {
        const value = element('dd', '', column.text(trade));
        if (column.tone !== undefined) value.dataset.tone = column.tone(trade);
        return element('div', '', element('dt', '', column.name), value);
      }),
    );
  }
}

function columnsOf(head: ReportHead, trades: Trades, text: ReportText): TableColumn[] {
  const net = (row: number) => trades.pnl[row] - trades.fees[row];
  const share = (row: number) => net(row) / (trades.entryPrice[row] * Math.abs(trades.size[row]));
  const side = (row: number) => (trades.size[row] < 0 ? 'short' : 'long');
  const symbol = (row: number) => head.symbols[trades.symbol[row]];
  const digits = head.symbols.map((_, s) => head.datas.find(data => data.symbol === s)?.priceDigits ?? 2);
  const price = (row: number, value: number) =>
    number(value, digits[trades.symbol[row]], Math.min(10, digits[trades.symbol[row]] + 2));
  const tone = (row: number) => (net(row) > 0 ? 'up' : net(row) < 0 ? 'down' : '');
  const open = (row: number) => trades.open[row] === 1;
  return [
    {
      name: '#',
      track: 'minmax(40px, .5fr)',
      numeric: true,
      text: row => String(trades.id[row]),
      value: row => trades.id[row],
    },
    ...(head.symbols.length > 1
      ? [{ name: 'Symbol', track: 'minmax(72px, .8fr)', text: symbol, value: symbol }]
      : []),
    { name: 'Side', track: '42px', text: side, value: side },
    {
      name: 'Entry',
      track: 'minmax(110px, 1.2fr)',
      text: row => dateTime(trades.entryTime[row]),
      value: row => trades.entryTime[row],
    },
    {
      name: 'Exit',
      track: 'minmax(110px, 1.2fr)',
      when: 'wide',
      text: row => (open(row) ? 'open' : dateTime(trades.exitTime[row])),
      value: row => trades.exitTime[row],
    },
    {
      name: 'Bars',
      track: 'minmax(40px, .5fr)',
      numeric: true,
      when: 'roomy',
      text: row => number(trades.bars[row]),
      value: row => trades.bars[row],
    },
    {
      name: 'Size',
      track: 'minmax(90px, 1fr)',
      numeric: true,
      when: 'wide',
      text: row => number(Math.abs(trades.size[row]), 0, 8),
      value: row => Math.abs(trades.size[row]),
    },
    {
      name: 'Entry price',
      track: 'minmax(84px, 1fr)',
      numeric: true,
      when: 'wide',
      text: row => price(row, trades.entryPrice[row]),
      value: row => trades.entryPrice[row],
    },
    {
      name: 'Exit price',
      track: 'minmax(84px, 1fr)',
      numeric: true,
      when: 'wide',
      text: row => price(row, trades.exitPrice[row]),
      value: row => trades.exitPrice[row],
    },
    {
      name: 'Fees',
      track: 'minmax(64px, .7fr)',
      numeric: true,
      when: 'wide',
      text: row => money(trades.fees[row], head.startValue),
      value: row => trades.fees[row],
    },
    {
      name: 'Net',
      track: 'minmax(76px, 1fr)',
      numeric: true,
      tone,
      text: row => signedMoney(net(row), head.startValue),
      value: net,
    },
    {
      name: '%',
      track: 'minmax(66px, .7fr)',
      numeric: true,
      tone,
      text: row => signedPercent(share(row)),
      value: share,
    },
    {
      name: 'Tag',
      track: 'minmax(80px, 1.4fr)',
      when: 'wide',
      text: row => text.tags[trades.tag[row]],
      value: row => text.tags[trades.tag[row]],
    },
  ];
}
