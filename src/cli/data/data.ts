import { Command } from 'commander';
import { checkCommand } from './check.ts';
import { deleteCommand } from './delete.ts';
import { exportCommand } from './export.ts';
import { fetchCommand } from './fetch.ts';
import { importCommand } from './import.ts';
import { listCommand } from './list.ts';
import { resampleCommand } from './resample.ts';
import { sampleCommand } from './sample.ts';

export function dataCommand(): Command {
  return new Command('data')
    .description('The store of bars: fetch, import, list, check, export, resample, delete; and sample data.')
    .addCommand(fetchCommand())
    .addCommand(importCommand())
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addCommand(exportCommand())
    .addCommand(resampleCommand())
    .addCommand(deleteCommand())
    .addCommand(sampleCommand());
}
