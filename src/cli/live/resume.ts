import { Command } from 'commander';
import { resume } from '../../live/real/halts.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { addStoreOption, type StoreFlags } from '../options/store-option.ts';
import { storeFor } from '../sessions/session-run.ts';

interface ResumeFlags extends StoreFlags {
  readonly account?: string;
  readonly config?: string;
}

export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('Let real trading go on that was halted, by "qt kill" or by itself.')
    .option('--account <name>', 'one account (default: all in the store)');
  return addConfigOptions(addStoreOption(command))
    .option('--debug', 'show the stack of an error')
    .action(async (flags: ResumeFlags) => {
      const store = await storeFor(flags, await configOf(flags));
      const resumed = resume(store, { account: flags.account });
      const lines = resumed.map(name => `${name} may trade again`);
      process.stdout.write(`${lines.length === 0 ? 'No account was halted.' : lines.join('\n')}\n`);
    });
}
