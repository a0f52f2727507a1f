import type { AccountInput, Command } from '../../brokers/binance/commands.ts';
import type { JournalEntry } from '../../store/journal.ts';
import { idOf, isCancel, placedIds, symbolOf } from './commands.ts';

/** A command of which the journal has no outcome. */
export interface Outstanding {
  readonly command: Command;
  /** When it was about to be sent, by the exchange's clock; NaN for one that was never sent. */
  readonly sentAt: number;
}

/** Reads from a journal what was wanted, what was sent, and what was heard of it. */
export class CommandLog {
  /** All commands, in order. */
  readonly commands: Command[] = [];
  /** All inputs of the account, in order. */
  readonly inputs: AccountInput[] = [];
  /** True when the last that was told of halts is one, and not its end. */
  halted = false;
  readonly #sent = new Map<string, { readonly times: number[]; readonly spare: number }>();
  readonly #heard = new Set<string>();

  add(entry: JournalEntry): void {
    if (entry.kind === 'command') this.commands.push(JSON.parse(entry.command) as Command);
    else if (entry.kind === 'sent') {
      const { id, time, spare } = entry;
      const before = this.#sent.get(id);
      // A cancel has the name of what it cancels, and knows nothing of spare base.
      this.#sent.set(id, { times: [...(before?.times ?? []), time], spare: before?.spare ?? spare });
    } else if (entry.kind === 'account') this.#take(JSON.parse(entry.input) as AccountInput);
  }

  #take(input: AccountInput): void {
    this.inputs.push(input);
    if (input.kind === 'order') this.#heard.add(input.order.clientOrderId);
    else if (input.kind === 'refused') for (const id of input.clientOrderIds) this.#heard.add(id);
    else if (input.kind !== 'doubtful') this.halted = input.kind === 'halt';
  }

  /** What the account held beside the session's, as it was last known when something was sold: symbols and base units. */
  *spares(): Generator<readonly [symbol: string, spare: number]> {
    for (const command of this.commands) {
      if (isCancel(command)) continue;
      const spare = this.#sent.get(idOf(command))?.spare;
      if (spare !== undefined && !Number.isNaN(spare)) yield [symbolOf(command), spare];
    }
  }

  /** Commands that place orders of which nothing was heard, and all that cancel, in order. */
  outstanding(): Outstanding[] {
    return this.commands
      .filter(command => isCancel(command) || placedIds(command).some(id => !this.#heard.has(id)))
      .map(command => {
        // The name of a place and of its cancel is the same; a cancel is done again whether it was sent or not.
        const sent = this.#sent.get(idOf(command));
        return { command, sentAt: sent === undefined ? Number.NaN : Math.max(...sent.times) };
      });
  }
}
