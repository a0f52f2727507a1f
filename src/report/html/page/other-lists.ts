import { dateTime, money, number } from '../data/format.ts';
import type { ReportHead, ReportText } from '../data/payload.ts';
import type { Refusals } from './run.ts';
import { VirtualTable } from './virtual-table.ts';

/** Orders that came to nothing, and why. */
export function refusalList(
  head: ReportHead,
  refusals: Refusals,
  text: ReportText,
  onSelect: (refusal: number) => void,
): VirtualTable {
  const reason = (row: number) => text.reasons[refusals.reason[row]];
  const symbol = (row: number) => head.symbols[refusals.symbol[row]];
  const side = (row: number) => (refusals.side[row] === 1 ? 'sell' : 'buy');
  const amount = (row: number) =>
    Number.isNaN(refusals.quote[row])
      ? number(refusals.size[row], 0, 8)
      : `${money(refusals.quote[row])} ${head.quote}`;
  const type = (row: number) =>
    Number.isNaN(refusals.limit[row]) ? 'market' : `limit ${number(refusals.limit[row], 0, 8)}`;
  const tag = (row: number) => text.tags[refusals.tag[row]];
  return new VirtualTable({
    label: 'Refused orders; arrow keys choose one and show its bar in the chart',
    rows: refusals.id.length,
    empty: 'No order was refused.',
    onSelect,
    columns: [
      {
        name: 'Time',
        track: '124px',
        text: row => dateTime(refusals.time[row]),
        value: row => refusals.time[row],
      },
      ...(head.symbols.length > 1 ? [{ name: 'Symbol', track: '84px', text: symbol, value: symbol }] : []),
      { name: 'Side', track: '44px', text: side, value: side },
      { name: 'Type', track: '110px', text: type, value: type },
      { name: 'Amount', track: '124px', numeric: true, text: amount },
      { name: 'Code', track: '150px', text: row => reason(row)[0], value: row => reason(row)[0] },
      { name: 'Reason', track: 'minmax(420px, 1fr)', text: row => reason(row)[1] },
      { name: 'Tag', track: '110px', text: tag, value: tag },
    ],
  });
}

/** What the strategy logged. */
export function logList(text: ReportText, onSelect: (entry: number) => void): VirtualTable {
  return new VirtualTable({
    label: 'Log of the strategy; arrow keys choose an entry and show its bar in the chart',
    rows: text.log.length,
    empty: 'The strategy logged nothing.',
    onSelect,
    columns: [
      { name: 'Time', track: '130px', text: row => dateTime(text.log[row][0] ?? Number.NaN) },
      { name: 'Message', track: 'minmax(300px, 1fr)', text: row => text.log[row][1] },
    ],
  });
}
