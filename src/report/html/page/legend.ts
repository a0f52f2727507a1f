import { element, setText } from './dom.ts';

export interface LegendEntry {
  readonly label: string;
  readonly colour?: string;
  /** Shown when the pointer rests on the entry. */
  readonly title?: string;
  /** Called when the entry is switched on or off; without it the entry is plain text. */
  readonly toggle?: (visible: boolean) => void;
}

/** One pane's labels with live values, over the pane's top edge. */
export class Legend {
  readonly root = element('div', 'legend');
  #values: HTMLElement[] = [];

  setEntries(entries: readonly LegendEntry[]): void {
    this.#values = [];
    this.root.replaceChildren(...entries.map(entry => this.#entry(entry)));
  }

  /** Texts in the order of the entries. */
  setValues(texts: readonly string[]): void {
    texts.forEach((text, i) => {
      if (this.#values[i] !== undefined) setText(this.#values[i], text);
    });
  }

  #entry({ label, colour, title, toggle }: LegendEntry): HTMLElement {
    const value = element('b', '');
    this.#values.push(value);
    const swatch = element('i', '');
    if (colour !== undefined) swatch.style.background = colour;
    const parts = [
      ...(colour === undefined ? [] : [swatch]),
      ...(label === '' ? [] : [element('span', '', label), ' ']),
      value,
    ];
    if (toggle === undefined) return element('span', 'entry', ...parts);
    const button = element('button', 'entry', ...parts);
    button.type = 'button';
    button.title = title ?? `Hide or show ${label}`;
    button.setAttribute('aria-pressed', 'true');
    button.addEventListener('click', () => {
      const visible = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(visible));
      toggle(visible);
    });
    return button;
  }
}
