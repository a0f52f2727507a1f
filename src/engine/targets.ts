import type { Broker } from '../brokers/broker.ts';
import { StrategyError } from '../model/errors.ts';
import { isDust } from '../model/instrument.ts';
import type { Side } from '../model/order.ts';
import type { OrderOptions } from './order-options.ts';

/** What a position is to become: so many base units, a value in quote, or a fraction of the account's value. */
export type TargetKind = 'size' | 'value' | 'percent';

/** How the order that leads to a target is to be placed; its side and size follow from the target. */
export type TargetOptions = Omit<OrderOptions, 'size' | 'quote'>;

/** The order that leads from a position to its target. */
export interface TargetOrder {
  readonly side: Side;
  readonly size?: number;
  readonly quote?: number;
  /** It makes the position smaller, and must never open one on the other side. */
  readonly reduce: boolean;
}

/** The least share of the account that is worth an order of a broker that trades fractions. */
const DUST = 1e-9;

/**
 * What to order so that the position in an instrument becomes the target; undefined when it is that already, or when the
 * difference is less than the broker can trade. `price`: at which a value is turned into units, in quote. Throws
 * `TARGET_INVALID`.
 */
export function orderFor(
  broker: Broker,
  instrument: number,
  kind: TargetKind,
  target: number,
  price: number,
): TargetOrder | undefined {
  if (typeof target !== 'number' || !Number.isFinite(target)) throw invalid(kind, target);
  const { account } = broker;
  const held = account.sizes[instrument];
  if (target === 0) {
    if (held === 0 || isDust(broker.instruments[instrument], held)) return undefined;
    return { side: held > 0 ? 'sell' : 'buy', size: Math.abs(held), reduce: true };
  }
  if (kind === 'size') return bySize(broker, held, target);
  return byValue(broker, instrument, kind === 'percent' ? target * account.value : target, price);
}

function bySize(broker: Broker, held: number, target: number): TargetOrder | undefined {
  const missing = target - held;
  if (missing === 0) return undefined;
  return {
    side: missing > 0 ? 'buy' : 'sell',
    size: Math.abs(missing),
    reduce: reduces(broker, held, target),
  };
}

function byValue(broker: Broker, instrument: number, target: number, price: number): TargetOrder | undefined {
  const { account } = broker;
  const held = broker.valueOf(instrument);
  const missing = target - held;
  const amount = Math.abs(missing);
  const side = missing > 0 ? 'buy' : 'sell';
  if (broker.profile === 'crypto') {
    // After an all-in order the value of the position is the account's but for rounding: that is no difference.
    if (!(amount > DUST * account.value)) return undefined;
    const reduce = reduces(broker, held, target);
    const spot = broker.instruments[instrument].market === 'spot';
    // In quote neither the fee nor a gap at the open overdraws it. What is sold on spot is counted in what is held.
    if (!reduce && !(spot && side === 'sell')) {
      return { side, quote: spot ? Math.min(amount, account.freeCash) : amount, reduce };
    }
    return { side, size: broker.sizeFor(instrument, amount, price), reduce };
  }
  if (missing === 0) return undefined;
  const size = broker.sizeFor(instrument, amount, price);
  return size === 0 ? undefined : { side, size, reduce: false };
}

/** True when the target lies between nothing and what is held. In backtrader such an order may open, as any other. */
function reduces(broker: Broker, held: number, target: number): boolean {
  return (
    broker.profile === 'crypto' && held !== 0 && target > 0 === held > 0 && Math.abs(target) < Math.abs(held)
  );
}

const MEANING: Readonly<Record<TargetKind, string>> = {
  size: 'a finite number of base units, negative for a short, 0 for none',
  value: 'a finite amount of quote, negative for a short, 0 for none',
  percent: "a finite fraction of the account's value: 0.5 for half of it, negative for a short, 0 for none",
};

function invalid(kind: TargetKind, target: unknown): StrategyError {
  const method = `orderTarget${kind[0].toUpperCase()}${kind.slice(1)}`;
  return new StrategyError('TARGET_INVALID', `${method}() was given the target ${String(target)}`, {
    value: target,
    limit: MEANING[kind],
    fix: `give ${MEANING[kind]}`,
  });
}
