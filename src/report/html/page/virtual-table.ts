import { element, setText } from './dom.ts';

export interface TableColumn {
  readonly name: string;
  /** A CSS grid track. */
  readonly track: string;
  readonly text: (row: number) => string;
  /** Sorted by this; a column without it cannot be sorted. */
  readonly value?: (row: number) => number | string;
  readonly tone?: (row: number) => string;
  /** Numbers stand on the right. */
  readonly numeric?: boolean;
  /** `wide`: shown only where the panel is wide; `roomy`: left out on a phone. */
  readonly when?: 'wide' | 'roomy';
}

export interface TableOptions {
  readonly label: string;
  readonly columns: readonly TableColumn[];
  readonly rows: number;
  readonly empty: string;
  /** Called with the row that the user chose. */
  readonly onSelect?: (row: number) => void;
}

const ROW = 26;
const OVERSCAN = 6;
let tables = 0;

/** A table of any length: only the rows in sight exist. Sorted by its headers, walked with the arrow keys. */
export class VirtualTable {
  readonly root: HTMLElement;
  readonly #options: TableOptions;
  readonly #order: Uint32Array;
  readonly #scroller: HTMLElement;
  readonly #body: HTMLElement;
  readonly #rows: HTMLElement[] = [];
  readonly #headers: HTMLElement[];
  readonly #id = `table-${tables++}`;
  #sorted = -1;
  #ascending = true;
  /** Position in the current order; −1 for none. */
  #selected = -1;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#order = Uint32Array.from({ length: options.rows }, (_, i) => i);
    this.#headers = options.columns.map((column, i) => this.#header(column, i));
    const head = element('div', 'row head', ...this.#headers);
    head.setAttribute('role', 'row');
    this.#body = element('div', 'rows');
    this.#body.setAttribute('role', 'rowgroup');
    this.#body.style.height = `${options.rows * ROW}px`;
    this.#scroller = element('div', 'scroller', head, this.#body);
    this.root = element('div', 'table', this.#scroller);
    if (options.rows === 0) {
      this.root.replaceChildren(element('p', 'empty', options.empty));
      return;
    }
    this.#scroller.tabIndex = 0;
    this.#scroller.setAttribute('role', 'grid');
    this.#scroller.setAttribute('aria-label', options.label);
    this.#scroller.setAttribute('aria-rowcount', String(options.rows + 1));
    const tracks = (...shown: readonly TableColumn['when'][]) =>
      options.columns
        .filter(column => shown.includes(column.when))
        .map(column => column.track)
        .join(' ');
    this.root.style.setProperty('--narrow-tracks', tracks(undefined));
    this.root.style.setProperty('--tracks', tracks(undefined, 'roomy'));
    this.root.style.setProperty('--wide-tracks', tracks(undefined, 'roomy', 'wide'));
    this.#scroller.addEventListener('scroll', () => this.#render(), { passive: true });
    this.#scroller.addEventListener('keydown', event => this.#key(event));
    new ResizeObserver(() => this.#render()).observe(this.#scroller);
  }

  /** Marks a row and brings it into sight, without telling `onSelect`. */
  reveal(row: number): void {
    this.#selected = this.#order.indexOf(row);
    this.#scrollToSelected();
    this.#render();
  }

  #select(position: number): void {
    this.#selected = Math.max(0, Math.min(this.#order.length - 1, position));
    this.#scrollToSelected();
    this.#render();
    this.#options.onSelect?.(this.#order[this.#selected]);
  }

  #scrollToSelected(): void {
    if (this.#selected < 0) return;
    const top = this.#selected * ROW;
    const room = this.#scroller.clientHeight - ROW;
    if (top < this.#scroller.scrollTop) this.#scroller.scrollTop = top;
    else if (top + ROW > this.#scroller.scrollTop + room) this.#scroller.scrollTop = top + ROW - room;
  }

  #key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / ROW) - 2);
    const target: Record<string, number> = {
      ArrowDown: this.#selected + 1,
      ArrowUp: this.#selected - 1,
      PageDown: this.#selected + page,
      PageUp: this.#selected - page,
      Home: 0,
      End: this.#order.length - 1,
    };
    if (event.target !== this.#scroller || !(event.key in target)) return;
    event.preventDefault();
    this.#select(target[event.key]);
  }

  #header(column: TableColumn, index: number): HTMLElement {
    const cell = element('div', cellClass(column));
    cell.setAttribute('role', 'columnheader');
    if (column.value === undefined) {
      cell.append(column.name);
      return cell;
    }
    const button = element('button', '', column.name);
    button.type = 'button';
    button.addEventListener('click', () => this.#sort(index));
    cell.setAttribute('aria-sort', 'none');
    cell.append(button);
    return cell;
  }

  #sort(index: number): void {
    const value = this.#options.columns[index].value!;
    this.#ascending = this.#sorted === index ? !this.#ascending : true;
    this.#sorted = index;
    const chosen = this.#selected < 0 ? undefined : this.#order[this.#selected];
    const keys = Array.from(this.#order, (_, row) => value(row));
    const sign = this.#ascending ? 1 : -1;
    // What has no value stays at the end in both directions.
    const missing = (key: number | string) => typeof key === 'number' && Number.isNaN(key);
    this.#order.sort((a, b) => {
      const x = keys[a];
      const y = keys[b];
      if (missing(x) || missing(y)) return Number(missing(x)) - Number(missing(y)) || a - b;
      return (x < y ? -sign : x > y ? sign : 0) || a - b;
    });
    this.#headers.forEach((header, i) => {
      if (header.hasAttribute('aria-sort')) {
        header.setAttribute('aria-sort', i !== index ? 'none' : this.#ascending ? 'ascending' : 'descending');
      }
    });
    this.#selected = chosen === undefined ? -1 : this.#order.indexOf(chosen);
    this.#scroller.scrollTop = 0;
    this.#render();
  }

