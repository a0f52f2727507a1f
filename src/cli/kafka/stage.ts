import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { Option } from 'commander';
import { InputError } from '../../model/errors.ts';
import { number } from '../../report/console/format.ts';
import { type KafkaAddress, parseKafkaAddress } from '../../streaming/kafka/address.ts';
import { type KafkaConnection, kafkaConnection } from '../../streaming/kafka/connection.ts';
import type { MessageSourceOptions } from '../../streaming/kafka/message-source.ts';
import { type MetricsServer, StreamMetrics, serveMetrics } from '../../streaming/kafka/metrics.ts';
import { checkTopic } from '../../streaming/kafka/topics.ts';
import { parsePort } from '../options/options.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { StatusLine } from '../output/status-line.ts';

const SECOND = 1000;

/** What every stage of a pipeline takes that reads topics. */
export interface StageFlags {
  readonly group?: string;
  readonly from?: 'earliest' | 'latest';
  readonly untilEnd?: boolean;
  readonly metricsPort?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addStageOptions(command: Command): Command {
  return command
    .option('--group <name>', 'consumer group (default: one for this machine and what is written)')
    .addOption(
      new Option('--from <where>', 'where to begin what nobody has read (default: earliest)').choices([
        'earliest',
        'latest',
      ]),
    )
    .option('--until-end', 'end when all that was there at the start has been taken')
    .option('--metrics-port <port>', 'serve /metrics for Prometheus on loopback, 0 on a free port', text =>
      parsePort('--metrics-port', text),
    )
    .option('--json', 'the state as a JSON line a second, on stderr')
    .option('--quiet', 'warnings and errors only')
    .option('--debug', 'show the stack of an error');
}

/** A stage that runs: where it reads, who watches it, and how it is told to end. */
export interface Stage {
  readonly source: MessageSourceOptions;
  readonly signal: AbortSignal;
  readonly metrics: StreamMetrics;
  /** Counts what the stage has written, for the state that is shown. */
  wrote(records: number): void;
  fail(error: unknown): void;
}

/** Runs a stage until it ends or is interrupted. `output`: names what it writes. Throws QtError. */
export async function runStage(
  text: string,
  flags: StageFlags,
  output: string,
  act: (stage: Stage) => Promise<void>,
): Promise<void> {
  const address = parseKafkaAddress(text);
  const topics = topicsOf(address);
  const connection: KafkaConnection = kafkaConnection(address);
  const metrics = new StreamMetrics();
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort(), ['SIGINT', 'SIGTERM']);
  const screen = new StageScreen(flags, metrics);
  let failure: { readonly error: unknown } | undefined;
  let server: MetricsServer | undefined;
  const notice = (level: 'info' | 'warning', code: string, message: string) =>
    screen.notice(level, code, message);
  try {
    if (flags.metricsPort !== undefined) {
      server = await serveMetrics(metrics.registry, flags.metricsPort);
      screen.notice('info', 'METRICS', `metrics at http://127.0.0.1:${server.port}/metrics`);
    }
    await act({
      source: {
        ...{ connection, topics, metrics, group: flags.group ?? groupOf(output), onNotice: notice },
        ...(flags.from === undefined ? {} : { from: flags.from }),
        toEnd: flags.untilEnd === true,
      },
      signal: controller.signal,
      metrics,
      wrote: records => screen.wrote(records),
      fail: error => {
        failure ??= { error };
        controller.abort();
      },
    });
    if (failure !== undefined) throw failure.error;
  } finally {
    await screen.close();
    await server?.close();
    release();
  }
}

/** The topics that an address names. Throws InputError `KAFKA_ADDRESS`. */
export function topicsOf({ name, topic }: KafkaAddress): readonly string[] {
  const topics = topic?.split(',').filter(one => one !== '') ?? [];
  if (topics.length === 0) {
    throw new InputError('KAFKA_ADDRESS', `${name} names no topic`, {
      value: name,
      fix: 'add it, several with commas: kafka://HOST:9092/BTC-USDT,ETH-USDT',
    });
  }
  for (const one of topics) checkTopic(one);
  return [...new Set(topics)];
}

/** Two that write to different places must not share a group: each would get a part only. */
function groupOf(output: string): string {
  const place = createHash('sha256').update(output).digest('hex').slice(0, 12);
  return `qt-${hostname().replace(/[^A-Za-z0-9._-]/g, '_')}-${place}`;
}

class StageScreen {
  readonly #flags: StageFlags;
  readonly #metrics: StreamMetrics;
  readonly #line = new StatusLine(process.stderr);
  readonly #timer: NodeJS.Timeout;
  #written = 0;
  #before = 0;

  constructor(flags: StageFlags, metrics: StreamMetrics) {
    this.#flags = flags;
    this.#metrics = metrics;
    this.#timer = setInterval(() => void this.#state(), SECOND);
    this.#timer.unref();
  }

  wrote(records: number): void {
    this.#written += records;
    this.#metrics.stored.inc(records);
  }

  notice(level: 'info' | 'warning', code: string, message: string): void {
    if (level === 'info' && this.#flags.quiet === true) return;
    if (this.#flags.json === true) process.stderr.write(`${JSON.stringify({ level, code, message })}\n`);
    else this.#line.print(level === 'warning' ? `warning ${code}: ${message}` : message);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#state();
    if (this.#flags.quiet !== true && this.#flags.json !== true) {
      this.#line.print(`${number(this.#written, 0)} records written`);
    }
    this.#line.close();
  }

  async #state(): Promise<void> {
    const { consumed, duplicates, invalid, lag } = this.#metrics;
    const [read, twice, wrong, left] = await Promise.all([consumed, duplicates, invalid, lag].map(sumOf));
    const rate = this.#written - this.#before;
    this.#before = this.#written;
    const state = {
      read,
      written: this.#written,
      perSecond: rate,
      lag: left,
      duplicates: twice,
      invalid: wrong,
    };
    if (this.#flags.json === true) process.stderr.write(`${JSON.stringify(state)}\n`);
    else if (this.#flags.quiet !== true) {
      const text = `${number(state.written, 0)} records written, ${number(rate, 0)}/s, ${number(left, 0)} to read`;
      this.#line.show(() => text);
    }
  }
}

async function sumOf(metric: { get(): Promise<{ values: readonly { value: number }[] }> }): Promise<number> {
  return (await metric.get()).values.reduce((sum, { value }) => sum + value, 0);
}
