import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { FundingRate, FundingTerms } from '../../brokers/simulated/funding.ts';
import { INTRABAR_POLICIES, type IntrabarPolicy } from '../../brokers/simulated/intrabar.ts';
import { InputError } from '../../model/errors.ts';
import type { Config } from '../config/define-config.ts';
import { shown } from '../files/shown.ts';
import { parseFraction, parseNumber, parseTime } from './options.ts';

/** How prices go inside bars, and the terms of perpetuals. */
export interface MarginFlags {
  readonly intrabar?: IntrabarPolicy;
  readonly leverage?: string;
  readonly maintenance?: string;
  readonly liquidationFee?: string;
  readonly funding?: string;
}

/** What the flags and the config say; what neither says is left to the run. */
export interface MarginTerms {
  readonly intrabar: IntrabarPolicy | undefined;
  readonly leverage: number | undefined;
  readonly maintenance: number | undefined;
  readonly liquidationFee: number | undefined;
  readonly funding: FundingTerms | undefined;
}

export function addMarginOptions(command: Command, by: (usual: string) => string): Command {
  return command
    .addOption(
      new Option('--intrabar <policy>', `which way the price goes inside a bar ${by('worst')}`).choices(
        INTRABAR_POLICIES,
      ),
    )
    .option('--leverage <factor>', `usdm: positions may be worth this many times the account ${by('1')}`)
    .option(
      '--maintenance <rate>',
      `usdm: share of its positions that the account must keep, or it is liquidated ${by('0.5%')}`,
    )
    .option('--liquidation-fee <rate>', `usdm: of a liquidated position ${by('0.5%')}`)
    .option(
      '--funding <rate>',
      `usdm: paid by longs every 8 hours, or a CSV file of time,rate; may be negative ${by('0')}`,
    );
}

/** `folder`: where relative paths of the config begin. */
export function marginOf(flags: MarginFlags, config: Config, folder: string): MarginTerms {
  const pick = (flag: string | undefined, name: string, key: number | string | undefined) => {
    const given = flag ?? key;
    const parse = name === 'leverage' ? parseNumber : parseFraction;
    return given === undefined ? undefined : parse(flag === undefined ? name : `--${name}`, given);
  };
  return {
    intrabar: flags.intrabar ?? config.intrabar,
    leverage: pick(flags.leverage, 'leverage', config.leverage),
    maintenance: pick(flags.maintenance, 'maintenance', config.maintenance),
    liquidationFee:
      flags.liquidationFee === undefined
        ? pick(undefined, 'liquidationFee', config.liquidationFee)
        : pick(flags.liquidationFee, 'liquidation-fee', undefined),
    funding:
      flags.funding === undefined
        ? fundingOf('funding', config.funding, folder)
        : fundingOf('--funding', flags.funding, process.cwd()),
  };
}

/** A rate, or the table in a file. */
function fundingOf(
  name: string,
  given: string | FundingTerms | undefined,
  folder: string,
): FundingTerms | undefined {
  if (typeof given !== 'string') return given;
  const rate = given.trim();
  if (!/^[-+]?[\d.][\d._e-]*\s*%?$/i.test(rate)) return readRates(resolve(folder, given));
  const size = parseFraction(name, rate.replace(/^[-+]/, ''));
  return rate.startsWith('-') ? -size : size;
}

/** Throws `FUNDING_FILE_INVALID` with file and line. */
function readRates(file: string): FundingRate[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError('FUNDING_FILE_INVALID', `the funding rates ${shown(file)} cannot be read`, {
      value: file,
      fix: 'give a rate, such as 0.01%, or a CSV file of time,rate',
      cause: error,
    });
  }
  const rates: FundingRate[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (i === 0 && /[a-z]/i.test(line.split(',')[1] ?? 'rate'))) continue;
    const [time, rate, ...rest] = line.split(',').map(cell => cell.trim());
    const value = Number(rate);
    if (rate === undefined || rate === '' || rest.length > 0 || !Number.isFinite(value)) {
      throw invalid(file, i + 1, line);
    }
    try {
      rates.push({ time: parseTime('time', time), rate: value });
    } catch (error) {
      throw invalid(file, i + 1, line, error);
    }
  }
  return rates;
}

function invalid(file: string, line: number, text: string, cause?: unknown): InputError {
  return new InputError('FUNDING_FILE_INVALID', `${shown(file)}:${line} is no funding rate: ${text}`, {
    value: text,
    limit: 'time,rate',
    fix: 'write a time (ISO, UTC, or epoch ms) and a fraction on each line: 2024-01-01T08:00,0.0001',
    cause,
  });
}
