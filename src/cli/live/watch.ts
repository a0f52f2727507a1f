import type { FeedEvent } from '../../feeds/feed.ts';
import type { LiveNotice } from '../../feeds/live/contract.ts';
import type { AccountNotice } from '../../live/real/notice.ts';
import { isRealStart, type RealStart } from '../../live/real/session.ts';
import type { PaperResult, SessionResult, SessionStart } from '../../live/session.ts';
import { SessionEvents } from '../../live/watch.ts';
import { number, paint } from '../../report/console/format.ts';
import type { RealView } from '../../report/console/live-view.ts';
import { summaryLines } from '../../report/console/summary.ts';
import type { JournalEntry } from '../../store/journal.ts';
import type { Endpoints } from '../../venues/binance/endpoints.ts';
import { styleOf } from '../output/terminal.ts';
import { createLiveScreen, type LiveState } from './screen.ts';

/** Who watches `qt live`: a person at a terminal, the reader of a log, or a program. */
export interface LiveWatch {
  start(start: SessionStart): void;
  entries(entries: readonly JournalEntry[]): void;
  forming(feed: number, event: Extract<FeedEvent, { kind: 'forming' }>): void;
  notice(notice: LiveNotice | AccountNotice): void;
  end(result: SessionResult): void;
  close(): void;
}

export interface WatchOptions {
  readonly json: boolean;
  /** Lines, also where a screen could be drawn. */
  readonly plain: boolean;
  readonly endpoints: Endpoints;
}

export function watchLive({ json, plain, endpoints }: WatchOptions): LiveWatch {
  const { stdout } = process;
  const mode = json ? 'json' : plain || stdout.isTTY !== true ? 'lines' : 'screen';
  const screen = createLiveScreen({ mode, out: stdout });
  let events: SessionEvents | undefined;
  let state: ViewState | undefined;
  return {
    start: start => {
      state = new ViewState(start, endpoints);
      events = new SessionEvents(start, event => screen.event(event));
    },
    entries: entries => {
      state?.entries(entries);
      events?.entries(entries);
      screen.view(() => state!.view());
    },
    forming: (feed, { bar }) => {
      state?.price(feed, bar.close);
      if (mode === 'screen') screen.view(() => state!.view());
    },
    notice: ({ time, level, code, message }) => {
      // People are told of halts, and of their ends, by the event.
      if (mode !== 'json' && (code === 'HALTED' || code === 'RESUMED')) return;
      if (level === 'alarm') state?.alarm(`${code}: ${message}`);
      screen.event({ type: EVENT_TYPES[level], time, code, message });
    },
    end: result => {
      events?.end(result);
      screen.close();
      if (mode !== 'json') stdout.write(`${[...summary(result), ''].join('\n')}\n`);
    },
    close: () => screen.close(),
  };

  function summary(end: SessionResult): string[] {
    const { id, result, over, lateBars, releases, commits } = end;
    const style = styleOf(stdout);
    const plural = (count: number, what: string) => `${number(count, 0)} ${what}${count === 1 ? '' : 's'}`;
    const late = (orders: number) =>
      orders === 0
        ? 'no order came late'
        : `${plural(orders, 'market order')} came late: filled after the open of its bar`;
    const said = [
      ...('lateOrders' in end ? [late((end as PaperResult).lateOrders)] : []),
      ...(lateBars === 0 ? [] : [plural(lateBars, 'late bar')]),
      ...(releases === 0 ? [] : [`${plural(releases, 'step')} made without a series that was behind`]),
      `journal: ${number(commits.meanMs, 3)} ms a commit, the slowest ${number(commits.maxMs, 1)} ms`,
    ];
    const next = over ? `qt replay ${id}, qt report ${id}` : 'the same command goes on with it';
    return [
      '',
      ...(result.stats.steps === 0 ? [] : summaryLines(result, style)),
      '',
      ...said.map(line => `  ${line}`),
      paint(style, 'dim', `  Session ${id} has ${over ? 'ended' : 'stopped'}: ${next}`),
    ];
  }
}

