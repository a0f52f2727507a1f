import { join } from 'node:path';
import { CsvFolder } from '../../collection/sinks/csv.ts';
import { JsonLinesFile, JsonLinesStream } from '../../collection/sinks/json-lines.ts';
import type { RecordSink } from '../../collection/sinks/sink.ts';
import { SqliteSink } from '../../collection/sinks/sqlite.ts';
import { InputError } from '../../model/errors.ts';
import { isKafkaAddress } from '../../streaming/kafka/address.ts';
import { ParentSink } from '../collect/parent.ts';
import { loadFile } from '../strategy/bundle.ts';
import type { KafkaSinkTerms } from './kafka-sink.ts';

const KINDS =
  'sqlite[:FILE], csv[:FOLDER], jsonl[:FILE], stdout, kafka://HOST:9092, or a module of your own: ./my-sink.ts';

/**
 * `sqlite`, `sqlite:FILE`, `csv`, `jsonl`, `stdout`, `kafka://…` or a module, as a sink of one venue. Throws InputError, OutputError,
 * NetworkError, `STORE_*`.
 */
export async function openSink(
  text: string,
  venue: string,
  folder: string,
  kafka: KafkaSinkTerms = {},
): Promise<RecordSink> {
  if (isKafkaAddress(text)) return (await import('./kafka-sink.ts')).openKafkaSink(text, kafka);
  const [kind, ...rest] = text.split(':');
  const place = rest.join(':').replaceAll('{venue}', venue);
  if (kind === 'stdout' && place === '') return new JsonLinesStream(process.stdout);
  if (kind === 'parent' && place === '' && process.send !== undefined) return new ParentSink();
  if (kind === 'sqlite') return new SqliteSink(place === '' ? join(folder, 'market.sqlite') : place);
  if (kind === 'csv') return new CsvFolder(place === '' ? join(folder, venue) : place);
  if (kind === 'jsonl') return new JsonLinesFile(place === '' ? join(folder, `${venue}.jsonl`) : place);
  if (/\.[mc]?[jt]s$/.test(text)) return moduleSink(text);
  throw new InputError('SINK_UNKNOWN', `there is no sink "${text}"`, { value: text, fix: `use ${KINDS}` });
}

/** A module's default export: a sink, a function that takes one record, or one without parameters that makes a sink. */
async function moduleSink(file: string): Promise<RecordSink> {
  const { exports } = await loadFile(file);
  const given = exports.default;
  const made = typeof given === 'function' && given.length === 0 ? await given() : given;
  if (typeof made === 'function') {
    return {
      name: file,
      write: async records => {
        for (const record of records) await made(record);
      },
      close: () => {},
    };
  }
  if (typeof (made as RecordSink | undefined)?.write === 'function') {
    const sink = made as RecordSink;
    return { name: file, write: records => sink.write(records), close: () => sink.close?.() };
  }
  throw new InputError('SINK_INVALID', `the default export of ${file} is no sink`, {
    value: typeof given,
    fix: 'export default { write(records) { … }, close() { … } }, or a function that takes a record',
  });
}
