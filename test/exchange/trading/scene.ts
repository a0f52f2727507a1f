import type { ExchangeOptions } from '../../../src/exchange/exchange.ts';
import type { SymbolInfo } from '../../../src/exchange/exchange-info.ts';
import type { FaultScript } from '../../../src/exchange/fault-script.ts';
import { parseFaults } from '../../../src/exchange/fault-script.ts';
import type { AccountOptions } from '../../../src/exchange/trading/account.ts';
import type { ColumnsInput } from '../../../src/feeds/memory.ts';
import { MINUTE, market, START } from '../support.ts';
import { virtualWorld } from '../worlds.ts';
import { account, Follower, Trader } from './support.ts';

export interface SceneOptions {
  readonly accounts?: readonly AccountOptions[];
  readonly faults?: string;
  readonly seed?: number;
  readonly updates?: number;
  readonly onEvent?: ExchangeOptions['onEvent'];
  readonly symbols?: readonly SymbolInfo[];
  readonly more?: Readonly<Record<string, ColumnsInput>>;
}

/** An exchange in lockstep that replays some minutes of BTCUSDT, in virtual time. */
export async function scene(data: ColumnsInput, options: SceneOptions = {}) {
  const faults: FaultScript = parseFaults(options.faults ?? '');
  const world = await virtualWorld({
    market: await market({ BTCUSDT: data, ...options.more }),
    pace: 'lockstep',
    accounts: options.accounts ?? [account()],
    faults,
    seed: options.seed,
    updates: options.updates,
    onEvent: options.onEvent,
    symbols: new Map((options.symbols ?? []).map(info => [info.symbol, info])),
  });
  const { exchange, network, url } = world;
  const follower = new Follower(network, url);
  const stands = () => follower.tick !== undefined;
  await world.until(stands);
  const trader = new Trader(network, url, () => exchange.status.time);
  const step = async () => {
    follower.acknowledge();
    await world.until(stands);
  };
  /** Waits for a promise while virtual time passes. */
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    promise.then(done, done);
    await world.until(() => isDone);
    return promise;
  };
  return {
    ...world,
    trader,
    follower,
    settle,
    step,
    /** Lets time go on to the end of a minute (from 1), before the next one opens; or to the end of the data. */
    close: async (minute: number) => {
      while (!follower.tick!.end && follower.tick!.E < START + minute * MINUTE) await step();
    },
    toEnd: async () => {
      while (!follower.tick!.end) await step();
    },
    /** What an account has: free and locked. */
    has: (asset: string, uid = 1) => {
      const state = exchange.accounts.find(one => one.uid === uid)!;
      const { free = '0', locked = '0' } = state.balances.find(one => one.asset === asset) ?? {};
      return [Number(free), Number(locked)] as const;
    },
  };
}

export type Scene = Awaited<ReturnType<typeof scene>>;
