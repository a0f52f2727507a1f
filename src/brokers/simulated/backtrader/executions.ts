import { Rows } from '../../../model/rows.ts';

const CLOSED = 0;
const OPENED = 1;
const CLOSED_VALUE = 2;
const OPENED_VALUE = 3;
const CLOSED_FEE = 4;
const OPENED_FEE = 5;
const PNL = 6;
const POSITION_SIZE = 7;
const POSITION_PRICE = 8;
const WIDTH = 9;

/** How a fill divides into what it closes and what it opens. Sizes are negative for sales, money is in quote. */
export interface Division {
  closed: number;
  opened: number;
  /** What the closed part was worth at its average price. */
  closedValue: number;
  openedValue: number;
  closedFee: number;
  openedFee: number;
  /** Result of the closed part, before fees. */
  pnl: number;
  /** The position after the whole of the order, also where only a part of it could be paid for. */
  positionSize: number;
  positionPrice: number;
}

/** The divisions of all fills of a run: row `n` belongs to row `n` of the account's fills. */
export class Executions {
  readonly #rows = new Rows(WIDTH);

  get length(): number {
    return this.#rows.length;
  }

  add(division: Division): void {
    const row = this.#rows.add();
    const block = this.#rows.block(row);
    const at = this.#rows.offset(row);
    block[at + CLOSED] = division.closed;
    block[at + OPENED] = division.opened;
    block[at + CLOSED_VALUE] = division.closedValue;
    block[at + OPENED_VALUE] = division.openedValue;
    block[at + CLOSED_FEE] = division.closedFee;
    block[at + OPENED_FEE] = division.openedFee;
    block[at + PNL] = division.pnl;
    block[at + POSITION_SIZE] = division.positionSize;
    block[at + POSITION_PRICE] = division.positionPrice;
  }

  at(row: number): Readonly<Division> {
    this.#rows.check(row);
    const get = (column: number) => this.#rows.get(row, column);
    return {
      closed: get(CLOSED),
      opened: get(OPENED),
      closedValue: get(CLOSED_VALUE),
      openedValue: get(OPENED_VALUE),
      closedFee: get(CLOSED_FEE),
      openedFee: get(OPENED_FEE),
      pnl: get(PNL),
      positionSize: get(POSITION_SIZE),
      positionPrice: get(POSITION_PRICE),
    };
  }
}