  #render(): void {
    const { clientHeight, scrollTop } = this.#scroller;
    if (clientHeight === 0) return;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - OVERSCAN);
    const end = Math.min(this.#order.length, Math.ceil((scrollTop + clientHeight) / ROW) + OVERSCAN);
    while (this.#rows.length < end - first) this.#rows.push(this.#makeRow());
    this.#rows.forEach((row, i) => {
      const position = first + i;
      row.hidden = position >= end;
      if (!row.hidden) this.#fill(row, position);
    });
    const active = this.#selected >= first && this.#selected < end;
    if (active) this.#scroller.setAttribute('aria-activedescendant', `${this.#id}-${this.#selected}`);
    else this.#scroller.removeAttribute('aria-activedescendant');
  }

  #makeRow(): HTMLElement {
    const cells = this.#options.columns.map(column => {
      const cell = element('div', cellClass(column));
      cell.setAttribute('role', 'gridcell');
      return cell;
    });
    const row = element('div', 'row', ...cells);
    row.setAttribute('role', 'row');
    row.addEventListener('click', () => this.#select(Number(row.dataset.position)));
    this.#body.append(row);
    return row;
  }

  #fill(row: HTMLElement, position: number): void {
    const index = this.#order[position];
    row.style.transform = `translateY(${position * ROW}px)`;
    row.dataset.position = String(position);
    row.dataset.row = String(index);
    row.id = `${this.#id}-${position}`;
    row.setAttribute('aria-rowindex', String(position + 2));
    row.setAttribute('aria-selected', String(position === this.#selected));
    this.#options.columns.forEach((column, i) => {
      const cell = row.children[i] as HTMLElement;
      setText(cell, column.text(index));
      if (column.tone !== undefined) cell.dataset.tone = column.tone(index);
    });
  }
}

function cellClass({ numeric, when }: TableColumn): string {
  return ['cell', ...(numeric === true ? ['numeric'] : []), ...(when === undefined ? [] : [when])].join(' ');
}
