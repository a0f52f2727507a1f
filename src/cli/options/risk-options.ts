import type { Command } from 'commander';
import { DEFAULT_LIMITS, type RiskLimits } from '../../brokers/binance/risk.ts';
import { InputError, suggestion } from '../../model/errors.ts';
import { parseFraction, parseNumber } from './options.ts';

/** Limits of real trading, as flags and in the config's `live.risk`. */
export interface RiskFlags {
  readonly maxOrder?: string;
  readonly maxPosition?: string;
  readonly maxOpenOrders?: string;
  readonly maxOrdersPerMinute?: string;
  readonly maxDailyLoss?: string;
  readonly maxPriceDistance?: string;
}

export function addRiskOptions(command: Command): Command {
  return command
    .option('--max-order <amount>', '--real: what one order may be worth, in quote (default: 100)')
    .option('--max-position <amount>', '--real: what a position may be worth, in quote (default: 300)')
    .option('--max-open-orders <count>', '--real: orders in force at once, exits not counted (default: 10)')
    .option('--max-orders-per-minute <count>', '--real: orders placed within 60 s (default: 10)')
    .option(
      '--max-daily-loss <amount>',
      '--real: loss in a UTC day that halts trading, in quote (default: 30)',
    )
    .option('--max-price-distance <rate>', '--real: from the last price to a limit (default: 5%)');
}

/** What flags and config say; the rest are the broker's defaults. */
export function riskOf(flags: RiskFlags, config: Partial<RiskLimits> = {}): Partial<RiskLimits> {
  for (const name of Object.keys(config)) {
    if (Object.hasOwn(DEFAULT_LIMITS, name)) continue;
    throw new InputError('RISK_LIMIT_UNKNOWN', `there is no limit "${name}"`, {
      value: name,
      limit: Object.keys(DEFAULT_LIMITS),
      fix: suggestion(name, Object.keys(DEFAULT_LIMITS)),
    });
  }
  const amount = (name: string, given: string | undefined) =>
    given === undefined ? undefined : parseNumber(`--${name}`, given);
  const { maxPriceDistance } = flags;
  const given = {
    maxOrderNotional: amount('max-order', flags.maxOrder),
    maxPositionNotional: amount('max-position', flags.maxPosition),
    maxOpenOrders: amount('max-open-orders', flags.maxOpenOrders),
    maxOrdersPerMinute: amount('max-orders-per-minute', flags.maxOrdersPerMinute),
    maxDailyLoss: amount('max-daily-loss', flags.maxDailyLoss),
    maxPriceDistance:
      maxPriceDistance === undefined ? undefined : parseFraction('--max-price-distance', maxPriceDistance),
  };
  return {
    ...config,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}
