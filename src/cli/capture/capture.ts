import { Command } from 'commander';
import { checkCommand } from './check.ts';
import { replayCommand } from './replay.ts';

export function captureCommand(): Command {
  return new Command('capture')
    .description('What came over the wire, written down by qt collect --capture.')
    .addCommand(checkCommand())
    .addCommand(replayCommand());
}
