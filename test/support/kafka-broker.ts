import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BrokerOptions,
  freePort,
  removeBroker,
  startBroker,
  stopBroker,
} from '../../scripts/kafka/broker.js';
import { whatIsMissing } from '../../scripts/kafka/jars.js';

/** Why there is no real broker to test with; undefined where one can be run. */
export const noKafka = whatIsMissing();

/** A real broker of the test's own, on loopback, which can be killed and comes back with its data. */
export class KafkaBroker {
  readonly folder = mkdtempSync(join(tmpdir(), 'qt-kafka-test-'));
  readonly #options: Omit<BrokerOptions, 'folder'>;
  port = 0;

  constructor(options: Omit<BrokerOptions, 'folder'> = {}) {
    this.#options = options;
  }

  get address(): string {
    return `kafka://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    this.port = (await startBroker({ ...this.#options, folder: this.folder, port: this.port })).port;
    return this;
  }

  /** As a power cut of the process: nothing is closed. */
  async kill(): Promise<void> {
    await stopBroker(this.folder, 'SIGKILL');
  }

  async end(): Promise<void> {
    await stopBroker(this.folder);
    removeBroker(this.folder);
  }
}

export { freePort };
