import { QtError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import { sleep } from '../../net/sleep.ts';
import { RecordBars } from '../record-bars.ts';
import { isPassing } from './connection.ts';
import { instrumentOf, type KafkaFeedTerms } from './feed.ts';
import type { KafkaLiveOptions } from './live-options.ts';
import { KafkaReader } from './reader.ts';
import { TopicRecords } from './topic-history.ts';

/** A topic is looked at again after so long, ms. */
const PAUSE_MS = 500;

/** Whose bars a topic has, and where it ended when it was first looked at: what is before is past. */
export interface Beginning {
  readonly found: Instrument;
  readonly ends: ReadonlyMap<string, number>;
}

/** Looks at the first records to learn whose they are; a topic without any is waited for. */
export async function beginningOf(terms: KafkaFeedTerms, options: KafkaLiveOptions): Promise<Beginning> {
  const { connection, name, topic } = terms;
  const { network, once = false, onNotice, signal } = options;
  let ends: ReadonlyMap<string, number> | undefined;
  const made = new RecordBars(terms);
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    const reader = new KafkaReader(connection, [topic]);
    let problem = `${name} has no bars of ${terms.interval} yet: they are waited for`;
    try {
      const records = new TopicRecords(reader);
      await records.open();
      ends ??= records.ends;
      while (made.instrument === undefined && !records.isAtEnd) {
        for (const { record } of await records.next()) made.push(record);
      }
      if (made.instrument !== undefined) return { found: instrumentOf(made, topic), ends };
    } catch (error) {
      const isThere = !(error instanceof QtError && error.code === 'KAFKA_TOPIC_UNKNOWN');
      if (once || (isThere && !isPassing(error))) throw error;
      // A topic that comes into being is all new.
      if (!isThere) ends ??= new Map();
      problem = `${(error as Error).message}; waiting for it`;
    } finally {
      await reader.close();
    }
    if (!told)
      onNotice?.({ time: network.timers.now(), level: 'warning', code: 'KAFKA_WAITING', message: problem });
    await sleep(network.timers, PAUSE_MS, signal);
  }
}
