import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { OutputError } from '../../model/errors.ts';

/** What a stage of a pipeline counts, for people and for Prometheus. */
export class StreamMetrics {
  readonly registry = new Registry();
  readonly produced = this.#counter(
    'qt_kafka_produced_messages_total',
    'Messages that the brokers have taken',
    ['topic'],
  );
  readonly producedBytes = this.#counter(
    'qt_kafka_produced_bytes_total',
    'Their values, bytes before compression',
    ['topic'],
  );
  readonly consumed = this.#counter('qt_kafka_consumed_messages_total', 'Messages that were read', ['topic']);
  readonly consumedBytes = this.#counter(
    'qt_kafka_consumed_bytes_total',
    'Their values, bytes after decompression',
    ['topic'],
  );
  readonly invalid = this.#counter(
    'qt_kafka_invalid_messages_total',
    'Messages that are no records, left out',
    ['topic'],
  );
  readonly duplicates = this.#counter('qt_kafka_duplicates_total', 'Records that came again, left out', [
    'topic',
  ]);
  readonly expired = this.#counter(
    'qt_kafka_expired_messages_total',
    'Messages that the cluster deleted before they were read',
    ['topic'],
  );
  readonly stored = this.#counter('qt_stored_records_total', 'Records that the store has taken', []);
  readonly lag = new Gauge({
    name: 'qt_kafka_lag_messages',
    help: 'Messages of the partition that are still to be read',
    labelNames: ['topic', 'partition'],
    registers: [this.registry],
  });

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }
}

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `/metrics` on loopback; port 0 takes a free one. Throws OutputError `METRICS_PORT`. */
export async function serveMetrics(registry: Registry, port: number): Promise<MetricsServer> {
  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('only /metrics\n');
      return;
    }
    registry.metrics().then(
      text => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.maxConnections = 20;
  server.requestTimeout = 5000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(
        new OutputError('METRICS_PORT', `port ${port} cannot be opened: ${error.message}`, {
          value: port,
          fix: 'give another --metrics-port, or 0 for a free one',
          cause: error,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
