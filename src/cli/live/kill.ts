import { Command } from 'commander';
import { requestHalt } from '../../live/real/halts.ts';
import { InputError } from '../../model/errors.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { addStoreOption, type StoreFlags } from '../options/store-option.ts';
import { storeFor } from '../sessions/session-run.ts';

interface KillFlags extends StoreFlags {
  readonly account?: string;
  readonly all?: boolean;
  readonly flatten?: boolean;
  readonly reason?: string;
  readonly config?: string;
}

const EXAMPLES = `
Examples:
  qt kill                              no new positions; orders that would open one are cancelled
  qt kill --all                        every order is cancelled, those that protect a position as well
  qt kill --flatten                    and positions are closed at the market
  qt kill --reason "news at 14:00"

A session that runs notices within a second, one that begins later finds it. It stays until "qt resume".
`;

export function killCommand(): Command {
  const command = new Command('kill')
    .description('Halt real trading, from any shell: nothing but cancelling and protecting is done.')
    .option('--account <name>', 'one account, as "qt sessions" names it (default: all in the store)')
    .option('--all', 'cancel every order, those that protect a position as well')
    .option('--flatten', 'cancel every order, and close the positions at the market')
    .option('--reason <text>', 'kept and shown with the halt');
  return addConfigOptions(addStoreOption(command))
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(kill);
}

async function kill(flags: KillFlags): Promise<void> {
  const { account, all, flatten, reason } = flags;
  if (reason !== undefined && (reason.trim() === '' || /\p{Cc}/u.test(reason) || reason.length > 200)) {
    throw new InputError('OPTION_INVALID', 'the reason is no line of text', {
      value: reason.slice(0, 60),
      limit: 200,
      fix: 'give one line of up to 200 characters',
    });
  }
  const store = await storeFor(flags, await configOf(flags));
  const halted = requestHalt(store, {
    account,
    message: reason,
    cancel: all === true ? 'all' : 'entries',
    flatten: flatten === true,
    now: Date.now(),
  });
  const what =
    flatten === true
      ? 'orders are cancelled and positions closed'
      : all === true
        ? 'all orders are cancelled'
        : 'orders that would open a position are cancelled, what protects one stays';
  for (const name of halted) process.stdout.write(`${name} is halted: ${what}\n`);
  process.stdout.write('It stays so until: qt resume\n');
}
