import { openGateway } from '../../brokers/binance/gateway/open-gateway.ts';
import { type RiskLimits, riskLimits } from '../../brokers/binance/risk.ts';
import type { Series } from '../../feeds/live/contract.ts';
import { type Readiness, readiness } from '../../live/real/readiness.ts';
import { type RealOptions, runReal } from '../../live/real/real.ts';
import type { RealResult } from '../../live/real/session.ts';
import { InputError } from '../../model/errors.ts';
import { number } from '../../report/console/format.ts';
import type { ExchangeEndpoints } from '../../venues/binance/endpoints.ts';
import { type KeyFlags, keysOf } from '../options/key-option.ts';
import { type RiskFlags, riskOf } from '../options/risk-options.ts';
import { styleOf } from '../output/terminal.ts';
import { confirm, gateLines, requireReady } from './real-gate.ts';

export interface RealFlags extends KeyFlags, RiskFlags {
  readonly yesReal?: boolean;
  readonly dryRun?: boolean;
}

/** What the command has found out before it knows how orders are executed. */
export interface RealRequest extends Omit<RealOptions, 'port' | 'limits' | 'accountKey' | 'dryRun' | 'cash'> {
  readonly cash: number | undefined;
  readonly endpoints: ExchangeEndpoints;
  readonly series: readonly Series[];
  /** What the config says of limits. */
  readonly limits: Partial<RiskLimits> | undefined;
  /** Where the gate is shown and asks; stderr, so that stdout stays the program's. */
  readonly terminal: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream };
}

/** Shows what is about to trade with real money, has it confirmed, and trades. */
export async function liveReal(flags: RealFlags, request: RealRequest): Promise<RealResult> {
  const { endpoints, series, terminal, signal, limits, ...options } = request;
  const { cash } = options;
  if (cash === undefined) {
    throw new InputError(
      'CASH_MISSING',
      'it was not said how much of the account the strategy may trade with',
      {
        fix: 'give --cash AMOUNT, or "cash" in qt.config.ts',
      },
    );
  }
  const keys = keysOf(flags);
  const symbols = [...new Set(series.map(one => one.symbol))];
  const port = openGateway({
    endpoints,
    keys,
    onNotice: (level, code, message) => request.onNotice?.({ time: Date.now(), level, code, message }),
  });
  try {
    const found = await readiness({ port, symbols, simulatedTime: endpoints.local });
    signal?.throwIfAborted();
    requireReady(found);
    const quotes = [...new Set(found.symbols.map(one => one.quote))];
    const given = riskOf(flags, limits);
    const risk = riskLimits(quotes, given);
    show(flags, request, found, cash, risk);
    if (flags.yesReal !== true && flags.dryRun !== true) await confirm(symbols[0], terminal);
    signal?.throwIfAborted();
    return await runReal({
      ...options,
      ...{ port, series, signal, cash, limits: given },
      dryRun: flags.dryRun === true,
      accountKey: keys.fingerprint,
    });
  } finally {
    port.close();
  }
}

function show(
  flags: RealFlags,
  { endpoints, series, terminal, strategy }: RealRequest,
  found: Readiness,
  cash: number,
  risk: RiskLimits,
): void {
  const { output } = terminal;
  const terms = {
    exchange: endpoints.name,
    strategy: strategy.name,
    symbols: series.map(({ symbol, interval }) => `${symbol} ${interval}`),
    cash,
    quote: [...new Set(found.symbols.map(one => one.quote))].join(', '),
    limits: limitLines(risk),
    dryRun: flags.dryRun === true,
  };
  output.write(`${['', ...gateLines(terms, found, styleOf(output)), ''].join('\n')}\n`);
}

/** The limits in words. */
export function limitLines(risk: RiskLimits): string[] {
  const { maxOrderNotional, maxPositionNotional, maxOpenOrders, maxOrdersPerMinute } = risk;
  const { maxDailyLoss, maxPriceDistance } = risk;
  return [
    `an order ${number(maxOrderNotional)}, a position ${number(maxPositionNotional)}, a day's loss ${number(maxDailyLoss)}`,
    `${number(maxOpenOrders, 0)} open orders, ${number(maxOrdersPerMinute, 0)} a minute, ${number(maxPriceDistance * 100)} % from the price`,
  ];
}