const EVENT_TYPES = { info: 'status', warning: 'warning', alarm: 'alarm' } as const;

/** What the screen shows, read off the run when it is drawn. */
class ViewState {
  readonly #start: SessionStart;
  readonly #endpoints: Endpoints;
  readonly #closes: number[];
  readonly #before: number[];
  #alarms = 0;
  #lastAlarm = '';

  constructor(start: SessionStart, endpoints: Endpoints) {
    this.#start = start;
    this.#endpoints = endpoints;
    this.#closes = start.settings.datas.map(() => Number.NaN);
    this.#before = start.settings.datas.map(() => Number.NaN);
  }

  entries(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'bar' && entry.kind !== 'late' && entry.kind !== 'warmup') continue;
      this.#closes[entry.feed] = entry.close;
      this.#before[entry.feed] = entry.close;
    }
  }

  alarm(message: string): void {
    this.#alarms++;
    this.#lastAlarm = message;
  }

  /** The last price of a series. */
  price(feed: number, price: number): void {
    this.#closes[feed] = price;
  }

  view(): LiveState {
    const { run, id, settings, driver, status: statusOf, commits } = this.#start;
    const { broker, engine } = run;
    const { account } = broker;
    const status = statusOf();
    const { stats } = engine;
    const { orders, instruments } = broker;
    return {
      strategy: settings.strategy,
      session: id,
      mode: this.#start.mode,
      exchange: this.#endpoints.name,
      time: status.time,
      connections: status.connections,
      series: status.series.map((series, i) => ({
        ...series,
        close: this.#closes[i],
        change: this.#closes[i] / this.#before[i] - 1,
      })),
      positions: instruments
        .map(({ symbol }, i) => ({
          symbol,
          size: account.sizes[i],
          price: account.averages[i],
          value: account.sizes[i] * account.marks[i],
          pnl: account.sizes[i] * (account.marks[i] - account.averages[i]),
        }))
        .filter(({ size }) => size !== 0),
      orders: engine.session.openOrders.map(
        ({ id, symbol, side, type, size, quote, stop, limit, filled, status }) => ({
          id,
          symbol,
          side,
          orderType: type,
          size,
          quote,
          stop,
          limit,
          filled,
          status,
        }),
      ),
      account: {
        quote: settings.datas[0].instrument.quote,
        cash: account.cash,
        value: account.value,
        startValue: settings.cash,
        equity: engine.equity,
      },
      counters: {
        bars: stats.bars,
        steps: stats.steps,
        orders: orders.length,
        fills: account.fills.length,
        trades: account.trades.length,
        lateBars: driver.lateBars,
        lateOrders: driver.lateOrders,
        releases: driver.releases,
        reconnects: status.counters.reconnects,
        commitMs: commits().meanMs,
        slowestCommitMs: commits().maxMs,
      },
      real: isRealStart(this.#start) ? this.#real(this.#start) : undefined,
    };
  }

  #real({ broker, settings, dryRun, counts }: RealStart): RealView {
    const { commands, doubts, reconciliation, connections, connected, foreignOrders } = counts();
    const resting = [...broker.known()].filter(({ state }) => state !== 'ended');
    return {
      ...{ account: settings.account, dryRun, halted: broker.halted, connected },
      reconnects: Math.max(0, connections - 1),
      resting: resting.length,
      protective: resting.filter(one => one.protective).length,
      ...{ sent: commands.sent, refused: commands.refused, foreign: foreignOrders },
      ...{ doubts: doubts.opened, inDoubt: doubts.open },
      ...{ comparisons: reconciliation.rounds, differences: reconciliation.differences },
      ...{ alarms: this.#alarms, lastAlarm: this.#lastAlarm },
    };
  }
}
