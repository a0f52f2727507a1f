import type { CollectionState } from '../../collection/collection.ts';
import { number } from '../../report/console/format.ts';
import { type Column, tableLines } from '../../report/console/table.ts';
import { styleOf } from '../output/terminal.ts';
import type { CollectFlags, CollectWatcher } from './contract.ts';

const COLUMNS: readonly Column[] = [
  { title: 'venue', least: 8 },
  { title: 'connections' },
  { title: 'symbols', align: 'right' },
  { title: 'frames/s', align: 'right' },
  { title: 'trades/s', align: 'right' },
  { title: 'books/s', align: 'right' },
  { title: 'lag', align: 'right' },
  { title: 'gaps', align: 'right' },
  { title: 'invalid', align: 'right' },
  { title: 'queue', align: 'right' },
  { title: 'dropped', align: 'right' },
];

/** What was seen of a venue last, and a second before. */
interface Seen {
  readonly now: CollectionState;
  readonly before: CollectionState | undefined;
}

/** The state of all venues: a table that is drawn again in place on a terminal, JSON lines if asked for, else nothing. */
export class CollectScreen implements CollectWatcher {
  readonly #flags: Pick<CollectFlags, 'json' | 'quiet'>;
  readonly #out: NodeJS.WriteStream;
  readonly #seen = new Map<string, Seen>();
  /** Lines of the table that stand on the terminal. */
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(flags: Pick<CollectFlags, 'json' | 'quiet'>, out: NodeJS.WriteStream = process.stderr) {
    this.#flags = flags;
    this.#out = out;
  }

  state(state: CollectionState): void {
    this.#seen.set(state.venue, { now: state, before: this.#seen.get(state.venue)?.now });
    if (this.#flags.json === true) this.#out.write(`${JSON.stringify(state)}\n`);
    else if (this.#out.isTTY && this.#flags.quiet !== true) {
      // Venues tell their state at different moments of a second.
      this.#timer ??= setTimeout(() => this.#draw(), 100).unref();
    }
  }

  notice(level: 'info' | 'warning', code: string, message: string): void {
    if (level === 'info' && this.#flags.quiet === true) return;
    if (this.#flags.json === true) {
      this.#out.write(`${JSON.stringify({ level, code, message })}\n`);
      return;
    }
    this.#erase();
    this.#out.write(level === 'warning' ? `warning ${code}: ${message}\n` : `${message}\n`);
    if (this.#seen.size > 0) this.#timer ??= setTimeout(() => this.#draw(), 100).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#out.isTTY && this.#seen.size > 0 && this.#flags.json !== true) this.#draw();
    this.#drawn = 0;
  }

  #draw(): void {
    this.#timer = undefined;
    if (!this.#out.isTTY) return;
    this.#erase();
    const rows = [...this.#seen.values()].map(row).sort((one, other) => (one[0] < other[0] ? -1 : 1));
    const lines = tableLines(COLUMNS, rows, styleOf(this.#out));
    this.#out.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}

function row({ before, now }: Seen): string[] {
  const rate = (name: 'frames' | 'trades' | 'books') =>
    number(Math.max(0, now[name] - (before?.[name] ?? now[name])), 0);
  const open = now.connections.filter(one => one.state === 'open').length;
  return [
    ...[now.venue, `${open} of ${now.connections.length}`, number(now.symbols, 0)],
    ...[rate('frames'), rate('trades'), rate('books')],
    now.lagMs === null ? '' : `${number(now.lagMs, 0)} ms`,
    ...[number(now.gaps, 0), number(now.invalid, 0), number(now.waiting, 0), number(now.dropped, 0)],
  ];
}
