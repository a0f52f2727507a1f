import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Counters } from './counters.ts';
import type { ServerStatus } from './status.ts';

const COUNTED: { readonly [Name in keyof Counters]: readonly [name: string, help: string] } = {
  accepted: ['clients_accepted_total', 'Connections that were taken'],
  rejected: ['clients_rejected_total', 'Connections that were turned away: too many, wrong origin or token'],
  delivered: ['records_delivered_total', 'Records given to clients, once for each'],
  bytes: ['bytes_delivered_total', 'Bytes given to clients'],
  lagged: ['clients_lagged_total', 'Times that a client fell behind'],
  skipped: ['records_skipped_total', 'Records that clients behind did not get'],
  slow: ['clients_slow_total', 'Clients disconnected since they did not catch up'],
  malformed: ['requests_malformed_total', 'Requests that made no sense'],
  limited: ['requests_limited_total', 'Requests beyond what a client may send'],
  expelled: ['clients_expelled_total', 'Clients disconnected for what they sent or since they were silent'],
  violations: ['protocol_violations_total', 'Connections whose frames broke the websocket protocol'],
};

/** The figures of a server as Prometheus reads them, with those of the process. */
export class ServerMetrics {
  readonly #registry = new Registry();

  constructor(status: () => ServerStatus, counters: Counters) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    for (const [key, [name, help]] of Object.entries(COUNTED)) {
      new Counter({
        ...{ name: `qt_serve_${name}`, help, registers },
        collect() {
          this.reset();
          this.inc(counters[key as keyof Counters]);
        },
      });
    }
    new Counter({
      ...{ name: 'qt_serve_records_published_total', help: 'Records given out, wanted or not', registers },
      collect() {
        this.reset();
        this.inc(status().published);
      },
    });
    new Counter({
      ...{ name: 'qt_serve_records_refused_total', help: 'Records of more streams than allowed', registers },
      collect() {
        this.reset();
        this.inc(status().refused);
      },
    });
    const gauges = {
      clients: 'Clients that are connected',
      subscriptions: 'Subscriptions of all clients',
      streams: 'Streams: venues times symbols times channels',
      backlog: 'Bytes that wait for clients',
      behind: 'Clients that are behind',
    } as const;
    for (const [key, help] of Object.entries(gauges)) {
      new Gauge({
        ...{ name: `qt_serve_${key === 'backlog' ? 'backlog_bytes' : key}`, help, registers },
        collect() {
          this.set(status()[key as keyof typeof gauges]);
        },
      });
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  close(): void {
    this.#registry.clear();
  }
}
